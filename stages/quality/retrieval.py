"""Which texts are near a question: BM25 over stems (package bm25s, imported when an index is built)."""

from collections.abc import Sequence
from typing import Any

from stages.quality.tokens import content_tokens, stem

_K1, _B = 1.5, 0.75  # as everybody's


def terms(text: str) -> list[str]:
    """Return a text as what is looked up: the stems of its content words, in their order, repeats included."""
    return [stem(token) for token in content_tokens(text)]


class Index:
    """An index of texts; the same texts and query always give the same result.

    Raises ValueError if it is searched before it is built.
    """

    def __init__(self) -> None:
        self._size = 0
        self._known: set[str] = set()
        self._scorer: Any = None

    def build(self, texts: Sequence[str]) -> "Index":
        """Index the texts, which are then known by their position, and return the index."""
        import bm25s

        found = [terms(text) for text in texts]
        self._size, self._known = len(texts), {term for one in found for term in one}
        self._scorer = bm25s.BM25(method="lucene", k1=_K1, b=_B, backend="numpy")
        if self._known:  # without a word there is nothing to score, and bm25s would stumble
            self._scorer.index(found, show_progress=False)
        return self

    def search(self, query: str, k: int) -> list[tuple[int, float]]:
        """Return (position, score) of the k texts nearest to the query, best first, then by position.

        A text that shares no word with the query is not among them.
        """
        if self._scorer is None:
            raise ValueError("the index is searched before it is built")
        wanted = [term for term in terms(query) if term in self._known]
        if not wanted:
            return []
        scores = self._scorer.get_scores(wanted)
        order = sorted(range(self._size), key=lambda position: (-scores[position], position))[:k]
        return [(position, round(float(scores[position]), 6)) for position in order if scores[position] > 0]
