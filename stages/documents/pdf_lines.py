"""PDF: from what is drawn on a page to its lines in reading order, by where they stand."""

import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

from stages.documents.blocks import BULLET, NUMBER, clean
from stages.documents.pdf_runs import Run, baselines
from stages.documents.pdf_shapes import Box
from stages.records import Link


@dataclass
class Line:
    """Runs on one baseline that belong together."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    mono: bool
    page: int
    links: list[Link]
    inside: float = 0.0  # share of characters that lead to a place in the document
    cells: list["Line"] = field(default_factory=list)  # of a table's row

    @property
    def parts(self) -> list["Line"]:
        """The cells that hold text, or the line itself if it has none."""
        return [cell for cell in self.cells if cell.text] or [self]

    @property
    def ruled(self) -> bool:
        """Whether it is a row of a table with rules: each of its cells begins where the one before it ends."""
        return len(self.cells) > 1 and all(before.x1 == cell.x0 for before, cell in pairwise(self.cells))


def to_lines(runs: list[Run], page: int, dots: list[Box], place: Callable[[Run], object]) -> list[Line]:
    """Group the runs to lines, parted where a gap is as wide as between columns, or where `place` tells of another.

    Args:
        runs: what was drawn.
        page: the page's number.
        dots: small shapes, which may mark list items.
        place: the cell of a table with rules in which a run stands.
    """
    lines: list[Line] = []
    for row in baselines(runs):
        groups: list[list[Run]] = [[row[0]]]
        for before, run in pairwise(row):
            marker = BULLET.fullmatch(before.text.strip() + " ") or NUMBER.fullmatch(before.text.strip() + " ")
            wide = run.x0 - before.x1 > (3.2 if run.follows else 1.6) * max(run.size, before.size)
            begins = wide and not (marker and len(groups[-1]) == 1) and not re.match(r"[.,;:)]", run.text.strip())
            if begins or place(before) != place(run):
                groups.append([run])
            else:
                groups[-1].append(run)
        lines += [_line(group, page) for group in groups]
    lines = [line for line in lines if line.text]
    for line in lines:
        if any(_marks(dot, line) for dot in dots) and not BULLET.match(line.text):
            line.text = f"• {line.text}"
    return lines


def _marks(dot: Box, line: Line) -> bool:
    """Say whether a small shape stands before a line as a list mark does."""
    left, foot, right, head = dot
    return (
        0 < line.x0 - right < 2 * line.size
        and head - foot < 0.75 * line.size
        and 0 < (foot + head) / 2 - line.y < 0.7 * line.size
        and not line.mono
    )


def _line(runs: list[Run], page: int) -> Line:
    text = ""
    end = runs[0].x0
    for run in runs:
        gap = run.x0 - end
        if (
            text
            and not text.endswith(" ")
            and (run.text.startswith(" ") or gap > 0.17 * run.size or (text[-1] == ")" and run.text[:1].isalpha()))
        ):
            text += " "
        text += run.text.strip("\n") if text else run.text.lstrip()
        end = run.x1
    size = Counter[float]()
    for run in [run for run in runs if not run.mono] or runs:  # code among words is often set smaller
        size[round(run.size * 2) / 2] += len(run.text.strip())
    letters = sum(len(run.text.strip()) for run in runs)
    mono = all(run.mono for run in runs)
    text = " ".join(text.split()) if not mono else text.strip()
    return Line(
        text=text if mono else re.sub(r"(?<=\w) (?=[,;:.)]+(?:\s|$))|(?<=\s\() ", "", clean(text)),
        x0=runs[0].x0,
        x1=max(run.x1 for run in runs),
        y=runs[0].y,
        size=size.most_common(1)[0][0],
        bold=all(run.bold for run in runs),
        mono=mono,
        page=page,
        links=[link for run in runs for link in run.links],
        inside=sum(run.inside for run in runs) / max(1, letters),
    )


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
    lines = []
    for row in rows:
        row.sort(key=lambda s: s.x0)
        if len(row) == 1 or all(BULLET.match(cell.text) for cell in row):
            lines += row
            continue
        lines.append(replace(joined(row, " ".join(cell.text for cell in row)), cells=row))
    return lines


def joined(lines: list[Line], text: str) -> Line:
    """Return lines as one with this text."""
    return replace(
        lines[0],
        text=text,
        x1=lines[-1].x1,
        bold=all(line.bold for line in lines),
        mono=all(line.mono for line in lines),
        links=[link for line in lines for link in line.links],
        inside=statistics.mean(line.inside for line in lines),
    )
