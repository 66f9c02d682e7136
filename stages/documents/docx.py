"""Word documents: headings, paragraphs, lists and tables in their order."""

import io
import re
import zipfile

import docx
from docx.document import Document
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

from stages.documents.blocks import Builder, Parsed, ReadError, clean, fence, table
from stages.records import Link

LARGEST = 500_000_000  # bytes unpacked; more is a zip bomb
MONOSPACED = re.compile(r"mono|courier|consolas|menlo|code", re.IGNORECASE)


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a Word document."""
    if data[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":  # a password turns the file into such a container
        raise ReadError("encrypted", "the document is protected by a password, or is an old .doc")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ReadError("unreadable", f"the document unpacks to more than {LARGEST} bytes")
    document = docx.Document(io.BytesIO(data))
    builder = Builder()
    title = _walk(document, builder)
    return builder.parsed(title or clean(document.core_properties.title or "") or builder.first_heading)


def _walk(document: Document | _Cell, builder: Builder) -> str | None:
    title = None
    items: list[str] = []
    links: list[Link] = []
    code: list[str] = []
    numbers: dict[str, int] = {}  # list id: last number

    def end() -> None:
        builder.add("\n".join(items), links)
        builder.add(fence("\n".join(code)))
        items.clear()
        links.clear()
        code.clear()

    for block in document.iter_inner_content():
        if isinstance(block, Table):
            end()
            _table(block, builder)
            continue
        text = clean(block.text)
        style = (block.style.name or "") if block.style is not None else ""
        if _is_code(block, style) and (text or code):
            if items:
                end()
            code.append(block.text.rstrip())
            continue
        if not text:
            continue
        if code:
            end()
        level = _level(block, style)
        if style == "Title" and title is None:
            end()
            title = text
            builder.heading(0.5, text)
        elif level:
            end()
            builder.heading(level, text)
        elif mark := _mark(block, style, numbers, bool(items)):
            items.append(f"{mark} {text}")
            links += _links(block)
        else:
            end()
            builder.add(text, _links(block))
    end()
    return title


def _level(block: Paragraph, style: str) -> int:
    if match := re.fullmatch(r"(?i)(?:heading|überschrift|titre|título|titolo) ?(\d)", style):
        return int(match.group(1))
    found = block._p.xpath("./w:pPr/w:outlineLvl/@w:val")
    return int(found[0]) + 1 if found and found[0] in "012345678" else 0


def _mark(block: Paragraph, style: str, numbers: dict[str, int], following: bool) -> str:
    """Return the mark of a list item, or an empty string. Numbering formats are told by the style's name."""
    found = block._p.xpath("./w:pPr/w:numPr/w:numId/@w:val")
    if not found and not style.startswith("List"):
        return ""
    if not style.startswith("List Number"):
        return "-"
    key = found[0] if found else style
    numbers[key] = numbers.get(key, 0) + 1 if following or found else 1
    return f"{numbers[key]}."


def _is_code(block: Paragraph, style: str) -> bool:
    if re.search(r"(?i)code|preformatted|plain text|macro", style):
        return True
    fonts = [run.font.name for run in block.runs if run.text.strip()]
    return bool(fonts) and all(font and MONOSPACED.search(font) for font in fonts)


def _links(block: Paragraph) -> list[Link]:
    return [Link(text=clean(link.text), url=link.url) for link in block.hyperlinks if link.url and link.text.strip()]


def _table(block: Table, builder: Builder) -> None:
    if len(block.columns) == 1:  # a box: its content is running text
        for row in block.rows:
            for cell in row.cells:
                _walk(cell, builder)
        return
    rows: list[list[str]] = []
    links: list[Link] = []
    for row in block.rows:
        line: list[str] = []
        last = None
        for cell in row.cells:
            if cell._tc is last:  # merged cells are given once for each column
                line.append("")
                continue
            last = cell._tc
            line.append(" ".join(paragraph.text for paragraph in cell.paragraphs))
            for paragraph in cell.paragraphs:
                links += _links(paragraph)
        rows.append(line)
    builder.add(table(rows), links)
