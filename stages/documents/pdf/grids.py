"""PDF: tables with ruled cells: the grids that rules make, and the lines of text in their cells.

A table is found by its rules where it has them, because its columns may stand closer to each other than words do, and
a cell may have several lines. Tables without rules are found by how their cells are aligned (`pdf.blocks`).
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise

from stages.documents.pdf.lines import Line, joined
from stages.documents.pdf.runs import Run
from stages.documents.pdf.shapes import Box

NUMBER = re.compile(r"[-–+(]?[$€£]?\d[\d.,]*[%)]?|[-–]")
NEAR = 3.0  # rules closer than this are one, or touch, in points
LEAST = 0.4  # share of a grid's height or width that a rule between its cells has
LEAST_FILLED = 0.3  # share of a table's cells that hold text
MOST_RULES = 600  # on a page with more they are a drawing
MOST_LINES = 15  # of one cell: a frame around columns of text is no table
MOST_OF_ONE = 5  # likewise, of a grid of one row
RIM = 0.1  # share of a page's height at its head and foot where running titles and page numbers stand


@dataclass
class Grid:
    """The edges of a table's columns, from left to right, and of its rows, from head to foot (negative y)."""

    xs: list[float]
    ys: list[float]

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of the cell in which a place lies, or None if it lies in none."""
        row, column = bisect_right(self.ys, -y) - 1, bisect_right(self.xs, x) - 1
        return (row, column) if 0 <= row < len(self.ys) - 1 and 0 <= column < len(self.xs) - 1 else None


def tables(rules: list[Box], runs: list[Run], height: float) -> list[Grid]:
    """Return the grids that a page's rules make and that hold a table's text.

    A grid of one row counts if it is the first or the last on the page, whose height is given: it may be a part of a
    table that goes over the page's end.
    """
    found = []
    for grid in _grids(rules):
        above = any(-run.y < grid.ys[0] for run in runs if run.y < (1 - RIM) * height)
        below = any(-run.y > grid.ys[-1] for run in runs if run.y > RIM * height)
        if (len(grid.ys) > 2 or not (above and below)) and _is_table(grid, runs):
            found.append(grid)
    return found


def place(grids: list[Grid], x: float, y: float) -> tuple[int, int, int] | None:
    """Return the grid, row and column in which a place lies, or None if it lies in none."""
    for number, grid in enumerate(grids):
        cell = grid.cell(x, y)
        if cell is not None:
            return number, *cell
    return None


def of_run(grids: list[Grid], run: Run) -> tuple[int, int, int] | None:
    """Return the grid, row and column in which a run begins, or None if it stands in none."""
    return place(grids, min(run.x0 + 0.5 * run.size, run.x1), run.y + 0.3 * run.size) if grids else None


def in_rows(lines: list[Line], grids: list[Grid]) -> list[Line]:
    """Put the lines that stand in grids together to rows with a cell for each column; the others are as they are."""
    inside: dict[tuple[int, int], dict[int, list[Line]]] = defaultdict(lambda: defaultdict(list))
    others = []
    for line in lines:
        found = place(grids, min(line.x0 + 0.5 * line.size, line.x1), line.y + 0.3 * line.size)
        if found is None:
            others.append(line)
        else:
            number, row, column = found
            inside[number, row][column].append(line)
    for (number, _), between in inside.items():
        for cells in _stacked(between):
            others.append(_row(cells, grids[number].xs))
    return others


def _stacked(row: dict[int, list[Line]]) -> list[dict[int, list[Line]]]:
    """Part the row between two rules into the rows that it holds: as many as a column has lines of numbers only."""
    numbers = [cell for cell in row.values() if len(cell) > 1 and all(NUMBER.fullmatch(line.text) for line in cell)]
    depth = max(map(len, numbers), default=0)
    if sum(len(cell) == depth for cell in row.values()) < 2:
        return [row]
    heights = sorted((line.y for line in next(cell for cell in numbers if len(cell) == depth)), reverse=True)
    parts: list[dict[int, list[Line]]] = [defaultdict(list) for _ in heights]
    for column, cell in row.items():
        for line in cell:
            nearest = min(range(depth), key=lambda index: abs(heights[index] - line.y))
            parts[nearest][column].append(line)
    return parts


def _row(row: dict[int, list[Line]], xs: list[float]) -> Line:
    """Return lines in the columns of a grid as one line with cells."""
    top = max((line for cell in row.values() for line in cell), key=lambda line: line.y)
    cells = [_cell(row.get(column, []), top, *pair) for column, pair in enumerate(pairwise(xs))]
    whole = joined(cells, " ".join(cell.text for cell in cells if cell.text))
    return replace(whole, y=top.y, size=top.size, x0=xs[0], x1=xs[-1], cells=cells)


def _cell(lines: list[Line], top: Line, left: float, right: float) -> Line:
    """Return the lines of a cell as one line, as wide as the column."""
    if not lines:
        return replace(top, text="", links=[], inside=0.0, cells=[], x0=left, x1=right)
    lines = sorted(lines, key=lambda line: (-line.y, line.x0))
    return replace(joined(lines, " ".join(line.text for line in lines)), x0=left, x1=right, cells=[])


def _grids(rules: list[Box]) -> list[Grid]:
    """Return the grids of at least two columns that rules make."""
    upright = _joined([(left, foot, head) for left, foot, right, head in rules if head - foot > right - left])
    level = _joined([(foot, left, right) for left, foot, right, head in rules if head - foot <= right - left])
    boxes = [(x, low, x, high) for x, low, high in upright] + [(low, y, high, y) for y, low, high in level]
    found = []
    for group in _touching(boxes) if len(boxes) <= MOST_RULES else ():
        left, foot = min(box[0] for box in group), min(box[1] for box in group)
        right, head = max(box[2] for box in group), max(box[3] for box in group)
        xs = _edges([(box[0], box[3] - box[1]) for box in group if box[0] == box[2]], left, right, head - foot)
        ys = _edges([(-box[1], box[2] - box[0]) for box in group if box[1] == box[3]], -head, -foot, right - left)
        if len(xs) > 2 and len(ys) > 1:
            found.append(Grid(xs, ys))
    return found


def _is_table(grid: Grid, runs: list[Run]) -> bool:
    """Say whether the text in a grid's cells is that of a table."""
    lines = {(found, round(run.y)) for run in runs if (found := of_run([grid], run)) is not None}
    cells = Counter(found for found, _ in lines)
    rows, columns = {row for _, row, _ in cells}, {column for _, _, column in cells}
    one = len(grid.ys) == 2
    if len(rows) < 2 - one or len(columns) < 2 or max(cells.values()) > (MOST_OF_ONE if one else MOST_LINES):
        return False
    return len(cells) >= LEAST_FILLED * (len(grid.xs) - 1) * (len(grid.ys) - 1)


