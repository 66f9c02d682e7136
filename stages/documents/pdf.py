"""PDF: lines put in reading order by where they stand, headings by outline or size, paragraphs made whole."""

import io
import logging
import re
from itertools import pairwise

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError

from stages.documents.blocks import BULLET, Builder, Parsed, ReadError, clean, document_words, fence, join_lines, table
from stages.documents.pdf_blocks import Block, to_blocks
from stages.documents.pdf_furniture import drop_menus, strip_furniture
from stages.documents.pdf_headings import body_size, by_outline, by_size, drop_contents, heading_key, read_outline
from stages.documents.pdf_lines import Line, read_runs, reading_order, to_lines
from stages.documents.pdf_links import Stamp, attach_links, merge_links, repeated_links
from stages.records import Link


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a PDF."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every small fault of a file
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("encrypted", "the PDF asks for a password")
        stamps = repeated_links(reader)
        pages = [_page(page, number, stamps) for number, page in enumerate(reader.pages, 1)]
    except (FileNotDecryptedError, DependencyError) as error:
        raise ReadError("encrypted", f"the PDF cannot be decrypted: {error}") from error
    strip_furniture(pages, [float(page.mediabox.height) for page in reader.pages])
    listed: set[str] = set()  # headings by the table of contents
    lines = [line for page in pages for line in drop_contents(drop_menus(page), listed)]
    if not lines:
        raise ReadError("no_text", f"none of the {len(pages)} pages holds text (a scan?)")
    blocks = to_blocks(lines)
    title = clean(str(reader.metadata.get("/Title") or "" if reader.metadata else ""))
    if re.search(
        r"\.(docx?|indd|pdf|tex|pptx?)$|^(untitled|microsoft word.*|\(?anonymous\)?|unspecified)$", title, re.I
    ):
        title = ""
    return _build(blocks, read_outline(reader), listed, title)


def _page(page: PageObject, number: int, stamps: set[Stamp]) -> list[Line]:
    """Return the page's lines in reading order."""
    runs = read_runs(page)
    attach_links(runs, page, stamps)
    return reading_order(to_lines(runs, number))


def _build(blocks: list[Block], outline: list[tuple[int, str, int]], listed: set[str], title: str) -> Parsed:
    body = body_size(blocks)
    levels = by_outline(blocks, outline) or by_size(blocks, body, listed)
    words = document_words("\n".join(line.text for block in blocks for line in block.lines))
    builder = Builder()
    biggest: tuple[float, str] | None = None
    items: list[str] = []
    links: list[Link] = []

    def end() -> None:
        builder.add("\n".join(items), links)
        items.clear()
        links.clear()

    for index, block in enumerate(blocks):
        page = block.lines[0].page
        if block.kind == "text" and heading_key(block.text) in {heading_key(text) for _, text in builder.path}:
            continue  # a running title
        if index in levels:
            end()
            builder.page = page
            text = join_lines([line.text for line in block.lines], words)
            builder.heading(levels[index], text)
            if page <= 2 and (biggest is None or block.lines[0].size > biggest[0]):
                biggest = (block.lines[0].size, text)
            found = [link for line in block.lines for link in line.links]
            if found and index + 1 < len(blocks) and index + 1 not in levels:
                blocks[index + 1].lines[0].links[:0] = found
            continue
        if block.kind != "item":
            end()
        builder.page = page
        found = [link for line in block.lines for link in line.links]
        if block.kind == "table":
            builder.add(table([[cell.text for cell in line.cells] for line in block.lines]), found)
        elif block.kind == "code":
            builder.add(_code(block.lines), found)
        elif block.kind == "item":
            text = join_lines([line.text for line in block.lines], words)
            mark = BULLET.match(text)
            items.append("- " + text[mark.end() :] if mark else text)
            links += merge_links(text, found)
        else:
            text = join_lines([line.text for line in block.lines], words)
            builder.add(text, merge_links(text, found))
    end()
    return builder.parsed(title or (biggest[1] if biggest and biggest[0] > 1.3 * body else None))


def _code(lines: list[Line]) -> str:
    """Return a code block with its indentation as it stands on the page."""
    left = min(line.x0 for line in lines)
    texts = []
    for before, line in pairwise([lines[0], *lines]):
        if before.page == line.page and before.y - line.y > 1.9 * max(1.0, line.size):
            texts.append("")
        texts.append(" " * round((line.x0 - left) / max(1.0, 0.6 * line.size)) + line.text)
    return fence("\n".join(texts))
