"""PDF: from what is drawn on a page to its lines, by where it stands."""

import re
import statistics
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest
from math import ceil

from stages.documents.blocks import BULLET, NUMBER, clean
from stages.documents.pdf.runs import Run, baselines
from stages.documents.pdf.shapes import Box
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
    rows = baselines(runs)
    begun = _aligned_runs(rows) | _behind_strips(rows)
    for row in rows:
        groups: list[list[Run]] = [[row[0]]]
        for before, run in pairwise(row):
            wide = run.x0 - before.x1 > (3.2 if run.follows else 1.6) * max(run.size, before.size)
            goes_on = (_is_mark(before) and len(groups[-1]) == 1) or re.match(r"[.,;:)]", run.text.strip())
            if (wide and not goes_on) or id(run) in begun or place(before) != place(run):
                groups.append([run])
            else:
                groups[-1].append(run)
        lines += [_line(group, page) for group in groups]
    lines = [line for line in lines if line.text]
    for line in lines:
        if any(_marks(dot, line) for dot in dots) and not BULLET.match(line.text):
            line.text = f"• {line.text}"
    return lines


def _is_mark(run: Run) -> bool:
    """Say whether a run is the mark of a list's item."""
    text = run.text.strip() + " "
    return BULLET.fullmatch(text) is not None or NUMBER.fullmatch(text) is not None


def _aligned_runs(rows: list[list[Run]]) -> set[int]:
    """Return the runs (their ids) that begin the cells of a table whose columns stand closer than others do.

    Those are runs behind a gap that is wider than a blank, which stand below each other in three successive rows.
    """
    found: set[int] = set()
    block: list[list[Run]] = []
    for row, following in zip_longest(rows, rows[1:]):
        block.append(row)
        first = row[0]
        if (
            following is None
            or abs(following[0].x0 - first.x0) > 1.5
            or not 0 < first.y - following[0].y < 2.5 * first.size
            or abs(first.size - following[0].size) > 0.15 * first.size
        ):
            if len(block) > 2:
                found |= _below_each_other(block)
            block = []
    return found


def _below_each_other(rows: list[list[Run]]) -> set[int]:
    apart: dict[float, list[Run]] = {}
    for row in rows:
        for before, run in pairwise(row):
            if run.x0 - before.x1 > 0.45 * run.size and not _is_mark(before) and not (run.mono and before.mono):
                place = next((x for x in apart if abs(x - run.x0) < 1.5), run.x0)
                apart.setdefault(place, []).append(run)
    return {id(run) for found in apart.values() if len(found) >= max(3, 0.8 * len(rows)) for run in found}


def _behind_strips(rows: list[list[Run]]) -> set[int]:
    """Return the runs (their ids) that stand behind a strip of the page that is empty in nearly all of the rows.

    Columns of text may stand closer than the widest gaps between words; but those do not stand below each other.
    """
    gaps: Counter[int] = Counter()
    texts: Counter[int] = Counter()
    found: list[tuple[float, float, Run]] = []
    for row in rows:
        start = row[0].x0
        for before, run in pairwise(row):
            if run.x0 - before.x1 > 0.6 * run.size and not _is_mark(before):
                found.append((before.x1, run.x0, run))
                gaps.update(range(ceil(before.x1), int(run.x0) + 1))
                texts.update(range(int(start), ceil(before.x1)))
                start = run.x0
        texts.update(range(int(start), ceil(row[-1].x1)))
    strips = {x for x, count in gaps.items() if count >= max(8, 4 * texts[x])}
    return {id(run) for left, right, run in found if not strips.isdisjoint(range(ceil(left), int(right) + 1))}


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
