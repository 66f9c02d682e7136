"""Intervals and comparisons: bootstrap and permutation over clusters of items that stand on the same fact.

Items on one fact are right or wrong together, so whole clusters are drawn; drawing items would make the intervals
too narrow. What is compared was measured on the same items, so differences are taken item by item (paired).
"""

import math
from collections.abc import Hashable, Sequence
from functools import lru_cache

import msgspec
import numpy as np
import numpy.typing as npt

LEVEL = 0.95
POWER = 0.8  # with which a difference is to be seen where more items are asked for
MATTERS = 0.1  # smallest difference that an interval should be able to tell from none
FEWEST = 10  # clusters below which no comparison is made
BETTER, WORSE, NO_DIFFERENCE, TOO_FEW = "better", "worse", "no difference shown", "too few items to tell"
_Z = 1.959963984540054  # of LEVEL
_Z_POWER = 0.8416212335729143  # of POWER

Array = npt.NDArray[np.float64]


class Difference(msgspec.Struct, kw_only=True, frozen=True):
    """How much one system differs from another on the same items."""

    value: float
    low: float
    high: float
    p: float  # two-sided, corrected where several are made
    n: int
    verdict: str
    needed: int = 0  # items that would tell a difference that matters


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
    sums, sizes = _totals([values], clusters)
    low, high = _edges(_ratios(sums, sizes, seed, draws)[0], len(sizes))
    return mean, low, high


def ratio(
    above: Sequence[float], below: Sequence[float], clusters: Sequence[Hashable], seed: int = 0, draws: int = 2000
) -> tuple[float, float, float]:
    """Return sum(above) / sum(below) with its 95 % interval, both drawn together; nan if the sum below may be 0.

    For what is no mean over items: precision, or the share of a gap that is closed.
    """
    if not len(below) or math.fsum(below) == 0:
        return (math.nan,) * 3
    value = math.fsum(above) / math.fsum(below)
    (tops, bottoms), sizes = _totals([above, below], clusters)
    weights = _weights(len(sizes), seed, draws)
    with np.errstate(divide="ignore", invalid="ignore"):
        drawn = (weights @ tops) / (weights @ bottoms)
    if not np.isfinite(drawn).all():
        drawn = drawn[np.isfinite(drawn)]
    if not len(drawn):
        return value, math.nan, math.nan
    low, high = _edges(drawn, len(sizes))
    return value, low, high


def gap_closed(
    tuned: Sequence[float],
    base: Sequence[float],
    oracle: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int = 0,
    draws: int = 2000,
) -> tuple[float, float, float]:
    """Return (tuned - base) / (oracle - base), of the means over the same items, with its 95 % interval.

    nan if the oracle is not shown to be above base: there is no gap to close then.
    """
    gap = [high - low for high, low in zip(oracle, base, strict=True)]
    if not gap or not bootstrap(gap, clusters, seed, draws)[1] > 0:
        return (math.nan,) * 3
    return ratio([one - low for one, low in zip(tuned, base, strict=True)], gap, clusters, seed, draws)


def paired(
    left: Sequence[float],
    right: Sequence[float],
    clusters: Sequence[Hashable],
    seed: int = 0,
    draws: int = 2000,
    higher_is_better: bool = True,
    matters: float = MATTERS,
) -> Difference:
    """Return how much `left` differs from `right`, item by item, and what may be said about it.

    The interval is the bootstrap's, p that of a permutation test; for values of 0 and 1, one an item, it is McNemar's
    exact test. To say that one is better, p must be under 0.05 and the interval off 0; see `corrected` for several
    comparisons. "Too few" is said where neither shows a difference although one of `matters` could be there.

    Args:
        left: the values of one system.
        right: those of the other, on the same items in the same order.
        clusters: of each item.
        seed: of the draws.
        draws: how many of the bootstrap; the permutation test takes five times as many.
        higher_is_better: what the verdict takes for better.
        matters: smallest difference that is of interest, in the unit of the values.
    """
    values = [a - b for a, b in zip(left, right, strict=True)]
    if not values:
        return Difference(value=math.nan, low=math.nan, high=math.nan, p=1.0, n=0, verdict=TOO_FEW)
    (sums,), sizes = _totals([values], clusters)
    low, high = _edges(_ratios(sums[None], sizes, seed, draws)[0], len(sizes))
    found = Difference(
        value=math.fsum(values) / len(values),
        low=low,
        high=high,
        p=permutation(sums, seed, 5 * draws),
        n=len(values),
        verdict=TOO_FEW,
        needed=items_needed(values, clusters, matters),
    )
    return _judged(found, len(sizes), higher_is_better)


def corrected(found: Sequence[Difference], clusters: Sequence[int], higher_is_better: bool = True) -> list[Difference]:
    """Return differences of one family with p corrected for their number (Holm), and verdicts by that p.

    Args:
        found: the comparisons, as `paired` gives them.
        clusters: on how many clusters each stands.
        higher_is_better: what the verdict takes for better.
    """
    return [
        _judged(msgspec.structs.replace(one, p=p), number, higher_is_better)
        for one, number, p in zip(found, clusters, holm([one.p for one in found]), strict=True)
    ]


