"""Units: what a split may not part within a document, and which of them are held out.

A unit is the facts of one document that a pair, a sentence or a cluster joins. Each document holds out
floor(share * units + u) of its units, u in [0, 1) a hash of its path: exact to within one, and right on average. Held
out are those with the lowest hash of their words; one is passed over as long as a concept of it has given its share.
So nothing that another document says can move a unit, and an edit moves few.
"""

import hashlib
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from stages.quality.unions import Unions
from stages.records import Fact, Pair, RecordError

Ledger = Mapping[str, Fact]  # all facts by id
Trait = tuple[str, ...]  # what no two sides may share
ON_SEVERAL = ("multi_hop", "question_first")  # forms of pairs that may need several facts


@dataclass(frozen=True)
class Unit:
    """Facts of one document that stay together."""

    source: str  # path of the document, which outlives an edit of it
    key: str  # the lowest of its sentences: what it is drawn by
    facts: frozenset[str]
    concepts: frozenset[str]


def stands_on(pair: Pair, facts: Ledger) -> tuple[list[Fact], list[Fact]]:
    """Return the facts that a pair needs, and those of its duplicates, for which dedup has it speak.

    The evidence begins with the quotes of what is needed, in the order of the facts (`records.evidence`).

    Raises RecordError for a pair without a fact, or on one that the ledger lacks.
    """
    unknown = next((fact for fact in pair.facts if fact not in facts), None)
    if unknown or not pair.facts:
        lack = f"on fact {unknown}, which is not in the ledger" if unknown else "on no fact"
        raise RecordError(f"pair {pair.id} stands {lack}: make the pairs anew with `dvc repro dedup`")
    told = [facts[fact] for fact in pair.facts]
    count, most = 1, min(len(told), len(pair.evidence)) if pair.form in ON_SEVERAL else 1
    while count < most and told[count].quote == pair.evidence[count].quote:
        count += 1
    return told[:count], told[count:]


def traits(pair: Pair, facts: Ledger) -> list[Trait]:
    """Return the facts, sentences and cluster of a pair. What merely supports a fact, a table's head, is none."""
    found: list[Trait] = [("fact", fact) for fact in pair.facts]
    found += [("sentence", plain(facts[fact].quote)) for fact in pair.facts]
    found += [("sentence", plain(one.quote)) for one in pair.evidence[:1]]  # as the pair has it
    return [*found, ("cluster", pair.cluster)] if pair.cluster else found


def units_of(pairs: Iterable[Pair], facts: Ledger, by_document: bool = False) -> dict[str, Unit]:
    """Return the unit of each fact by its id.

    Pairs on facts of several documents make and join no unit: such a pair may come with a new document.
    """
    joined: Unions[Trait] = Unions()
    for pair in pairs:
        needed, also = stands_on(pair, facts)
        home = needed[0].source
        alone = all(fact.source == home for fact in needed)
        for fact in [*needed, *also] if alone or by_document else also:
            name = ("fact", fact.id)
            joined.join(name, ("document", fact.source) if by_document
                        else ("sentence", fact.source, plain(fact.quote)))  # fmt: skip
            if alone and fact.source == home:
                joined.join(name, ("fact", needed[0].id))
        if alone:
            for one in pair.evidence[:1]:
                joined.join(("fact", needed[0].id), ("sentence", home, plain(one.quote)))
            if pair.cluster:
                joined.join(("fact", needed[0].id), ("cluster", home, pair.cluster))
    found: dict[str, Unit] = {}
    for names in joined.sets().values():
        some = [facts[name[1]] for name in names if name[0] == "fact"]
        unit = Unit(
            source=some[0].source,
            key=min(plain(fact.quote) for fact in some),
            facts=frozenset(fact.id for fact in some),
            concepts=frozenset(concept for fact in some for concept in fact.concepts),
        )
        found |= dict.fromkeys(unit.facts, unit)
    return found


def draw(units: Iterable[Unit], share: float, seed: int, by_document: bool = False) -> set[Unit]:
    """Return the units to hold out; see the head of this module."""
    documents: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        documents[unit.source].append(unit)
    drawn: set[Unit] = set()
    for source, members in documents.items():
        luck = fraction(seed, "document", source)
        if by_document:
            drawn.update(members if luck < share else ())
            continue
        # The document is no part of the hash: of a sentence that two have, both are likely on one side.
        members.sort(key=lambda unit: (fraction(seed, "held_out", unit.key), unit.key))
        wanted = math.floor(share * len(members) + luck)
        of_concept = Counter(concept for unit in members for concept in unit.concepts)
        left = {concept: math.ceil(share * count) for concept, count in of_concept.items()}
        chosen: list[Unit] = []
        for unit in members:
            if len(chosen) < wanted and all(left[concept] for concept in unit.concepts):
                chosen.append(unit)
                for concept in unit.concepts:
                    left[concept] -= 1
        drawn.update(chosen)
        passed_over = [unit for unit in members if unit not in drawn]
        drawn.update(passed_over[: wanted - len(chosen)])
    return drawn


def fraction(*parts: object) -> float:
    """Return a number in [0, 1) that depends on the parts alone."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def plain(quote: str) -> str:
    """Return a sentence as it is compared."""
    return " ".join(quote.casefold().split())
