"""Sections to chunks: along blocks, under a token budget, and never inside a sentence, a table row or a code block.

Where a section is longer than the budget it is cut at the boundary whose following block has the lowest hash, among
those that leave the chunk at least half full. So an edit moves the cuts around it and not all that come after it.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec

from stages.documents import sentences
from stages.records import Chunk, Document, Link, Section, Span, content_id

Count = Callable[[str], int]

_FENCE = re.compile(r"\s*(`{3,}|~{3,})")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,4}[.)])[ \t]+(?=\S)")
_ROW = re.compile(r"\s*\|")
_RULE = re.compile(r"\s*\|[\s|:-]*-[\s|:-]*$")


class Block(msgspec.Struct, frozen=True):
    """A paragraph, list, table or code block: text[start:end]."""

    kind: str  # paragraph, list, table, code
    start: int
    end: int


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of normalised Markdown; between them is only whitespace."""
    kind, start, end, fence = "", 0, 0, ""
    offset = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", text):
        bare = line.rstrip()
        found = "code" if fence else _kind(bare, kind)
        if found != kind or (not bare and not fence):
            if kind:
                yield Block(kind, start, end)
            kind, start = found, offset + len(line) - len(line.lstrip())
        if found:
            end = offset + len(bare) if bare else end
        if found == "code":
            match = _FENCE.match(bare)
            if not fence:
                fence = match[1] if match else ""
            elif match and match[1].startswith(fence) and bare.strip() == match[1]:
                yield Block(kind, start, end)
                kind, fence = "", ""
        offset += len(line)
    if kind:
        yield Block(kind, start, end)


def _kind(line: str, current: str) -> str:
    """Return the kind of the block that a line belongs to, given that of the line before; "" for a blank line."""
    if not line:
        return ""
    if _FENCE.match(line):
        return "code"
    if _ROW.match(line):
        return "table"
    if _ITEM.match(line):
        return "list"
    return "list" if current == "list" else "paragraph"  # a line below an item belongs to the item


def items(text: str, block: Block) -> Iterator[tuple[int, int, int]]:
    """Yield (start, start of the words, end) of every item of a list."""
    marks = [match for match in re.finditer(r"(?m)^" + _ITEM.pattern, text[block.start : block.end])]
    for match, following in zip(marks, [*marks, None][1:], strict=True):
        start = block.start + match.start() + len(match[0]) - len(match[0].lstrip())
        end = block.start + following.start() if following else block.end
        yield start, block.start + match.end(), start + len(text[start:end].rstrip())


def rows(text: str, block: Block) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, is head) of every row of a table; the rule below the head belongs to the head."""
    edges = []
    for match in re.finditer(r"[^\n]*\S[^\n]*", text[block.start : block.end]):
        start = block.start + match.start() + len(match[0]) - len(match[0].lstrip())
        edges.append((start, block.start + match.start() + len(match[0].rstrip())))
    head = len(edges) > 1 and _RULE.match(text[slice(*edges[1])]) is not None
    if head:
        yield edges[0][0], edges[1][1], True
    for start, end in edges[2:] if head else edges:
        yield start, end, False


def chunks(document: Document, budget: int, count: Count, seen: Counter[tuple[str, ...]] | None = None) -> list[Chunk]:
    """Return the chunks of a document.

    Args:
        document: what to cut.
        budget: most tokens of a chunk's text; only a sentence, row or code block that alone is longer exceeds it.
        count: how many tokens a text has.
        seen: how often each (source, heading, text) was met, for a number on the ids of equal chunks.
    """
    text = document.text
    seen = Counter() if seen is None else seen
    found = []
    for section in document.sections:
        base = section.span[0]
        if text[base : section.span[1]] != section.text:
            raise ValueError(
                f"{document.source}: section {section.heading} says span {section.span}, where other text is"
            )
        spans = list(cut(section.text, budget, count))
        links = _links(section, spans)
        for (start, end), linked in zip(spans, links, strict=True):
            body = section.text[start:end]
            key = (document.source, *section.heading, body)
            found.append(
                Chunk(
                    id=numbered(seen, key, document.source, section.heading, body),
                    document=document.id,
                    source=document.source,
                    heading=section.heading,
                    header=" > ".join(filter(None, [topic(document, section), document.description])),
                    text=body,
                    span=(base + start, base + end),
                    links=linked,
                    page=section.page,
                    tokens=count(body),
                )
            )
    return found


def topic(document: Document, section: Section) -> str:
    """Return `title > heading path`, without a heading that repeats what stands before it."""
    path: list[str] = []
    for part in (document.title, *section.heading):
        if part.strip() and (not path or part.strip() != path[-1]):
            path.append(part.strip())
    return " > ".join(path)


def numbered(seen: Counter[tuple[str, ...]], key: tuple[str, ...], *parts: object) -> str:
    """Return the content id of the parts, with a number from the second time on that the key is met."""
    number = seen[key]
    seen[key] += 1
    return content_id(*parts, number) if number else content_id(*parts)


def cut(text: str, budget: int, count: Count) -> Iterator[Span]:
    """Yield the spans of the chunks of a section; all between them is whitespace."""
    units = list(_units(text, budget, count))
    first = 0
    while first < len(units):
        last = first  # the chunk would be units[first..last]
        while last + 1 < len(units) and count(text[units[first][0] : units[last + 1][1]]) <= budget:
            last += 1
        if last + 1 < len(units):
            last = _best(text, units, first, last, budget, count)
        yield units[first][0], units[last][1]
        first = last + 1


def _best(text: str, units: list[tuple[int, int, bool]], first: int, last: int, budget: int, count: Count) -> int:
    """Return the last unit of the chunk from `first` on, which may reach up to `last`."""
    half = [k for k in range(first, last + 1) if 2 * count(text[units[first][0] : units[k][1]]) >= budget]
    # a cut before a block is better than one within it, and then the one that depends on least of the text
    return min(half or [last], key=lambda k: (not units[k + 1][2], _hash(text[units[k + 1][0] : units[k + 1][1]])))


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _units(text: str, budget: int, count: Count) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, starts a block): the smallest pieces; a block, or parts of one that is over the budget."""
    lead: int | None = None  # start of a paragraph that announces the block after it: "These are:"
    found = list(blocks(text))
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
                yield from _sentences(text, start, end)
    else:
        yield from _sentences(text, block.start, block.end)


def _sentences(text: str, start: int, end: int) -> Iterator[Span]:
    for low, high in sentences.spans(text[start:end]):
        yield start + low, start + high


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
