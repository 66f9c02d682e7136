"""The evidence of a pair in its place: the text around the quotes, with the quotes marked."""

from collections.abc import Iterable, Sequence

import msgspec

from stages.documents import chunker
from stages.records import Document, Evidence, Section, Span

AROUND = 250  # characters shown before and after a quote
WHOLE = 700  # a section up to so many is shown whole


class Passage(msgspec.Struct, kw_only=True):
    """A part of one section. `pieces` are its text in order, each with whether it is a quote."""

    source: str
    heading: list[str]  # the document's title first
    page: int | None = None
    url: str | None = None
    pieces: list[tuple[str, bool]]
    moved: bool = False  # the document does not say this where it is said to; only the quote is shown


class Library:
    """The documents, and their texts once they were needed."""

    def __init__(self, documents: Iterable[Document]):
        self.documents = {one.id: one for one in documents}
        self._texts: dict[str, str] = {}

    def passages(self, evidence: Sequence[Evidence]) -> list[Passage]:
        """Return where the quotes stand, one passage a section, in the order in which the sections are named first."""
        found: list[Passage] = []
        places: dict[tuple[str, int], list[Span]] = {}
        for one in evidence:
            document = self.documents.get(one.document)
            if document is None or self._text(document)[slice(*one.span)] != one.quote:
                title = [document.title] if document else []
                source = document.source if document else one.document
                found.append(Passage(source=source, heading=title, pieces=[(one.quote, True)], moved=True))
            else:
                places.setdefault((document.id, _section(document, one.span[0])), []).append(one.span)
        return [self._passage(self.documents[document], number, spans)
                for (document, number), spans in places.items()] + found  # fmt: skip

    def _text(self, document: Document) -> str:
        if document.id not in self._texts:
            self._texts[document.id] = document.text
        return self._texts[document.id]

    def _passage(self, document: Document, number: int, spans: list[Span]) -> Passage:
        text = self._text(document)
        section = document.sections[number] if number >= 0 else Section(heading=[], text=text, span=(0, len(text)))
        start = min(spans)[0]
        path = [document.title, *section.heading]
        return Passage(
            source=document.source,
            heading=[name for place, name in enumerate(path) if name and name not in path[:place]],
            page=section.page_at(start - section.span[0]),
            url=chunker.address(document, section) or document.source,
            pieces=pieces(text, section.span, spans),
        )


def _section(document: Document, place: int) -> int:
    """Return the number of the section in which a character stands; -1: in none."""
    return next((n for n, one in enumerate(document.sections) if one.span[0] <= place < one.span[1]), -1)


def pieces(text: str, bounds: Span, spans: Iterable[Span]) -> list[tuple[str, bool]]:
    """Return the text around spans, cut into pieces, each with whether it lies in a span; "…" is what is left out.

    Nothing outside the bounds is shown, but for spans that reach out of them.
    """
    low, high = bounds
    around = AROUND if high - low > WHOLE else WHOLE
    marks = _merged(spans)
    shown = _merged((_begin(text, max(low, start - around), start), _end(text, end, min(high, end + around), high))
                    for start, end in marks)  # fmt: skip
    found = [("… ", False)] if shown[0][0] > low else []
    for number, (place, stop) in enumerate(shown):
        if number:
            found.append((" … ", False))
        for start, end in marks:
            if place <= start and end <= stop:
                found += [(text[place:start], False), (text[start:end], True)]
                place = end
        found.append((text[place:stop], False))
    if shown[-1][1] < high:
        found.append((" …", False))
    return [piece for piece in found if piece[0]]


def _merged(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _begin(text: str, cut: int, start: int) -> int:
    """Return where the text before a mark begins: at a word, if the cut is inside one."""
    return cut if not cut or text[cut - 1].isspace() else text.find(" ", cut, start) + 1 or cut


def _end(text: str, end: int, cut: int, high: int) -> int:
    """Return where the text after a mark ends, likewise; never before the mark does."""
    return max(end, cut if cut == high else text.rfind(" ", end, cut))
