"""Word documents without heading styles: lines in bold that stand alone are headings, the larger the higher."""

import re
from collections.abc import Iterator

from lxml import etree

from stages.documents.blocks import clean
from stages.documents.docx.inline import W, all_text
from stages.documents.docx.styles import Styles

MOST_WORDS = 14
MOST_BOLD = 0.4  # share of the text; in a document with more, bold says nothing


def bold_headings(body: etree._Element, styles: Styles) -> dict[etree._Element, int]:
    """Return the paragraphs that are headings by their look, each with its level from 1.

    Nothing if the document has heading styles, or if much of it is bold.
    """
    paragraphs = list(body.iterchildren(f"{W}p"))
    if any(styles.level(node) or styles.names(node)[:1] == ["Title"] for node in paragraphs):
        return {}
    bold = {node for node in paragraphs if all(map(_is_bold, _runs(node))) and _runs(node)}
    shares = [len(all_text(node)) for node in bold], [len(all_text(node)) for node in paragraphs]
    if sum(shares[0]) > MOST_BOLD * sum(shares[1]):
        return {}
    found = [node for node in bold if _stands_alone(node, styles)]
    sizes = sorted({_size(node) for node in found}, reverse=True)
    return {node: sizes.index(_size(node)) + 1 for node in found}


def _stands_alone(node: etree._Element, styles: Styles) -> bool:
    """Say whether a paragraph is short, no item of a list and no sentence, and has something below it."""
    text = clean(all_text(node))
    below = next((other for other in node.itersiblings() if other.tag == f"{W}tbl" or clean(all_text(other))), None)
    return (
        0 < len(text.split()) <= MOST_WORDS
        and re.search(r"[.,;:]$", text) is None
        and styles.item(node) is None
        and not styles.is_code(node)
        and below is not None
    )


def _runs(node: etree._Element) -> list[etree._Element]:
    return [run for run in node.iter(f"{W}r") if any((text.text or "").strip() for text in run.iter(f"{W}t"))]


def _is_bold(run: etree._Element) -> bool:
    mark = run.find(f"{W}rPr/{W}b")
    return mark is not None and mark.get(f"{W}val", "1") not in ("0", "false", "off")


def _size(node: etree._Element) -> int:
    """Return the font size of a paragraph's largest run in half points; 0 if it is that of the style."""
    return max(_sizes(node), default=0)


def _sizes(node: etree._Element) -> Iterator[int]:
    for run in _runs(node):
        size = run.find(f"{W}rPr/{W}sz")
        value = size.get(f"{W}val", "") if size is not None else ""
        yield int(value) if value.isdecimal() else 0
