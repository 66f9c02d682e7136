"""PDF: lines put in reading order by where they stand, headings by outline or size, paragraphs made whole."""

import re
from itertools import pairwise

from pypdf import PageObject, PdfReader
from pypdf.errors import LimitReachedError

from stages.documents.blocks import BULLET, Builder, Parsed, ReadError, clean, document_words, fence, join_lines, table
from stages.documents.pdf.blocks import Block, repeated_heads, table_rows, to_blocks
from stages.documents.pdf.fonts import Fonts
from stages.documents.pdf.furniture import Page, take_furniture, take_menus
from stages.documents.pdf.grids import in_rows, of_run, tables
from stages.documents.pdf.headings import body_size, by_outline, by_size, heading_key, read_outline, take_contents
from stages.documents.pdf.lines import Line, to_lines
from stages.documents.pdf.links import attach_links, merge_links, read_annotations, repeated_links
from stages.documents.pdf.ocr import read_scans
from stages.documents.pdf.open import open_pdf
from stages.documents.pdf.order import reading_order
from stages.documents.pdf.runs import Drawn, read_drawn
from stages.records import Link

NO_TITLE = re.compile(
    r".*\.(docx?|indd|pdf|tex|pptx?)|untitled|microsoft word.*|\(?anonymous\)?|unspecified", re.IGNORECASE
)


def read(data: bytes, base: str | None, ocr: str | None = None) -> Parsed:
    """Return what is in a PDF.

    Args:
        data: the file's content.
        base: where it came from; not used, links in a PDF are absolute.
        ocr: language of pages that are pictures without text, as tesseract names it; None: they are only reported.

    Raises:
        ReadError: what `open_pdf` refuses, no_text, scanned, and with `ocr` what `read_scans` raises.
    """
    reader, sheets = open_pdf(data)
    annotations = [list(read_annotations(sheet)) for sheet in sheets]
    stamps = repeated_links(annotations)
    fonts = Fonts()
    pages: list[Page] = []
    pictures: list[float] = []
    for number, (sheet, notes) in enumerate(zip(sheets, annotations, strict=True), 1):
        drawn = _drawn(sheet, number, fonts)
        attach_links(drawn, notes, stamps)
        pages.append(_page(drawn, number))
        pictures.append(drawn.pictures)
    take_furniture(pages)
    scanned = [  # a stamp or page number may have been printed on a scan
        page.number
        for page, share in zip(pages, pictures, strict=True)
        if not page.lines and share >= (0.8 if page.taken else 0.3)
    ]
    if ocr and scanned:
        for number, drawn in read_scans(data, scanned, ocr):
            pages[number - 1].lines = _page(drawn, number).lines
        take_furniture(pages)
    listed: set[str] = set()  # headings by the table of contents
    for page in pages:
        take_menus(page)
        take_contents(page, listed, len(pages))
    if not any(page.lines for page in pages):
        _refuse(pages, scanned, ocr)
    parsed = _build(pages, reader, listed)
    parsed.pages = len(pages)
    parsed.scanned = scanned
    return parsed


def _drawn(sheet: PageObject, number: int, fonts: Fonts) -> Drawn:
    try:
        return read_drawn(sheet, fonts)
    except LimitReachedError as error:
        raise ReadError("too_large", f"page {number} goes beyond a limit of the PDF reader: {error}") from error
    except Exception as error:  # pypdf may raise anything on a damaged page
        raise ReadError("damaged", f"page {number} cannot be read: {type(error).__name__}: {error}") from error


def _page(drawn: Drawn, number: int) -> Page:
    grids = tables(drawn.rules, drawn.runs, drawn.height)
    lines = to_lines(drawn.runs, number, drawn.dots, lambda run: of_run(grids, run))
    lines = reading_order(in_rows(lines, grids) if grids else lines)
    return Page(number, drawn.height, lines, drawn.taken)


def _refuse(pages: list[Page], scanned: list[int], ocr: str | None) -> None:
    """Raise the ReadError of a document without text."""
    if not scanned:
        raise ReadError("no_text", f"none of the {len(pages)} pages holds text")
    some = f"all {len(pages)}" if len(scanned) == len(pages) else f"{len(scanned)} of {len(pages)}"
    if ocr:
        raise ReadError("scanned", f"{some} pages are pictures without text, and tesseract ({ocr}) finds none in them")
    raise ReadError(
        "scanned", f"{some} pages are pictures without text; install the extra ocr and set parse.ocr to read them"
    )


