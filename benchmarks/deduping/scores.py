"""What a clustering of a labelled set is worth: recall and false merges by kind, precision of all merged pairs."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from stages.scoring.statistics import wilson

from .duplicates import KINDS as DUPLICATES
from .duplicates import SURFACE
from .near_misses import KINDS as NEAR_MISSES
from .questions import Row

STRICT = ("number", "unit", "version", "negation", "entity")  # near-misses of which none may be merged
ELSEWHERE = "elsewhere"


class Share(NamedTuple):
    """A part of a whole, both counted."""

    part: int
    whole: int

    @property
    def rate(self) -> float:
        """The part of one; 0 of nothing."""
        return self.part / self.whole if self.whole else 0.0

    def __str__(self) -> str:
        low, high = wilson(self.rate, self.whole)
        return f"{self.part} of {self.whole}, {self.rate:.2%} ({low:.2%} to {high:.2%})"


class Scores(NamedTuple):
    """The scores of a clustering."""

    found: dict[str, Share]  # by kind of duplicate: those that share the cluster of their base question
    merged: dict[str, Share]  # by kind of near-miss: those that share the cluster of their base question
    right: Share  # of all merged pairs, those with the same label
    elsewhere: int  # merged pairs that are neither of one label nor a near-miss and what asks what its base asks

    @property
    def recall(self) -> float:
        """The share of surface duplicates that are found."""
        return total(self.found[kind] for kind in SURFACE).rate

    @property
    def precision(self) -> float:
        """The share of merged pairs that ask the same; 1 if nothing is merged."""
        return self.right.rate if self.right.whole else 1.0

    @property
    def false_merges(self) -> int:
        """How many near-misses of the strict kinds are merged with their base question."""
        return sum(self.merged[kind].part for kind in STRICT)


def score(rows: Sequence[Row], clusters: Sequence[int]) -> Scores:
    """Return the scores of a clustering.

    Args:
        rows: a set of `questions.make`.
        clusters: the cluster of each row, equal numbers for the same one.

    Merged pairs are all pairs within a cluster; they are counted, not listed, as a threshold makes clusters of
    thousands. Ten questions that share one wrong link are 25 wrong pairs: precision is hard on chains.
    """
    if len(rows) != len(clusters):
        raise ValueError(f"{len(clusters)} clusters for {len(rows)} rows; give one for each row")
    met, together = Counter(row.kind for row in rows), Counter[str]()
    for row, cluster in zip(rows, clusters, strict=True):
        together[row.kind] += cluster == clusters[row.base]
    found = {kind: Share(together[kind], met[kind]) for kind in DUPLICATES}
    merged = {kind: Share(together[kind], met[kind]) for kind in NEAR_MISSES}
    whole = pairs(clusters)
    right = pairs((cluster, row.label) for row, cluster in zip(rows, clusters, strict=True))
    family = pairs((cluster, rows[row.base].label) for row, cluster in zip(rows, clusters, strict=True))
    return Scores(found, merged, Share(right, whole), whole - family)


def pairs(groups: Iterable[Hashable]) -> int:
    """Return how many pairs of items are in the same group."""
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())


def total(shares: Iterable[Share]) -> Share:
    """Return several shares as one."""
    given = list(shares)
    return Share(sum(one.part for one in given), sum(one.whole for one in given))
