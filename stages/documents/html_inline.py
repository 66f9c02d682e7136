"""HTML: running text and its links, and what tells it from blocks and controls."""

import re
from urllib.parse import urljoin

from bs4 import CData, NavigableString, Tag
from bs4.element import PageElement

from stages.documents.blocks import clean
from stages.records import Link

HEADINGS = {f"h{level}": level for level in range(1, 7)}
DROPPED = {
    *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video"),
    *("head", "form", "input", "select", "textarea", "img", "picture", "nav", "aside", "footer", "dialog", "rp", "rt"),
}
BLOCKS = {
    *("address", "article", "blockquote", "body", "center", "details", "dd", "div", "dl", "dt", "fieldset"),
    *("figcaption", "figure", "header", "hgroup", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "menu", *HEADINGS),
}


def attribute(tag: Tag, name: str) -> str:
    """Return an attribute as one string, or an empty one."""
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)


def is_button(tag: Tag) -> bool:
    """Say whether an element is a control."""
    return tag.name == "button" or attribute(tag, "role") == "button"


def has_blocks(tag: Tag) -> bool:
    """Say whether there are blocks or controls in an element."""
    return tag.find(lambda inner: inner.name in BLOCKS or is_button(inner)) is not None


class Inline:
    """Gathers running text and its links until a block ends."""

    def __init__(self, base: str | None):
        """Start empty; relative links are resolved against `base`."""
        self.base, self.text, self.links = base, "", []  # type: str | None, str, list[Link]

    def take(self) -> tuple[str, list[Link]]:
        """Return what was gathered and start anew."""
        text, links = clean(self.text), self.links
        self.text, self.links = "", []
        return text, links

    def add(self, node: PageElement) -> None:
        """Add a text node or an inline element."""
        if isinstance(node, NavigableString):
            if type(node) in (NavigableString, CData):
                self.text += node
        elif isinstance(node, Tag) and node.name not in DROPPED and not is_button(node):
            if node.name == "br":
                self.text += " "
                return
            if node.name in ("sup", "sub") and self.text[-1:].isalnum() and clean(node.get_text())[:1].isalnum():
                self.text += "^" if node.name == "sup" and self.text[-1:].isdigit() else ""  # 10^-4, not 10-4
            elif node.name == "sup" and self.text[-1:].isdigit() and clean(node.get_text())[:1] in ("-", "−", "+"):
                self.text += "^"
            for child in node.children:
                if isinstance(child, Tag) and child.name in BLOCKS:
                    self.text += " "
                self.add(child)
            if node.name in ("strong", "b") and _is_run_in(node):
                self.text = self.text.rstrip() + ":"
            if node.name == "a" and node.get("href"):
                self.link(node)
            if node.name in BLOCKS:
                self.text += " "

    def link(self, node: Tag) -> None:
        """Note where an element leads."""
        url = attribute(node, "href").strip()
        label = clean(node.get_text()) or next((clean(attribute(i, "alt")) for i in node.find_all("img")), "")
        if not label or url.lower().startswith(("javascript:", "data:")):
            return
        if self.base:
            try:
                url = urljoin(self.base, url)
            except ValueError:  # "http://[broken"
                return
        self.links.append(Link(text=label, url=url))


def _is_run_in(node: Tag) -> bool:
    """Say whether a bold text leads its paragraph as a title does, with nothing but the type to part the two."""
    label, after = clean(node.get_text()), node.next_sibling
    first = all(isinstance(before, NavigableString) and not before.strip() for before in node.previous_siblings)
    following = isinstance(after, NavigableString) and re.match(r"\s+[^\W_a-z]", after)
    return bool(first and following and label[-1:].isalnum() and len(label.split()) <= 10 and label[:1].isupper()) and (
        isinstance(node.parent, Tag) and node.parent.name in ("p", "li", "dd", "div")
    )


def inline_text(node: Tag, base: str | None) -> tuple[str, list[Link]]:
    """Return an element's content as running text, with its links."""
    inline = Inline(base)
    for child in node.children:
        inline.add(child)
    return inline.take()
