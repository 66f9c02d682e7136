"""How many facts have an accepted pair, of each document, in two versions."""

from collections import Counter

import msgspec

from stages.drift.records import Chunk, Fact, Pair, Source
from stages.drift.version import CHUNKS, FACTS, PAIRS, SOURCES, Version


class Share(msgspec.Struct, frozen=True):
    """Facts, and how many of them an accepted pair stands on."""

    facts: int = 0
    covered: int = 0


class Counts(msgspec.Struct, frozen=True):
    """How much there is of what."""

    documents: int
    chunks: int
    facts: int
    covered: int
    concepts: int
    pairs: int


class Row(msgspec.Struct, frozen=True):
    """A document whose coverage differs."""

    source: str
    before: Share
    after: Share


class Coverage(msgspec.Struct):
    """Both versions, and the documents in which they differ."""

    before: Counts
    after: Counts
    documents: list[Row]


def compare(before: Version, after: Version) -> Coverage:
    """Count both versions."""
    (old, was), (new, now) = _counted(before), _counted(after)
    return Coverage(
        before=old,
        after=new,
        documents=[
            Row(source, was.get(source, Share()), now.get(source, Share()))
            for source in sorted(was.keys() | now.keys())
            if was.get(source) != now.get(source)
        ],
    )


def _counted(version: Version) -> tuple[Counts, dict[str, Share]]:
    asked: set[str] = set()
    pairs = 0
    for pairs, pair in enumerate(version.read(PAIRS, Pair), 1):  # noqa: B007
        asked.update(pair.facts)
    stated, covered = Counter[str](), Counter[str]()
    concepts: set[str] = set()
    for fact in version.read(FACTS, Fact):
        stated[fact.source] += 1
        covered[fact.source] += fact.id in asked
        concepts.update(fact.concepts)
    counts = Counts(
        documents=sum(1 for _ in version.read(SOURCES, Source)),
        chunks=sum(1 for _ in version.read(CHUNKS, Chunk)),
        facts=stated.total(),
        covered=covered.total(),
        concepts=len(concepts),
        pairs=pairs,
    )
    return counts, {source: Share(count, covered[source]) for source, count in stated.items()}
