"""HTML: the shapes that lists and controls take: questions with answers, contents, plain items."""

import re
from collections.abc import Iterator

from bs4 import NavigableString, Tag
from bs4.element import PageElement

from stages.documents.blocks import clean
from stages.documents.html_inline import BLOCKS, Inline, attribute, has_blocks
from stages.records import Link

ACCORDION = re.compile(r"accordion|collaps|faq|question|toggle|expand|disclosure", re.IGNORECASE)


def is_question(tag: Tag) -> bool:
    """Say whether a control opens an answer: the heading of an accordion."""
    keys = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target", "data-bs-target")
    text = clean(tag.get_text(" "))
    named = ACCORDION.search(f"{attribute(tag, 'class')} {attribute(tag, 'id')}") is not None
    return len(text.split()) > 1 and (any(tag.has_attr(key) for key in keys) or named or text.endswith("?"))


def is_faq(items: list[Tag]) -> bool:
    """Say whether the items are questions, each followed by its answer as further blocks."""
    asked = 0
    for item in items:
        lead, rest = lead_and_rest(item)
        text = clean("".join(part.get_text() for part in lead))
        if any(isinstance(part, Tag) and part.name == "p" for part in rest) and "?" in text and len(text.split()) < 60:
            asked += 1
    return len(items) > 1 and asked * 2 > len(items)


def is_contents(items: list[Tag]) -> bool:
    """Say whether the list is a table of contents: links to places in the document and nothing else."""
    inside = 0
    for item in items:
        link = item.find("a", href=True)
        own = clean("".join(c.get_text() for c in item.children if getattr(c, "name", "") not in ("ul", "ol")))
        if isinstance(link, Tag) and attribute(link, "href").startswith("#") and clean(link.get_text()) == own:
            inside += 1
    return len(items) > 2 and inside >= 0.6 * len(items)


def lead_and_rest(item: Tag) -> tuple[list[PageElement], list[PageElement]]:
    """Part a list item: its first running text, and what comes after it."""
    children: list[PageElement] = [
        c for c in item.children if isinstance(c, Tag) or (isinstance(c, NavigableString) and c.strip())
    ]
    first = children[0] if children else None
    if isinstance(first, Tag) and first.name in ("p", "div") and not has_blocks(first):
        return children[:1], children[1:]
    for index, child in enumerate(children):
        if isinstance(child, Tag) and (child.name in BLOCKS or has_blocks(child)):
            return children[:index], children[index:]
    return children, []


def marks(node: Tag, items: list[Tag]) -> Iterator[tuple[str, Tag]]:
    """Yield the items with the marks they have in Markdown."""
    start = attribute(node, "start")
    number = int(start) if start.lstrip("-").isdecimal() else 1
    for item in items:
        parent = item.find_parent(["ul", "ol", "menu"])
        if parent is node and node.name == "ol":
            yield f"{number}.", item
            number += 1
        else:
            yield "-", item


def item_text(item: Tag, base: str | None) -> tuple[str, list[Link]]:
    """Return a list item's own text, without the lists in it, with its links."""
    inline = Inline(base)
    for child in item.children:
        if not (isinstance(child, Tag) and child.name in ("ul", "ol", "menu")):
            inline.add(child)
    return inline.take()
