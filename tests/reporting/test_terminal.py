"""The screen tells in few lines what a run would do and what it takes."""

import re
from typing import Any

import pytest

from stages.reporting import terminal


def stage(name: str, state: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "state": state, "why": [], "in": None, "kept": None, "seconds": None} | more


def notes(capsys: pytest.CaptureFixture[str], *stages: dict[str, Any], **told: Any) -> dict[str, str]:
    """Return what is said below the stages, by label."""
    cost = {"least_seconds": 0.0, "most_seconds": 0.0, "not_timed": [], "adapters": [], "teacher": []}
    terminal.show(
        {"at_work": None, "stages": stages, "last_run": None, "funnel": {}, "headline": {}, "advice": [],
         "uncommitted": []} | told | {"cost": cost | told.get("cost", {})}
    )  # fmt: skip
    below = capsys.readouterr().out.split("\n\n", 1)[1]
    return dict(re.split(r" {2,}", line, maxsplit=1) for line in below.splitlines() if line[:1].strip())


def test_what_will_run_stands_before_what_may(capsys):
    stages = [stage("a", "may run"), stage("b", "will run"), stage("c", "from the cache"), stage("d", "running")]
    assert notes(capsys, *stages)["dvc repro"] == "is running d; will run b; takes from the cache c; may run a"
    assert notes(capsys, stage("a", "up to date"))["dvc repro"] == "has nothing to do"


@pytest.mark.parametrize(
    ("least", "most", "not_timed", "said"),
    [
        (5.0, 90.0, [], "at least 5.0 s, at most 90 s, by the last runs"),
        (5.0, 5.0, ["a"], "5.0 s, by the last runs; not known of a"),
        (0.0, 5.0, [], "at most 5.0 s, by the last runs"),
        (0.0, 0.0, ["a", "b"], "not known of a, b"),
        (0.0, 0.0, [], "0.0 s, by the last runs"),
    ],
)
def test_how_long_it_takes_is_said_with_its_bounds(capsys, least, most, not_timed, said):
    cost = {"least_seconds": least, "most_seconds": most, "not_timed": not_timed}
    assert notes(capsys, stage("a", "will run"), cost=cost)["takes"] == said
    assert "takes" not in notes(capsys, stage("a", "from the cache"), cost=cost)


def test_adapters_that_may_be_trained_are_told_from_those_that_will(capsys):
    found = notes(capsys, stage("train@a", "will run"), stage("train@b", "may run"), cost={"adapters": ["a", "b"]})
    assert found["trains"] == "a, perhaps b"


def test_scores_have_intervals_and_those_not_known_are_dashes(capsys):
    scores = {"a": {"gap_closed_reworded": {"value": 0.5, "low": 0.25, "high": 0.75}}, "b": {}}
    terminal.show({"at_work": None, "stages": [], "last_run": 0.0, "funnel": {"chunk": 1234}, "advice": [],
                   "headline": scores, "uncommitted": [],
                   "cost": {"adapters": [], "teacher": []}})  # fmt: skip
    lines = capsys.readouterr().out.splitlines()
    assert [line.split() for line in lines[-4:]] == [
        ["a", "0.50", *"------"], ["95", "%", "from–to", "0.25–0.75"],
        ["b", *"-------"], ["95", "%", "from–to"],
    ]  # fmt: skip
    assert any(line.endswith("ago: 1,234 facts") for line in lines)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0.0 s"), (9.94, "9.9 s"), (90, "90 s"), (100, "2 min"), (3600, "60 min"), (6000, "1 h 40 min"),
     (86399, "1 d 0 h"), (90000, "1 d 1 h")],
)  # fmt: skip
def test_durations_are_said_in_words(seconds, said):
    assert terminal.duration(seconds) == said
