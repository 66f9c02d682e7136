"""What gates are worth by labelled pairs: how many valid ones each rejects, and whether a model's opinion may reject.

A judge that was never held against labels has measured nothing. Its gate rejects only where it agrees with the labels
better than chance by a margin: the lower end of the interval of Cohen's kappa is at least `min_kappa`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from stages.curation import gates
from stages.curation.gates import Thresholds
from stages.curation.scored import Labelled
from stages.scoring.statistics import kappa, wilson


class Agreement(msgspec.Struct, kw_only=True, frozen=True):
    """How well a gate agrees with the labels."""

    kappa: float | None  # Cohen's, None where all say one thing
    low: float  # of its 95 % interval
    high: float
    labels: int  # how many of them have its score
    trusted: bool  # may it reject?


def agreements(labelled: Sequence[Labelled], thresholds: Thresholds, min_kappa: float) -> dict[str, Agreement]:
    """Return how well each gate on a model's score agrees with the labels; those of which no label has the score lack.

    Args:
        labelled: pairs with their labels and opinions.
        thresholds: what the gates keep.
        min_kappa: from where they may reject.
    """
    found = {}
    for name, limit in gates.CALIBRATED.items():
        verdicts = [
            (one.valid, one.scores[name] >= getattr(thresholds, limit)) for one in labelled if name in one.scores
        ]
        if not verdicts:
            continue
        value, low, high = kappa(verdicts)
        found[name] = Agreement(
            kappa=None if math.isnan(value) else round(value, 4), low=round(low, 4), high=round(high, 4),
            labels=len(verdicts), trusted=low >= min_kappa,
        )  # fmt: skip
    return found


def applied(thresholds: Thresholds, found: Mapping[str, Agreement]) -> Thresholds:
    """Return the thresholds under which only what is trusted rejects."""
    idle = {
        limit: -math.inf for name, limit in gates.CALIBRATED.items() if name not in found or not found[name].trusted
    }
    return msgspec.structs.replace(thresholds, **idle)


def false_rejects(labelled: Sequence[Labelled], thresholds: Thresholds) -> dict[str, dict[str, Any]]:
    """Return for each gate, and for `any` of them, which labelled pairs it rejects.

    `valid`: of how many valid ones it rejects how many, with Wilson's 95 % interval: the false-reject rate; `rejects`:
    how many it rejects at all. The labels have to be a random sample of the pairs that came to the gates.
    """
    struck = [({reason for reason, _ in gates.failed(one, thresholds)}, one.valid) for one in labelled]
    valid = sum(good for _, good in struck)
    found = {}
    for name in (*gates.GATES, "any"):
        hit = [good for reasons, good in struck if (reasons if name == "any" else name in reasons)]
        share = sum(hit) / valid if valid else 0.0
        low, high = wilson(share, valid)
        found[name] = {
            "valid": valid, "valid_rejected": sum(hit), "rejects": len(hit), "rate": round(share, 4),
            "low": round(low, 4), "high": round(high, 4),
        }  # fmt: skip
    return found
