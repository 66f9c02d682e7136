"""Inline SVG, drawn without a script: score intervals and curves. Colours are classes of the page's style."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from stages.reporting.evaluation import Score

WIDTH = 400  # user units; the page scales it
SHARE = 0.98  # of the values of curves that must fit in
MOST_POINTS = 300  # of a curve; more are averaged
_LABEL, _VALUE = 104, 44  # room left and right of an interval


def intervals(title: str, rows: Sequence[tuple[str, str, Score]]) -> Markup:
    """Return a dot with a whisker for each (label, colour class, score), on a scale from 0 to 1 or what they span."""
    edges = [e for _, _, s in rows for e in (s.value, s.low, s.high) if e is not None]
    low, high = min([0.0, *edges]), max([1.0, *edges])
    left, right, top, step = _LABEL, WIDTH - _VALUE, 8, 24
    bottom = top + step * len(rows)

    def x(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    parts = []
    for tick in ticks(low, high, 4):
        parts.append(_tag("line", x1=x(tick), y1=top, x2=x(tick), y2=bottom, class_="grid"))
        parts.append(_tag("text", _plain(tick), x=x(tick), y=bottom + 14, text_anchor="middle", class_="tick"))
    told = []
    for number, (label, colour, score) in enumerate(rows):
        y = top + step * (number + 0.5)
        parts.append(_tag("text", _short(label), x=left - 8, y=y + 4, text_anchor="end", class_="label"))
        if score.value is None:
            continue
        if score.low is not None and score.high is not None:
            parts.append(_tag("line", x1=x(score.low), y1=y, x2=x(score.high), y2=y, class_=f"whisker {colour}"))
        parts.append(_tag("circle", cx=x(score.value), cy=y, r=5, class_=f"dot {colour}"))
        parts.append(_tag("text", f"{score.value:.2f}", x=WIDTH - 4, y=y + 4, text_anchor="end", class_="label"))
        told.append(f"{label} {score.value:.2f}")
    return _svg(title, f"{title}: {', '.join(told)}", bottom + 22, parts)


@dataclass(frozen=True)
class Curve:
    """A line of a chart.

    Attributes:
        colour: class of its colour.
        points: x and y; y below 0 or above the chart's top is drawn at its edge, and what is not finite not at all.
        dashed: few values, each of which gets a dot.
        mark: a point with a ring round it.
    """

    colour: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    mark: tuple[float, float] | None = None


def curves(title: str, told: str, drawn: Sequence[Curve], longest: float, share: float = SHARE) -> Markup:
    """Return curves by epoch on common scales from 0.

    Args:
        title: of the chart.
        told: what it shows, for those who cannot see it.
        drawn: the curves.
        longest: the last epoch of the scale, so that charts compare.
        share: of the values that fit in, so that an outlier does not flatten the rest; dashed curves fit in whole.
    """
    left, right, top, bottom = 48, WIDTH - 10, 10, 220
    drawn = [Curve(one.colour, _finite(one.points), one.dashed, one.mark) for one in drawn]
    values = sorted(y for one in drawn for _, y in one.points)
    whole = [y for one in drawn if one.dashed for _, y in one.points]
    highest = 1.05 * max([1e-9, *whole, *values[int(share * (len(values) - 1)) :][:1]])

    def at(point: tuple[float, float]) -> tuple[float, float]:
        x, y = point
        return left + x / (longest or 1) * (right - left), bottom - min(max(y / highest, 0.0), 1.0) * (bottom - top)

    parts = []
    for tick in ticks(0, highest, 6):
        _, y = at((0, tick))
        parts.append(_tag("line", x1=left, y1=y, x2=right, y2=y, class_="grid"))
        parts.append(_tag("text", f"{tick:g}", x=left - 6, y=y + 4, text_anchor="end", class_="tick"))
    for tick in ticks(0, longest, 6):
        parts.append(_tag("text", f"{tick:g}", x=at((tick, 0))[0], y=bottom + 16, text_anchor="middle", class_="tick"))
    parts.append(_tag("text", "epoch", x=right, y=bottom + 30, text_anchor="end", class_="tick"))
    for one in drawn:
        places = [at(point) for point in one.points]
        shape = "curve dashed" if one.dashed else "curve"
        parts.append(_tag("polyline", points=_points(places), class_=f"{shape} {one.colour}"))
        if one.dashed:
            parts += [_tag("circle", cx=x, cy=y, r=3.5, class_=f"dot {one.colour}") for x, y in places]
        if one.mark:
            x, y = at(one.mark)
            parts.append(_tag("circle", cx=x, cy=y, r=8, class_=f"ring {one.colour}"))
    return _svg(title, told, bottom + 36, parts)


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """Return round numbers from low to high, about as many as wanted."""
    if high <= low:
        return [low]
    rough = (high - low) / wanted
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * m for m in (1, 2, 2.5, 5, 10) if scale * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def thinned(steps: Sequence[float], values: Sequence[float], most: int = MOST_POINTS) -> list[tuple[float, float]]:
    """Return the points of a curve, neighbours averaged where there are more than can be seen."""
    size = max(1, math.ceil(len(values) / most))
    points = []
    for place in range(0, len(values), size):
        some, at = values[place : place + size], steps[place : place + size]
        points.append((math.fsum(at) / len(at), math.fsum(some) / len(some)))
    return points


def _svg(title: str, told: str, height: float, parts: list[Markup]) -> Markup:
    inner = Markup("").join(parts)
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}"><title>{}</title>{}</svg>').format(
        WIDTH, _plain(height), told, title, inner
    )


def _tag(name: str, text: str | None = None, **attributes: float | str) -> Markup:
    """Return an SVG element; attributes are spelled with underscores, texts are escaped."""
    inside = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value if isinstance(value, str) else _plain(value))
        for key, value in attributes.items()
    )
    if text is None:
        return Markup("<{}{}/>").format(Markup(name), inside)
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), inside, escape(text))


def _finite(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [point for point in points if all(map(math.isfinite, point))]


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_plain(a)},{_plain(b)}" for a, b in points)


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if not float(value).is_integer() else f"{int(value)}"


def _short(label: str, most: int = 14) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


__all__ = ["Curve", "curves", "intervals", "thinned", "ticks"]
