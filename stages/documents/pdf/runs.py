"""PDF: what is drawn on a page: stretches of text, and the shapes that say something about them."""

import re
import statistics
from collections import Counter
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import hypot
from typing import Any

from pypdf import PageObject
from pypdf.generic import DictionaryObject

from stages.documents.pdf.fonts import REPAIRS, Font, Fonts
from stages.documents.pdf.shapes import Box, Shapes
from stages.records import Link

Placed = tuple[str, float, float]  # a text and where it begins
GAP = 0.3  # of the size, between texts of one line that were placed apart: less is a word's end or kerning


@dataclass
class Run:
    """A stretch of text in one font; coordinates in points, y upwards from the page's foot, as the page is read."""

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
    follows: bool = False  # drawn in one go with the run before it: a wide gap may be one between words


@dataclass
class Drawn:
    """What is drawn on a page."""

    runs: list[Run]
    width: float  # of the page as it is read, in points
    height: float
    turn: int = 0  # degrees by which the page is turned clockwise to be read
    dots: list[Box] = field(default_factory=list)  # small filled shapes
    rules: list[Box] = field(default_factory=list)  # thin upright and level lines
    pictures: float = 0.0  # share of the page that pictures cover
    taken: list[tuple[str, str]] = field(default_factory=list)  # text that is no content: reason and text


@dataclass
class _Shown:
    """A text as it was drawn: the direction and the place in the page's own coordinates."""

    text: str
    turn: int | None  # degrees by which the page is turned to read it, None for a slanting text
    x: float
    y: float
    size: float
    font: Font
    tracking: float  # extra width of each character and of each blank, at size 1
    blank: float
    follows: bool = False  # the text before it, in one text of pypdf's


def read_drawn(page: PageObject, fonts: Fonts) -> Drawn:
    """Return what is drawn on the page, text in the order of drawing, without overlaps."""
    pen = _Pen(page, fonts)
    page.extract_text(visitor_operand_before=pen.draw, visitor_text=pen.write)
    letters: Counter[int] = Counter()
    for shown in pen.shown:
        if shown.turn is not None:
            letters[shown.turn] += len(shown.text)
    turn = letters.most_common(1)[0][0] if letters else int(page.get("/Rotate") or 0) % 360
    width, height = abs(float(page.mediabox.width)), abs(float(page.mediabox.height))
    drawn = Drawn([], *((height, width) if turn in (90, 270) else (width, height)), turn=turn)
    drawn.dots = [turned_box(dot, turn, width, height) for dot in pen.shapes.dots]
    drawn.rules = [turned_box(rule, turn, width, height) for rule in pen.shapes.rules]
    drawn.pictures = min(1.0, pen.shapes.pictures / max(1.0, width * height))
    straight = []
    for shown in pen.shown:
        if shown.turn == turn:
            shown.x, shown.y = _turned(shown.x, shown.y, turn, width, height)
            straight.append(shown)
        else:  # a watermark or an axis label
            drawn.taken.append(("rotated_text", shown.text))
    runs = _runs(straight)
    usual = statistics.median([run.size for run in runs]) if runs else 0
    for run in runs:
        if run.size < 5 * usual or re.search(r"[^\W\d_]", run.text):
            drawn.runs.append(run)
        else:  # a huge digit is a picture
            drawn.taken.append(("decoration", run.text))
    for row in baselines(drawn.runs):
        for before, run in pairwise(row):  # a font's widths promise more than was drawn
            before.x1 = min(before.x1, max(run.x0, before.x0 + 1))
    return drawn


def turned_box(box: Box, turn: int, width: float, height: float) -> Box:
    """Return a box of a page's own coordinates as it stands on the page when it is turned to be read."""
    (a, b), (c, d) = _turned(box[0], box[1], turn, width, height), _turned(box[2], box[3], turn, width, height)
    return min(a, c), min(b, d), max(a, c), max(b, d)


def baselines(runs: list[Run]) -> list[list[Run]]:
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


