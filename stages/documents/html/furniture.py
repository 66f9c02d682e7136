"""HTML: which elements are no text: navigation, forms, banners."""

import re

from lxml.etree import _Element as Element

from stages.documents.blocks import Builder, clean
from stages.documents.html.names import COOKIES, HEADINGS, is_box, named, text_length
from stages.documents.html.site import before_heading, site_reason

BLOCKS = {
    *("address", "article", "blockquote", "body", "center", "details", "dd", "div", "dl", "dt", "fieldset", "form"),
    *("figcaption", "figure", "head", "header", "hgroup", "hr", "html", "li", "main", "ol", "p", "pre", "section"),
    *("summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "menu", "xmp", "legend"),
    *("aside", "nav", "footer", "dialog", "plaintext", *HEADINGS),
}
UNSHOWN = {
    **dict.fromkeys(("select", "textarea", "datalist", "optgroup", "option"), "form"),
    **dict.fromkeys(("noscript", "noframes", "iframe", "object", "canvas", "audio", "video"), "fallback"),
    "svg": "picture",
    **dict.fromkeys(("del", "s", "strike"), "deleted"),
}
LANDMARKS = {
    **{"nav": "navigation", "header": "header", "footer": "footer", "aside": "sidebar"},
    **{"form": "form", "dialog": "dialog"},
}
ROLES = {
    **dict.fromkeys(("navigation", "menu", "menubar"), "navigation"),
    **{"banner": "header", "contentinfo": "footer", "search": "form", "complementary": "sidebar"},
    **{"dialog": "dialog", "alertdialog": "dialog"},
}
NOTE = re.compile(r"note|tip|warning|caution|danger|important|admonition|callout|topic", re.IGNORECASE)


class Page:
    """What is known of a page while it is read: where its links lead from, and which elements are no text."""

    blocks = BLOCKS

    def __init__(self, root: Element, builder: Builder, base: str | None, site: bool = False):
        """Take the root of what is read, where the drops go, and whether it is a page of a web site."""
        self.base = base
        self._early = before_heading(root) if site else None
        self.kept: set[Element] = set()  # text whatever it looks like: a question, its answer
        self._builder = builder
        self._whole = text_length(root) or 1

    def drop(self, reason: str, text: str) -> None:
        """Record a text as no content."""
        if clean(text):
            self._builder.drop(reason, text)

    def leave_out(self, node: Element) -> bool:
        """Say whether an element is no content; if so, its text is recorded as a drop."""
        reason = self.reason(node)
        if reason is not None:
            self.drop(reason, " ".join(node.itertext()))
        return reason is not None

    def reason(self, node: Element) -> str | None:
        """Return why an element is no content. Collapsed text (`display:none`) is content: answers are often there."""
        name = node.tag
        if name in UNSHOWN:
            return UNSHOWN[name]
        if node in self.kept:
            return None
        if self._early is not None and (reason := site_reason(node, self._early)) is not None:
            return None if text_length(node) >= 0.5 * self._whole else reason
        keys = node.keys()
        if not keys and name not in LANDMARKS:
            return None
        reason = LANDMARKS.get(name)
        if "role" in keys:
            reason = ROLES.get(node.get("role") or "") or reason
        if reason is not None and not self._holds_content(node, reason):
            cookies = reason == "dialog" and COOKIES.search(" ".join(node.itertext()))
            return "cookie" if cookies else reason
        if name == "a" and "href" in keys and _is_permalink(node):
            return "permalink"
        if node.get("aria-hidden") == "true" and name in ("a", "span", "i", "b", "button"):
            return "hidden_control"
        if "class" in keys or "id" in keys or "aria-label" in keys:
            reason = named(node, self.kept)
            return None if reason is None or text_length(node) >= 0.5 * self._whole else reason
        return None

    def _holds_content(self, node: Element, reason: str) -> bool:
        """Say whether a landmark is none: it was never closed, it wraps the page, or it is a note or a title."""
        if next(node.iter("main", "article", "h1"), None) is not None:
            return True
        if reason == "header":
            return next(node.iter("h2", "h3"), None) is not None
        if reason == "form":
            return text_length(node) >= 0.5 * self._whole
        if reason == "sidebar":
            return NOTE.search(node.get("class") or "") is not None or is_box(node)
        parent = node.getparent()
        return reason == "footer" and parent is not None and parent.tag == "blockquote"  # who said it


def _is_permalink(node: Element) -> bool:
    """Say whether a link only leads to the place where it stands, or back to it: it shows a sign, or nothing."""
    text = clean("".join(node.itertext()))
    if text in ("¶", "#", "§", "🔗"):
        return True
    pictured = any(picture.get("alt") for picture in node.iter("img"))
    return (
        (node.get("href") or "").startswith("#")
        and not pictured
        and not any(sign.isalnum() or sign in "*†‡" for sign in text)
    )


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading: lower case, no punctuation but - and _, blanks to -."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
