"""HTML: code as it was written, without the numbers of its lines."""

import re
from collections.abc import Iterator

from lxml.etree import _Element as Element

from stages.documents.blocks import clean
from stages.documents.html.furniture import Page
from stages.documents.html.inline import gathered, link
from stages.records import Link

NUMBERED = re.compile(r"(?:^|[\s-])(?:linenos?|line-?(?:no|num|numbers?)|lnt?)(?=$|[\s-])", re.IGNORECASE)


def code_of(node: Element, page: Page) -> tuple[str, list[Link]]:
    """Return the code in an element, and its links; buttons and line numbers in it are dropped."""
    for tag in list(node.iter("br", "button", "span", "i", "b")):
        if tag.tag == "button":
            page.drop("control", gathered(tag))
        elif tag.tag != "br":
            number = "".join(tag.itertext())
            if not number.strip().isdecimal() or not NUMBERED.search(tag.get("class") or ""):
                continue
            page.drop("line_numbers", number)
        tag.text, tag.tail = None, ("\n" if tag.tag == "br" else "") + (tag.tail or "")
        del tag[:]
    return "".join(node.itertext()), list(_links(node, page))


def is_numbers(node: Element) -> bool:
    """Say whether what looks like code is a column of line numbers: those of the code in the cell beside it."""
    cell = next(node.iterancestors("td"), None)
    lines = "".join(node.itertext()).split()
    if cell is None or not lines or not all(line.isdecimal() and len(line) < 7 for line in lines):
        return False
    first = int(lines[0])
    beside = any(other.find(".//pre") is not None for other in cell.itersiblings("td"))
    return beside and list(map(int, lines)) == list(range(first, first + len(lines)))


def _links(node: Element, page: Page) -> Iterator[Link]:
    for tag in node.iter("a"):
        found = link(tag, clean(gathered(tag)), page.base)
        if found is not None:
            yield found
