"""What was read of a document, in words for a terminal: sections, spans, links and what was dropped."""

from collections.abc import Iterator

from stages.documents.blocks import clean, clean_code
from stages.documents.layout import pieces
from stages.records import Document, Drop, Section

WIDTH = 100  # characters of a line of text that are shown


def told(document: Document) -> str:
    """Return the document piece by piece. Control characters never reach the terminal."""
    words = sum(len(section.text.split()) for section in document.sections)
    dropped = sum(len(drop.text.split()) for drop in document.drops)
    links = sum(len(section.links) for section in document.sections)
    pages = "" if document.pages is None else f", {document.pages} pages"
    lines = [
        clean(document.title),
        f"{len(document.sections)} sections{pages}, {words:,} words kept, {dropped:,} dropped, {links} links",
    ]
    if document.scanned:
        lines.append(f"scanned pages, not read: {', '.join(map(str, document.scanned))}")
    for piece in pieces(document):
        lines.append("")
        lines += _dropped(piece) if isinstance(piece, Drop) else _section(piece)
    return "\n".join(lines)


def _section(section: Section) -> Iterator[str]:
    page = section.page_at(0)
    marks = [f"[{section.span[0]}:{section.span[1]}]"]
    marks += [f"page {page}"] if page is not None else []
    marks += [f"#{clean(section.anchor)}"] if section.anchor else []
    yield f"{' > '.join(map(clean, section.heading)) or '(before the first heading)'}  {' '.join(marks)}"
    if section.question:
        yield f"    asked: {_short(section.question)}"
    for line in clean_code(section.text).split("\n"):
        if line.strip():
            yield f"    {_short(line)}"
    for link in section.links:
        yield f"    -> {_short(clean(link.text))}: {clean(link.url)}"


def _dropped(drop: Drop) -> Iterator[str]:
    page = "" if drop.page is None else f" page {drop.page}"
    yield f"  dropped, {drop.reason}{page} [{drop.span[0]}:{drop.span[1]}]: {_short(clean(drop.text))}"


def _short(line: str) -> str:
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