def _title(reader: PdfReader) -> str:
    """Return the title that the file gives itself, if it is one."""
    title = clean(str(reader.metadata.get("/Title") or "" if reader.metadata else ""))
    return "" if NO_TITLE.fullmatch(title) else title


def _build(pages: list[Page], reader: PdfReader, listed: set[str]) -> Parsed:
    blocks = to_blocks([line for page in pages for line in page.lines], lambda text: heading_key(text) in listed)
    body = body_size(blocks)
    levels = by_outline(blocks, read_outline(reader)) or by_size(blocks, body, listed)
    writer = _Writer(pages, document_words("\n".join(line.text for block in blocks for line in block.lines)))
    biggest: tuple[float, str] | None = None
    for index, block in enumerate(blocks):
        first = block.lines[0]
        writer.turn_to(first.page)
        if writer.repeats_heading(block, index in levels):
            writer.builder.drop("running_title", block.text)
        elif index in levels:
            text = writer.heading(levels[index], block)
            if first.page <= 2 and (biggest is None or first.size > biggest[0]):
                biggest = first.size, text
        else:
            writer.block(block)
    writer.end()
    writer.turn_to(len(pages))
    return writer.builder.parsed(_title(reader) or (biggest[1] if biggest and biggest[0] > 1.3 * body else None))


class _Writer:
    """Gives the blocks of a document to a builder, each with its page, and what was taken out of each page."""

    def __init__(self, pages: list[Page], words: set[str]):
        self.builder = Builder()
        self.pages = pages
        self.words = words
        self.turned = 0  # the last page whose drops were given
        self.items: list[str] = []  # of the list that is being filled
        self.items_page = 0
        self.links: list[Link] = []  # for the next block: of the list's items, or of the headings above it

    def turn_to(self, number: int) -> None:
        """Go on to a page."""
        for page in self.pages[self.turned : number]:
            self.builder.page = page.number
            for reason in dict.fromkeys(reason for reason, _ in page.taken):
                self.builder.drop(reason, "\n".join(text for other, text in page.taken if other == reason))
        self.turned = max(self.turned, number)
        self.builder.page = number

    def repeats_heading(self, block: Block, is_heading: bool) -> bool:
        """Say whether a block repeats a heading under which it stands: a running title."""
        if block.kind != "text" or heading_key(block.text) not in {heading_key(h.text) for h in self.builder.path}:
            return False
        page = self.pages[block.lines[0].page - 1]
        last = self.builder.path[-1]
        again = is_heading and (last.text, last.anchor) == (self._text(block), f"page={page.number}")
        return again or all(page.at_rim(line) for line in block.lines)

    def heading(self, level: int, block: Block) -> str:
        """Open a heading and return its text; its links go to what stands below it."""
        self.end()
        text = self._text(block)
        self.builder.heading(level, text, f"page={block.lines[0].page}")
        self.links += [link for line in block.lines for link in line.links]
        return text

    def block(self, block: Block) -> None:
        """Add a block; the items of a list are one."""
        found = [link for line in block.lines for link in line.links]
        page = block.lines[0].page
        if block.kind == "item":
            text = self._text(block)
            mark = BULLET.match(text)
            self.items.append("- " + text[mark.end() :] if mark else text)
            self.items_page = self.items_page or page
            self.links += merge_links(text, found)
            return
        self.end()
        self.builder.page = page
        if block.kind == "table":
            for line in repeated_heads(block.lines):
                self.builder.drop("table_head", line.text)
            text = table(table_rows(block.lines))
        elif block.kind == "code":
            text = _code(block.lines)
        else:
            text = self._text(block)
            found = merge_links(text, found)
        self._add(text, found)

    def end(self) -> None:
        """End the list that is being filled."""
        if self.items:
            now, self.builder.page = self.builder.page, self.items_page
            self._add("\n".join(self.items), [])
            self.builder.page = now
            self.items, self.items_page = [], 0

    def _add(self, text: str, links: list[Link]) -> None:
        self.builder.add(text, [*self.links, *links])
        self.links = []

    def _text(self, block: Block) -> str:
        return join_lines([line.text for line in block.lines], self.words)


def _code(lines: list[Line]) -> str:
    """Return a code block with its indentation as it stands on the page."""
    left = min(line.x0 for line in lines)
    texts = []
    for before, line in pairwise([lines[0], *lines]):
        if before.page == line.page and before.y - line.y > 1.9 * max(1.0, line.size):
            texts.append("")
        texts.append(" " * round((line.x0 - left) / max(1.0, 0.6 * line.size)) + line.text)
    return fence("\n".join(texts))
