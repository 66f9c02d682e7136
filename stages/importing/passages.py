"""Do the documents bear out what another tool says of them? Each pair is held against the passages nearest to it."""

from collections.abc import Container, Iterable
from typing import NamedTuple

from stages.curation import gates
from stages.curation.context import Documents
from stages.curation.measure import measure
from stages.curation.scored import Scored
from stages.documents import sentences
from stages.importing.reading import Given
from stages.quality import grounding, tokens
from stages.quality.retrieval import Index
from stages.records import Chunk, Evidence, Pair

NEAREST = 5  # passages that are looked at
# The gates of `decide` that ask what the evidence says. In the pipeline the evidence of a given pair is its own answer.
ON_WORDS = ("bad_link", "ungrounded", "foreign_name", "personal_data")  # asked of a whole passage
ON_SENSE = ("negated", "swapped")  # of those of its sentences that hold the words


class Borne(NamedTuple):
    """The passage that bears a pair out."""

    chunk: Chunk
    quote: str  # its sentences that hold the words of the answer

    @property
    def place(self) -> list[str]:
        """Title and headings of the passage."""
        return [self.chunk.header.split(" > ")[0], *self.chunk.heading]


class Passages:
    """The chunks of the documents, in which pairs are looked up.

    Args:
        chunks: those of documents, and none of pairs that were imported before.
        spoken: language of the pairs, ISO 639-1, or "any".
        least: share of an answer's words that a passage must hold, of those that the question does not hold. This is
            stricter than `decide`, which knows the evidence: a passage that was searched for may be of something else.
    """

    def __init__(self, chunks: Iterable[Chunk], spoken: str = "en", least: float = 0.5):
        self.chunks, self.spoken, self.least = list(chunks), spoken, least
        self.documents = Documents((), self.chunks)
        self.index = Index().build([f"{chunk.header}\n{chunk.text}" for chunk in self.chunks])

    def bearing(self, given: Given) -> Borne | gates.Verdict:
        """Return the nearest passage that passes a pair, or the reason and the words that the likeliest one lacks.

        A passage that has all its words and says otherwise decides: one that is further off does not make it true.
        """
        failed: list[tuple[float, gates.Verdict]] = []
        for place, _ in self.index.search(f"{given.asks} {given.says}", NEAREST):
            chunk = self.chunks[place]
            scored = self._measured(given, chunk, chunk.text)
            if verdict := _first(scored, ON_WORDS) or self._uncovered(given, chunk):
                lacking = scored.scores["unsupported"] + scored.scores["foreign"] + scored.scores["unknown"]
                failed.append((lacking, verdict))
                continue
            words = quote(chunk, given)
            return _first(self._measured(given, chunk, words), ON_SENSE) or Borne(chunk, words)
        return min(failed, key=lambda one: one[0])[1] if failed else ("ungrounded", "no passage has a word of it")

    def _measured(self, given: Given, chunk: Chunk, words: str) -> Scored:
        pair = Pair(
            id="", question=given.asks, answer=given.says, facts=[], source=chunk.source, topic=chunk.header,
            evidence=[Evidence(document=chunk.document, quote=words, span=chunk.span)], origin="seed",
        )  # fmt: skip
        return measure(pair, self.documents.context(pair), self.spoken, mend=False)

    def _uncovered(self, given: Given, chunk: Chunk) -> gates.Verdict | None:
        """Return the words that a passage lacks, if it lacks too many of those that the answer adds to the question."""
        asked = tokens.stems(given.asks) | {"yes", "ja"}
        told = [word for word in tokens.content_tokens(given.says) if tokens.stem(word) not in asked]
        missing = grounding.unknown(given.says, given.asks, chunk.header, chunk.text)
        lacking = [word for word in missing if word in told]
        return ("ungrounded", ", ".join(lacking)) if len(told) - len(lacking) < self.least * len(told) else None


def _first(scored: Scored, names: Container[str]) -> gates.Verdict | None:
    """Return the verdict of the first of these gates that rejects a pair; of the share of words see `_uncovered`."""
    thresholds = gates.Thresholds(min_coverage=0)
    return next((one for one in gates.failed(scored, thresholds) if one[0] in names), None)


def quote(chunk: Chunk, given: Given) -> str:
    """Return the fewest sentences, one behind the other, that hold what the chunk holds of the answer.

    Of several as short ones those that hold most of the question: all hold the words of "No".
    """
    ends = list(sentences.spans(chunk.text))

    def missing(words: str) -> tuple[list[str], list[str]]:
        held = f"{chunk.header}\n{words}"
        return grounding.unknown(given.says, given.asks, held), grounding.unsupported(given.says, held)

    least = missing(chunk.text)
    for size in range(1, len(ends)):
        runs = [chunk.text[start:end] for (start, _), (_, end) in zip(ends, ends[size - 1 :], strict=False)]
        if enough := [words for words in runs if missing(words) == least]:
            return min(enough, key=lambda words: len(grounding.unknown(given.asks, words)))
    return chunk.text
