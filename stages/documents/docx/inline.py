"""Word documents: the running text of a paragraph, and what stands in it beside the text."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from stages.documents.blocks import clean
from stages.records import Link

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
SYMBOLS = {
    ("wingdings", 0xE0): "→",
    ("wingdings", 0xDF): "←",
    ("wingdings", 0xFC): "✓",
    ("wingdings", 0xFB): "✗",
    ("wingdings", 0xFE): "☑",
    ("wingdings", 0xA8): "☐",
    ("symbol", 0xB7): "•",
    ("symbol", 0xAE): "→",
    ("symbol", 0xAC): "←",
    ("symbol", 0xB3): "≥",
    ("symbol", 0xA3): "≤",
    ("symbol", 0xB1): "±",
    ("symbol", 0xB4): "×",
    ("symbol", 0xB9): "≠",
    ("symbol", 0xA5): "∞",
}
SPACES = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}


@dataclass
class Running:
    """What a paragraph holds."""

    text: str = ""
    links: list[Link] = field(default_factory=list)
    drops: list[tuple[str, str]] = field(default_factory=list)  # reason, text
    notes: list[tuple[str, str]] = field(default_factory=list)  # "footnote", "endnote" or "comment", its id
    boxes: list[etree._Element] = field(default_factory=list)  # text boxes, which hold blocks
    bookmark: str | None = None


@dataclass
class _Field:
    """A field: its code, and where in the text its result begins."""

    code: str = ""
    start: int | None = None


def running(paragraph: etree._Element, targets: dict[str, str], hidden: Callable[[etree._Element], bool]) -> Running:
    """Return what a paragraph (w:p) holds.

    Args:
        paragraph: the element.
        targets: relation id: the URL outside the document to which it leads.
        hidden: whether a run (w:r) is not shown.
    """
    found = Running()
    _Reader(found, targets, hidden).children(paragraph)
    return found


def all_text(node: etree._Element) -> str:
    """Return all text in an element, deleted text included, a line for each paragraph."""
    lines = []
    for paragraph in node.iter(f"{W}p"):
        lines.append("".join(t.text or "" for t in paragraph.iter(f"{W}t", f"{W}delText", f"{M}t") if t.text))
    return "\n".join(lines) if lines else "".join(t.text or "" for t in node.iter(f"{W}t", f"{W}delText"))


def content(node: etree._Element) -> Iterator[etree._Element]:
    """Yield an element's children; of alternatives for different programs only the first."""
    for child in node:
        if child.tag == f"{MC}AlternateContent":
            choice = child.find(f"{MC}Choice")
            chosen = choice if choice is not None else child.find(f"{MC}Fallback")
            if chosen is not None:
                yield from content(chosen)
        elif isinstance(child.tag, str):
            yield child


class _Reader:
    def __init__(self, found: Running, targets: dict[str, str], hidden: Callable[[etree._Element], bool]):
        self.found, self.targets, self.hidden = found, targets, hidden
        self.fields: list[_Field] = []

    def children(self, node: etree._Element) -> None:
        for child in content(node):
            self.node(child)

    def node(self, node: etree._Element) -> None:
        found, tag = self.found, node.tag
        if tag in (f"{W}t", f"{M}t"):
            found.text += node.text or ""
        elif tag in SPACES:
            found.text += SPACES[tag]
        elif tag == f"{W}sym":
            self.symbol(node)
        elif tag in (f"{W}del", f"{W}moveFrom"):
            found.drops.append(("deleted", all_text(node)))
        elif tag == f"{W}r" and self.hidden(node):
            found.drops.append(("hidden", all_text(node)))
        elif tag == f"{W}rt":  # how the characters below it are spoken
            found.drops.append(("reading_aid", all_text(node)))
        elif tag in (f"{W}footnoteReference", f"{W}endnoteReference", f"{W}commentReference"):
            kind = etree.QName(node).localname.removesuffix("Reference")
            found.notes.append((kind, node.get(f"{W}id", "")))
        elif tag == f"{W}txbxContent":
            found.boxes.append(node)
        elif tag == f"{W}bookmarkStart":
            found.bookmark = better_bookmark(found.bookmark, node.get(f"{W}name", ""))
        elif tag in (f"{W}fldChar", f"{W}instrText"):
            self.field(node)
        elif tag in (f"{W}hyperlink", f"{W}fldSimple"):
            start = len(found.text)
            self.children(node)
            self.link(start, _address(node, self.targets))
        elif node.get("descr") and etree.QName(node).localname == "docPr":
            found.drops.append(("image", node.get("descr", "")))
        elif tag not in (f"{W}pPr", f"{W}rPr", f"{W}delInstrText", f"{W}sdtPr"):
            self.children(node)

    def symbol(self, node: etree._Element) -> None:
        font, code = node.get(f"{W}font", ""), int(node.get(f"{W}char", "0"), 16)
        private = 0xE000 <= code <= 0xF8FF
        known = SYMBOLS.get((font.lower(), code & 0xFF)) if private or code < 0x100 else None
        if known:
            self.found.text += known
        elif private:  # a place in a font, no character
            self.found.drops.append(("symbol", f"{font} {code:04X}"))
        else:
            self.found.text += chr(code)

    def field(self, node: etree._Element) -> None:
        kind = node.get(f"{W}fldCharType")
        if kind == "begin":
            self.fields.append(_Field())
        elif not self.fields:
            return  # of a field that began in another paragraph
        elif kind == "separate":
            self.fields[-1].start = len(self.found.text)
        elif kind == "end":
            ended = self.fields.pop()
            if ended.start is not None:
                self.link(ended.start, _field_url(ended.code))
        else:
            self.fields[-1].code += node.text or ""

    def link(self, start: int, url: str | None) -> None:
        text = clean(self.found.text[start:])
        if text and url:
            self.found.links.append(Link(text=text, url=url))


def better_bookmark(first: str | None, second: str) -> str | None:
    """Return the name that tells more: the first that a person gave, else the first that Word gave."""
    if not second or second == "_GoBack":
        return first
    return second if first is None or (first.startswith("_") and not second.startswith("_")) else first


def _address(node: etree._Element, targets: dict[str, str]) -> str | None:
    if node.tag == f"{W}fldSimple":
        return _field_url(node.get(f"{W}instr", ""))
    url = targets.get(node.get(f"{R}id", ""))
    place = node.get(f"{W}anchor")
    return f"{url or ''}#{place}" if place and "#" not in (url or "") else url


def _field_url(code: str) -> str | None:
    match = re.match(r'\s*HYPERLINK\s+(?:"([^"]*)"|([^\s"\\]+))?', code)
    if not match:
        return None
    place = re.search(r'\\l\s+"?([^"\s]+)"?', code)
    return (match.group(1) or match.group(2) or "") + (f"#{place.group(1)}" if place else "") or None
