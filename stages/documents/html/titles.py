"""HTML: the titles of headings and questions, told from text that stands in a heading by mistake."""

from collections.abc import Container

from lxml.etree import _Element as Element

from stages.documents.html.furniture import BLOCKS, HEADINGS, Page
from stages.documents.html.inline import Inline, gathered
from stages.records import Link

PERMALINK = "¶ "  # signs after a title that are no part of it


def title(node: Element, page: Page) -> tuple[str, list[Link]]:
    """Return what stands in an element as a title, and its links."""
    inline = Inline(page, controls=True)
    inline.content(node)
    return _taken(inline)


def heading_title(node: Element, page: Page, below: list[Element]) -> tuple[str, list[Link]]:
    """Return a heading's title, without the elements that are text below it, and its links."""
    inline = Inline(page, controls=True)
    inline.text(node.text)
    for child in node:
        if child in below:
            break
        inline.parts.append(" " if child.tag in BLOCKS else "")
        inline.add(child)
        inline.text(child.tail)
    return _taken(inline)


def text_below(node: Element, holders: Container[Element]) -> list[Element]:
    """Return the elements in a heading that are text below it, since it was never closed: from the first block on.

    Args:
        node: the heading; too long, or with a heading inside, it is taken as one that was never closed.
        holders: elements that hold blocks.
    """
    first = next((child for child in node if child in holders or child.tag in BLOCKS), None)
    if first is None:
        return []
    unclosed = len(gathered(node).split()) > 40 or next(node.iterdescendants(*HEADINGS), None) is not None
    return [first, *first.itersiblings()] if unclosed else []


def _taken(inline: Inline) -> tuple[str, list[Link]]:
    text, links = inline.take()
    return text.rstrip(PERMALINK), links
