"""The blocks of a section's normalised Markdown: paragraphs, lists with their items, tables with their rows, code."""

import re
from collections.abc import Iterator

import msgspec

_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^`]*$")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,4}[.)])[ \t]+(?=\S)")
_ROW = re.compile(r"\s*\|.*\|\s*$")
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
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    fences = _fences(lines)
    for number, line in enumerate(lines):
        bare = line.rstrip()
        found = "code" if fence or number in fences else _kind(bare, kind)
        if found != kind or (not bare and not fence):
            if kind:
                yield Block(kind, start, end)
            kind, start = found, offset + len(line) - len(line.lstrip())
        if found:
            end = offset + len(bare) if bare else end
        if not fence:
            fence = fences.get(number, "")
        elif _closes(bare, fence):
            yield Block(kind, start, end)
            kind, fence = "", ""
        offset += len(line)
    if kind:
        yield Block(kind, start, end)


def _fences(lines: list[str]) -> dict[int, str]:
    """Return the lines that open code if none is open: below them it goes on at once, and it is closed further down.

    A paragraph may begin with the marks of a fence, but no line follows it at once.
    """
    found: dict[int, str] = {}
    longest = {"`": 0, "~": 0}  # closing line further down
    for number in range(len(lines) - 1, -1, -1):
        match = _FENCE.match(lines[number])
        if match is None:
            continue
        fence = match[1]
        if longest[fence[0]] >= len(fence) and lines[number + 1].strip():
            found[number] = fence
        if lines[number].strip() == fence:
            longest[fence[0]] = max(longest[fence[0]], len(fence))
    return found


def _closes(line: str, fence: str) -> bool:
    return line.strip().startswith(fence) and not line.strip().strip(fence[0])


def _kind(line: str, current: str) -> str:
    """Return the kind of the block that a line belongs to, given that of the line before; "" for a blank line."""
    if not line:
        return ""
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
