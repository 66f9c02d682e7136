"""What the readers of all formats share: the text's building blocks and the builder that puts them in order."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from stages.records import Link

INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # the category Cc
BARE_URL = re.compile(r"https?://[^\s<>\"'`|\\^{}\[\]]+")
PREFIXES = {"non", "self", "multi", "semi", "cross", "quasi", "ex", "well"}
BROKEN_URL = re.compile(r"(?:https?://[^\s]*|\b[\w-]+\.[\w.-]+/\S*)(?<=[/_=&?.-])$")
URL_REST = re.compile(r"[a-z0-9#?&=%_-][\w#?&=%-]*(?:[/._][\w#?&=%./-]*|$|(?=\s))")
LONGEST_WORD = 2000  # characters at the end of a line that tell whether the next one goes on with its word
BULLET = re.compile(r"[-*+•‣◦▪●○■–—]\s+")
MARKS = {  # byte order marks; that of UTF-32 begins with that of UTF-16
    **{b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32"},
    **{b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"},
}
SIGNATURES = {
    **{b"PK\x03\x04": "a ZIP archive (or DOCX, EPUB)", b"%PDF-": "a PDF", b"\x89PNG": "a PNG picture"},
    **{
        b"\xff\xd8\xff": "a JPEG picture",
        b"GIF89a": "a GIF picture",
        b"\x7fELF": "a program",
        b"\x1f\x8b": "gzip data",
    },
    **{b"\xd0\xcf\x11\xe0": "an old Office file", b"SQLite format 3\0": "a database", b"{\\rtf": "RTF"},
}
UTF8_CHARACTER = re.compile(rb"[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
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
    pages: list[tuple[int, int]] = field(default_factory=list)  # (block, page from there on)
    anchor: str | None = None
    question: str | None = None  # of a structured FAQ file: the blocks are its answer


@dataclass
class Dropped:
    """A stretch of text that is no content, and why."""

    reason: str
    text: str
    page: int | None = None


@dataclass
class Parsed:
    """What a reader found: parts and what was dropped in reading order, and what the document says of itself."""

    pieces: list[Part | Dropped]
    title: str | None = None
    pages: int | None = None  # how many, where the format has pages
    scanned: list[int] = field(default_factory=list)  # pages that are pictures without text

    @property
    def parts(self) -> list[Part]:
        """The pieces that are content."""
        return [piece for piece in self.pieces if isinstance(piece, Part)]


@dataclass
class _Open:
    """A heading under which we are."""

    level: float
    text: str
    anchor: str | None
    used: bool = False  # a part has it in its path


class Builder:
    """Takes headings, blocks, links and drops in reading order and makes pieces of them; none is lost."""

    def __init__(self) -> None:
        """Start with an empty document."""
        self.path: list[_Open] = []
        self.pieces: list[Part | Dropped] = []
        self.page: int | None = None
        self.top: list[str] = []  # headings of level 1
        self._late = False  # whether there was text before the first of them
        self._part: Part | None = None  # the one that is being filled
        self._dropped: list[Dropped] = []  # since then; a part is not torn apart by what is dropped inside it
        self._closed = True

    @property
    def level(self) -> float:
        """Level of the innermost open heading."""
        return self.path[-1].level if self.path else 0

    def heading(self, level: float, text: str, anchor: str | None = None) -> None:
        """Open a heading; those of its level and below are closed. `anchor` is its id, without "#"."""
        text = clean(text)
        if not text:
            return
        if level <= 1:
            self._late |= not self.top and any(isinstance(piece, Part) and piece.blocks for piece in self.pieces)
            self.top.append(text)
        self.close(level)
        self.path.append(_Open(level, text, anchor or None))

    def close(self, level: float) -> None:
        """Close all headings of this level and below, so that what follows belongs to their parent."""
        keep = [heading for heading in self.path if heading.level < level]
        if self.path and not self.path[-1].used and len(keep) < len(self.path):
            self._start()  # nothing stands below it, but it must not vanish
        self.path = keep
        self._closed = True

    def add(self, block: str, links: Iterable[Link] = ()) -> None:
        """Add a block of normalised Markdown with its links."""
        if not block.strip():
            return
        if self._closed or self._part is None:
            self._start()
        part = self._part
        assert part is not None
        if self.page is not None and (not part.pages or part.pages[-1][1] != self.page):
            part.pages.append((len(part.blocks), self.page))
        part.blocks.append(block)
        known = {(link.text, link.url) for link in part.links}
        bare = [] if block.startswith("```") else bare_links(block, {link.url for link in links})
        for link in [*links, *bare]:
            if (link.text, link.url) not in known:
                known.add((link.text, link.url))
                part.links.append(link)

    def drop(self, reason: str, text: str) -> None:
        """Note a text that is no content, with the reason in snake_case. It follows the part in which it stands."""
        if text.strip():
            self._dropped.append(Dropped(reason, "\n".join(filter(None, map(clean, text.split("\n")))), self.page))

    def parsed(self, title: str | None = None) -> Parsed:
        """Return all that was added."""
        self.close(0)
        self.pieces += self._dropped
        self._dropped = []
        alone = len(self.top) == 1
        if not title and self.top and (alone or not (self._late or self.top[0].endswith(("?", "？")))):
            title = self.top[0]  # else it is one of several equal ones
        return Parsed(self.pieces, title)

    def _start(self) -> None:
        """Open a part for what stands under the current headings, or go on with the last one if it is the same."""
        heading = tuple(heading.text for heading in self.path)
        anchor = next((heading.anchor for heading in reversed(self.path) if heading.anchor), None)
        if self._part is None or (self._part.heading, self._part.anchor) != (heading, anchor):
            self.pieces += self._dropped
            self._dropped = []
            self._part = Part(heading, anchor=anchor)
            self.pieces.append(self._part)
        for opened in self.path:
            opened.used = True
        self._closed = False


def clean(text: str) -> str:
    """Return the text on one line: composed characters, no invisible ones, runs of white space as one space."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).translate(INVISIBLE)
    return " ".join(CONTROL.sub(" ", text).split())


