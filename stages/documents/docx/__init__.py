"""Word documents: headings, paragraphs, lists, tables and notes in their order.

Read from the XML (ECMA-376 part 1): what lies in content controls, text boxes, revisions and notes is text as well.
"""

import posixpath
import zipfile

from lxml import etree

from stages.documents.archive import open_archive, xml_part
from stages.documents.blocks import Builder, Parsed, ReadError, clean, fence, table
from stages.documents.docx.bold import bold_headings
from stages.documents.docx.inline import Running, W, all_text, better_bookmark, content, running
from stages.documents.docx.styles import Styles
from stages.records import Link

WRAPPERS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag")}
TITLE = "{http://purl.org/dc/elements/1.1/}title"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of old Office files, and of those with a password


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a Word document. Raises ReadError: "encrypted", "zip_bomb", "unreadable"."""
    if data[:8] == OLE:
        raise ReadError("encrypted", "the document is protected by a password, or is an old .doc")
    with open_archive(data) as archive:
        main = next((target for kind, target, _ in _relations(archive, "") if kind == "officeDocument"), "")
        root = xml_part(archive, main or "word/document.xml")
        body = root.find(f"{W}body") if root is not None else None
        if body is None:
            raise ReadError("unreadable", "the archive holds no Word document (no body in word/document.xml)")
        return _Reader(archive, main or "word/document.xml").read(body)


def _relations(archive: zipfile.ZipFile, part: str) -> list[tuple[str, str, str]]:
    """Return kind, target and id of a part's relations; targets inside the archive are names in it."""
    folder, name = posixpath.split(part)
    root = xml_part(archive, posixpath.join(folder, "_rels", f"{name}.rels"))
    found = []
    for node in root if root is not None else ():
        target = node.get("Target", "")
        if node.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/" + folder, target)).lstrip("/")
        found.append((node.get("Type", "").rpartition("/")[2], target, node.get("Id", "")))
    return found


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, main: str):
        self.archive = archive
        self.relations = _relations(archive, main)
        self.targets = {key: target for kind, target, key in self.relations if kind == "hyperlink"}
        self.styles = Styles(self.part("styles"), self.part("numbering"))
        self.notes = {
            (kind, node.get(f"{W}id", "")): node
            for kind in ("footnote", "endnote", "comment")
            for node in self.notes_of(kind)
        }
        self.builder = Builder()
        self.title: str | None = None
        self.items: list[str] = []
        self.links: list[Link] = []  # of the open list, or of a heading
        self.code: list[str] = []
        self.numbers: dict[tuple[str, int], int] = {}  # list and depth: last number
        self.bold: dict[etree._Element, int] = {}  # headings by their look, where there are none by style
        self.bookmark: str | None = None  # between two paragraphs

    def part(self, kind: str) -> etree._Element | None:
        """Return the part to which the document has a relation of this kind."""
        return next((xml_part(self.archive, target) for name, target, _ in self.relations if name == kind), None)

    def notes_of(self, kind: str) -> list[etree._Element]:
        root = self.part(f"{kind}s")
        found = root.findall(f"{W}{kind}") if root is not None else []
        return [node for node in found if node.get(f"{W}type", "normal") == "normal"]  # the others are rules

    def read(self, body: etree._Element) -> Parsed:
        self.bold = bold_headings(body, self.styles)
        self.blocks(body)
        for (kind, _), note in self.notes.items():  # nothing refers to them
            self.builder.drop(kind, all_text(note))
        for kind, target, _ in self.relations:
            if kind in ("header", "footer"):
                root = xml_part(self.archive, target)
                self.builder.drop(f"page_{kind}", all_text(root) if root is not None else "")
            elif kind == "aFChunk":
                self.builder.drop("embedded_document", target)
        own = None
        core = next((target for kind, target, _ in _relations(self.archive, "") if kind == "core-properties"), None)
        if core is not None and (properties := xml_part(self.archive, core)) is not None:
            own = clean(properties.findtext(TITLE) or "")
        return self.builder.parsed(self.title or own or None)

    def end(self) -> None:
        """Close the list or the code that is open."""
        if self.items:
            self.add("\n".join(self.items), [])
        self.builder.add(fence("\n".join(self.code)))
        self.items, self.code = [], []

    def add(self, block: str, links: list[Link]) -> None:
        """Add a block with its links and those that wait for one."""
        self.builder.add(block, self.links + links)
        self.links = []

    def blocks(self, parent: etree._Element) -> None:
        for node in content(parent):
            if node.tag == f"{W}p":
                self.paragraph(node)
            elif node.tag == f"{W}tbl":
                self.end()
                self.table(node)
            elif node.tag == f"{W}sdt" and _is_contents(node):
                self.builder.drop("contents", all_text(node))
            elif node.tag in WRAPPERS:
                self.blocks(node)
            elif node.tag == f"{W}bookmarkStart":
                self.bookmark = better_bookmark(self.bookmark, node.get(f"{W}name", ""))
            elif node.tag in (f"{W}del", f"{W}moveFrom"):
                self.builder.drop("deleted", all_text(node))
        self.end()

    def paragraph(self, node: etree._Element) -> None:
        found = running(node, self.targets, self.styles.is_hidden)
        anchor = better_bookmark(self.bookmark, found.bookmark or "")
        self.bookmark = None
        names = self.styles.names(node)
        text = clean(found.text)
        if text and any(name.lower().startswith(("toc ", "table of figures")) for name in names):
            self.builder.drop("contents", text)
        elif (text or self.code) and self.styles.is_code(node):
            if self.items:
                self.end()
            self.code.append(found.text.rstrip())
        elif text:
            self.text(node, text, names, found, anchor)
        self.beside(found)

    def text(self, node: etree._Element, text: str, names: list[str], found: Running, anchor: str | None) -> None:
        level = self.styles.level(node) or self.bold.get(node, 0)
        item = self.styles.item(node)
        if self.code or not item or level:
            self.end()
        if names[:1] == ["Title"] and self.title is None:
            self.title = text
            self.builder.heading(0.5, text, anchor)
            self.links = found.links
        elif level:
            self.builder.heading(level, text, anchor)
            self.links = found.links  # they belong to what stands below
        elif item:
            self.items.append(f"{self.mark(*item)} {text}")
            self.links += found.links
        else:
            self.add(text, found.links)

    def mark(self, key: str, depth: int, numbered: bool) -> str:
        """Return a list item's mark. Lists are flattened: only the outermost level is numbered."""
        if not numbered or depth:
            return "-"
        self.numbers[key, depth] = self.numbers.get((key, depth), 0) + 1
        return f"{self.numbers[key, depth]}."

    def beside(self, found: Running) -> None:
        """Add what stands beside a paragraph: boxes and notes after it, the rest as drops."""
        for reason, text in found.drops:
            self.builder.drop(reason, text)
        for box in found.boxes:
            self.end()
            self.blocks(box)
        for key in found.notes:
            note = self.notes.pop(key, None)
            if note is None:
                continue
            if key[0] == "comment":
                self.builder.drop("comment", all_text(note))
            else:
                self.end()
                self.blocks(note)

    def table(self, node: etree._Element) -> None:
        rows = list(_rows(node))
        for row in _rows(node, deleted=True):
            self.builder.drop("deleted", all_text(row))
        cells = [[cell for cell in _inside(row, f"{W}tc")] for row in rows]
        if max(map(len, cells), default=0) < 2 or node.find(f".//{W}tc//{W}tbl") is not None:
            for line in cells:  # a box or a layout: its content is running text
                for cell in line:
                    self.blocks(cell)
            return
        grid: list[list[str]] = []
        found: list[Running] = []
        for line in cells:
            texts: list[str] = []
            for cell in line:
                here = [running(p, self.targets, self.styles.is_hidden) for p in _inside(cell, f"{W}p")]
                found += here
                merged = cell.find(f"{W}tcPr/{W}vMerge")
                text = clean(" ".join(paragraph.text for paragraph in here))
                if not text and merged is not None and merged.get(f"{W}val") != "restart" and grid:
                    text = grid[-1][len(texts)] if len(texts) < len(grid[-1]) else ""
                texts += [text] + [""] * (_span(cell) - 1)
            grid.append(texts)
        self.add(table(grid), [link for paragraph in found for link in paragraph.links])
        for paragraph in found:
            self.beside(paragraph)


def _inside(node: etree._Element, tag: str) -> list[etree._Element]:
    """Return the elements of a kind in a row or cell, those in content controls included."""
    found = []
    for child in content(node):
        if child.tag == tag:
            found.append(child)
        elif child.tag in WRAPPERS:
            found += _inside(child, tag)
    return found


def _rows(node: etree._Element, deleted: bool = False) -> list[etree._Element]:
    return [row for row in _inside(node, f"{W}tr") if (row.find(f"{W}trPr/{W}del") is not None) == deleted]


def _span(cell: etree._Element) -> int:
    node = cell.find(f"{W}tcPr/{W}gridSpan")
    value = node.get(f"{W}val", "1") if node is not None else "1"
    return min(int(value), 50) if value.isdecimal() and int(value) else 1


def _is_contents(node: etree._Element) -> bool:
    gallery = node.find(f"{W}sdtPr/{W}docPartObj/{W}docPartGallery")
    return gallery is not None and "Contents" in gallery.get(f"{W}val", "")
