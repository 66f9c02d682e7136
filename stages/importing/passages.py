"""Do the documents bear out what another tool says of them? Each pair is held against single statements of passages."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from stages.curation import gates
from stages.curation.context import Documents
from stages.curation.measure import ANY, measure
from stages.curation.scored import Scored
from stages.importing import claims
from stages.importing.reading import Given
from stages.importing.statements import statements
from stages.quality import grounding, language
from stages.quality.retrieval import Index
from stages.records import Chunk, Evidence, Fact, Pair, evidence

NEAREST = 5  # passages that are looked at
ON_TOPIC = 0.5  # least share of the question's words, of as many as the best statement holds
# The gates of `decide` that ask what the evidence says. In the pipeline the evidence of a given pair is its own answer.
GATES = ("bad_link", "ungrounded", "foreign_name", "personal_data")  # asked of a whole passage, then of its statements


class Borne(NamedTuple):
    """The passage that bears a pair out."""

    chunk: Chunk
    quote: str  # its statement, or two, that say what the answer says

    @property
    def place(self) -> list[str]:
        """Title and headings of the passage."""
        return [self.chunk.header.split(" > ")[0], *self.chunk.heading]


class Passages:
    """The chunks of the documents, in which pairs are looked up.

    Args:
        chunks: those of documents, and none of pairs that were imported before.
        spoken: language of the pairs, ISO 639-1, or "any".
        least: share of an answer's words that one statement must hold, or two neighbours, of those that the question
            does not hold. This is stricter than `decide`, which knows the evidence: what was searched for may be of
            something else.
        facts: of these chunks; what they say read alone is a statement, too.
    """

    def __init__(self, chunks: Iterable[Chunk], spoken: str = "en", least: float = 0.5, facts: Iterable[Fact] = ()):
        self.chunks, self.spoken, self.least = list(chunks), spoken, least
        self.documents = Documents((), self.chunks)
        self.index = Index().build([f"{chunk.header}\n{chunk.text}" for chunk in self.chunks])
        self.facts: dict[str, list[Fact]] = defaultdict(list)
        for fact in facts:
            self.facts[fact.chunk].append(fact)

    def bearing(self, given: Given) -> Borne | gates.Verdict:
        """Return the statement that bears a pair out, or the reason and the words that the likeliest passage lacks.

        Of the statements that hold its words, the one that is nearest to the pair decides whether they mean the same.
        """
        failed: list[tuple[float, gates.Verdict]] = []
        held: list[tuple[Chunk, str, str]] = []
        found = [self.chunks[place] for place, _ in self.index.search(f"{given.asks} {given.says}", NEAREST)]
        every = [(chunk, self._statements(chunk, given.says)) for chunk in found]
        most = max(
            (claims.asked(given, f"{one.header}\n{words}") for one, said in every for words, _ in said), default=0
        )
        for chunk, said in every:
            scored = self._measured(given, chunk)
            if verdict := _first(scored) or self._uncovered(given, chunk.header, chunk.text):
                lacking = scored.scores["unsupported"] + scored.scores["foreign"] + scored.scores["unknown"]
                failed.append((lacking, verdict))
                continue
            enough = [(chunk, *one) for one in said if not self._lacks(given, chunk, one[0], ON_TOPIC * most)]
            held += enough
            failed += [] if enough else [(0.0, ("scattered", chunk.header))]
        if not held:
            return min(failed, key=lambda one: one[0])[1] if failed else ("ungrounded", "no passage has a word of it")
        chunk, words, quote = max(held, key=lambda one: claims.nearness(given, one[1]))
        if word := claims.opposed(given, words):
            return "negated", word
        if word := claims.swapped(given, words):
            return "swapped", word
        return Borne(chunk, quote)

    def _statements(self, chunk: Chunk, answer: str) -> list[tuple[str, str]]:
        """Return what a passage says, each with its words there: statements, facts read alone, two neighbours each.

        Of two neighbours one has to hold all numbers of the answer.
        """
        single = statements(chunk.text)
        found = [(one.quote, one.quote) for one in single]
        for fact in self.facts[chunk.id]:
            quote = "\n".join(one.quote for one in evidence([fact]))
            found.append((f"{quote}\n{fact.says}", quote))
        for pair in pairwise(single):
            if any(claims.numbered(answer, one.quote) for one in pair):
                both = "\n".join(dict.fromkeys(part for one in pair for part in one if part))
                found.append((both, both))
        return found

    def _lacks(self, given: Given, chunk: Chunk, words: str, on_topic: float) -> bool:
        """Tell whether a statement lacks a name or number of the pair, or too many of the answer's words.

        Or of the question's: fewer than `on_topic`.
        """
        known = f"{chunk.header}\n{words}"
        spoken = self.spoken if self.spoken != ANY else language.detect(f"{given.asks} {given.says}")[0]
        return bool(
            grounding.unsupported(given.says, known, spoken)
            or grounding.foreign(given.asks, known, spoken)
            or claims.misnumbered(given.says, known)
            or claims.asked(given, known) < on_topic
            or self._uncovered(given, chunk.header, words)
        )

    def _measured(self, given: Given, chunk: Chunk) -> Scored:
        words = "\n".join([chunk.text, *(fact.says for fact in self.facts[chunk.id])])
        pair = Pair(
            id="", question=given.asks, answer=given.says, facts=[], source=chunk.source, topic=chunk.header,
            evidence=[Evidence(document=chunk.document, quote=words, span=chunk.span)], origin="seed",
        )  # fmt: skip
        return measure(pair, self.documents.context(pair), self.spoken, mend=False)

    def _uncovered(self, given: Given, *known: str) -> gates.Verdict | None:
        """Return the words that a text lacks, if it lacks too many of those that the answer adds to the question."""
        told = claims.added(given)
        lacking = [word for word in grounding.unknown(given.says, given.asks, *known) if word in told]
        return ("ungrounded", ", ".join(lacking)) if len(told) - len(lacking) < self.least * len(told) else None


def _first(scored: Scored) -> gates.Verdict | None:
    """Return the verdict of the first of `GATES` that rejects a pair; of the share of words see `_uncovered`."""
    thresholds = gates.Thresholds(min_coverage=0)
    return next((one for one in gates.failed(scored, thresholds) if one[0] in GATES), None)
