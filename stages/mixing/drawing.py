"""Which pairs fill the quotas: drawn by a hash of seed and id, each once before any is repeated."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from stages.mixing import quotas
from stages.mixing.quotas import Quota
from stages.records import Pair, Source, content_id

ALL = "all"
ORIGINS = ("generated", "paraphrase", "reviewer", "seed")


class MixtureError(ValueError):
    """A mixture cannot be made; the message says of what, and what to change."""


class Mixture(msgspec.Struct, kw_only=True, frozen=True):
    """What is asked for; see the options of `stages.mix`."""

    by: str = "none"  # none, source, origin, form or trust
    sampling: str = "all"  # all, quotas or temperature
    weights: tuple[str, ...] = ()  # NAME=NUMBER
    temperature: float = 1.0
    total: int = 0  # units; 0: as many as there are
    unit: str = "rows"  # rows or tokens
    max_repeats: int = 2
    seed: int = 0


class Drawn(NamedTuple):
    """What a mixture takes of the pairs."""

    taken: list[tuple[Pair, int]]  # with the number of its repeat, 0 for the first time
    left: list[tuple[Pair, str]]  # with its group
    quotas: dict[str, Quota]  # by group; none where all are taken
    groups: dict[str, str]  # group by Pair.id
    costs: Mapping[str, int]  # units by Pair.id
    total: int  # units that were asked for


def draw(pairs: Collection[Pair], mixture: Mixture, sources: Mapping[str, Source], tokens: Mapping[str, int]) -> Drawn:
    """Return the pairs that the mixture takes.

    Args:
        pairs: all there are.
        mixture: what is asked for.
        sources: what was collected, by path; empty where nothing is known of them.
        tokens: of the answers, by Pair.id.

    Raises MixtureError if the mixture contradicts itself or names a group that cannot be.
    """
    if mixture.sampling == "all":
        if mixture.by != "none" or mixture.weights or mixture.total:
            raise MixtureError("sampling all takes every pair once: by, weight and total need quotas or temperature")
        groups = {pair.id: ALL for pair in pairs}
        return Drawn([(pair, 0) for pair in pairs], [], {}, groups, dict.fromkeys(groups, 1), len(pairs))
    groups = {pair.id: group_of(pair, mixture.by, sources) for pair in pairs}
    costs = tokens if mixture.unit == "tokens" else dict.fromkeys(groups, 1)
    members: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        members[groups[pair.id]].append(pair)
    weights = weights_of(mixture, members, sources)
    sizes = {name: sum(costs[pair.id] for pair in members.get(name, ())) for name in sorted(weights)}
    temperature = mixture.temperature if mixture.sampling == "temperature" else None
    try:
        total = mixture.total or sum(size for name, size in sizes.items() if weights[name])
        asked = quotas.quotas(sizes, weights, total, mixture.max_repeats, temperature)
    except ValueError as error:
        raise MixtureError(str(error)) from error
    taken: list[tuple[Pair, int]] = []
    for name, quota in asked.items():
        taken += filled(members.get(name, ()), quota.units, costs, mixture.max_repeats, mixture.seed)
    if not taken:
        raise MixtureError(f"{total} {mixture.unit} of {len(asked)} groups make no row at all: raise total")
    known = {pair.id for pair, _ in taken}
    left = [(pair, groups[pair.id]) for pair in pairs if pair.id not in known]
    return Drawn(taken, left, asked, groups, costs, total)


def group_of(pair: Pair, by: str, sources: Mapping[str, Source]) -> str:
    """Return the group of a pair; its trust is that of its source."""
    if by == "trust":
        if pair.source not in sources:
            raise MixtureError(
                f"pair {pair.id} is of {pair.source!r}, of which no trust is known: what was collected (--collected) "
                "does not list it; run the stage collect again"
            )
        return f"{sources[pair.source].trust:g}"
    return {"none": ALL, "source": pair.source, "origin": pair.origin, "form": pair.form or "none"}[by]


def weights_of(mixture: Mixture, present: Iterable[str], sources: Mapping[str, Source]) -> dict[str, float]:
    """Return the weight of each group that is there or is given one.

    Sources weigh what their manifest says, and groups of a trust weigh that trust; what `weights` says stands over it.
    """
    possible: dict[str, float] = dict.fromkeys(present, 1.0)
    named = set(possible)
    if mixture.by == "source":
        possible |= {path: source.weight for path, source in sources.items()}
    elif mixture.by == "trust":
        possible |= {f"{source.trust:g}": source.trust for source in sources.values()}
    elif mixture.by == "origin":
        possible = dict.fromkeys(ORIGINS, 1.0) | possible
    for text in mixture.weights:
        name, _, number = text.rpartition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not name or not 0 <= weight < float("inf"):
            raise MixtureError(f"weight {text!r}: expected NAME=NUMBER, the number 0 or more")
        if name not in possible:
            there = ", ".join(sorted(possible))
            raise MixtureError(f"weight {text!r}: by {mixture.by} there is no {name!r}, but {there}")
        possible[name] = weight
        named.add(name)
    return {name: possible[name] for name in sorted(named)}


def filled(
    members: Iterable[Pair], units: int, costs: Mapping[str, int], repeats: int, seed: int
) -> list[tuple[Pair, int]]:
    """Return as many members as come nearest to so many units, each with the number of its repeat.

    They are the first ones by a hash, so that a further member displaces few of those drawn before.
    """
    order = sorted(members, key=lambda pair: content_id(seed, "mix", pair.id))
    taken: list[tuple[Pair, int]] = []
    left = units
    for repeat in range(repeats):
        for pair in order:
            if costs[pair.id] >= 2 * left:  # with it the sum would be farther off
                return taken
            taken.append((pair, repeat))
            left -= costs[pair.id]
    return taken


def verify(drawn: Drawn, delivered: Mapping[str, int]) -> None:
    """Assert that each group got its quota: exactly in rows; rows are not cut, so in tokens to half of its longest row.

    Args:
        drawn: what was drawn.
        delivered: units by group, counted in the finished rows.

    Raises RuntimeError: that is a defect, whatever was asked for.
    """
    longest: dict[str, int] = {}
    for pair, name in drawn.groups.items():
        longest[name] = max(longest.get(name, 0), drawn.costs[pair])
    for name, quota in drawn.quotas.items():
        if abs(delivered[name] - quota.units) > longest.get(name, 0) // 2:
            raise RuntimeError(f"mix: {name} was to get {quota.units} and got {delivered[name]}; nothing is written")
