"""Which statements of a chunk are facts: verbatim words, understood without the text before them.

What a section states is found by `statements`, what is no fact is told by `gates`.
"""

import bisect
from collections import Counter

import msgspec

from stages.documents import answers, chunker, gates, headers, statements
from stages.documents.candidate import Candidate
from stages.documents.concepts import concepts
from stages.records import Chunk, Document, Evidence, Fact, Section


class Dropped(msgspec.Struct, gc=False):
    """A candidate that is no fact, with the reason and what gave it away."""

    fact: Fact
    reason: str
    value: float | str | None = None


def extract(
    document: Document,
    chunks: list[Chunk],
    seen: Counter[tuple[str, ...]] | None = None,
    min_words: int = 6,
    max_words: int = 40,
) -> tuple[list[Fact], list[Dropped]]:
    """Return the facts of a document and what was dropped.

    Args:
        document: where to look. A language other than English switches off the rules that know English only.
        chunks: the chunks of the document.
        seen: how often each (source, topic, quote) was met, for a number on the ids of equal quotes.
        min_words: least words of a sentence.
        max_words: most words of a sentence; one that is put together has at most gates.MADE.
    """
    seen = Counter() if seen is None else seen
    english = (document.language or "en").lower().startswith("en")
    ends = [chunk.span[1] for chunk in chunks]
    body = document.body
    kept: list[Fact] = []
    dropped: list[Dropped] = []
    for section in document.sections:
        topic = headers.topic(document, section)
        if section.question:
            fact = _asked(document, section, topic, chunks[bisect.bisect_right(ends, section.span[0])], seen)
            hidden = gates.masked(fact.quote)
            if hidden is None:
                kept.append(fact)
            else:
                dropped.append(Dropped(fact, *hidden))
            continue
        before = len(kept), len(dropped)
        for candidate in statements.candidates(document, section, body, english, max_words):
            chunk = chunks[bisect.bisect_right(ends, section.span[0] + candidate.start)]
            fact = _stated(document, section, topic, chunk, seen, candidate)
            verdict = candidate.verdict or gates.judge(
                fact.says, candidate.kind, bool(fact.concepts), min_words, max_words, english
            )
            if verdict is None:
                kept.append(fact)
            else:
                dropped.append(Dropped(fact, *verdict))
        if len(kept) == before[0] and english and (question := answers.question(section)):
            del dropped[before[1] :]
            asked = msgspec.structs.replace(section, question=question)
            kept.append(_asked(document, asked, topic, chunks[bisect.bisect_right(ends, section.span[0])], seen))
    return kept, dropped


def _stated(
    document: Document, section: Section, topic: str, chunk: Chunk, seen: Counter[tuple[str, ...]], candidate: Candidate
) -> Fact:
    """Return what a candidate would be as a fact.

    Where it is longer than its chunk (steps of a list), it quotes what the chunk holds, and stands on the rest, too.
    """
    offset = section.span[0]
    whole, end = section.text[candidate.start : candidate.end], min(candidate.end, chunk.span[1] - offset)
    quote = section.text[candidate.start : end].rstrip()
    end = candidate.start + len(quote)
    rest = [(end, candidate.end)] if len(quote) < len(whole.rstrip()) else []
    nameless = candidate.kind in ("code", "table") or len(quote) > statements.ENDLESS
    return Fact(
        id=chunker.numbered(seen, (document.source, topic, quote), document.source, topic, quote),
        chunk=chunk.id,
        document=document.id,
        source=document.source,
        topic=topic,
        quote=quote,
        span=(offset + candidate.start, offset + end),
        concepts=[] if nameless else concepts(candidate.about or candidate.statement or whole, topic),
        also=section.also,
        statement=candidate.statement or (whole if rest else None),
        support=[
            Evidence(document=document.id, quote=section.text[start:end], span=(offset + start, offset + end))
            for start, end in (*rest, *candidate.support)
        ],
    )


def _asked(document: Document, section: Section, topic: str, chunk: Chunk, seen: Counter[tuple[str, ...]]) -> Fact:
    """Return an item of a structured FAQ file as a fact: its whole answer, as it was given."""
    quote = section.text
    key = (document.source, topic, section.question or "", quote)
    return Fact(
        id=chunker.numbered(seen, key, *key),
        chunk=chunk.id,
        document=document.id,
        source=document.source,
        topic=topic,
        quote=quote,
        span=section.span,
        concepts=concepts(quote, topic),
        question=section.question,
        also=section.also,
    )
