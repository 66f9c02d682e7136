"""HTML: the shapes that lists and controls take: questions with answers, contents; and the anchor of a heading."""

import re
from collections import defaultdict
from collections.abc import Iterator

from lxml.etree import _Element as Element

from stages.documents.blocks import clean
from stages.documents.html.furniture import BLOCKS, HEADINGS, Page
from stages.documents.html.inline import gathered, has_text, is_control
from stages.documents.html.names import PARTED

NAMED = re.compile(r"accordion|collaps|faq|question|toggle|expand|disclosure", re.IGNORECASE)
TITLE = re.compile(r"(?:faq|accordion|collapsible|toggle)[\w-]*(?:question|title|trigger|button)", re.IGNORECASE)
TARGETS = ("aria-controls", "data-bs-target", "data-target", "href")
OPENERS = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target", "data-bs-target")
COMMAND = re.compile(
    r"(?:(?:show|read|see|view|load|learn) (?:more|less|all)|(?:expand|collapse|open|close) all|menu|toggle\b.*|close"
    r"|copy|next|previous|search|more)$",
    re.IGNORECASE,
)
MENU = re.compile(
    r"(?:^|[\s-])(?:menu|nav|navbar|toc|side-?bar|dropdown|hamburger)-?(?:toggle|toggler|button|btn)\b", re.I
)
PANELS = {"div", "section", "article", "dd", "li", "td"}
SPAN = 50  # the most rows or columns that a cell is spread over
LISTS = ("ul", "ol", "menu")
Questions = dict[Element, Element | None]


def questions(root: Element, page: Page) -> Questions:
    """Return the controls that are questions, each with the element that holds its answer, where there is one."""
    candidates = [
        tag
        for tag in root.xpath(
            "//*[self::button or @role='button' or @data-toggle or @data-bs-toggle or contains(@class, 'faq')"
            " or contains(@class, 'accordion') or contains(@class, 'collapsible') or contains(@class, 'toggle')]"
        )
        if (is_control(tag) or _is_title(tag)) and next(tag.iterancestors("summary", "dt", "pre"), None) is None
    ]
    if not candidates:
        return {}
    places = {tag.get("id"): tag for tag in root.xpath("//*[@id]")}
    found: Questions = {}
    plain: dict[tuple[str | None, ...], list[tuple[Element, Element]]] = defaultdict(list)
    taken: set[Element] = set()
    for tag in candidates:
        text = clean(gathered(tag))
        if not text or COMMAND.match(text) or _is_toggle(tag, text) or _is_furniture(tag, page):
            continue
        panel = target(tag, places)
        after = None if panel is not None else following(tag)
        if panel is None and after is not None and after.tag in PANELS:
            panel = after
        panel = None if panel in taken else panel
        told = any(tag.get(key) is not None for key in OPENERS) or NAMED.search(f"{tag.get('class')} {tag.get('id')}")
        if (told or text.endswith("?")) and (panel is not None or len(text.split()) > 1):
            found[tag] = panel
            taken.update([] if panel is None else [panel])
        elif after is not None and is_control(tag):
            plain[tag.tag, tag.get("class"), after.tag, after.get("class")].append((tag, after))
    for pairs in plain.values():  # buttons that say nothing of themselves: the same thing several times is a shape
        if len({gathered(tag) for tag, _ in pairs}) > 1:
            found.update((tag, after if after.tag in PANELS and after not in taken else None) for tag, after in pairs)
    return found


def wrappers(questions: Questions) -> Iterator[Element]:
    """Yield the elements that a question and its answer consist of, and those which hold nothing but the question."""
    for tag, panel in questions.items():
        if panel is not None:
            yield panel
        yield tag
        yield from _climb(tag)


def holders(root: Element, asked: Questions) -> set[Element]:
    """Return the elements that hold blocks, questions or buttons."""
    found = {panel for panel in asked.values() if panel is not None}
    buttons = root.xpath("//*[@role='button' or @data-toggle or @data-bs-toggle]")
    for tag in [*root.iter("button", *BLOCKS), *buttons, *asked]:
        if tag.tag in BLOCKS or tag in asked or is_control(tag):
            for parent in tag.iterancestors():
                if parent in found:
                    break
                found.add(parent)
    return found


def _is_title(tag: Element) -> bool:
    """Say whether a class makes an element, which is no button, the title of an accordion's item."""
    if tag.tag not in ("div", "p", "span") or not TITLE.search(tag.get("class") or ""):
        return False
    inner = next(tag.iter("button", "a", "details", *HEADINGS), None)
    after = following(tag) if inner is None and len(gathered(tag).split()) <= 40 else None
    return after is not None and after.tag in PANELS and not TITLE.search(after.get("class") or "")


def _is_toggle(tag: Element, text: str) -> bool:
    """Say whether a class makes a control that of a menu, which stands outside of the text."""
    return not text.endswith("?") and MENU.search(PARTED.sub("-", tag.get("class") or "")) is not None


