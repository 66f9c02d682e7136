"""What a judge said of the answers, and whether its word counts: agreement with labels, scores, win rates."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.reporting.evaluation import Score
from stages.reporting.gather import metrics


@dataclass(frozen=True)
class Grades:
    """A judge's figures, as the stage grade wrote them."""

    answers: int
    comparisons: int
    kappa: Score
    reliable: bool
    abstained: int  # opinions without a readable verdict
    order_flips: int  # comparisons in which the order of the two decided
    scores: dict[str, dict[str, Score]]  # set, system
    wins: dict[str, dict[str, Score]]  # set, "left - right"


def grades(data: Path) -> Grades | None:
    """Return what the judge said, None where nobody was asked."""
    if not (data / "metrics" / "grade.json").exists():
        return None
    figures = metrics(data, "grade")
    if not figures["answers"]:
        return None
    return Grades(
        answers=figures["answers"],
        comparisons=figures["comparisons"],
        kappa=_score(figures["kappa"]),
        reliable=figures["reliable"],
        abstained=figures["abstained"],
        order_flips=figures["order_flips"],
        scores=_by_set(figures["scores"]),
        wins=_by_set(figures["win_rate"]),
    )


def _by_set(figures: dict[str, dict[str, Any]]) -> dict[str, dict[str, Score]]:
    return {name: {key: _score(one) for key, one in found.items()} for name, found in figures.items()}


def _score(one: dict[str, Any]) -> Score:
    return Score(one["value"], one["low"], one["high"], one["n"])
