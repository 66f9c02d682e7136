"""HTML: what a web site puts on each of its pages beside the text: menus, dates, authors, links to edit or go on."""

import re

from lxml.etree import _Element as Element

from stages.documents.blocks import clean
from stages.documents.html.names import HEADINGS, PARTED, is_prose

BLOCKS = {"div", "section", "p", "ul", "ol", "small", "span", "fieldset", "table", "footer", "time"}
LONGEST = 400  # characters, with the blanks between elements, of what may be a date, a menu or a pager
DATED = re.compile(
    r"(?:last )?(?:updated?|modified|edited|reviewed|published|created|posted)\b.*\b(?:19|20)\d\d\b.*"
    r"|\d+ min(?:ute)?s? read",
    re.IGNORECASE,
)
AUTHOR = re.compile(r"(?:^|[\s-])(?:meta|author|by-?line|subscribe|follow|date)(?=$|[\s-])", re.IGNORECASE)
EDIT = re.compile(r"(?:edit|improve|suggest)\b", re.IGNORECASE)
EDITED = re.compile(r"edit|git(?:hub|lab)|bitbucket", re.IGNORECASE)
BACK = ("←", "«", "‹", "⟵")


def before_heading(root: Element) -> set[Element]:
    """Return the elements before the first heading of a page, those around it as well."""
    first = next(iter([*root.iter("h1"), *root.iter("h2")]), None)
    found: set[Element] = set()
    for node in root.iter() if first is not None else ():
        if node is first:
            break
        found.add(node)
    return found


def site_reason(node: Element, early: set[Element]) -> str | None:
    """Return what an element is that belongs to the site and not to the text, None if it is no such thing.

    Args:
        node: the element.
        early: the elements before the first heading.
    """
    if node.tag == "a":
        return _link(node)
    if node.tag not in BLOCKS:
        return None
    heading = next(node.iter(*HEADINGS), None)
    text = _short(node)
    if text == "":
        return None
    if (named := _named(node, heading)) is not None:
        return named
    if text is None or heading is not None or next(node.iter("details", "dt"), None) is not None:
        return None
    if node.tag in ("span", "small", "time") and not _is_alone(node):
        return None
    if DATED.fullmatch(text) and len(text.split()) <= 12 and not text.endswith("."):
        return "date"
    return _menu(node, node in early) or ("feedback" if _is_feedback(node) else None)


def _named(node: Element, heading: Element | None) -> str | None:
    """Return what the class, the id or the place of an element makes of it."""
    names = PARTED.sub("-", f"{node.get('class') or ''} {node.get('id') or ''}").lower()
    if re.search(r"(?:^|[\s-])comments(?=$|\s)", names) and _is_last(node):
        return "comments"
    if "footer" in names.split() and _is_last(node):
        return "footer"
    if heading is not None:
        listed = heading.get("id") == "attachments" and _is_last(node) and not is_prose(node)
        return "attachments" if listed else None
    header = next(node.iterancestors("header"), None)
    if header is None or next(header.iter("h1"), None) is None:
        return None
    told = next(node.iter("time"), None) is not None or AUTHOR.search(names) is not None
    return "byline" if told and not is_prose(node) else None


def _link(node: Element) -> str | None:
    alone = _is_alone(node)
    if alone and {"prev", "previous", "next"} & set((node.get("rel") or "").split()):
        return "navigation"
    if node.get("href") is None:
        header = next(node.iterancestors("header"), None)
        return "byline" if header is not None and AUTHOR.search(node.get("class") or "") else None
    label = clean("".join(node.itertext())) or node.get("title") or node.get("aria-label") or ""
    edits = alone and EDIT.match(label) is not None and len(label.split()) <= 6
    return "edit_link" if edits and EDITED.search(f"{node.get('href')} {node.get('class')}") else None


def _is_alone(node: Element) -> bool:
    """Say whether no words stand right beside an inline element."""
    parent = node.getparent()
    return parent is not None and not _letters(f"{parent.text or ''}{node.tail or ''}")


def _menu(node: Element, early: bool) -> str | None:
    """Return "navigation" for links and nothing else: to the pages before and after, or before the first heading."""
    links = [(link, clean("".join(link.itertext()))) for link in node.iter("a") if link.get("href") is not None]
    labels = [label for _, label in links if label]
    if not labels or _letters("".join(node.itertext())) != _letters("".join(labels)):
        return None
    if any(label.startswith(BACK) for label in labels) or any(_link(link) == "navigation" for link, _ in links):
        return "navigation"
    return "navigation" if early and len(labels) > 1 and all(len(label.split()) < 6 for label in labels) else None


def _is_feedback(node: Element) -> bool:
    """Say whether an element asks what the reader thinks: a short question and buttons to answer it."""
    buttons = [clean("".join(button.itertext())) for button in node.iter("button")]
    text = clean(" ".join(node.itertext()))
    asked = text.removesuffix(" ".join(buttons)).rstrip()
    return len(buttons) > 1 and asked.endswith("?") and len(asked.split()) < 9 and max(map(len, buttons)) < 20


def _is_last(node: Element) -> bool:
    """Say whether nothing but a footer or a menu comes after an element in the text or on the page."""
    for inner in (node, *node.iterancestors()):
        if inner.tag in ("main", "article", "body"):
            return True
        if (inner.tail or "").strip():
            return False
        for after in inner.itersiblings():
            ends = after.tag in ("footer", "nav", "aside") or after.get("role") in ("contentinfo", "navigation")
            if not ends and any(map(str.strip, after.itertext())) or (after.tail or "").strip():
                return False
    return True


def _short(node: Element) -> str | None:
    """Return the text of an element, None if it is long."""
    parts, size = [], 0
    for text in node.itertext():
        parts.append(text)
        size += len(text)
        if size > LONGEST:
            return None
    return clean(" ".join(parts))


def _letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())
