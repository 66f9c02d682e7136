"""PDF: from what is drawn on a page to its lines in reading order, by where they stand."""

import re
import statistics
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import hypot
from typing import Any

from pypdf import PageObject
from pypdf.generic import DictionaryObject

from stages.documents.blocks import BULLET, NUMBER, clean
from stages.records import Link

# what fonts without a proper map come out as: ligatures, and marks at their place in Windows-1252
REPAIRS = str.maketrans(
    dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
    | dict(zip("\x7f\x95\uf0b7\x91\x92\x93\x94\x96\x97\x85\xa0", "•••‘’“”–—… ", strict=True))
)
MONOSPACED = re.compile(r"mono|courier|consol|menlo|typewriter|cmtt|sourcecode|inconsolata|fixed", re.IGNORECASE)
BOLD = re.compile(r"bold|black|heavy|semibold|demi|[-_,]md$|medium", re.IGNORECASE)


@dataclass
class Run:
    """A stretch of text in one font; coordinates in points, y upwards from the page's foot."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    mono: bool
    links: list[Link] = field(default_factory=list)
    places: list[float] = field(default_factory=list)  # of the stripped text's characters, as shares of the width
    inside: int = 0  # characters that lead to a place in the document


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


def read_runs(page: PageObject) -> list[Run]:
    """Return what is drawn on the page, in the order of drawing, without overlaps."""
    runs: list[Run] = []
    fonts: dict[int, Any] = {}
    turned = page.get("/Rotate") or 0
    told: list[tuple[float, float]] = [(0.0, 0.0)]  # the last run's place, as pypdf told it
    ends = [0.0]  # and where it really ended: pypdf gives several runs of one line the line's beginning

    def visit(text: str, cm: list[float], tm: list[float], font: DictionaryObject | None, size: float) -> None:
        if not text.strip():
            return
        a, b = tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3]
        x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = hypot(a, b)
        if abs(b) > 0.2 * scale and not turned:  # a watermark or an axis label
            return
        if turned in (90, 270):
            x, y = (y, -x) if turned == 90 else (-y, x)
        x, y, same = (ends[0], y, True) if (x, y) == told[0] else (x, y, False)
        if not same:
            told[0] = (x, y)
        name = str(font.get("/BaseFont", "") if font else "")
        # some producers leave out spaces and letters are drawn one by one: pypdf has put both right in the text
        text = text.translate(REPAIRS)
        parts = text.strip("\n").split("\n")
        guess = 0.6 if MONOSPACED.search(name) else 0.5
        for part in parts:  # several lines in one run are rare; their heights are guessed
            stripped = part.strip()
            if stripped and not same and MONOSPACED.search(name):  # the indentation of code
                x += (len(part) - len(part.lstrip())) * 0.6 * size * scale
                part = stripped
            if stripped:
                advances = _advances(stripped, font, fonts, guess)
                width = sum(advances) * size * scale
                run = Run(part, x, x + width, y, size * scale, bool(BOLD.search(name)), bool(MONOSPACED.search(name)))
                run.places = [0.0, *accumulate(advance / (sum(advances) or 1) for advance in advances)]
                runs.append(run)
                ends[0] = x + width + 0.25 * size * scale * part.endswith(" ")
            y -= 1.2 * size * scale

    page.extract_text(visitor_text=visit)
    usual = statistics.median([run.size for run in runs]) if runs else 0
    # a huge digit is a picture
    runs = [run for run in runs if run.size < 5 * usual or re.search(r"[^\W\d_]", run.text)]
    for row in _baselines(runs):
        for before, run in pairwise(row):  # a font's widths promise more than was drawn
            before.x1 = min(before.x1, max(run.x0, before.x0 + 1))
    return runs


def _advances(text: str, font: DictionaryObject | None, fonts: dict[int, Any], fallback: float) -> list[float]:
    """Return the width of each character at size 1; half an em where the font does not tell."""
    if font is not None:
        key = id(font)
        if key not in fonts:
            try:
                from pypdf.generic._font import Font  # not public: do without if it moves

                fonts[key] = (Font.from_font_resource(font), font)
            except Exception:
                fonts[key] = (None, font)
        known = fonts[key][0]
        if known is not None:
            widths = [float(known.get_text_width(character)) / 1000 for character in text]
            if 0.2 * len(text) < sum(widths) < 1.5 * len(text):
                return widths
    return [fallback] * len(text)


def _baselines(runs: list[Run]) -> list[list[Run]]:
    """Group the runs by the line they stand on; an index or exponent stands on the line of its base."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: -run.y):
        fall = rows[-1][0].y - run.y if rows else 0.0
        smaller = 0.5 < run.size / rows[-1][0].size < 0.8 if rows else False
        if rows and fall < (0.3 * rows[-1][0].size if smaller else 0.35 * min(run.size, rows[-1][0].size)):
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        row.sort(key=lambda run: run.x0)
    return rows


def to_lines(runs: list[Run], page: int) -> list[Line]:
    """Group the runs to lines, parted where a gap is as wide as between columns."""
    lines: list[Line] = []
    for row in _baselines(runs):
        groups: list[list[Run]] = [[row[0]]]
        for before, run in pairwise(row):
            marker = BULLET.fullmatch(before.text.strip() + " ") or NUMBER.fullmatch(before.text.strip() + " ")
            wide = run.x0 - before.x1 > 1.6 * max(run.size, before.size)
            if wide and not (marker and len(groups[-1]) == 1) and not re.match(r"[.,;:)]", run.text.strip()):
                groups.append([run])
            else:
                groups[-1].append(run)
        lines += [_line(group, page) for group in groups]
    return [line for line in lines if line.text]


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
        if rows and abs(rows[-1][0].y - segment.y) < 0.4 * min(segment.size, rows[-1][0].size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    lines = []
    for row in rows:
        row.sort(key=lambda s: s.x0)
        if len(row) == 1:
            lines.append(row[0])
            continue
        first = row[0]
        lines.append(
            Line(
                text=" ".join(cell.text for cell in row),
                x0=first.x0,
                x1=row[-1].x1,
                y=first.y,
                size=first.size,
                bold=all(cell.bold for cell in row),
                mono=all(cell.mono for cell in row),
                page=first.page,
                links=[link for cell in row for link in cell.links],
                inside=statistics.mean(cell.inside for cell in row),
                cells=row,
            )
        )
    return lines
