"""HTML: what an element's class and id say it is, and whether what stands in it bears that out."""

import re
from collections.abc import Container, Iterator
from functools import lru_cache

from lxml.etree import _Element as Element

HEADINGS = {f"h{level}": level for level in range(1, 7)}
WORDS = {  # of a class or an id
    "cookie": r"cookies?|consent|gdpr",
    "navigation": r"breadcrumbs?|skip-?(?:link|nav|to)\S*|pagination|(?:page|site|top)-?nav|nav-?(?:bar|header|footer)",
    "contents": r"table-?of-?contents|toc",
    "permalink": r"header-?link",
    "header": r"site-?header",
    "footer": r"(?:page|site)-?footer",
    "sidebar": r"side-?bar(?!-title)",
    "advertisement": r"social|share|sharing|newsletter|advert\w*|ads?",
    "byline": r"(?:page|article|post|entry)-?meta(?:data)?|by-?line",
    "related": r"related(?:-(?:articles|posts|pages|content|links))?",
    "line_numbers": r"linenos?|line-?numbers?",
}
BOX = r"(?:[ -]?(?:banner|bar|box|notice|popup|modal|overlay|message|consent|wrapper))"
CLASSES = [(name, re.compile(rf"(?:^|[\s-])(?:{words})(?=$|[\s-])", re.IGNORECASE)) for name, words in WORDS.items()]
IDS = [(name, re.compile(rf"(?:{words})(?:(?:-\w+)*{BOX})?", re.IGNORECASE)) for name, words in WORDS.items()]
COOKIE_BOX = re.compile(rf"(?:cookies?|gdpr|consent){BOX}\b", re.IGNORECASE)
COOKIES = re.compile(r"\bcookies?\b", re.IGNORECASE)
PARTED = re.compile(r"(?<=[a-z])(?=[A-Z])|_")  # the words of tocCollapsible and of toc_mobile
SENTENCE = re.compile(r"[。！？]|[.!?:…](?:\s|$)")
NEVER = {*HEADINGS, "dt", "dd", "details", "summary", "main", "article", "body", "html"}
CONTENT = ("dt", "details", "pre", "table")


def named(node: Element, kept: Container[Element]) -> str | None:
    """Return what an element's class or id says it is, unless it is a name of what the text is about.

    Args:
        node: the element.
        kept: elements that are text whatever they look like.
    """
    classes, name, label = node.get("class") or "", node.get("id") or "", node.get("aria-label") or ""
    by_class = _by_class(classes)
    reason = by_class or _by_id(name) or ("cookie" if COOKIE_BOX.search(label) else None)
    if reason is None or node.tag in NEVER:
        return None
    if reason == "permalink":
        return reason if node.tag == "a" else None
    if reason == "line_numbers":
        return None if re.search(r"[^\W\d]", "".join(node.itertext())) else reason
    if next(node.iterancestors(*HEADINGS, "dt", "summary", "p"), None) is not None:
        return None  # a link from a title to the contents
    heading = next(node.iter(*HEADINGS), None)
    if not by_class and heading is not None and _slug("".join(heading.itertext())) == _slug(name):
        return None
    if by_class and reason in ("header", "footer", "sidebar"):
        return None if reason == "sidebar" and is_box(node) else reason
    if _is_sure(node, reason, f"{classes} {name} {label}", heading) or not _has_content(node, heading, kept):
        return reason
    return None


def is_box(node: Element) -> bool:
    """Say whether an aside is a box in the text: a paragraph is its title, and sentences follow."""
    first = next(iter(node), None)
    titled = first is not None and first.tag in ("p", "div") and "title" in (first.get("class") or "")
    return titled and is_prose(node)


def is_prose(node: Element) -> bool:
    """Say whether an element holds sentences, of which links and controls are the smaller part."""
    own, pressed = _texts(node)
    return _is_sentence(own) and len(own) > len(pressed)


def text_length(node: Element) -> int:
    """Return the number of characters in an element."""
    return sum(map(len, node.itertext()))


def _is_sure(node: Element, reason: str, names: str, heading: Element | None) -> bool:
    """Say whether an element is what its name says although sentences or a heading stand in it."""
    if reason == "cookie":
        pressed = next(node.iter("button"), None) is not None or bool(node.xpath(".//*[@role='button']"))
        boxed = COOKIE_BOX.search(names) is not None
        return (pressed + boxed + (heading is None) > 1) and COOKIES.search(" ".join(node.itertext())) is not None
    if reason == "navigation":  # of DocBook: a table of links with the chapter's title
        return re.search(r"nav-?(?:header|footer)", names) is not None
    return reason == "advertisement" and next(node.iter("form", "input"), None) is not None


def _has_content(node: Element, heading: Element | None, kept: Container[Element]) -> bool:
    """Say whether a part of the text stands in an element: sentences, a question, or more than links under a title."""
    if is_prose(node) or next(node.iter(*CONTENT), None) is not None:
        return True
    if any(inner in kept or (inner.tag == "button" and _ends_asking(inner)) for inner in node.iter()):
        return True
    own, pressed = _texts(node)
    return heading is not None and (len(own.split()) > 3 or not pressed)


def _slug(heading: str) -> str:
    """Return a title as an anchor that is made of it, with one dash for whatever stands between the words."""
    return "-".join(re.findall(r"[^\W_]+", heading.lower()))


def _ends_asking(node: Element) -> bool:
    return " ".join(node.itertext()).rstrip().endswith("?")


def _is_sentence(text: str) -> bool:
    return SENTENCE.search(text) is not None and (len(text.split()) > 4 or not text.isascii())


def _texts(node: Element) -> tuple[str, str]:
    """Return the text outside of headings, links and controls, and that in links and controls."""
    own: list[str] = []
    pressed: list[str] = []
    for text, place in _walk(node, ""):
        if text.strip() and place != "heading":
            (pressed if place else own).append(text.strip())
    return " ".join(own), " ".join(pressed)


def _walk(node: Element, place: str) -> Iterator[tuple[str, str]]:
    if node.tag in HEADINGS:
        place = "heading"
    elif node.tag in ("a", "button", "label", "select") or node.get("role") == "button":
        place = place or "pressed"
    yield node.text or "", place
    for child in node:
        yield from _walk(child, place)
        yield child.tail or "", place


@lru_cache(4096)
def _by_class(names: str) -> str | None:
    names = PARTED.sub("-", names)
    return next((reason for reason, pattern in CLASSES if pattern.search(names)), None) if names else None


@lru_cache(4096)
def _by_id(name: str) -> str | None:
    name = name.replace("_", "-")
    return next((reason for reason, pattern in IDS if pattern.fullmatch(name)), None) if name else None