def clean_code(text: str) -> str:
    """Return code as it stands, but for line ends, tabs, trailing blanks and control characters."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ")
    lines = text.expandtabs(4).translate(INVISIBLE).split("\n")
    lines = [CONTROL.sub("", line).rstrip() for line in lines]
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
    parts: list[str] = []
    last = ""  # word of what is joined so far: to look through all of it for each line would take forever
    for line in lines:
        left = re.search(r"(?<![^\W\d_])([^\W\d_]+)[-‐]$", last)
        right = re.match(r"[^\W_]+(?:-[^\W_]+)*", line)
        if left and right:
            whole = last[: left.start()].endswith(("-", "‐"))  # models-and-|libraries
            if not whole and not compound(left.group(1), right.group(), words, not hyphenated):
                parts[-1], last = parts[-1][:-1], last[:-1]
        elif last and not (
            (BROKEN_URL.search(last) and URL_REST.match(line)) or (re.search(r"\w/$", last) and line[:1].isalpha())
        ):
            parts.append(" ")
            last = ""
        parts.append(line)
        last = (last + line).rsplit(maxsplit=1)[-1][-LONGEST_WORD:] if line.strip() else last
    return clean("".join(parts))


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
    text = re.sub(r"(?<![^\W\d_])[^\W\d_]+[-‐][ \t]*\n\s*[^\W_]+", " ", text)
    return set(re.findall(r"[^\W\d_]+(?:-[^\W_]+)*", text.lower().replace("‐", "-")))


def decode(data: bytes) -> str:
    """Return a text file's text: by its byte order mark, else UTF-8, else Windows-1252.

    Bytes among which there are characters of UTF-8 are not read as Windows-1252: the file is UTF-8, and damaged.

    Raises:
        ReadError: `bad_encoding` with the place of the first bad byte, or `binary` with what the data look like.
    """
    kind = next((name for start, name in SIGNATURES.items() if data.startswith(start)), None)
    if kind is not None:
        raise ReadError("binary", f"the file is no text but {kind}, by its first bytes")
    mark = next((name for start, name in MARKS.items() if data.startswith(start)), None)
    if mark is None and b"\0" in data:
        raise ReadError("binary", f"the file is no text: it has a NUL byte at offset {data.index(0)}")
    try:
        text = data.decode(mark or "utf-8")
    except UnicodeDecodeError as error:
        at = f"byte {data[error.start : error.start + 1].hex()} at offset {error.start}"
        if mark is not None:
            raise ReadError("bad_encoding", f"the file is marked as {mark}, but {at} is not: {error.reason}") from error
        if UTF8_CHARACTER.search(data):
            raise ReadError("bad_encoding", f"the file is UTF-8, but {at} is not: {error.reason}") from error
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError as other:
            raise ReadError("bad_encoding", f"neither UTF-8 ({at}) nor Windows-1252 (offset {other.start})") from other
    strange = len(re.findall(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text))
    if strange > 0.001 * len(text):  # a stray one is cleaned away later
        raise ReadError("binary", f"the file is no text: {strange} of {len(text)} characters are control characters")
    return text.replace("\r\n", "\n").replace("\r", "\n")
