"""Plots as Vega-Lite specifications, which the page's script draws (https://vega.github.io/vega-lite/).

Colours are the page's own variables, so that a plot is light or dark with it. Every plot has a table of the same
figures beside it, for those who cannot see it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from stages.reporting.evaluation import Score

Spec = dict[str, Any]
SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_POINTS = 300  # of a curve; more are averaged
SHARE = 0.98  # of the values of curves that must fit in
WIDE = 24  # pixels of a bar with its gap
HELD_OUT = "held-out"  # the other losses are of training
NARROW = 15  # of a whisker


@dataclass(frozen=True)
class Curve:
    """A line of a plot: of whom, the points x and y, and whether they are few (dashed, a dot each).

    `mark` is a point that gets a ring.
    """

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False
    mark: tuple[float, float] | None = None


def intervals(
    label: str, scores: Mapping[str, Mapping[str, Score]], colours: Mapping[str, str], share: bool = True
) -> Spec:
    """Return dots with whiskers.

    Args:
        label: of the metric.
        scores: by set and system.
        colours: a CSS colour each system, in their order.
        share: the scale is from 0 to 1, or what they span, not only what they span.
    """
    rows = [
        {"set": name, "system": system, "value": score.value, "low": score.low, "high": score.high, "items": score.n}
        for name, systems in scores.items()
        for system, score in systems.items()
        if score.value is not None
    ]
    edges = [edge for row in rows for edge in (row["value"], row["low"], row["high"]) if edge is not None]
    whole = [0.0, 1.0] if share or not edges else []
    x = {"type": "quantitative", "scale": {"domain": [min([*whole, *edges]), max([*whole, *edges])], "nice": False}}
    systems = [system for system in colours if any(row["system"] == system for row in rows)]
    y = {"field": "set", "type": "nominal", "sort": list(scores), "title": None,
         "scale": {"paddingInner": 0.25}}  # fmt: skip
    return _spec(
        f"{label} with 95 % intervals, by set and system",
        rows,
        height={"step": NARROW, "for": "offset"},
        encoding={
            "y": y,
            "yOffset": {"field": "system", "type": "nominal", "sort": systems},
            "color": _colour("system", systems, colours),
            "opacity": {"condition": {"param": "shown", "value": 1}, "value": 0.12},
        },
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 3, "strokeCap": "round", "opacity": 0.6},
                "encoding": {"x": {"field": "low", "title": label, **x}, "x2": {"field": "high"}},
            },
            {
                "params": [_legend("system")],
                "mark": {"type": "point", "filled": True, "size": 70},
                "encoding": {
                    "x": {"field": "value", **x},
                    "tooltip": [
                        {"field": "system"}, {"field": "set"}, {"field": "value", "format": ".3f"},
                        {"field": "low", "format": ".3f"}, {"field": "high", "format": ".3f"}, {"field": "items"},
                    ],
                },
            },
        ],
    )  # fmt: skip


def curves(title: str, drawn: Sequence[Curve], colours: Mapping[str, str], share: float = SHARE) -> Spec:
    """Return curves by epoch, on a scale from 0.

    Args:
        title: of the values.
        drawn: the curves; points that are not finite are left out.
        colours: a CSS colour each name.
        share: of the values that fit in, so that an outlier does not flatten the rest; dashed curves fit in whole.
    """
    rows = [
        {"name": one.name, "kind": HELD_OUT if one.dashed else "training", "epoch": _short(x), "value": _short(y)}
        for one in drawn
        for x, y in one.points
        if math.isfinite(x) and math.isfinite(y)
    ]
    values = sorted(y for one in drawn for _, y in one.points if math.isfinite(y))
    whole = [y for one in drawn if one.dashed for _, y in one.points if math.isfinite(y)]
    highest = 1.05 * max([1e-9, *whole, *values[int(share * (len(values) - 1)) :][:1]])
    names = list(dict.fromkeys(one.name for one in drawn))
    rings = [{"name": one.name, "epoch": one.mark[0], "value": one.mark[1]} for one in drawn if one.mark]
    y = {"field": "value", "type": "quantitative", "title": title, "scale": {"domain": [0, highest], "nice": False}}
    encoding = {
        "x": {"field": "epoch", "type": "quantitative", "title": "epoch", "scale": {"nice": False}},
        "y": y,
        "color": _colour("name", names, colours),
        "opacity": {"condition": {"param": "shown", "value": 0.9}, "value": 0.12},
        "tooltip": [{"field": "name"}, {"field": "kind"}, {"field": "epoch", "format": ".2f"},
                    {"field": "value", "format": ".4~g"}],
    }  # fmt: skip
    layer: list[Spec] = [
        {
            "params": [_legend("name")],
            "transform": [{"filter": f"datum.kind != '{HELD_OUT}'"}],
            "mark": {"type": "line", "clip": True, "strokeWidth": 1.5},
        },
        {
            "transform": [{"filter": f"datum.kind == '{HELD_OUT}'"}],
            "mark": {"type": "line", "clip": True, "strokeDash": [5, 4], "strokeWidth": 2.5,
                     "point": {"filled": True, "size": 40}},
        },
    ]  # fmt: skip
    if rings:
        layer.append({"data": {"values": rings}, "mark": {"type": "point", "size": 220, "strokeWidth": 2}})
    return _spec(f"{title} by epoch", rows, height=230, encoding=encoding, layer=layer)


def shares(title: str, rows: Sequence[Mapping[str, Any]], colours: Mapping[str, str]) -> Spec:
    """Return bars of a whole each, cut into parts.

    Args:
        title: what it shows.
        rows: `bar`, `part` (of `colours`), `count`, `what` (what the tooltip says), and `target`, the id of the
            element that a click on the part leads to, if any. Bars and parts are drawn in this order.
        colours: a CSS colour each kind of part.
    """
    return _spec(
        title,
        [dict(row) | {"place": place} for place, row in enumerate(rows)],
        height={"step": WIDE},
        mark={"type": "bar", "stroke": "var(--card)", "strokeWidth": 1, "cursor": "pointer"},
        encoding={
            "y": {"field": "bar", "type": "nominal", "sort": None, "title": None},
            "x": {"field": "count", "type": "quantitative", "stack": "normalize", "title": None,
                  "axis": {"format": "%"}},
            "order": {"field": "place"},
            "color": _colour("part", list(colours), colours),
            "tooltip": [{"field": "bar"}, {"field": "what"}, {"field": "count", "format": ","}],
        },
    )  # fmt: skip


def histogram(title: str, bins: Sequence[tuple[float, float, int]], unit: str) -> Spec:
    """Return a histogram of (from, to, count) bins."""
    rows = [{"from": low, "to": high, "count": count} for low, high, count in bins]
    return _spec(
        title,
        rows,
        height=120,
        mark={"type": "bar", "color": "var(--a)"},
        encoding={
            "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": unit},
            "x2": {"field": "to"},
            "y": {"field": "count", "type": "quantitative", "title": None},
            "tooltip": [{"field": "from"}, {"field": "to"}, {"field": "count", "format": ","}],
        },
    )


def thinned(steps: Sequence[float], values: Sequence[float], most: int = MOST_POINTS) -> list[tuple[float, float]]:
    """Return the points of a curve, neighbours averaged where there are more than can be seen."""
    size = max(1, math.ceil(len(values) / most))
    points = []
    for place in range(0, len(values), size):
        some, at = values[place : place + size], steps[place : place + size]
        points.append((math.fsum(at) / len(at), math.fsum(some) / len(some)))
    return points


def _spec(description: str, rows: Sequence[Mapping[str, Any]], **more: Any) -> Spec:
    return {"$schema": SCHEMA, "description": description, "width": "container", "data": {"values": list(rows)}} | more


def _colour(field: str, names: Sequence[str], colours: Mapping[str, str]) -> Spec:
    scale = {"domain": list(names), "range": [colours[name] for name in names]}
    return {"field": field, "type": "nominal", "title": None, "scale": scale, "legend": {"orient": "top"}}


def _legend(field: str) -> Spec:
    """Return the parameter by which a click in the legend picks one."""
    return {"name": "shown", "select": {"type": "point", "fields": [field]}, "bind": "legend"}


def _short(value: float) -> float:
    return float(f"{value:.5g}")
