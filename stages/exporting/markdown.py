"""Texts of strangers in Markdown: shown as they are, never read as Markdown or HTML."""

import re
from urllib.parse import quote

from markupsafe import Markup

from stages.reporting.links import web
from stages.sources.errors import printable

_MARKS = re.compile(r"[\\`*_\[\]|~$#@!]|:(?=//)|(?<=\bwww)\.", re.IGNORECASE)
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def plain(text: str) -> Markup:
    """Return a text on one line of which nothing is a mark: no emphasis, link, cell, address, tag or control."""
    line = printable(" ".join(text.split()))
    marked = _MARKS.sub(lambda found: f"\\{found[0]}", line)
    return Markup("".join(_ENTITIES.get(letter, letter) for letter in marked))


def link(text: str, url: str | None) -> Markup:
    """Return a link, or the text alone if the URL is none that a browser may follow."""
    where = quote(web(url), safe="/:?=&%#,;+@~!$'*.-_")
    return Markup(f"[{plain(text)}](<{where}>)") if where else plain(text)
