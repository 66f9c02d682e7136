"""What the readers of all formats share: the text's building blocks and the builder that puts them in order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from stages.records import Link

INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
BARE_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+")
PREFIXES = {"non", "self", "multi", "semi", "cross", "quasi", "ex", "well"}
BROKEN_URL = re.compile(r"(?:https?://[^\s]*|\b[\w-]+\.[\w.-]+/\S*)(?<=[/_=&?.-])$")
URL_REST = re.compile(r"[a-z0-9#?&=%_-][\w#?&=%-]*(?:[/._][\w#?&=%./-]*|$|(?=\s))")
BULLET = re.compile(r"[-*+•‣◦▪●○■–—]\s+")
NUMBER = re.compile(r"\(?(\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s+")


class ReadError(Exception):
    """A document cannot be read; `reason` is the reason it is quarantined with."""

    def __init__(self, reason: str, message: str):
        """Take the reason, in snake_case, and what happened."""
        super().__init__(message)
        self.reason = reason


@dataclass
class Part:
    """A stretch of text under one heading path."""

    heading: tuple[str, ...]
    blocks: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    page: int | None = None


@dataclass
class Parsed:
    """What a reader found: parts in reading order and the title the document gives itself, if any."""

    parts: list[Part]
    title: str | None = None


class Builder:
    """Takes headings, blocks and links in reading order and makes parts of them."""

    def __init__(self) -> None:
        """Start with an empty document."""
        self.path: list[tuple[float, str]] = []
        self.parts: list[Part] = []
        self.page: int | None = None
        self.first_heading: str | None = None  # the first heading of level 1
        self._open = False

    @property
    def level(self) -> float:
        """Level of the innermost open heading."""
        return self.path[-1][0] if self.path else 0

    def heading(self, level: float, text: str) -> None:
        """Open a heading; those of its level and below are closed."""
        text = clean(text)
        if not text:
            return
        if level <= 1 and self.first_heading is None:
            self.first_heading = text
        self.close(level)
        self.path.append((level, text))

    def close(self, level: float) -> None:
        """Close all headings of this level and below, so that what follows belongs to their parent."""
        while self.path and self.path[-1][0] >= level:
            self.path.pop()
        self._open = False

    def add(self, block: str, links: Iterable[Link] = ()) -> None:
        """Add a block of normalised Markdown with its links."""
        if not block.strip():
            return
        part = self._part()
        part.blocks.append(block)
        known = {(link.text, link.url) for link in part.links}
        bare = [] if block.startswith("```") else bare_links(block, {link.url for link in links})
        for link in [*links, *bare]:
            if (link.text, link.url) not in known:
                known.add((link.text, link.url))
                part.links.append(link)

    def parsed(self, title: str | None = None) -> Parsed:
        """Return all that was added."""
        return Parsed(self.parts, title or self.first_heading)

    def _part(self) -> Part:
        if not self._open:
            heading = tuple(text for _, text in self.path)
            if not self.parts or self.parts[-1].heading != heading:
                self.parts.append(Part(heading, page=self.page))
            self._open = True
        return self.parts[-1]


def clean(text: str) -> str:
    """Return the text on one line: composed characters, no invisible ones, runs of white space as one space."""
    text = unicodedata.normalize("NFC", text).translate(INVISIBLE)
    text = "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)
    return " ".join(text.split())


def clean_code(text: str) -> str:
    """Return code as it stands, but for line ends, tabs, trailing blanks and control characters."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    lines = text.expandtabs(4).translate(INVISIBLE).split("\n")
    lines = ["".join(c for c in line if unicodedata.category(c) != "Cc").rstrip() for line in lines]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def fence(code: str) -> str:
    """Return a fenced code block; blank lines inside are kept, so a fence may not be split at them."""
    code = clean_code(code)
    marks = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", code)), default=0))
    return f"{marks}\n{code}\n{marks}" if code else ""


def table(rows: list[list[str]]) -> str:
    """Return a pipe table, whose first row is the header. Empty rows and columns go; short rows are filled up."""
    rows = [[clean(cell).replace("|", "\\|") for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        return ""
    width = max(map(len, rows))
    rows = [row + [""] * (width - len(row)) for row in rows]
    filled = [index for index in range(width) if any(row[index] for row in rows)]
    lines = ["| " + " | ".join(row[index] for index in filled) + " |" for row in rows]
    lines.insert(1, "| " + " | ".join("---" for _ in filled) + " |")
    return "\n".join(lines)


def bare_links(text: str, known: set[str]) -> list[Link]:
    """Return the URLs that stand in the text as such, without those known already."""
    urls = []
    for match in BARE_URL.finditer(text):
        url = match.group().rstrip(".,;:!?*_")
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = url[:-1].rstrip(".,;:!?")
        if url not in urls and not any(other.startswith(url) for other in known):
            urls.append(url)
    return [Link(text=url, url=url) for url in urls]


def join_lines(lines: list[str], words: set[str], hyphenated: bool = True) -> str:
    """Join the lines of a paragraph; a word parted by a hyphen at a line's end is made whole again.

    Args:
        lines: the lines, without surrounding blanks.
        words: all words of the document, lower case, which tell a parted word from a compound one.
        hyphenated: whether words were parted by a machine, so that one of which nothing is known was one word.
    """
    text = ""
    for line in lines:
        if not text:
            text = line
            continue
        left = re.search(r"([^\W\d_]+)-$", text)
        right = re.match(r"[^\W_]+(?:-[^\W_]+)*", line)
        if left and right:
            whole = text[: left.start()].endswith("-")  # models-and-|libraries
            keep = whole or compound(left.group(1), right.group(), words, not hyphenated)
            text = text if keep else text[:-1]
            text += line
        elif (BROKEN_URL.search(text) and URL_REST.match(line)) or (re.search(r"\w/$", text) and line[:1].isalpha()):
            text += line
        else:
            text += " " + line
    return clean(text)


def compound(left: str, right: str, words: set[str], unknown: bool = False) -> bool:
    """Say whether `left-right` keeps its hyphen; `unknown` is the answer where the document does not tell."""
    left, right = left.lower(), right.lower()
    if f"{left}-{right}" in words or left in PREFIXES:
        return True
    if left + right in words:
        return False
    return unknown or "-" in right or (left in words and right in words)


def document_words(text: str) -> set[str]:
    """Return the words of a text in lower case, hyphenated ones included, without those parted at a line's end."""
    text = re.sub(r"[^\W\d_]+-[ \t]*\n\s*[^\W_]+", " ", text)
    return set(re.findall(r"[^\W\d_]+(?:-[^\W_]+)*", text.lower()))


def decode(data: bytes) -> str:
    """Return a text file's text: UTF-8, UTF-16 with its mark, or Windows-1252. Raises ReadError otherwise."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif b"\0" in data:
        encodings = []
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        strange = len(re.findall(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]", text))
        if strange <= (0 if encoding == "cp1252" else 0.001 * len(text)):  # a stray one is cleaned away later
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise ReadError("bad_encoding", "the text is neither UTF-8, UTF-16 nor Windows-1252")
