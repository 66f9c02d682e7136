"""PDF: from lines to paragraphs, list items, code and tables."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from stages.documents.blocks import BROKEN_URL, BULLET, NUMBER, URL_REST, clean
from stages.documents.pdf.lines import Line

SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
OPEN = re.compile(r"(?:[,&(/]|\b(?:and|or|the|an?|of|to|for|in|with|by|on|as|is|are))$", re.IGNORECASE)


@dataclass
class Block:
    """Lines that make one paragraph, heading, list item, code block or table."""

    kind: str
    lines: list[Line]

    @property
    def text(self) -> str:
        """The lines, joined."""
        return clean(" ".join(line.text for line in self.lines))


def to_blocks(lines: list[Line], is_title: Callable[[str], bool]) -> list[Block]:
    """Group the lines of the document to blocks; `is_title` says whether the table of contents has a text."""
    leading = _leading(lines)
    edges = _edges(lines)
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        rows = _table_rows(lines, index)
        if rows:
            blocks.append(Block("table", lines[index : index + rows]))
            index += rows
            continue
        index += 1
        last = blocks[-1] if blocks else None
        if line.mono and not (len(line.text.split()) > 40):
            if last is not None and last.kind == "code":
                last.lines.append(line)
            else:
                blocks.append(Block("code", [line]))
            continue
        kind = "item" if BULLET.match(line.text) or NUMBER.match(line.text) else "text"
        if (
            last is not None
            and last.kind in ("text", "item")
            and kind == "text"
            and not (
                len(last.lines) < 4
                and last.lines[-1].y - line.y > 1.1 * leading.get(line.size, 0)
                and is_title(last.text)
            )
            and _goes_on(last, line, leading, edges)
        ):
            last.lines.append(line)
        else:
            blocks.append(Block(kind, [line]))
    return blocks


def _leading(lines: list[Line]) -> dict[float, float]:
    """Return the usual distance of two lines for each font size."""
    gaps: dict[float, list[float]] = defaultdict(list)
    for before, line in pairwise(lines):
        gap = before.y - line.y
        if before.page == line.page and before.size == line.size and 0.8 * line.size < gap < 3 * line.size:
            gaps[line.size].append(round(gap, 1))
    found = {size: _low_median(values) for size, values in gaps.items()}
    return {size: gap if len(gaps[size]) > 5 else min(gap, 1.5 * size) for size, gap in found.items()}


def _edges(lines: list[Line]) -> dict[tuple[int, float], float]:
    """Return how far the lines go to the right that begin at the same place, in the size of running text."""
    body = Counter[float]()
    for line in lines:
        body[line.size] += len(line.text)
    usual = body.most_common(1)[0][0] if body else 0
    edges: dict[tuple[int, float], list[float]] = defaultdict(list)
    for line in lines:
        if abs(line.size - usual) < 0.15 * usual:
            edges[_edge_key(line)].append(line.x1)
    return {key: sorted(ends)[int(0.95 * (len(ends) - 1))] for key, ends in edges.items()}


def _edge_key(line: Line) -> tuple[int, float]:
    return round(line.x0 / 8), line.size


def _low_median(values: list[float]) -> float:
    return sorted(values)[int(0.4 * (len(values) - 1))]


def _goes_on(block: Block, line: Line, leading: dict[float, float], edges: dict[tuple[int, float], float]) -> bool:
    """Say whether a line goes on with a paragraph."""
    last = block.lines[-1]
    if abs(last.size - line.size) > 0.06 * last.size or last.cells or line.cells:
        return False
    ended = SENTENCE_END.search(last.text) is not None
    usual = leading.get(line.size, 1.25 * line.size)
    gap = last.y - line.y
    if last.page == line.page and 0 < gap < 6 * usual and line.x0 < last.x1:  # below it
        if gap > 1.3 * usual:
            return gap < 2.2 * usual and not ended and line.text[:1].islower() and last.bold == line.bold
        if last.bold != line.bold and (line.bold or len(block.lines) <= 2) and (ended or last.bold):
            return not last.bold and not ended
        if (
            block.kind == "text" and _edge_key(line) not in edges and not _aligned(last, line)
        ):  # titles of one size below each other
            return False
        if block.kind == "item" and line.x0 < last.x0 - 0.5 * line.size:
            return False
        if BROKEN_URL.search(last.text) and URL_REST.match(line.text):
            return True
        edge = edges.get(_edge_key(last), last.x1)
        word = len(line.text.split()[0]) * 0.55 * line.size
        room = edge - last.x1 - word
        if (
            room > (0.2 if ended else 0.3) * (edge - last.x0)
            and not line.text[:1].islower()
            and not OPEN.search(last.text)
        ):
            return False  # the line was ended although there was room
        indented = line.x0 - last.x0 > 0.8 * line.size and block.kind == "text" and len(block.lines) > 1
        return not (ended and indented)
    # in the next column or on the next page
    if last.bold != line.bold:
        return False
    return not ended and (line.text[:1].islower() or last.text.endswith("-") or len(last.text) > 40)


def _aligned(a: Line, b: Line) -> bool:
    """Say whether two lines agree on their left, their right or their middle."""
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2) < a.size


def _table_rows(lines: list[Line], index: int) -> int:
    """Return how many lines from here on make a table: the cells of each stand below those of the first."""
    first = lines[index]
    if len(first.cells) < 2:
        return 0
    count = rows = 1
    for before, line in pairwise(lines[index:]):
        ruled = first.ruled and line.ruled
        if not ruled and abs(line.size - first.size) > 0.15 * first.size:
            break
        if line.page != first.page and not (ruled and line.page - before.page < 2):
            break
        found = columns(line, first)
        if not found or not (len(found) > 1 or _is_wrapped(found, before, line)):
            break
        rows += not _is_wrapped(found, before, line)
        count += 1
    return count if rows > 1 else 0


def repeated_heads(lines: list[Line]) -> list[Line]:
    """Return the rows with which a table begins anew on another page, because they are its head."""
    return [line for before, line in pairwise(lines) if line.page != before.page and line.text == lines[0].text]


def heads(line: Line, following: Line) -> bool:
    """Say whether a line is a row of a table with the line below it: cells of both stand below each other."""
    near = 0 < line.y - following.y < 3 * line.size
    return near and len(line.cells) > 1 and len(columns(following, line)) == len(line.cells)


def columns(line: Line, first: Line) -> list[int]:
    """Return the columns in which a line's cells stand, by those of the first row; none if one stands in no column."""
    found = []
    for cell in line.cells or [line]:
        fitting = [index for index, head in enumerate(first.cells) if _aligned(cell, head)]
        if not fitting:
            return []
        found.append(min(fitting, key=lambda index: abs(cell.x0 - first.cells[index].x0)))
    return found if len(set(found)) == len(found) else []


def _is_wrapped(columns: list[int], before: Line, line: Line) -> bool:
    """Say whether a line goes on with cells of the line before it: it is close, and the first column is empty."""
    return 0 not in columns and 0 < before.y - line.y < 1.35 * line.size


def table_rows(lines: list[Line]) -> list[list[str]]:
    """Return the texts of a table's cells; a cell that is empty on the page is an empty text."""
    rows: list[list[str]] = []
    heads = repeated_heads(lines)
    for before, line in pairwise([lines[0], *(line for line in lines if not any(line is head for head in heads))]):
        found = columns(line, lines[0])
        if not (rows and _is_wrapped(found, before, line)):
            rows.append([""] * len(lines[0].cells))
        for column, cell in zip(found, line.cells or [line], strict=True):
            rows[-1][column] = f"{rows[-1][column]} {cell.text}".strip()
    return rows
