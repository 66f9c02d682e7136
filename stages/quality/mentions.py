"""What a text names that can be looked for exactly: URLs, flags, identifiers, names, the tokens of its code."""

import re
from functools import lru_cache

from stages.quality.tokens import FUNCTION_WORDS, OPENERS

_URL = re.compile(r"(?:https?|ftp|s3|gs)://[^\s<>\"'`)\]}]+|www\.[^\s<>\"'`)\]}]+", re.I)
_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
# An identifier has an inner underscore, dot, slash or camel hump, or a digit within a hyphenated name.
_IDENTIFIER = re.compile(
    r"(?<![\w-])(?=[\w/.:@~-]*?(?:[_./-]|[a-z][A-Z]))"  # as all of these, which spares most words
    r"(?:[~.]{0,2}/)?"
    r"(?:\w+(?:[/.:@-]+\w+)*_+\w*(?:[/.:@_-]+\w+)*|[^\W\d_]\w*(?:\.[^\W\d_]\w*)+|\w+(?:[./-]+\w+){2,}|\w+/[\w.-]*[._\d][\w.-]*\w"
    r"|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[^\W\d_]\w*-\w*\d\w*(?:-\w+)*|/\w+(?:/[\w.-]*\w)*)"
)
_SENTENCE_END = re.compile(r"[.!?:;\n]\s*[\"'“(\[]?\s*$|^\s*(?:[-*]|\d+\.)?\s*[\"'“(\[]?\s*$|\n\s*(?:[-*]|\d+\.)\s*$")


def urls(text: str) -> list[str]:
    """Return the URLs of a text, without the punctuation that follows them."""
    return [url.rstrip(".,;:!?*_/") for url in _URL.findall(text)] if _may_hold_url(text) else []


def _may_hold_url(text: str) -> bool:
    return "://" in text or "www." in text.casefold()


def without_urls(text: str) -> str:
    """Return the text with a blank for each URL."""
    return _URL.sub(" ", text) if _may_hold_url(text) else text


def flags(text: str) -> list[str]:
    """Return the command-line flags of a text, with their dashes."""
    return _FLAG.findall(text) if "-" in text else []


def without_flags(text: str) -> str:
    """Return the text with a blank for each flag."""
    return _FLAG.sub(" ", text) if "-" in text else text


_SLASHED = re.compile(r"[a-z]+(?:[/-][a-z]+)+")
_HYPHENED = re.compile(r"[A-Z]?[a-z]+(?:-[a-z]+)+")
_HUMP = re.compile(r"[a-z][A-Z]")


def identifiers(text: str) -> list[str]:
    """Return the file names, paths, dotted and underscored names of a text."""
    return list(_identifiers(text))


@lru_cache(maxsize=256)  # of a pair, the same few texts are looked at again and again
def _identifiers(text: str) -> tuple[str, ...]:
    if not _may_hold_identifier(text):
        return ()
    found = []
    for match in _IDENTIFIER.finditer(text):
        name = match.group().rstrip(".:-/@")
        prose = _SLASHED.fullmatch(name) or _HYPHENED.fullmatch(name)
        if name and not prose and name not in ("e.g", "i.e", "a.m", "p.m"):
            found.append(name)
    return tuple(found)


def _may_hold_identifier(text: str) -> bool:
    return any(mark in text for mark in "_/-") or text.find(".", 0, -1) >= 0 or _HUMP.search(text) is not None


_CAPITAL = r"[^\W\d_]*[A-Z][\w+#]*(?:['’]s)?"
_NAME = re.compile(rf"(?<![\w./_-]){_CAPITAL}(?:[ -](?:{_CAPITAL}|v?\d+(?:\.\d+)*[A-Za-z]?)(?!\w))*")
_GENITIVE = re.compile(r"['’]s$")
_BETWEEN = re.compile(r"[ -]")
_VERB_BEHIND = re.compile(r"\s+(?:is|are|was|were|has|can|does|will)\b")
_NO_NAME = re.compile(r"(?:ing|tion|sion|ment|ness|ity|s)$")
_NO_PART = FUNCTION_WORDS | OPENERS


def names(text: str) -> list[str]:
    """Return the names of a text: capitalised words with their numbers, acronyms; not a sentence's first word alone."""
    return list(_names(text))


@lru_cache(maxsize=256)  # of a pair, the same few texts are looked at again and again
def _names(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _NAME.finditer(text):
        parts = _BETWEEN.split(_GENITIVE.sub("", match.group()))
        if _opens(text, match.start()) and not _named(parts[0]):
            rest = parts[1:]
            if parts[0].casefold() in _NO_PART:
                parts = rest  # "Does Meta ..." names Meta
            elif not rest and not (_VERB_BEHIND.match(text, match.end()) and not _NO_NAME.search(parts[0])):
                parts = []
        parts = [part for part in parts if part]
        while parts and parts[0].casefold() in _NO_PART and not parts[0].isupper():
            parts = parts[1:]
        if parts and parts != ["I"]:
            found.append(" ".join(parts))
    return tuple(found)


def _opens(text: str, place: int) -> bool:
    """Tell whether a sentence begins at this place of a text."""
    before = text[:place]
    told = before.rstrip()
    if told and told[-1] not in ".!?:;\"'“([-*" and "\n" not in before[len(told) :]:
        return False  # as most words
    return _SENTENCE_END.search(before) is not None


def _named(word: str) -> bool:
    """Tell whether a word is a name by its shape alone: an acronym, a camel hump, a digit."""
    return sum(letter.isupper() for letter in word) > 1 or any(letter.isdigit() for letter in word)


_SPAN = re.compile(r"`+([^`]+)`+")
_SPLIT = re.compile(r"[\s\"'`()\[\]{}<>|,;=]+")


def code(text: str) -> list[str]:
    """Return the tokens of a text's code spans, in lower case: code is copied, and put in no other words."""
    return [token for span in _SPAN.findall(text) for token in _pieces(span)] if "`" in text else []


def _pieces(text: str) -> list[str]:
    return [bare for token in _SPLIT.split(text.casefold()) if (bare := token.strip(".:")) and bare != "..."]


@lru_cache(maxsize=64)
def tokens(text: str) -> frozenset[str]:
    """Return the tokens of a text as if all of it were code; see `code`."""
    return frozenset(_pieces(text))
