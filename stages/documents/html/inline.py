"""HTML: running text and its links, and what tells it from blocks and controls."""

import re
from urllib.parse import urljoin

from lxml.etree import _Element as Element

from stages.documents.blocks import clean
from stages.documents.html.furniture import Page
from stages.records import Link

NOTE = re.compile(r"\s*(?:\d{1,3}|[*†‡§]{1,3})\s*")  # the sign of a footnote
BRACKETED = re.compile(r"\[\s*[^\W\d][^\[\]]*\]")  # [source], [edit]
TOOL = re.compile(r"link|edit|source", re.IGNORECASE)  # class of a link beside a title
RUN_IN = re.compile(r"\s+[^\W_a-z]")  # what follows a bold title on the paragraph's own line


class Inline:
    """Gathers running text and its links until a block ends."""

    def __init__(self, page: Page, controls: bool = False):
        """Start empty; `controls` says whether the text of buttons belongs to it, as in the title of an accordion."""
        self.page = page
        self.controls = controls
        self.parts: list[str] = []
        self.links: list[Link] = []
        self._pictured = False  # inside a link that is only a picture: its alternative text is the label

    def take(self) -> tuple[str, list[Link]]:
        """Return what was gathered and start anew."""
        text, links = clean("".join(self.parts)), self.links
        self.parts, self.links = [], []
        return text, links

    def text(self, text: str | None) -> None:
        """Add a stretch of text."""
        if text:
            self.parts.append(text)

    def content(self, parent: Element) -> None:
        """Add what stands in an element."""
        self.text(parent.text)
        for child in parent:
            block = child.tag in self.page.blocks
            if block:
                self.parts.append(" ")
            self.add(child)
            if block:
                self.parts.append(" ")
            self.text(child.tail)

    def add(self, node: Element) -> None:
        """Add an inline element, without what comes after it."""
        name = node.tag
        if name == "br":
            self.parts.append(" ")
        elif name == "img":
            if not self._pictured:
                self.page.drop("alt_text", node.get("alt") or "")
        elif self.page.leave_out(node):
            pass
        elif is_control(node) and not self.controls:
            self.page.drop("control", gathered(node))
        elif name == "math":
            self._formula(node)
        elif self.controls and self._is_beside(node):
            self.page.drop("title_link", gathered(node))
            found = (link(tag, clean("".join(node.itertext())), self.page.base) for tag in node.iter("a"))
            self.links += filter(None, found)
        elif _is_note(node):
            self.parts.append("[")
            self._link(node) if name == "a" else self.content(node)
            self.parts.append("]")
        elif name == "a" and node.get("href") is not None:
            self._link(node)
        else:
            if name in ("sup", "sub"):
                self._raise(node)
            elif name in ("rt", "label"):  # the reading of a Chinese character; a tab beside others
                self.parts.append(" ")
            elif "classifier" in (node.get("class") or "").split():  # the type beside a name, as docutils writes it
                self.parts.append(" : ")
            self.content(node)
            if name in ("strong", "b") and _is_run_in(node):
                self._colon()

    def _is_beside(self, node: Element) -> bool:
        """Say whether an element after a title is a link in brackets, which is no part of it."""
        before = "".join(self.parts)
        if next(node.iter("a"), None) is None or not before.strip():
            return False
        told = TOOL.search(" ".join(tag.get("class") or "" for tag in node.iter())) is not None
        if not told and not (before[-1].isalnum() or before[-1] in ")]\"'"):
            return False  # a type: "impl Default for [T]"
        return BRACKETED.fullmatch(clean("".join(node.itertext()))) is not None

    def _colon(self) -> None:
        """Put a colon right after the last word."""
        for index in reversed(range(len(self.parts))):
            self.parts[index] = self.parts[index].rstrip()
            if self.parts[index]:
                self.parts[index] += ":"
                break

    def _raise(self, node: Element) -> None:
        last = next((part for part in reversed(self.parts) if part), "")[-1:]
        first = clean(gathered(node))[:1]
        if node.tag == "sup" and last.isdigit() and (first.isalnum() or first in ("-", "−", "+")):
            self.parts.append("^")  # 10^-4, not 10-4

    def _link(self, node: Element) -> None:
        start, outer = len(self.parts), self._pictured
        self._pictured = not gathered(node).strip()
        self.content(node)
        self._pictured = outer
        found = link(node, clean("".join(self.parts[start:])), self.page.base)
        if found is not None and node.get("role") != "doc-backlink":
            self.links.append(found)

    def _formula(self, node: Element) -> None:
        """Add a formula: its TeX where it has one, since signs in a row do not say what is raised or divided."""
        source = next((note for note in node.iter("annotation") if "tex" in (note.get("encoding") or "")), None)
        if source is None:
            self.parts.append(f" {gathered(node)} ")
        else:
            self.parts.append(f" {source.text or ''} ")
            self.page.drop("formula", " ".join(part for part in node.itertext() if part != source.text))


def link(node: Element, label: str, base: str | None) -> Link | None:
    """Return where an element leads, None if nowhere or if it shows nothing; a picture shows its alternative text."""
    url = (node.get("href") or "").strip()
    if not url or url.lower().startswith(("javascript:", "data:")):
        return None
    if base:
        try:
            url = urljoin(base, url)
        except ValueError:  # "http://[broken"
            return None
    pictures = list(node.iter("img", "svg"))
    labels = [label, *(picture.get("alt") or "" for picture in pictures), node.get("aria-label"), node.get("title")]
    shown = next((clean(text) for text in labels if text and text.strip()), url if pictures else "")
    return Link(text=shown, url=url) if shown else None


def gathered(node: Element) -> str:
    """Return all text in an element, parted at its tags."""
    return " ".join(node.itertext())


def has_text(node: Element) -> bool:
    """Say whether any text is in an element."""
    return any(not text.isspace() for text in node.itertext())


def is_control(node: Element) -> bool:
    """Say whether an element is a button: something to press that leads nowhere."""
    if node.tag == "button":
        return True
    if not node.keys():
        return False
    if node.tag == "a" and node.get("href", "#")[:1] != "#":
        return False
    return node.get("role") == "button" or "collapse" in (node.get("data-toggle"), node.get("data-bs-toggle"))


def _is_note(node: Element) -> bool:
    """Say whether an element refers to a footnote: a raised link to a place in the document, shown as a number."""
    inner = next(iter(node), None)
    raised = inner is not None and {node.tag, inner.tag} == {"sup", "a"}
    anchor = inner if raised and node.tag == "sup" else node
    if anchor is None or not (raised or anchor.get("role") == "doc-noteref") or "#" not in (anchor.get("href") or ""):
        return False
    return NOTE.fullmatch("".join(node.itertext())) is not None


def _is_run_in(node: Element) -> bool:
    """Say whether a bold text leads its paragraph as a title does, with nothing but the type to part the two."""
    parent = node.getparent()
    if not node.tail or not RUN_IN.match(node.tail) or parent is None or parent.tag not in ("p", "li", "dd", "div"):
        return False
    if node.getprevious() is not None or (parent.text or "").strip():
        return False
    label = clean("".join(node.itertext()))
    return label[-1:].isalnum() and label[:1].isupper() and len(label.split()) <= 10
