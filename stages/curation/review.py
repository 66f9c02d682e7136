"""Which pairs a person should look at first: those about which the gates are least sure."""

import math
from collections.abc import Iterable

from stages.curation import gates
from stages.curation.gates import Thresholds, Verdict
from stages.curation.scored import Scored
from stages.records import Record

SOFT = frozenset(
    {"low_rank", "gives_away", "ungrounded", "wrong_language", *gates.CALIBRATED}
)  # gates that a threshold may be wrong about
DOUBT = 0.3  # of a share: how far from its threshold it still raises doubt


class Doubt(Record, kw_only=True):
    """A pair for the review queue; its id is the pair's."""

    uncertainty: float  # 0 to 1, how near the decision was
    why: str  # the score that came nearest to its threshold, or `conflict`
    kept: bool
    pair: Scored


def uncertainty(pair: Scored, thresholds: Thresholds) -> tuple[float, str]:
    """Return how unsure the decision on a pair is, 0 to 1, and for which score.

    By rank, twice the probability of being wrong that the log-odds say; by the others, linearly up to `DOUBT` from
    the threshold.
    """
    scores, found = pair.scores, []
    if "rank" in scores:
        found.append((2 / (1 + math.exp(min(abs(scores["rank"] - thresholds.min_rank), 50.0))), "rank"))
    if scores["unknown"] > thresholds.max_unknown:
        found.append((max(0.0, 1 - abs(scores["coverage"] - thresholds.min_coverage) / DOUBT), "coverage"))
    for name, threshold in (
        ("gives_away", thresholds.max_gives_away),
        ("other_language", thresholds.min_language_score),
        ("judge", thresholds.min_mark),
        ("round_trip", thresholds.min_round_trip),
    ):  # fmt: skip
        if name in scores:
            found.append((max(0.0, 1 - abs(scores[name] - threshold) / DOUBT), name))
    return max(found)


def queue(
    decided: Iterable[tuple[Scored, list[Verdict]]], conflicts: frozenset[str], thresholds: Thresholds, most: int
) -> list[Doubt]:
    """Return at most `most` pairs that are worth a look, the most doubtful first.

    Pairs with conflicting answers come first. A pair that several gates reject is beyond doubt.

    Args:
        decided: pairs without a person's decision, each with the verdicts of all gates that reject it.
        conflicts: ids of pairs whose question has another answer, too.
        thresholds: of the gates.
        most: length of the queue.
    """
    found = []
    for pair, verdicts in decided:
        unsure, why = (1.0, "conflict") if pair.id in conflicts else uncertainty(pair, thresholds)
        soft = not verdicts or len(verdicts) == 1 and verdicts[0][0] in SOFT and not pair.scores["unsupported"]
        if soft and unsure > 0:
            kept = not verdicts and pair.id not in conflicts
            found.append(Doubt(id=pair.id, uncertainty=round(unsure, 4), why=why, kept=kept, pair=pair))
    return sorted(found, key=lambda one: (-one.uncertainty, one.id))[:most]