class _Pen:
    """Notes what pypdf comes by while it reads a page's drawing instructions."""

    def __init__(self, page: PageObject, fonts: Fonts):
        self.fonts = fonts
        self.shown: list[_Shown] = []
        self.placed: list[tuple[bytes, float, float]] = []  # what was drawn since pypdf told of a text, and where
        self.spacing = 0.0, 0.0  # after each character, and more after a blank
        self.saved: list[tuple[float, float]] = []
        self.used = self.spacing  # of the last text; pypdf tells of a text when it has gone on
        try:
            objects = page["/Resources"]["/XObject"]  # type: ignore[index]
        except (KeyError, TypeError):
            objects = {}
        self.shapes = Shapes(objects)

    def draw(self, operator: bytes, operands: list[Any], cm: list[float], tm: list[float]) -> None:
        """Note shapes, where texts are placed, and how far letters are set apart."""
        if operator in (b"Tj", b"TJ"):
            self.used = self.spacing
            drawn = operands[0] if operator == b"TJ" else operands
            data = b"".join(piece for piece in drawn if isinstance(piece, bytes))
            self.placed.append((data, *_place(cm, tm)))
        elif operator == b"Tc":
            self.spacing = float(operands[0]), self.spacing[1]
        elif operator == b"Tw":
            self.spacing = self.spacing[0], float(operands[0])
        elif operator == b"q":
            self.saved.append(self.spacing)
        elif operator == b"Q":
            self.spacing = self.saved.pop() if self.saved else self.spacing
        else:
            self.shapes.draw(operator, operands, cm)

    def write(self, text: str, cm: list[float], tm: list[float], font: DictionaryObject | None, size: float) -> None:
        """Note a text."""
        if not text.strip():
            self.placed = []
            return
        a, b = tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3]
        x, y = _place(cm, tm)
        scale = hypot(a, b)
        turn = None
        if abs(b) <= 0.2 * scale:
            turn = 0 if a >= 0 else 180
        elif abs(a) <= 0.2 * scale:
            turn = 90 if b > 0 else 270
        # some producers leave out spaces and letters are drawn one by one: pypdf has put both right in the text
        tracking, blank = (max(-0.3, min(0.5, extra / (size or 1.0))) for extra in self.used)
        known = self.fonts[font]
        text = text.translate(REPAIRS)
        parts = self._parted(text, (x, y), size * scale, known) if turn == 0 else [(text, x, y)]
        for number, (part, left, foot) in enumerate(parts):
            self.shown.append(_Shown(part, turn, left, foot, size * scale, known, tracking, blank, number > 0))

    def _parted(self, text: str, start: tuple[float, float], size: float, font: Font) -> list[tuple[str, float, float]]:
        """Return the parts of a text that were placed apart from each other, as the cells of a row, and where.

        pypdf joins what stands on one line. It is parted only where it put a blank, and only if the bytes that were
        drawn say the same as the text.
        """
        placed, self.placed = self.placed, []
        whole = [(text, *start)]
        if len(placed) < 2:
            return whole
        pieces = ["".join(font.decoded(data).split()) for data, _, _ in placed]
        if "".join(pieces) != "".join(text.split()):
            return whole
        letters = [index for index, character in enumerate(text) if not character.isspace()]
        parts, begun, at, drawn = [], 0, start, 0
        for piece, (_, x, y) in zip(pieces, placed, strict=True):
            first = letters[drawn] if piece else 0
            before = text[begun:first]
            if before.strip() and before[-1:] == " " and (x, y) != at and abs(y - at[1]) < 0.1 * size:
                end = at[0] + size * sum(font.advances(before.strip()))
                if x - end > GAP * size:
                    parts.append((before, *at))
                    begun, at = first, (x, y)
            drawn += len(piece)
        return [*parts, (text[begun:], *at)]


def _place(cm: list[float], tm: list[float]) -> tuple[float, float]:
    """Return where on the page the text begins that these matrices place."""
    return tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]


def _turned(x: float, y: float, turn: int, width: float, height: float) -> tuple[float, float]:
    """Return where a place lies when the page of this size is turned clockwise."""
    return {0: (x, y), 90: (y, width - x), 180: (width - x, height - y), 270: (height - y, x)}.get(turn, (x, y))


def _runs(shown: list[_Shown]) -> list[Run]:
    """Return texts as runs, with the width that their fonts give them."""
    runs: list[Run] = []
    told = (0.0, 0.0)  # the last run's place, as pypdf told it
    end = 0.0  # and where it really ended: pypdf gives several runs of one line the line's beginning
    for text in shown:
        x, y, size, font = text.x, text.y, text.size, text.font
        same = (x, y) == told
        told = (x, y)
        if same:
            x = end
        for part in text.text.strip("\n").split("\n"):  # several lines in one are rare; their heights are guessed
            stripped = part.strip()
            if stripped and not same and font.mono:  # the indentation of code
                x += (len(part) - len(part.lstrip())) * 0.6 * size
                part = stripped
            if stripped:
                advances = font.advances(stripped)
                if text.tracking or text.blank:
                    pairs = zip(advances, stripped, strict=True)
                    advances = [a + text.tracking + text.blank * (character == " ") for a, character in pairs]
                total = sum(advances)
                run = Run(part, x, x + total * size, y, size, font.bold, font.mono)
                run.follows = text.follows
                run.places = [0.0, *accumulate(advance / (total or 1) for advance in advances)]
                runs.append(run)
                end = x + total * size + 0.25 * size * part.endswith(" ")
            y -= 1.2 * size
    return runs