def _judged(found: Difference, clusters: int, higher_is_better: bool) -> Difference:
    verdict = TOO_FEW if clusters < FEWEST or found.needed > found.n else NO_DIFFERENCE
    if clusters >= FEWEST and found.p < 1 - LEVEL and (found.low > 0 or found.high < 0):
        verdict = BETTER if (found.low > 0) == higher_is_better else WORSE
    return msgspec.structs.replace(found, verdict=verdict)


def items_needed(values: Sequence[float], clusters: Sequence[Hashable], matters: float = MATTERS) -> int:
    """Return how many items like these would show a mean difference of `matters` with a power of 0.8, at least FEWEST.

    From the normal approximation: the standard error, by clusters, falls with the root of the number of items.
    """
    (sums,), sizes = _totals([values], clusters)
    n, count = len(values), len(sizes)
    if count < 2:
        return max(FEWEST, n + 1)
    spread = sums - sizes * sums.sum() / n  # how far each cluster is from what its size makes expected
    variance = count / (count - 1) * float(spread @ spread) / n**2
    wanted = (matters / (_Z + _Z_POWER)) ** 2
    return max(math.ceil(n * variance / wanted - 1e-9), math.ceil(FEWEST * n / count))


def permutation(sums: Sequence[float] | Array, seed: int = 0, draws: int = 10_000) -> float:
    """Return the two-sided p of a paired permutation test: are the differences as often above 0 as below?

    Under the null hypothesis each cluster's difference could as well have the other sign (Fisher's randomisation
    test). Where all differences are of one size this is McNemar's exact test, and is computed so; with few clusters
    all signs are tried; else signs are drawn, the observed ones counted among them.
    """
    moved = np.asarray(sums, dtype=float)
    moved = moved[moved != 0]
    if not len(moved):
        return 1.0
    sizes = np.abs(moved)
    if np.allclose(sizes, sizes[0], rtol=1e-9):
        fewer = int(min((moved > 0).sum(), (moved < 0).sum()))
        return min(1.0, 2 * sum(math.comb(len(moved), k) for k in range(fewer + 1)) / 2 ** len(moved))
    seen = abs(float(moved.sum())) * (1 - 1e-12) - 1e-12
    if len(moved) <= 12:
        signs = 1 - 2 * ((np.arange(2 ** len(moved))[:, None] >> np.arange(len(moved))) & 1)
        return float((np.abs(signs @ moved) >= seen).mean())
    return (int((np.abs(_signs(len(moved), seed, draws) @ moved) >= seen).sum()) + 1) / (draws + 1)


def holm(values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number by Holm's step-down method (Holm 1979), in the given order."""
    order = sorted(range(len(values)), key=lambda number: values[number])
    result, largest = [0.0] * len(values), 0.0
    for rank, number in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[number]))
        result[number] = largest
    return result


def _totals(values: Sequence[Sequence[float]], clusters: Sequence[Hashable]) -> tuple[Array, Array]:
    """Return the sum of each cluster, (rows of values, clusters), and its number of items."""
    names = {cluster: number for number, cluster in enumerate(dict.fromkeys(clusters))}
    place = np.array([names[cluster] for cluster in clusters])
    sums = [np.bincount(place, weights=np.asarray(row, dtype=float), minlength=len(names)) for row in values]
    return np.stack(sums), np.bincount(place, minlength=len(names)).astype(float)


def _ratios(sums: Array, sizes: Array, seed: int, draws: int) -> Array:
    """Return the mean of each row in each draw: clusters with replacement, all items of a drawn cluster."""
    weights = _weights(len(sizes), seed, draws)
    means: Array = (weights @ sums.T / (weights @ sizes)[:, None]).T
    return means


def _edges(drawn: Array, clusters: int) -> tuple[float, float]:
    """Return the ends of the percentile interval, widened for few clusters.

    The bootstrap's spread is too small by sqrt((n - 1) / n), and its quantiles are the normal's where Student's are
    due. The percentiles are chosen to make up for both: the expanded percentile interval (Hesterberg 2015, "What
    Teachers Should Know About the Bootstrap", section 5.3).
    """
    low, high = np.quantile(drawn, [_tail(clusters), 1 - _tail(clusters)])
    return float(low), float(high)


@lru_cache(maxsize=256)
def _tail(clusters: int) -> float:
    if clusters < 2:
        return 0.0
    from scipy.special import stdtrit  # takes longer to import than most stages run

    wide = math.sqrt(clusters / (clusters - 1)) * float(stdtrit(clusters - 1, (1 + LEVEL) / 2))
    return 0.5 * math.erfc(wide / math.sqrt(2))


@lru_cache(maxsize=16)  # the same clusters are compared many times
def _weights(clusters: int, seed: int, draws: int) -> Array:
    """Return how often each cluster is taken in each draw, (draws, clusters)."""
    drawn = np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=draws)
    return drawn.astype(float)


@lru_cache(maxsize=16)
def _signs(clusters: int, seed: int, draws: int) -> Array:
    drawn = np.random.default_rng(seed).integers(0, 2, (draws, clusters))
    return 2 * drawn.astype(np.float64) - 1


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
