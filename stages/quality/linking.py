"""The link that leads a reader of a pair furthest: one that the pair's own words stand for, else where the text is."""

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from stages.quality import tokens
from stages.records import Link, Pair

LEAST = 0.5  # share of a link's words that the pair must hold
_GENERIC = re.compile(r"(?:click )?(?:here|this|link|more|read more|see|details|page|docs?|documentation)\.?", re.I)


def best(pair: Pair, links: Sequence[Link], page: str | None) -> str | None:
    """Return the URL of the best link for a pair; where none fits, the page itself, or None if that is on no web.

    A link fits if half of the words that it shows (of its address, where it shows "here") are the pair's. One that
    stands in the pair's quotes goes first, then the one with the most of the pair's words.

    Args:
        pair: question, answer and quotes.
        links: those of its chunks, in their order.
        page: where the document is read.
    """
    asked = tokens.stems(f"{pair.question} {pair.answer}")
    quotes = " ".join(each.quote for each in pair.evidence).casefold()
    found: list[tuple[bool, int, int, str]] = []
    for place, link in enumerate(links):
        shown = link.text.strip()
        words = tokens.stems(shown if shown and not _GENERIC.fullmatch(shown) else _path(link.url))
        held = len(words & asked)
        if words and held / len(words) >= LEAST:
            found.append((bool(shown) and shown.casefold() in quotes, held, -place, link.url))
    return max(found)[-1] if found else page


def _path(url: str) -> str:
    """Return the last part of an address as words."""
    path = unquote(urlsplit(url).path).rstrip("/").rsplit("/", 1)[-1]
    return re.sub(r"[-_.]+", " ", re.sub(r"\.\w{2,5}$", "", path))
