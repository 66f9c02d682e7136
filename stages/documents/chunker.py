"""Sections to chunks: along blocks, under a token budget, and never inside a sentence, a table row or a code block.

The chunks of a section tile it: their texts, without what is repeated from before (`overlap`), put together are the
section's text. Where a section is longer than the budget it is cut at the boundary whose following block has the
lowest hash, among those that leave the chunk at least half full. So an edit moves the cuts around it and not all that
come after it.
"""

import hashlib
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from stages.documents import sentences
from stages.documents.headers import header
from stages.documents.markup import Block, blocks, items, rows
from stages.records import Chunk, Document, Link, Section, Span, content_id

Count = Callable[[str], int]
NO_SENTENCE = 4  # budgets above which a stretch without an end mark is no sentence
ENDLESS = 400  # characters that no such stretch is shorter than: shorter ones need not be counted


def chunks(
    document: Document,
    budget: int,
    count: Count,
    seen: Counter[tuple[str, ...]] | None = None,
    overlap: int = 0,
) -> list[Chunk]:
    """Return the chunks of a document.

    Args:
        document: what to cut.
        budget: most tokens of a chunk's text, with what is repeated in it; only a sentence, row or code block that
            alone is longer exceeds it, and a sentence only up to four times.
        count: how many tokens a text has.
        seen: how often each (source, heading, text) was met, for a number on the ids of equal chunks.
        overlap: sentences of the paragraph or list before it that a chunk repeats, if they are in the same section.
    """
    text = document.text
    seen = Counter() if seen is None else seen
    alike = Counter(tuple(section.heading) for section in document.sections if section.text)
    found = []
    for section in document.sections:
        base = section.span[0]
        if text[base : section.span[1]] != section.text:
            raise ValueError(
                f"{document.source}: section {section.heading} says span {section.span}, where other text is"
            )
        pieces = list(cut(section.text, budget, count, overlap))
        links = _links(section, [span for span, _ in pieces])
        several = len(pieces) > 1 or alike[tuple(section.heading)] > 1
        for ((start, end), repeated), linked in zip(pieces, links, strict=True):
            own = section.text[start:end]
            key = (document.source, *section.heading, own)
            found.append(
                Chunk(
                    id=numbered(seen, key, document.source, section.heading, own),
                    document=document.id,
                    source=document.source,
                    heading=section.heading,
                    header=header(document, section, own, several),
                    text=repeated + own,
                    overlap=len(repeated),
                    span=(base + start, base + end),
                    links=linked,
                    page=section.page_at(start),
                    url=address(document, section),
                    also=section.also,
                    tokens=count(repeated + own),
                )
            )
    return found


def address(document: Document, section: Section) -> str | None:
    """Return where a section can be read on the web, with its anchor; None if the document is not there."""
    page = document.base
    if page is None:
        return None
    return f"{page.split('#')[0]}#{section.anchor}" if section.anchor else page


def numbered(seen: Counter[tuple[str, ...]], key: tuple[str, ...], *parts: object) -> str:
    """Return the content id of the parts, with a number from the second time on that the key is met."""
    number = seen[key]
    seen[key] += 1
    return content_id(*parts, number) if number else content_id(*parts)


def cut(text: str, budget: int, count: Count, overlap: int = 0) -> Iterator[tuple[Span, str]]:
    """Yield (span, what is repeated before it) of the chunks of a section; the spans tile the text.

    A chunk that begins inside a table repeats the table's head; another one repeats `overlap` sentences.
    """
    found = list(blocks(text))
    units = list(_units(text, found, budget, count))
    before = _Before(text, found, overlap)
    first = 0
    while first < len(units):
        repeated = before.repeated(units[first][0])
        if repeated and count(repeated + text[units[first][0] : units[first][1]]) > budget:
            repeated = before.head(units[first][0])  # a row is nothing without it, however long both are
        begin, last = units[first][0], first  # the chunk would be units[first..last]
        while last + 1 < len(units) and count(repeated + text[begin : units[last + 1][1]]) <= budget:
            last += 1
        if last + 1 < len(units):
            last = _best(text, units, first, last, budget, count)
        yield (begin, units[last][1]), repeated
        first = last + 1


def _best(text: str, units: list[tuple[int, int, bool]], first: int, last: int, budget: int, count: Count) -> int:
    """Return the last unit of the chunk from `first` on, which may reach up to `last`."""
    half = [k for k in range(first, last + 1) if 2 * count(text[units[first][0] : units[k][1]]) >= budget]
    # a cut before a block is better than one within it, and then the one that depends on least of the text
    return min(half or [last], key=lambda k: (not units[k + 1][2], _hash(text[units[k + 1][0] : units[k + 1][1]])))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).digest()


