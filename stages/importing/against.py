"""Pairs of another tool, held against a run: its passages bear them out, and it does not ask the same itself."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from stages import disk
from stages.importing import source
from stages.importing.passages import Borne, Passages
from stages.importing.reading import Given, Refused
from stages.importing.source import Imported
from stages.quality import similarity
from stages.records import Chunk, Fact, Pair

_WITHIN = f"{source.FOLDER}/"  # what was imported before bears nothing out


class Run:
    """What a run has made of the documents.

    Args:
        folder: of the stages' outputs; without dedup/pairs.jsonl in it, it asks nothing.
        language: of the pairs that are held against it, ISO 639-1, or "any": each its own.
        least: share of an answer's words that a statement must hold.
    """

    def __init__(self, folder: Path, language: str, least: float):
        chunks, facts = folder / "chunk" / "chunks.jsonl", folder / "chunk" / "facts.jsonl"
        pairs = folder / "dedup" / "pairs.jsonl"
        told = (one for one in disk.stream(chunks, Chunk) if not one.source.startswith(_WITHIN))
        known = disk.stream(facts, Fact) if facts.exists() else ()
        self.passages = Passages(told, language, least, known)
        made = disk.stream(pairs, Pair) if pairs.exists() else ()
        self.asked = {one.question: one.id for one in made if not one.source.startswith(_WITHIN)}

    def judged(self, found: Sequence[Given | Refused]) -> Iterator[Imported | Refused]:
        """Yield each pair as it is written, or why it is not."""
        ours, texts = list(self.asked), [one.asks if isinstance(one, Given) else "" for one in found]
        same = {
            place: self.asked[ours[other]]
            for place, other, kind in similarity.matches(texts, ours)
            if kind != "contained"
        }
        for place, one in enumerate(found):
            if isinstance(one, Refused):
                yield one
                continue
            borne = self.passages.bearing(one)
            if not isinstance(borne, Borne):
                yield Refused(*borne, one.record)
            elif place in same:
                yield Refused("asked_already", same[place], one.record)
            else:
                yield source.imported(one, borne)


def unchecked(found: Sequence[Given | Refused]) -> Iterator[Imported | Refused]:
    """Yield each pair as it is written, held against nothing."""
    return (one if isinstance(one, Refused) else source.imported(one) for one in found)
