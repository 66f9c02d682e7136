"""Passages for a question: what a reader would use instead of a tuned model, and how often the right one is found.

BM25 over stems, and where a sentence encoder is configured its cosines too, fused by reciprocal rank (Cormack, Clarke
and Buettcher 2009): a chunk scores the sum of 1 / (60 + its rank) over both lists.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from stages.quality.retrieval import Index
from stages.quality.tokens import normal_form
from stages.records import Chunk, Item
from stages.scoring.items import GENERAL

if TYPE_CHECKING:
    from stages.quality.semantic import Encoder

DEPTHS = (1, 3, 5, 10)  # at which recall is told
_RRF = 60  # the constant of the paper
_POOL = 50  # chunks of each list that are fused


class Found(NamedTuple):
    """What a search brought: passages by question, best first, and recall by set and depth."""

    shown: dict[str, list[str]]
    recall: dict[str, dict[str, list[float]]]  # set: item: 1 or 0 at each of DEPTHS


def look_up(items: Sequence[Item], chunks: Sequence[Chunk], depth: int, encoder: "Encoder | None" = None) -> Found:
    """Return what a search for each question on the documents brings.

    Args:
        items: what is asked; those of general ability are left out.
        chunks: what is searched; none: nothing is found, and no recall told.
        depth: how many chunks are shown to a model.
        encoder: counts as much as BM25, if given.
    """
    if not chunks or not depth:
        return Found({}, {})
    asked = [item for item in items if item.set != GENERAL]
    near = Searcher(chunks, encoder).search([item.question for item in asked], max(depth, *DEPTHS))
    shown_to = {item.question: [shown(chunk) for chunk in some[:depth]] for item, some in zip(asked, near, strict=True)}
    told: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for item, rank in zip(asked, ranks(asked, chunks, near), strict=True):
        if rank is not None:
            told[item.set][item.id] = [float(0 < rank <= most) for most in DEPTHS]
    return Found(shown_to, dict(told))


class Searcher:
    """Finds the chunks nearest to a question.

    Args:
        chunks: what is searched, each with its header.
        encoder: a sentence encoder whose cosines count as much as BM25, if any.
    """

    def __init__(self, chunks: Sequence[Chunk], encoder: "Encoder | None" = None):
        self.chunks, self.encoder = list(chunks), encoder
        texts = [shown(chunk) for chunk in self.chunks]
        self.index = Index().build(texts)
        self.vectors = encoder.encode(texts) if encoder else None

    def search(self, questions: Sequence[str], k: int) -> list[list[Chunk]]:
        """Return the k nearest chunks of each question, best first; fewer where fewer have anything to do with it."""
        asked = self.encoder.encode(questions) if self.encoder else None
        found = []
        for number, question in enumerate(questions):
            lists = [[place for place, _ in self.index.search(question, _POOL)]]
            if asked is not None and self.vectors is not None:
                cosines = self.vectors @ asked[number]
                lists.append(sorted(range(len(cosines)), key=lambda place: (-round(float(cosines[place]), 4), place)))
            found.append([self.chunks[place] for place in fused([some[:_POOL] for some in lists])[:k]])
        return found


def fused(lists: Sequence[Sequence[int]]) -> list[int]:
    """Return what is in the lists, best first by reciprocal rank fusion, then by number."""
    scores: dict[int, float] = defaultdict(float)
    for some in lists:
        for rank, place in enumerate(some, 1):
            scores[place] += 1 / (_RRF + rank)
    return sorted(scores, key=lambda place: (-scores[place], place))


def shown(chunk: Chunk) -> str:
    """Return a chunk as it is searched and shown to a model: where it stands, then what it says."""
    return f"{chunk.header}\n{chunk.text}"


def ranks(items: Sequence[Item], chunks: Sequence[Chunk], found: Sequence[Sequence[Chunk]]) -> list[int | None]:
    """Return for each item the rank, from 1, of the first chunk that holds its evidence; 0 if none was found.

    None for an item whose evidence stands in no chunk, or that has none: no search could find it.
    """
    by_source: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for chunk in chunks:
        by_source[chunk.source].append((chunk.id, _plain(chunk.text)))
    result: list[int | None] = []
    for item, near in zip(items, found, strict=True):
        quote = _plain((item.evidence or "").split("\n")[0])
        right = {identity for identity, text in by_source.get(item.source or "", []) if quote and quote in text}
        first = next((rank for rank, chunk in enumerate(near, 1) if chunk.id in right), 0)
        result.append(first if right else None)
    return result


def _plain(text: str) -> str:
    return " ".join(normal_form(text).split())