def _joined(stretches: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Join those stretches (place across, begin, end) that lie on one line and touch or overlap."""
    lines: dict[float, list[tuple[float, float]]] = {}
    last = float("-inf")
    for across, begin, end in sorted(stretches):
        if across - last > NEAR:
            last = across
        lines.setdefault(last, []).append((begin, end))
    found = []
    for across, parts in lines.items():
        low, high = min(parts)
        for begin, end in sorted(parts):
            if begin - high > NEAR:
                found.append((across, low, high))
                low = begin
            high = max(high, end)
        found.append((across, low, high))
    return found


def _touching(boxes: list[Box]) -> list[list[Box]]:
    """Group the boxes so that those that touch are in one group."""
    groups: list[list[Box]] = []
    for box in boxes:
        own, apart = [box], []
        for group in groups:
            if any(_touch(box, member) for member in group):
                own += group
            else:
                apart.append(group)
        groups = [*apart, own]
    return groups


def _touch(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + NEAR
        and other[0] <= one[2] + NEAR
        and one[1] <= other[3] + NEAR
        and other[1] <= one[3] + NEAR
    )


def _edges(rules: list[tuple[float, float]], first: float, last: float, whole: float) -> list[float]:
    """Return the places of rules (place, length) that are long enough, with those where the grid begins and ends."""
    lengths: dict[float, float] = defaultdict(float)
    for place, length in rules:
        lengths[place] += length
    inner = [place for place, length in lengths.items() if length >= LEAST * whole]
    return [first, *sorted(place for place in inner if first + NEAR < place < last - NEAR), last]
