"""Near-identical documents, and how the one that is kept records the places that the other one was."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from stages.quality import shingles
from stages.quality.shingles import Shingle, Text
from stages.records import Document, Section


class Copies:
    """Documents that are kept, in their order, and which of them a further document is a copy of.

    Args:
        documents: all that will be asked for; the frequency of their shingles makes the index small.
        identical: share of a document's shingles that a kept one must have, 0..1.
    """

    def __init__(self, documents: Iterable[Document], identical: float):
        self.identical = identical
        self._texts = {document.id: shingles.text_of(document.body) for document in documents}
        self._subjects: list[frozenset[str]] = []
        self._kept: list[Text] = []
        self._frequency: Counter[Shingle | str] = Counter()
        for text in self._texts.values():
            self._frequency.update(text.shingles)
            self._frequency.update(text.marked)
        self._index: dict[Shingle | str, list[int]] = defaultdict(list)  # places in the order of keeping

    def find(self, document: Document) -> tuple[int, float] | None:
        """Return the place of the kept document that says all that this one says, and the share in common."""
        text, subject = self._texts[document.id], shingles.subject(document.title)
        shares = sorted((-shingles.share(text, self._kept[place]), place) for place in self._candidates(text))
        for share, place in shares:
            if -share < self.identical or share == 0:
                break
            apart = shingles.conflict(subject, self._subjects[place])
            if not apart and shingles.agree(text, self._kept[place], more=True):
                return place, -share
        return None

    def _candidates(self, text: Text) -> set[int]:
        """Return the places of the texts that can hold this one: with its rarest marked word, or a rare shingle."""
        marked = sorted(text.marked, key=lambda word: (self._frequency[word], word))[:1]
        rare = shingles.rarest(text, self._frequency, self.identical)
        lists = [[self._index.get(word, []) for word in rare]]
        if marked:
            lists.append([self._index.get(marked[0], [])])
        shortest = min(lists, key=lambda each: sum(map(len, each)))
        return {place for places in shortest for place in places}

    def keep(self, document: Document) -> None:
        """Note a document as kept."""
        text = self._texts[document.id]
        words: list[Shingle | str] = [*text.shingles, *text.marked]
        for word in words:
            self._index[word].append(len(self._kept))
        self._kept.append(text)
        self._subjects.append(shingles.subject(document.title))


def place(document: Document, section: Section) -> str:
    """Return where a section stands: source#anchor, or the source alone."""
    return f"{document.source}#{section.anchor}" if section.anchor else document.source


def credited(section: Section, elsewhere: str, other: Section) -> Section:
    """Return a section that knows a further place that says the same, with the links that only the other one has."""
    known = {link.url for link in section.links}
    links = section.links + [link for link in other.links if link.url not in known]
    also = list(dict.fromkeys([*section.also, elsewhere, *other.also]))
    return msgspec.structs.replace(section, also=also, links=links)


def with_copy(kept: Document, copy: Document, least: float = 0.9) -> Document:
    """Return the kept document, each section of which records where the copy says the same.

    Args:
        kept: the document that stays.
        copy: the one that goes.
        least: share of a copied section's shingles that a section must have if it is not equal, 0..1.
    """
    texts = [shingles.text_of(section.text) for section in kept.sections]
    sections = list(kept.sections)
    for other in copy.sections:
        number = _same(shingles.text_of(other.text), texts, least)
        if number is not None:
            sections[number] = credited(sections[number], place(copy, other), other)
    return msgspec.structs.replace(kept, sections=sections)


def _same(text: Text, others: Sequence[Text], least: float) -> int | None:
    """Return which of the texts is equal to this one, or else holds the most of it, if enough."""
    if not text.words:
        return None
    equal = next((number for number, other in enumerate(others) if other.words == text.words), None)
    if equal is not None:
        return equal
    share, number = max(((shingles.share(text, other), -number) for number, other in enumerate(others)), default=(0, 0))
    return -number if share >= least else None
