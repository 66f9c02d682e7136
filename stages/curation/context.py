"""What pairs are measured against, gathered from facts and chunks."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from stages.curation.measure import Context
from stages.documents import subjects
from stages.quality import abbreviations, grounding
from stages.records import Chunk, Fact, Pair


class Documents:
    """The facts and chunks of all documents, as pairs need them.

    Args:
        facts: all of them.
        chunks: likewise.
        defined: abbreviations that need no spelling out, beside those which a chunk spells out.
    """

    def __init__(self, facts: Iterable[Fact], chunks: Iterable[Chunk], defined: Iterable[str] = ()):
        self.facts = {fact.id: fact for fact in facts}
        self.headers: dict[str, str] = {}
        links: dict[str, dict[str, None]] = defaultdict(dict)  # by document
        self.places = subjects.Places()
        glossary: set[str] = set(defined)
        for chunk in chunks:
            self.headers[chunk.id] = chunk.header
            self.places.add(chunk)
            links[chunk.document] |= dict.fromkeys(link.url for link in chunk.links)
            links[chunk.document] |= {chunk.url: None} if chunk.url else {}
            glossary |= abbreviations.glossary([chunk.text])
        self.links = {document: tuple(urls) for document, urls in links.items()}
        self.latest: tuple[Any, Context] | None = None  # pairs of a fact, one behind the other, share it
        self.defined = frozenset(glossary)

    def context(self, pair: Pair) -> Context:
        """Return what a pair is measured against: its evidence, and what its facts say, where that stands on words."""
        given = pair.topic, pair.facts, pair.evidence
        if self.latest is None or self.latest[0] != given:
            self.latest = given, self._context(pair)
        return self.latest[1]

    def _context(self, pair: Pair) -> Context:
        known = [pair.topic, *(evidence.quote for evidence in pair.evidence)]
        said = known[1:]  # without headings, which deny nothing
        of = [self.facts[identity] for identity in pair.facts if identity in self.facts]
        for fact in of:
            known += [fact.quote, fact.topic, self.headers.get(fact.chunk, "")]
            if fact.statement and grounding.stands_on(fact.statement, " \n".join(known)):
                known.append(fact.statement)  # in which rows and lists are put as sentences
                said.append(fact.statement)
        held = {fact.document: None for fact in of} | {evidence.document: None for evidence in pair.evidence}
        links: tuple[str, ...] = ()
        for document in held:  # mostly one, whose tuple is shared
            links = links + self.links.get(document, ()) if links else self.links.get(document, ())
        return Context(
            known=" \n".join(known),
            said=" \n".join(said),
            links=links,
            defined=self.defined,
            subject=self.subject(pair, held),
        )

    def subject(self, pair: Pair, documents: Iterable[str]) -> str | None:
        """Return what the place of a pair is about by title and headings, None if they name nothing."""
        return next((self.places.subject(document, pair.topic) for document in documents), None)
