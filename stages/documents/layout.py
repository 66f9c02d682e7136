"""Where everything stands in a document's text: sections and drops one after the other, a blank line between them."""

import re
from collections.abc import Iterable

import msgspec

from stages.documents.blocks import Parsed, Part, clean
from stages.records import Document, Drop, Section

SEPARATOR = "\n\n"


def lay_out(pieces: Iterable[Section | Drop]) -> tuple[list[Section], list[Drop]]:
    """Return the sections and the drops with the spans that they have in this order."""
    sections: list[Section] = []
    drops: list[Drop] = []
    start = 0
    for piece in pieces:
        span = (start, start + len(piece.text))
        if isinstance(piece, Section):
            sections.append(msgspec.structs.replace(piece, span=span))
        else:
            drops.append(msgspec.structs.replace(piece, span=span))
        start = span[1] + len(SEPARATOR)
    return sections, drops


def pieces(document: Document) -> list[Section | Drop]:
    """Return the sections and drops of a document in their order."""
    found: list[Section | Drop] = [*document.sections, *document.drops]
    return sorted(found, key=lambda piece: piece.span)


def with_pieces(document: Document, changed: Iterable[Section | Drop], **fields: object) -> Document:
    """Return the document with these pieces, whose spans are set, and with other fields."""
    sections, drops = lay_out(changed)
    return msgspec.structs.replace(document, sections=sections, drops=drops, **fields)


def with_text(section: Section, text: str) -> Section:
    """Return the section with another text; a page begins at the block at which it began before."""
    starts = [0, *(match.end() for match in re.finditer(r"\n\n+", text))]
    pages = []
    for offset, page in section.pages:
        block = len(re.findall(r"\n\n+", section.text[:offset]))
        pages.append((starts[min(block, len(starts) - 1)], page))
    return msgspec.structs.replace(section, text=text, pages=pages)


def from_parsed(parsed: Parsed, title: str) -> tuple[list[Section], list[Drop]]:
    """Return what a reader found as sections and drops with their spans.

    A top heading that only repeats the title is left out of the paths, be it the given title or the document's own, if
    no other heading stands beside it. The document's own title is a drop if another one is given.
    """
    repeated = {clean(title).casefold()}
    tops = {part.heading[:1] for part in parsed.parts if part.heading}
    own = clean(parsed.title or "")
    if own and len(tops) == 1:
        repeated.add(own.casefold())
    found: list[Section | Drop] = []
    for piece in parsed.pieces:
        if isinstance(piece, Part):
            found.append(_section(piece, repeated))
        else:
            found.append(Drop(reason=piece.reason, text=piece.text, span=(0, 0), page=piece.page))
    shown = {clean(title).casefold()}.union(
        *({part.casefold() for part in s.heading} for s in found if isinstance(s, Section))
    )
    if own and own.casefold() not in shown:
        found.insert(0, Drop(reason="own_title", text=own, span=(0, 0)))
    return lay_out(found)


def _section(part: Part, repeated: set[str]) -> Section:
    heading = list(part.heading)
    if heading and clean(heading[0]).casefold() in repeated:
        heading = heading[1:]
    offsets = [0]
    for block in part.blocks:
        offsets.append(offsets[-1] + len(block) + len(SEPARATOR))
    return Section(
        heading=heading,
        text=SEPARATOR.join(part.blocks),
        span=(0, 0),
        links=part.links,
        pages=[(offsets[block], page) for block, page in part.pages],
        anchor=part.anchor,
        question=part.question,
    )