def _is_furniture(tag: Element, page: Page) -> bool:
    """Say whether a control stands in what is no text; that which holds nothing else is no part of the page."""
    around = set(_climb(tag))
    for node in (tag, *tag.iterancestors()):
        reason = page.reason(node)
        if reason is not None and not (node in around and reason in ("header", "footer")):
            return True
    return False


def target(tag: Element, places: dict[str | None, Element]) -> Element | None:
    """Return what a control says it opens."""
    for key in TARGETS:
        name = (tag.get(key) or "").strip().removeprefix("#")
        place = places.get(name) if name else None
        if place is not None and place is not tag and place not in tag.iterancestors() and has_text(place):
            return place
    return None


def _climb(tag: Element) -> Iterator[Element]:
    """Yield the elements around a control that hold no other text."""
    node = tag
    while (parent := node.getparent()) is not None and parent.tag not in ("body", "main", "html"):
        before = ((sibling, sibling.tail) for sibling in node.itersiblings(preceding=True))
        after = ((sibling, sibling.tail) for sibling in node.itersiblings())
        if any(map(str.strip, filter(None, (parent.text, node.tail)))):
            return
        if any((tail or "").strip() or has_text(sibling) for pairs in (before, after) for sibling, tail in pairs):
            return
        yield parent
        node = parent


def following(tag: Element) -> Element | None:
    """Return the element after a control, or after what holds only the control, if it may be the answer."""
    last = [tag, *_climb(tag)][-1]
    if (last.tail or "").strip():
        return None
    after = next(
        (sibling for sibling in last.itersiblings() if has_text(sibling) or (sibling.tail or "").strip()), None
    )
    if after is None or not has_text(after) or after.tag in HEADINGS or after.tag not in PANELS | {"p", "ul", "ol"}:
        return None
    if is_control(after) or any(other.get("class") == tag.get("class") for other in after.iter(tag.tag)):
        return None if is_control(after) or tag.tag == "button" else after  # the next item, not an answer
    return after


def is_faq(items: list[Element]) -> bool:
    """Say whether the items are questions, each followed by its answer as further blocks."""
    return len(items) > 1 and sum(map(is_faq_item, items)) * 2 > len(items)


def is_faq_item(item: Element, mark: str = "?") -> bool:
    """Say whether a list item is a question, in which the mark stands, and in a paragraph of its own an answer."""
    lead = item.text or ""
    children = list(item)
    if not lead.strip() and children and children[0].tag in ("p", "div") and not (children[0].tail or "").strip():
        lead = gathered(children.pop(0))
    while children and children[0].tag not in BLOCKS:
        first = children.pop(0)
        lead += gathered(first) + (first.tail or "")
    return mark in lead and 0 < len(lead.split()) < 60 and any(child.tag == "p" for child in children)


def is_contents(items: list[Element]) -> bool:
    """Say whether the list is a table of contents: links to places in the document and nothing else."""
    inside = 0
    for item in items:
        link = next(item.iter("a"), None)
        if link is not None and (link.get("href") or "").startswith("#"):
            own = [item.text, *(text for c in item for text in ((c.tag not in LISTS and gathered(c)) or "", c.tail))]
            inside += clean(gathered(link)) == clean(" ".join(filter(None, own)))
    return len(items) > 2 and inside >= 0.6 * len(items)


def anchor(node: Element, panel: Element | None = None) -> str | None:
    """Return the id by which a heading is reached.

    It is the heading's own, that of something in it, of the answer which it opens, of an empty anchor right before
    it, or of the element that begins with it, the nearest first.
    """
    for inner in node.iter():
        if name := _name(inner):
            return name
    if panel is not None and panel.get("id"):
        return panel.get("id")
    while (parent := node.getparent()) is not None:
        for before in node.itersiblings(preceding=True):
            if (before.tail or "").strip() or has_text(before):
                return None
            if name := next(filter(None, map(_name, before.iter("a", "span", "p"))), None):
                return name
        if (parent.text or "").strip() or parent.tag in ("body", "main", "html"):
            return None
        if parent.get("id"):
            return parent.get("id")
        node = parent
    return None


def _name(node: Element) -> str | None:
    return node.get("id") or (node.get("name") if node.tag == "a" else None) or None


def spread(rows: list[list[tuple[Element, str]]]) -> list[list[str]]:
    """Return the texts of a table's cells as a grid: a cell over several rows is repeated in each."""
    grid: list[list[str]] = []
    below: dict[int, tuple[int, str]] = {}  # column: rows still to fill, with what
    for row in rows:
        line: list[str] = []
        for cell, text in row:
            _carry(below, line)
            if _number(cell, "rowspan") > 1:
                below[len(line)] = (_number(cell, "rowspan") - 1, text)
            line += [text] + [""] * (_number(cell, "colspan") - 1)
        _carry(below, line)
        grid.append(line)
    return grid


def _carry(below: dict[int, tuple[int, str]], line: list[str]) -> None:
    while len(line) in below:
        column = len(line)
        left, text = below.pop(column)
        if left > 1:
            below[column] = (left - 1, text)
        line.append(text)


def _number(cell: Element, name: str) -> int:
    value = cell.get(name) or ""
    return min(int(value), SPAN) if value.isdecimal() and int(value) else 1
