"""HTML: a page's tree and address, the element that holds its text, and what is no text: navigation, forms, banners."""

import codecs
import re
from functools import lru_cache
from urllib.parse import urljoin

from lxml import etree
from lxml.etree import _Element as Element

from stages.documents.blocks import Builder, ReadError, clean, decode

DEEPEST = 200  # elements in one another; a page has some 30, and the reader calls itself for each
DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
NO_TEXT = re.compile(r"</(?:body|html)\s*>|[\x00-\x08\x0b\x0e-\x1f]", re.IGNORECASE)  # text may follow the page's end
HEADINGS = {f"h{level}": level for level in range(1, 7)}
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
WORDS = {  # of a class or an id
    "cookie": r"cookies?|consent|gdpr",
    "navigation": r"breadcrumbs?|skip-?(?:link|nav|to)\S*|pagination|page-?nav|site-?nav|nav-?bar",
    "contents": r"table-?of-?contents|toc",
    "permalink": r"header-?link",
    "header": r"site-?header",
    "footer": r"(?:page|site)-?footer",
    "sidebar": r"side-?bar",
    "advertisement": r"social|share|sharing|newsletter|advert\w*|ads?",
    "line_numbers": r"linenos?|line-?numbers?",
}
FURNITURE = [
    (name, re.compile(rf"(?:^|[\s_-])(?:{words})(?=$|[\s_-])", re.IGNORECASE)) for name, words in WORDS.items()
]
NOTE = re.compile(r"note|tip|warning|caution|danger|important|admonition|callout|topic", re.IGNORECASE)


class Page:
    """What is known of a page while it is read: where its links lead from, and which elements are no text."""

    blocks = BLOCKS

    def __init__(self, root: Element, builder: Builder, base: str | None):
        """Take the root of what is read, and where the drops go."""
        self.base = base
        self.kept: set[Element] = set()  # text whatever it looks like: a question, its answer
        self._builder = builder
        self._whole = text_length(root) or 1

    def drop(self, reason: str, text: str) -> None:
        """Record a text as no content."""
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
        keys = node.keys()
        if (not keys and name not in LANDMARKS) or node in self.kept:
            return None
        reason = LANDMARKS.get(name)
        if "role" in keys:
            reason = ROLES.get(node.get("role") or "") or reason
        if reason is not None and not self._holds_content(node, reason):
            cookies = reason == "dialog" and FURNITURE[0][1].search(" ".join(node.itertext()))
            return "cookie" if cookies else reason
        if name == "a" and "href" in keys and clean("".join(node.itertext())) in ("¶", "#", "§", "🔗"):
            return "permalink"
        if node.get("aria-hidden") == "true" and name in ("a", "span", "i", "b", "button"):
            return "hidden_control"
        if "class" in keys or "id" in keys:
            return self._named(node)
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
            return NOTE.search(node.get("class") or "") is not None
        parent = node.getparent()
        return reason == "footer" and parent is not None and parent.tag == "blockquote"  # who said it

    def _named(self, node: Element) -> str | None:
        """Return what an element's class or id says it is, unless the id is only its heading's anchor."""
        reason = _by_name(node.get("class") or "")
        if reason is None and (name := node.get("id")) and _by_name(name):
            heading = next(node.iter(*HEADINGS), None)
            if heading is None or slug("".join(heading.itertext())) != name.lower():
                reason = _by_name(name)
        if reason is None or node.tag in HEADINGS or text_length(node) >= 0.5 * self._whole:
            return None
        return reason


@lru_cache(4096)
def _by_name(name: str) -> str | None:
    return next((reason for reason, pattern in FURNITURE if pattern.search(name)), None) if name else None


def text_length(node: Element) -> int:
    """Return the number of characters in an element."""
    return sum(map(len, node.itertext()))


def slug(heading: str) -> str:
    """Return the anchor that GitHub makes of a heading: lower case, no punctuation but - and _, blanks to -."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def main(root: Element) -> Element:
    """Return the element that holds the text: main, else the only article, else all."""
    whole = text_length(root)
    articles = list(root.iter("article"))
    candidates = [(tag, 0.1) for tag in [*root.iter("main"), *root.xpath("//*[@role='main']")]]
    if len(articles) == 1:
        candidates.append((articles[0], 0.3))  # not a teaser beside the text
    for tag, least in candidates:
        if text_length(tag) > least * whole:  # an empty <main> filled by a script is no help
            return tag
    return root


def decoded(data: bytes) -> str:
    """Return a page's text. That it is valid UTF-8 says more than what it declares."""
    declared = DECLARED.search(data[:4096])
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        if declared and data[:2] not in (b"\xff\xfe", b"\xfe\xff") and b"\0" not in data:
            name = declared.group(1).decode("ascii", "replace").lower()
            name = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252"}.get(name, name)  # as browsers do
            try:
                if not name.startswith("utf") and codecs.lookup(name)._is_text_encoding:
                    return data.decode(name)
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(data)


def soup(text: str) -> Element:
    """Return the tree of a page or fragment, without what is never shown. Raises ReadError if it is nested too deep."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    data = NO_TEXT.sub(" ", text).encode("utf-8", "replace")
    root = etree.fromstring(data, parser) if data.strip() else None
    if root is None:
        return etree.Element("html")
    cut = any(error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT for error in parser.error_log)
    if cut or root.xpath("boolean(" + "/*" * (DEEPEST + 1) + ")"):
        raise ReadError("too_deep", f"elements stand in one another more than {DEEPEST} deep")
    etree.strip_elements(root, "script", "style", "template", with_tail=False)
    return root


def address(root: Element, base: str | None) -> str | None:
    """Return the URL against which the page's relative links are resolved: `base`, or what the page says it is."""
    said = root.xpath("//link[@rel='canonical']/@href | //meta[@property='og:url']/@content")
    base = base or next((str(url) for url in said if url.startswith(("http://", "https://"))), None)
    own = next(iter(root.xpath("//base/@href")), None)
    return urljoin(base or "", own.strip()) if own is not None else base
