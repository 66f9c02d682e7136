"""What a document becomes when the rows of its table were changed: titles, headings, texts and links, or drops."""

import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

import msgspec

from stages.documents.blocks import clean
from stages.documents.layout import pieces, with_pieces, with_text
from stages.quality import sheet
from stages.quality.facets import Row
from stages.quality.sheet import SheetError, unguarded
from stages.records import Document, Drop, Link, Section


def refine(document: Document, ids: list[str], rows: dict[str, Row]) -> Document:
    """Return the document as its rows now say; a section whose row is gone becomes a drop `refined_away`.

    Args:
        document: the document as it came in.
        ids: the row ids of its sections, in their order.
        rows: all rows that are left, by id.

    Raises SheetError if its rows give it several new titles, or none.
    """
    named = dict(zip(map(id, document.sections), ids, strict=True))
    changed: list[Section | Drop] = []
    for piece in pieces(document):
        if isinstance(piece, Drop):
            changed.append(piece)
        elif row := rows.get(named[id(piece)]):
            changed.append(_section(piece, row))
        else:
            text = piece.text or sheet.joined(piece.heading)
            changed.append(Drop(reason="refined_away", text=text, span=(0, 0), page=piece.page_at(0)))
    titles = {unguarded(row.cells["title"]) for name in ids if (row := rows.get(name))} - {document.title}
    if len(titles) > 1 or titles and not all(map(clean, titles)):
        found = ", ".join(map(repr, sorted(titles)))
        raise SheetError(f"{document.source}: a document has one title, and its rows say {found}")
    title = clean(titles.pop()) if titles else document.title
    if title == document.title and changed == pieces(document):
        return document
    return with_pieces(document, changed, title=title)


def _section(section: Section, row: Row) -> Section:
    """Return a section as its row says."""
    heading, text = unguarded(row.cells["heading"]), unguarded(row.cells["text"])
    if heading != sheet.joined(section.heading):
        parts = [part for part in map(clean, sheet.parted(heading)) if part]
        section = msgspec.structs.replace(section, heading=parts)
    if text != section.text:
        links = relabelled(section.links, section.text, text)
        section = msgspec.structs.replace(with_text(section, text), links=links)
    return section


def relabelled(links: list[Link], old: str, new: str) -> list[Link]:
    """Return the links of a text that was changed; a label that stands there no more gets what stands in its place."""
    if all(link.text in new or link.text not in old for link in links):
        return links
    before, after = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (old, new))
    starts = [0]
    for token in before:
        starts.append(starts[-1] + len(token))
    changes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    found, position = [], 0
    for link in links:
        place = old.find(link.text, position)
        position = place if place >= 0 else position
        label = link.text
        if label not in new and place >= 0:
            end = place + len(label)
            touched = [n for n in range(len(before)) if starts[n] < end and starts[n + 1] > place]
            label = "".join(after[n] for n in _moved(changes, touched[0], touched[-1] + 1)).strip() or label
        found.append(Link(text=label, url=link.url))
    return found


def _moved(changes: Iterable[tuple[str, int, int, int, int]], start: int, end: int) -> Iterator[int]:
    """Yield the new places of the old places from `start` to `end`, what was put there included."""
    for kind, low, high, new_low, new_high in changes:
        if kind == "equal":
            yield from range(new_low + max(start - low, 0), new_low + max(min(end, high) - low, 0))
        elif start <= low < end or low < start < high:
            yield from range(new_low, new_high)


def cells_changed(documents: list[Document], ids: dict[str, list[str]], rows: dict[str, Row]) -> int:
    """Return how many titles, headings and texts of the rows that are left differ from what came in."""
    count = 0
    for document in documents:
        for name, section in zip(ids[document.id], document.sections, strict=True):
            if row := rows.get(name):
                was = {"title": document.title, "heading": sheet.joined(section.heading), "text": section.text}
                count += sum(unguarded(row.cells[column]) != text for column, text in was.items())
    return count
