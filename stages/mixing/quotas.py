"""Who gets how much: from weights and sizes to whole quotas that sum to the total, none above its cap.

Shares are in proportion to the weights alone (`quotas`) or to weight times size ** (1 / temperature) (`temperature`):
at 1 a group of weight 1 keeps its natural share, and the higher, the more even. This is the sampling of multilingual
training: Arivazhagan et al. 2019 (arXiv 1907.05019); XLM (1901.07291) and mT5 (2010.11934) write the exponent as alpha.
"""

import math
from collections.abc import Mapping
from fractions import Fraction

import msgspec


class Quota(msgspec.Struct, frozen=True):
    """What one group is asked for and may take, in units: rows, or tokens of answers."""

    weight: float
    available: int  # units, each row once
    asked: Fraction  # its share of the total, 0 to 1
    units: int  # its quota
    capped: bool  # does its cap keep it from the share that was asked?


def quotas(
    sizes: Mapping[str, int], weights: Mapping[str, float], total: int, repeats: int, temperature: float | None
) -> dict[str, Quota]:
    """Return the quota of each group, by name.

    Args:
        sizes: units that each group has; a group may be empty, and is then capped at nothing.
        weights: of the same groups, 0 and up; a group of weight 0 gets nothing.
        total: units to give out; if all groups reach their caps, fewer are.
        repeats: how often a row may be taken, 1 and up: a group's cap is so many times its size.
        temperature: above 0; None gives shares by weight alone.

    Raises ValueError if no group has a weight.
    """
    masses = {name: mass(weights[name], size, temperature) for name, size in sizes.items()}
    whole = sum(masses.values(), Fraction())
    if not whole:
        raise ValueError("no group has a weight above 0 and a row: there is nothing to mix")
    caps = {name: repeats * size for name, size in sizes.items()}
    given = allotted(masses, caps, total)
    return {
        name: Quota(
            weight=weights[name], available=size, asked=masses[name] / whole, units=given[name],
            capped=masses[name] * total > caps[name] * whole,
        )
        for name, size in sizes.items()
    }  # fmt: skip


def mass(weight: float, size: int, temperature: float | None) -> Fraction:
    """Return what a group's share is in proportion to, rounded to 12 digits: `pow` differs by machine in the last."""
    value = weight if temperature is None else weight * size ** (1.0 / temperature)
    if not math.isfinite(value):
        raise ValueError(f"weight {weight:g} is too large for a share")
    return Fraction(f"{value:.12g}")


def allotted(masses: Mapping[str, Fraction], caps: Mapping[str, int], total: int) -> dict[str, int]:
    """Return whole numbers in proportion to the masses, that sum to the total and are at most the caps.

    What a capped group cannot take goes to the others in proportion. The rest is rounded by largest remainders
    (Hamilton), ties by name, so that each number is less than 1 from its exact share.
    """
    given = dict.fromkeys(masses, 0)
    free = sorted(name for name, one in masses.items() if one)
    left = total
    while free:
        whole = sum(masses[name] for name in free)
        full = {name for name in free if masses[name] * left >= caps[name] * whole}
        if not full:
            break
        for name in full:
            given[name] = caps[name]
            left -= caps[name]
        free = [name for name in free if name not in full]
    if free:
        exact = {name: masses[name] * left / whole for name in free}
        given |= {name: math.floor(share) for name, share in exact.items()}
        rest = left - sum(given[name] for name in free)
        for name in sorted(free, key=lambda name: (given[name] - exact[name], name))[:rest]:
            given[name] += 1
    return given
