"""PDF: the shapes that are drawn on a page: dots that mark list items, rules of tables, pictures."""

from itertools import pairwise
from typing import Any

DOT = 1.0, 9.0  # least and greatest width of a drawn list mark, in points
THIN = 2.0  # greatest width of a rule, in points
SHORT = 4.0  # shorter ones are no rules, in points
MOST = 4000  # lines of one page or shape that are noted: with more it is a drawing
FILLS = {b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"}
STROKES = {b"S", b"s", b"B", b"B*", b"b", b"b*"}
PAINTS = FILLS | STROKES | {b"n"}

Box = tuple[float, float, float, float]  # left, foot, right, head
Point = tuple[float, float]


class Shapes:
    """Notes shapes from a page's drawing instructions, in the page's own coordinates."""

    def __init__(self, objects: Any):
        self.objects = objects  # by name, those that a page may draw as a whole
        self.dots: list[Box] = []
        self.rules: list[Box] = []
        self.pictures = 0.0  # points squared
        self.strokes: list[tuple[Point, Point]] = []  # straight lines of the shape that is being drawn
        self.boxes: list[tuple[Point, Point]] = []  # and its rectangles
        self.path: list[float] = []  # x and y of all its points
        self.start: Point = (0.0, 0.0)
        self.at: Point = (0.0, 0.0)

    def draw(self, operator: bytes, operands: list[Any], cm: list[float]) -> None:
        """Note what one instruction draws; `cm` is the transformation in force."""
        if operator in (b"m", b"l", b"c", b"v", b"y"):
            to = float(operands[-2]), float(operands[-1])
            if operator == b"m":
                self.start = to
            elif operator == b"l":
                self._line_to(to)
            self.at = to
            if len(self.path) < 400:
                self.path += map(float, operands)
        elif operator == b"re":
            x, y, width, height = map(float, operands)
            if len(self.boxes) < MOST:
                self.boxes.append(((x, y), (x + width, y + height)))
            if len(self.path) < 400:
                self.path += (x, y, x + width, y + height)
        elif operator == b"h":
            if self.at != self.start:
                self._line_to(self.start)
        elif operator in PAINTS:
            if operator in (b"s", b"b", b"b*") and self.at != self.start:
                self._line_to(self.start)
            if operator in FILLS:
                self._fill(cm)
            if operator in STROKES:
                self._stroke(cm)
            self.path, self.strokes, self.boxes = [], [], []
        elif operator == b"INLINE IMAGE" or (operator == b"Do" and operands and self._is_picture(operands[0])):
            left, foot, right, head = box([0, 1, 0, 1], [0, 0, 1, 1], cm)
            self.pictures += (right - left) * (head - foot)

    def _line_to(self, to: Point) -> None:
        if len(self.strokes) < MOST:
            self.strokes.append((self.at, to))
        self.at = to

    def _fill(self, cm: list[float]) -> None:
        """Note a filled shape: a dot, or rules, which many producers draw as thin rectangles."""
        if not self._dot(cm) and self.path and not self.boxes:
            self._rule(box(self.path[0::2], self.path[1::2], cm))
        for (left, foot), (right, head) in self.boxes:
            self._rule(box([left, right], [foot, head], cm))

    def _stroke(self, cm: list[float]) -> None:
        """Note the straight lines of a shape, and the sides of its rectangles; a circle marks items of inner lists."""
        if not self.strokes and not self.boxes:
            self._dot(cm)
        sides = list(self.strokes)
        for (left, foot), (right, head) in self.boxes:
            sides += pairwise([(left, foot), (right, foot), (right, head), (left, head), (left, foot)])
        for one, other in sides:
            self._rule(box([one[0], other[0]], [one[1], other[1]], cm))

    def _dot(self, cm: list[float]) -> bool:
        """Note the shape if it is as small and as wide as high as a list mark; say whether it is."""
        if not self.path:
            return False
        whole = box(self.path[0::2], self.path[1::2], cm)
        width, height = whole[2] - whole[0], whole[3] - whole[1]
        if not (DOT[0] <= width <= DOT[1] and 0.7 < width / max(height, 0.1) < 1.4):
            return False
        self.dots.append(whole)
        return True

    def _rule(self, drawn: Box) -> None:
        width, height = sorted((drawn[2] - drawn[0], drawn[3] - drawn[1]))
        if width <= THIN and height >= SHORT and len(self.rules) < MOST:
            self.rules.append(drawn)

    def _is_picture(self, name: Any) -> bool:
        try:
            return name not in self.objects or self.objects[name].get_object()["/Subtype"] == "/Image"
        except (KeyError, TypeError, AttributeError):
            return False


def box(xs: list[float], ys: list[float], cm: list[float]) -> Box:
    """Return the box round points after a transformation."""
    left, foot, right, head = min(xs), min(ys), max(xs), max(ys)
    corners = [(x, y) for x in (left, right) for y in (foot, head)]
    across = [x * cm[0] + y * cm[2] + cm[4] for x, y in corners]
    up = [x * cm[1] + y * cm[3] + cm[5] for x, y in corners]
    return min(across), min(up), max(across), max(up)
