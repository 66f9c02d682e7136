"""Inline SVG, drawn without a script: score intervals and loss curves. Colours are classes of the page's style."""

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from stages.reporting.evaluation import Score
from stages.reporting.training import Adapter

WIDTH = 400  # user units; the page scales it
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


def losses(adapter: Adapter, steps: int, highest: float) -> Markup:
    """Return the curves of training loss by step and held-out loss by epoch.

    Args:
        adapter: whose.
        steps: right end of the scale, the same for all adapters that are compared.
        highest: its top.
    """
    left, right, top, bottom = 40, WIDTH - 10, 10, 220
    highest = max(highest, 1e-9)

    def x(step: float) -> float:
        return left + step / max(steps, 1) * (right - left)

    def y(value: float) -> float:
        return bottom - min(max(value, 0.0) / highest, 1.0) * (bottom - top)

    parts = []
    for tick in ticks(0, highest, 5):
        parts.append(_tag("line", x1=left, y1=y(tick), x2=right, y2=y(tick), class_="grid"))
        parts.append(_tag("text", _plain(tick), x=left - 6, y=y(tick) + 4, text_anchor="end", class_="tick"))
    for tick in ticks(0, steps, 5):
        parts.append(_tag("text", _plain(tick), x=x(tick), y=bottom + 16, text_anchor="middle", class_="tick"))
    parts.append(_tag("text", "step", x=right, y=bottom + 30, text_anchor="end", class_="tick"))
    drawn = [(x(step), y(value)) for step, value in thinned(adapter.steps, adapter.train)]
    parts.append(_tag("polyline", points=_points(drawn), class_="curve train"))
    held = [(x(step), y(value)) for step, value in adapter.evaluated]
    if held:
        parts.append(_tag("polyline", points=_points(held), class_="curve held"))
        parts += [_tag("circle", cx=a, cy=b, r=4, class_="dot held") for a, b in held]
    last = f", held-out loss ends at {adapter.evaluated[-1][1]:.3f}" if held else ""
    first = f"from {adapter.train[0]:.3f} to {adapter.train[-1]:.3f}" if adapter.train else "not known"
    told = f"Loss of {adapter.name} over {len(adapter.steps)} steps: training loss {first}{last}"
    return _svg(f"Loss of {adapter.name}", told, bottom + 36, parts)


def ticks(low: float, high: float, wanted: int) -> list[float]:
    """Return round numbers from low to high, about as many as wanted."""
    if high <= low:
        return [low]
    rough = (high - low) / wanted
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(scale * m for m in (1, 2, 2.5, 5, 10) if scale * m >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def thinned(steps: Sequence[int], values: Sequence[float], most: int = MOST_POINTS) -> list[tuple[float, float]]:
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


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_plain(a)},{_plain(b)}" for a, b in points)


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if not float(value).is_integer() else f"{int(value)}"


def _short(label: str, most: int = 14) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


__all__ = ["intervals", "losses", "thinned", "ticks"]