class _Before:
    """What a chunk repeats from before it: the head of the table that it goes on with, or sentences."""

    def __init__(self, text: str, found: list[Block], overlap: int):
        self.text, self.found, self.overlap = text, found, overlap
        self.starts = [block.start for block in found]
        self.heads: dict[Block, Span | None] = {}
        self.said: dict[Block, list[int]] = {}  # where the sentences of a block begin

    def block(self, position: int) -> Block | None:
        """Return the last block that begins before a position."""
        index = bisect_left(self.starts, position) - 1
        return self.found[index] if index >= 0 else None

    def head(self, position: int) -> str:
        """Return the head of the table inside which a position lies, or an empty string."""
        block = self.block(position)
        if block is None or block.kind != "table" or position >= block.end:
            return ""
        if block not in self.heads:
            low, high, is_head = next(rows(self.text, block))
            self.heads[block] = (low, high) if is_head else None
        head = self.heads[block]
        return self.text[slice(*head)] + "\n" if head and head[1] <= position else ""

    def repeated(self, position: int) -> str:
        """Return what a chunk that begins at a position repeats."""
        block, head = self.block(position), self.head(position)
        if head or not self.overlap or block is None or block.kind not in ("paragraph", "list"):
            return head
        if block not in self.said:
            self.said[block] = [block.start + low for low, _ in sentences.spans(self.text[block.start : block.end])]
        begun = self.said[block][: bisect_left(self.said[block], position)]
        return self.text[begun[-self.overlap :][0] : position] if begun else ""


def _units(text: str, found: list[Block], budget: int, count: Count) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, starts a block) of the smallest pieces, which tile the text: blocks, or parts of long ones."""
    pieces = list(_pieces(text, found, budget, count))
    edges = [0, *(start for start, _, _ in pieces[1:]), len(text)] if pieces else []
    for (start, end), (_, _, opens) in zip(pairwise(edges), pieces, strict=True):
        yield start, end, opens


def _pieces(text: str, found: list[Block], budget: int, count: Count) -> Iterator[tuple[int, int, bool]]:
    """Yield the blocks, or parts of one that is over the budget, without the blanks between them."""
    lead: int | None = None  # start of a paragraph that announces the block after it: "These are:"
    for block, following in zip(found, [*found, None][1:], strict=True):
        announces = text[block.start : block.end].endswith(":") and block.kind == "paragraph" and lead is None
        if announces and following and count(text[block.start : following.end]) <= budget:
            lead = block.start
            continue
        start, lead = block.start if lead is None else lead, None
        if block.kind == "code" or count(text[start : block.end]) <= budget:
            yield start, block.end, True
        else:
            for number, part in enumerate(_parts(text, block, budget, count)):
                yield *part, number == 0


def _parts(text: str, block: Block, budget: int, count: Count) -> Iterator[Span]:
    """Yield the parts of a block over the budget: sentences, items or rows."""
    if block.kind == "table":
        head: int | None = None
        parts = list(rows(text, block))
        for start, end, is_head in parts:
            if is_head and len(parts) > 1:
                head = start  # the head stays with the first row
                continue
            yield start if head is None else head, end
            head = None
    elif block.kind == "list":
        for start, _, end in items(text, block):
            if count(text[start:end]) <= budget:
                yield start, end
            else:
                yield from _sentences(text, start, end, budget, count)
    else:
        yield from _sentences(text, block.start, block.end, budget, count)


def _sentences(text: str, start: int, end: int, budget: int, count: Count) -> Iterator[Span]:
    """Yield the sentences; what is far too long to be one, as a transcript without marks, is cut between words."""
    for low, high in sentences.spans(text[start:end]):
        if high - low > ENDLESS and count(text[start + low : start + high]) > NO_SENTENCE * budget:
            yield from _words(text, start + low, start + high, budget - 1, count)  # the blank after it counts too
        else:
            yield start + low, start + high


def _words(text: str, start: int, end: int, budget: int, count: Count) -> Iterator[Span]:
    """Yield pieces of whole words under the budget; only a word that alone is longer exceeds it."""
    words = [(start + match.start(), start + match.end()) for match in re.finditer(r"\S+", text[start:end])]
    first = 0
    while first < len(words):
        last = first
        step = budget  # a word has at least one token
        while step:
            if last + step < len(words) and count(text[words[first][0] : words[last + step][1]]) <= budget:
                last += step
            else:
                step //= 2
        yield words[first][0], words[last][1]
        first = last + 1


def _links(section: Section, spans: Iterable[Span]) -> list[list[Link]]:
    """Return the links of each span: where the label stands. They come about in the order of the text."""
    spans = list(spans)
    found: list[list[Link]] = [[] for _ in spans]
    position = 0
    for link in section.links if spans else ():
        place = section.text.find(link.text, position)
        if place < 0:  # a bare URL, which comes after the others of its block
            place = max(section.text.find(link.text), 0) if link.text in section.text else position
        else:
            position = place
        home = next((n for n, (_, end) in enumerate(spans) if place < end), len(spans) - 1)
        found[home].append(link)
    return found
