"""Intervals and comparisons: percentile bootstrap over clusters of items that stand on the same fact.

Items on one fact are right or wrong together, so whole clusters are drawn; drawing items would make the intervals
too narrow. What is compared was measured on the same items, so differences are taken item by item (paired).
"""

import math
from collections.abc import Hashable, Sequence

import msgspec
import numpy as np

LEVEL = 0.95
FEWEST = 10  # clusters below which no comparison is made
BETTER, WORSE, NO_DIFFERENCE, TOO_FEW = "better", "worse", "no difference shown", "too few items to tell"


class Difference(msgspec.Struct, kw_only=True, frozen=True):
    """How much one system differs from another on the same items."""

    value: float
    low: float
    high: float
    p: float  # two-sided
    n: int
    verdict: str


def bootstrap(
    values: Sequence[float], clusters: Sequence[Hashable], seed: int = 0, draws: int = 2000
) -> tuple[float, float, float]:
    """Return the mean of the values with its 95 % interval; nan for no value.

    Where all values are 0 or all are 1 no draw can differ, and a bootstrap would claim certainty; the interval is
    then Wilson's, for as many trials as there are clusters.
    """
    if not len(values):
        return (math.nan,) * 3
    mean = math.fsum(values) / len(values)
    if len(set(values)) == 1 and values[0] in (0, 1):
        low, high = wilson(mean, len(set(clusters)))
        return mean, low, high
    low, high = np.quantile(_means(values, clusters, seed, draws), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return mean, float(low), float(high)


def paired(
    left: Sequence[float],
    right: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int = 0,
    draws: int = 2000,
    higher_is_better: bool = True,
) -> Difference:
    """Return how much `left` differs from `right`, item by item, and what may be said about it.

    Args:
        left: the values of one system.
        right: those of the other, on the same items in the same order.
        clusters: of each item.
        seed: of the draws.
        draws: how many.
        higher_is_better: what the verdict takes for better.
    """
    values = [a - b for a, b in zip(left, right, strict=True)]
    if not values:
        return Difference(value=math.nan, low=math.nan, high=math.nan, p=1.0, n=0, verdict=TOO_FEW)
    means = _means(values, clusters, seed, draws)
    low, high = (float(edge) for edge in np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    below, above = int((means <= 0).sum()), int((means >= 0).sum())
    p = min(1.0, 2 * (min(below, above) + 1) / (draws + 1))
    if len(set(clusters)) < FEWEST:
        verdict = TOO_FEW
    elif low > 0 or high < 0:
        verdict = BETTER if (low > 0) == higher_is_better else WORSE
    else:
        verdict = NO_DIFFERENCE
    return Difference(value=math.fsum(values) / len(values), low=low, high=high, p=p, n=len(values), verdict=verdict)


def _means(values: Sequence[float], clusters: Sequence[Hashable], seed: int, draws: int) -> np.ndarray:
    """Return the mean of each draw: clusters with replacement, all items of a drawn cluster."""
    names = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    place = np.array([names[cluster] for cluster in clusters])
    sums = np.bincount(place, weights=np.asarray(values, dtype=float), minlength=len(names))
    sizes = np.bincount(place, minlength=len(names))
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(len(names), np.full(len(names), 1 / len(names)), size=draws)
    return (drawn @ sums) / (drawn @ sizes)


def wilson(share: float, trials: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share."""
    if trials == 0:
        return 0.0, 1.0
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def kappa(pairs: Sequence[tuple[bool, bool]], seed: int = 0, draws: int = 10_000) -> tuple[float, float, float]:
    """Return Cohen's kappa of two raters who say yes or no, with its 95 % credible interval; nan for no pair.

    The interval is of the posterior under Jeffreys' prior on the four cells (Basu, Banerjee and Sen, Biometrics 56,
    2000): where a few pairs all agree, a bootstrap would claim certainty.
    """
    cells = np.bincount([2 * left + right for left, right in pairs], minlength=4).astype(float)
    drawn = np.random.default_rng(seed).dirichlet(cells + 0.5, size=draws)
    low, high = np.quantile(_kappa(drawn), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    with np.errstate(invalid="ignore"):
        value = float(_kappa(cells / cells.sum())) if len(pairs) else math.nan
    return value, float(low), float(high)


def _kappa(cells: np.ndarray) -> np.ndarray:
    """Return kappa for shares of the cells no-no, no-yes, yes-no, yes-yes in the last axis; nan if all is one cell."""
    agreed = cells[..., 0] + cells[..., 3]
    left, right = cells[..., 2] + cells[..., 3], cells[..., 1] + cells[..., 3]
    chance = left * right + (1 - left) * (1 - right)
    return (agreed - chance) / (1 - chance)
