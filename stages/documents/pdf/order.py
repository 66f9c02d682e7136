"""PDF: the lines of a page in reading order, by where they stand: columns, rows of tables, texts beside each other."""

import re
import statistics
from dataclasses import replace

from stages.documents.blocks import BULLET
from stages.documents.pdf.lines import Line, joined


def reading_order(segments: list[Line]) -> list[Line]:
    """Return the lines in reading order: columns are read one after the other, between lines that cross them."""
    gutter = _gutter(segments)
    if gutter is None:
        return _rows(segments)
    ordered: list[Line] = []
    band: list[Line] = []

    def flush() -> None:
        for side in ([s for s in band if s.x1 <= gutter + 1], [s for s in band if s.x1 > gutter + 1]):
            ordered.extend(reading_order(side) if len(side) < len(segments) else _rows(side))
        band.clear()

    for segment in sorted(segments, key=lambda s: (-s.y, s.x0)):
        if segment.x0 < gutter - 1 and segment.x1 > gutter + 1:
            flush()
            ordered.append(segment)
        else:
            band.append(segment)
    flush()
    return ordered


def _gutter(segments: list[Line]) -> float | None:
    """Return where the empty strip between two columns of running text lies, if there is one."""
    prose = [s for s in segments if len(s.text) >= 20]
    if len(prose) < 6:
        return None
    left, right = min(s.x0 for s in segments), max(s.x1 for s in segments)
    best: tuple[int, float] | None = None
    for at in sorted({round(s.x0, 0) - 3 for s in prose}):
        if not left + 0.2 * (right - left) < at < right - 0.2 * (right - left):
            continue
        crossing = sum(s.x0 < at - 1 and s.x1 > at + 1 for s in segments)
        sides = [s for s in prose if s.x1 <= at + 1], [s for s in prose if s.x0 >= at - 1]
        fewer = min(map(len, sides))
        if fewer >= 3 and crossing <= 0.25 * len(segments) and (best is None or fewer - 2 * crossing > best[0]):
            best = (fewer - 2 * crossing, at)
    return best[1] if best else None


def _rows(segments: list[Line]) -> list[Line]:
    """Return the lines from top to bottom; those side by side are the cells of one line."""
    rows: list[list[Line]] = []
    for segment in sorted(segments, key=lambda s: (-s.y, s.x0)):
        whole = segment.cells or (rows and rows[-1][0].cells)  # a table's row is whole already
        if rows and not whole and abs(rows[-1][0].y - segment.y) < 0.4 * min(segment.size, rows[-1][0].size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    for row in rows:
        row.sort(key=lambda s: s.x0)
    lines = []
    for row in _beside_to_below(rows):
        if len(row) == 1 or all(BULLET.match(cell.text) for cell in row):
            lines += row
            continue
        lines.append(replace(joined(row, " ".join(cell.text for cell in row)), cells=row))
    return lines


def _beside_to_below(rows: list[list[Line]]) -> list[list[Line]]:
    """Return the rows, those of two short columns of running text one column after the other."""
    found: list[list[Line]] = []
    index = 0
    while index < len(rows):
        last = index
        while last < len(rows) and len(rows[last]) == 2 and _goes_below(rows[index], rows[last]):
            last += 1
        sides = list(zip(*rows[index:last], strict=True))
        if last - index > 2 and all(_is_prose(side) for side in sides):
            left, right = ([[line] for line in side] for side in sides)
            while last < len(rows) and len(rows[last]) == 1:  # the longer column
                side = next((s for s in (left, right) if _is_below(s[-1][0], rows[last][0], sides[1][0].x0)), None)
                if side is None:
                    break
                side.append(rows[last])
                last += 1
            found += left + right
        else:
            last = max(last, index + 1)
            found += rows[index:last]
        index = last
    return found


def _goes_below(first: list[Line], row: list[Line]) -> bool:
    return len(first) == 2 and all(abs(a.x0 - b.x0) < 3 for a, b in zip(first, row, strict=True))


def _is_below(last: Line, line: Line, gutter: float) -> bool:
    """Say whether a line goes on with a column, which is the left one if it ends before the gutter."""
    near = abs(last.x0 - line.x0) < 3 and 0 < last.y - line.y < 1.8 * line.size
    return near and (line.x0 >= gutter - 3 or line.x1 < gutter)


def _is_prose(lines: tuple[Line, ...]) -> bool:
    """Say whether lines below each other are those of one text: sentences go on from line to line."""
    words = statistics.mean(len(line.text.split()) for line in lines)
    going = sum(not re.search(r"[.!?:;]\W*$", line.text) for line in lines[:-1])
    lower = sum(line.text[:1].islower() for line in lines[1:])
    return words >= 4 and going >= 0.6 * (len(lines) - 1) and lower >= 0.4 * (len(lines) - 1)
