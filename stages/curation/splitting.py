"""Which pairs are trained, and which are held out or set aside for evaluation: whole facts, and stable.

Units of one document (see `curation.grouping`) are drawn on their own. What links documents moves nothing: a pair
that needs facts of both sides is withdrawn, and so is a held-out pair whose fact, sentence or cluster a trained pair
shows, as training data is worth more. A duplicate that dedup merged is such a link: the pair is where its own facts
are, and speaks for the facts of the other. So an old pair is where it was after other documents came, or is withdrawn.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import msgspec

from stages.curation.grouping import Ledger, Trait, Unit, draw, fraction, plain, stands_on, traits, units_of
from stages.quality.unions import Unions
from stages.records import Pair


class Withdrawn(NamedTuple):
    """A pair that would be on both sides."""

    pair: Pair
    other: str  # the fact or the pair on the other side


@dataclass
class Parted:
    """The pairs by side, in the order given."""

    trained: list[Pair] = field(default_factory=list)
    held_out: list[Pair] = field(default_factory=list)
    withdrawn: list[Withdrawn] = field(default_factory=list)
    units: dict[str, Unit] = field(default_factory=dict)  # by fact
    wordings: dict[str, Unit] = field(default_factory=dict)  # by fact: what one wording is set aside of
    drawn: set[Unit] = field(default_factory=set)  # those to hold out


def part(pairs: Sequence[Pair], facts: Ledger, share: float, seed: int, by_document: bool = False) -> Parted:
    """Return the pairs by side; no fact, sentence or cluster is on both.

    Args:
        pairs: those that dedup kept.
        facts: the ledger.
        share: of the units of each document that is held out, 0 to 1; with `by_document`, of the documents.
        seed: of all hashes.
        by_document: hold out whole documents, each by its own hash, so that the share is met on average only.

    Raises:
        RecordError: names a pair without a fact, or a fact that the ledger lacks.
    """
    units = units_of(pairs, facts, by_document)
    drawn = draw(set(units.values()), share, seed, by_document)
    parted = Parted(units=units, drawn=drawn, wordings=units_of(pairs, facts) if by_document else units)
    held_out: list[Pair] = []
    for pair in pairs:
        needed, also = stands_on(pair, facts)
        held = {fact.id: units[fact.id] in drawn for fact in (*needed, *also) if fact.id in units}
        sides = {held[fact.id] for fact in needed if fact.id in held}
        if not sides:  # on facts of several documents, none of which has another pair
            sides = {fraction(seed, "pair", min(plain(fact.quote) for fact in needed)) < share}
        trained = next((fact for fact, out in held.items() if not out), "")
        if len(sides) == 2 or True in sides and trained:
            parted.withdrawn.append(Withdrawn(pair, trained))
        else:
            (held_out if True in sides else parted.trained).append(pair)
    shown: dict[Trait, str] = {}
    for pair in parted.trained:
        for trait in traits(pair, facts):
            shown.setdefault(trait, pair.id)
    for pair in held_out:
        other = next((shown[trait] for trait in traits(pair, facts) if trait in shown), None)
        if other:
            parted.withdrawn.append(Withdrawn(pair, other))
        else:
            parted.held_out.append(pair)
    return parted


def reworded(trained: Sequence[Pair], parted: Parted, facts: Ledger, most: int, seed: int) -> list[Pair]:
    """Return at most so many trained pairs to set aside: of each unit one wording that its facts can spare.

    A new document changes none of them unless there are more than `most`.
    """
    members: dict[Unit, list[tuple[Pair, frozenset[str]]]] = defaultdict(list)
    for pair in trained:
        needed, _ = stands_on(pair, facts)
        if len({fact.source for fact in needed}) == 1:
            members[parted.wordings[needed[0].id]].append((pair, frozenset(fact.id for fact in needed)))
    spare: dict[Unit, Pair] = {}
    for unit, some in members.items():
        times = Counter(fact for _, needed in some for fact in needed)
        asked = Counter(pair.cluster for pair, _ in some if pair.cluster)
        free = [pair for pair, needed in some
                if all(times[fact] > 1 for fact in needed) and asked[pair.cluster or ""] < 2]  # fmt: skip
        if free:
            spare[unit] = min(free, key=lambda pair: (fraction(seed, "reworded", pair.question), pair.id))
    order = sorted(spare, key=lambda unit: (fraction(seed, "cap", unit.source, unit.key), unit.source, unit.key))
    return [spare[unit] for unit in order[:most]]


def untrained(spare: Iterable[Pair], trained: Iterable[Pair], facts: Ledger) -> list[Pair]:
    """Return those of the pairs set aside whose facts no trained pair shows any more."""
    shown = {fact for pair in trained for fact in pair.facts}
    return [pair for pair in spare if not shown.issuperset(fact.id for fact in stands_on(pair, facts)[0])]


def grouped(pairs: Sequence[Pair], facts: Ledger) -> list[Pair]:
    """Return the pairs with `group` set: joined by all they share, named after the lowest fact."""
    joined: Unions[Trait] = Unions()
    for pair in pairs:
        for trait in traits(pair, facts):
            joined.join(trait, ("fact", pair.facts[0]))
    lowest = {
        root: min(name[1] for name in names if name[0] == "fact") for root, names in joined.sets().items()
    }  # fmt: skip
    return [msgspec.structs.replace(pair, group=lowest[joined.root(("fact", pair.facts[0]))]) for pair in pairs]


def figures(parted: Parted, share: float, delivered: Iterable[Pair]) -> dict[str, object]:
    """Return how well the sizes were met: units by side, the held-out share, and where it is furthest off.

    Args:
        parted: what `part` returned.
        share: what was asked for.
        delivered: the pairs that are held out in the end.
    """
    units = set(parted.units.values())
    held = {parted.units[fact] for pair in delivered for fact in pair.facts if fact in parted.units}
    facts = {side: sum(len(unit.facts) for unit in some) for side, some in (("all", units), ("held", held))}
    return {
        "units": {"trained": len(units) - len(parted.drawn), "drawn": len(parted.drawn), "held_out": len(held)},
        "held_out_share": {
            "asked": share,
            "units": round(len(held) / len(units), 4) if units else 0.0,
            "facts": round(facts["held"] / facts["all"], 4) if units else 0.0,
        },
        "furthest_off": {
            "document": _furthest(((unit, {unit.source}) for unit in units), parted.drawn, share),
            "concept": _furthest(((unit, unit.concepts) for unit in units), parted.drawn, share),
        },
    }


def _furthest(
    named: Iterable[tuple[Unit, Iterable[str]]], drawn: set[Unit], share: float
) -> dict[str, str | int | float]:
    """Return the name whose number of drawn units is furthest from its share; `off` in units."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for unit, names in named:
        for name in names:
            counts[name][0] += 1
            counts[name][1] += unit in drawn
    if not counts:
        return {}
    name = max(sorted(counts), key=lambda name: abs(counts[name][1] - share * counts[name][0]))
    count, out = counts[name]
    return {"name": name, "units": count, "drawn": out, "off": round(out - share * count, 2)}
