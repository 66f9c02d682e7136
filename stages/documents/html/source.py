"""HTML: a page's tree, its address, and the element that holds its text."""

import codecs
import re
from urllib.parse import urljoin

from lxml import etree
from lxml.etree import _Element as Element

from stages.documents.blocks import ReadError, decode
from stages.documents.html.names import text_length

DEEPEST = 200  # elements in one another; a page has some 30, and the reader calls itself for each
DECLARED = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
NO_TEXT = re.compile(r"</(?:body|html)\s*>|[\x00-\x08\x0b\x0e-\x1f]", re.IGNORECASE)  # text may follow the page's end


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
