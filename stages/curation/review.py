"""Which pairs a person should look at first: those about which people disagree, or the gates are least sure.

And how far people who looked at the same pairs agree.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from itertools import combinations
from typing import Any

from stages.curation import gates, people
from stages.curation.gates import Thresholds, Verdict
from stages.curation.people import Ruling
from stages.curation.scored import Scored
from stages.records import Pair, Record
from stages.scoring.statistics import kappa

SOFT = frozenset(
    {"low_rank", "gives_away", "ungrounded", "wrong_language", *gates.CALIBRATED}
)  # gates that a threshold may be wrong about
DOUBT = 0.3  # of a share: how far from its threshold it still raises doubt


class Doubt(Record, kw_only=True):
    """A pair for the review queue; its id is the pair's."""

    uncertainty: float  # 0 to 1, how near the decision was
    why: str  # the score that came nearest to its threshold, `conflict`, or `reviewers`: they disagree
    kept: bool
    pair: Scored


def uncertainty(pair: Pair, thresholds: Thresholds) -> tuple[float, str]:
    """Return how unsure the decision on a pair is, 0 to 1, and for which score.

    By rank, twice the probability of being wrong that the log-odds say; by the others, linearly up to `DOUBT` from
    the threshold.
    """
    scores, found = pair.scores, []
    if "rank" in scores:
        found.append((2 / (1 + math.exp(min(abs(scores["rank"] - thresholds.min_rank), 50.0))), "rank"))
    if scores.get("unknown", 0) > thresholds.max_unknown:
        found.append((max(0.0, 1 - abs(scores["coverage"] - thresholds.min_coverage) / DOUBT), "coverage"))
    for name, threshold in (
        ("gives_away", thresholds.max_gives_away),
        ("other_language", thresholds.min_language_score),
        ("judge", thresholds.min_mark),
        ("round_trip", thresholds.min_round_trip),
    ):  # fmt: skip
        if name in scores:
            found.append((max(0.0, 1 - abs(scores[name] - threshold) / DOUBT), name))
    return max(found, default=(0.0, ""))


def queue(
    decided: Iterable[tuple[Scored, list[Verdict]]],
    conflicts: Collection[str],
    disputed: Collection[str],
    thresholds: Thresholds,
    most: int,
) -> list[Doubt]:
    """Return at most `most` pairs that are worth a look, the most doubtful first.

    Pairs about which reviewers disagree come first, then those with conflicting answers. A pair that several gates
    reject is beyond doubt, unless reviewers disagree.

    Args:
        decided: pairs without a person's decision that holds, each with the verdicts of all gates that reject it.
        conflicts: ids of pairs whose question has another answer, too.
        disputed: ids of pairs about which reviewers disagree.
        thresholds: of the gates.
        most: length of the queue.
    """
    found = []
    for pair, verdicts in decided:
        torn = "reviewers" if pair.id in disputed else "conflict" if pair.id in conflicts else None
        unsure, why = (1.0, torn) if torn else uncertainty(pair, thresholds)
        soft = not verdicts or len(verdicts) == 1 and verdicts[0][0] in SOFT and not pair.scores["unsupported"]
        if torn == "reviewers" or soft and unsure > 0:
            kept = not verdicts and pair.id not in conflicts
            found.append(Doubt(id=pair.id, uncertainty=round(unsure, 4), why=why, kept=kept, pair=pair))
    return sorted(found, key=lambda one: (one.why != "reviewers", -one.uncertainty, one.id))[:most]


def agreement(reviewed: Iterable[tuple[Pair, Sequence[Ruling]]]) -> dict[str, Any] | None:
    """Return how far reviewers agree about pairs that several of them decided on; None if there is no such pair.

    `agree` counts pairs of which all say the same, edits with the same words included. Cohen's kappa, with its 95 %
    interval, is of accepted or edited against rejected, by every two reviewers of a pair in the order of their names;
    None where all say one thing.
    """
    several = [(pair, rulings) for pair, rulings in reviewed if len(rulings) > 1]
    if not several:
        return None
    same = sum(people.agreed(pair, rulings) is not None for pair, rulings in several)
    verdicts = [
        (left.decision != "reject", right.decision != "reject")
        for _, rulings in several for left, right in combinations(rulings, 2)
    ]  # fmt: skip
    value, low, high = kappa(verdicts)
    return {
        "pairs": len(several), "agree": same, "disputed": len(several) - same,
        "kappa": None if math.isnan(value) else round(value, 4), "low": round(low, 4), "high": round(high, 4),
    }  # fmt: skip
