"""The books of a stage balance, or it stops."""

import json

import pytest

from stages import disk
from stages.records import Reject
from stages.tally import Tally, note


def test_metrics_say_in_kept_and_why_rejected(tmp_path, capsys):
    tally = Tally("curate", "pairs")
    tally.reject("2", "too_long", 61.0, {"question": "q"})
    tally.reject("1", "too_long")
    tally.close(tmp_path / "metrics/curate.json", tmp_path / "rejected.jsonl", received=3, kept=1, covered=1)
    metrics = json.loads((tmp_path / "metrics/curate.json").read_text())
    assert metrics == {"in": 3, "kept": 1, "rejected": {"too_long": 2}, "covered": 1}
    rejects = disk.read(tmp_path / "rejected.jsonl", Reject)
    assert [(r.id, r.reason, r.record) for r in rejects] == [
        ("1", "too_long", None),
        ("2", "too_long", {"question": "q"}),
    ]
    assert "curate: 3 pairs in, 1 kept, 2 rejected (too_long 2)" in capsys.readouterr().out


def test_a_thing_that_was_lost_stops_the_stage(tmp_path):
    with pytest.raises(RuntimeError, match="3 pairs came in but 1 were kept and 0 rejected"):
        Tally("curate", "pairs").close(tmp_path / "m/curate.json", None, received=3, kept=1)
    assert list(tmp_path.iterdir()) == [], "no metrics are written"


def test_seconds_are_kept_apart_from_what_the_lock_hashes(tmp_path):
    Tally("parse", "documents").close(tmp_path / "metrics/parse.json", None, received=0, kept=0)
    note(tmp_path / "seconds.json", "chunk", 1.3)
    assert json.loads((tmp_path / "seconds.json").read_text()) == {"parse": 0.0, "chunk": 1.3}
    assert "seconds" not in (tmp_path / "metrics/parse.json").read_text()
