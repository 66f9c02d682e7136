"""What the page shows: the data of its template, with charts, and differences put into words."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from markupsafe import Markup

from stages.reporting import charts, coverage, evaluation, funnel, gates, gather, grades, study, training
from stages.reporting.charts import Curve
from stages.reporting.evaluation import BASE, METRICS, ORACLE, SETS, Evaluation, Score
from stages.reporting.training import Adapter

FACTS_SHOWN = 500  # uncovered facts on the page; all are in data/chunk/facts.jsonl
AN_EPOCH, LEAST_POINTS = 12, 60  # points of a smoothed curve
LEARNING_RATE = "Learning rate"  # shown as it is
STEP_CURVES: dict[str, Callable[[Adapter], list[float]]] = {
    LEARNING_RATE: lambda one: one.learning_rate,
    "Gradient norm": lambda one: one.grad_norm,
    "Tokens a second": lambda one: one.speed,
}
IN_WORDS = {"token_f1": "token F1", "correct": "right answers", "refusal": "refusal rate"}
EXTREMES = 5  # best and worst items shown unfolded


def content(data: Path, params: str) -> dict[str, Any]:
    """Return what the template shows of a data folder; `params` is the text of params.yaml.

    Raises GatherError if something is missing or does not add up.
    """
    names = gather.adapter_names(yaml.safe_load(params) or {}, data)
    steps = funnel.funnel(data, names)
    documents, quarantined, uncovered = coverage.documents(data)
    adapters = training.adapters(data, names)
    results = evaluation.evaluation(data, names)
    best = evaluation.best_system(results, names)
    drawn = evaluation.compared(data, results.systems, best)
    items = [one for one in drawn if one.set != "unanswerable"]  # refusing or not would fill both ends
    return {
        "steps": steps,
        "gates": gates.gates(data),
        "documents": documents,
        "quarantined": quarantined,
        "uncovered": uncovered,
        "concepts": coverage.concepts(data),
        "concept_quota": gather.metrics(data, "generate").get("concept_quota", 0),
        "facts_shown": FACTS_SHOWN,
        "adapters": adapters,
        "training_charts": training_charts(adapters, colours(results, names)),
        "seen": training.by_examples(adapters),
        "evaluation": results,
        "speeds": {name: one for name, one in evaluation.speeds(data).items() if name in results.systems},
        "grades": grades.grades(data),
        "study": study.study(data),
        "best": best,
        "charts": interval_charts(results),
        "sentences": sentences(results),
        "set_texts": SETS,
        "metric_texts": METRICS,
        "colours": colours(results, names),
        "top": items[:EXTREMES] if len(items) > 2 * EXTREMES else items,
        "bottom": items[: -EXTREMES - 1 : -1] if len(items) > 2 * EXTREMES else [],
        "middle": items[EXTREMES:-EXTREMES] if len(items) > 2 * EXTREMES else [],
        "unanswerable": [one for one in drawn if one.set == "unanswerable"],
        "params": params,
    }


def label_of(metric: str) -> str:
    """Return what a metric is called on the page."""
    return METRICS[metric][0] if metric in METRICS else metric.replace("_", " ")


def colours(results: Evaluation, names: Sequence[str] = ()) -> dict[str, str]:
    """Return the colour class of each system and adapter: base and oracle have their own, the others take turns."""
    others = [system for system in dict.fromkeys([*results.systems, *names]) if system not in (BASE, ORACLE)]
    return {BASE: "c-base", ORACLE: "c-oracle"} | {system: f"c-{number % 8}" for number, system in enumerate(others)}


def interval_charts(results: Evaluation) -> dict[str, dict[str, Any]]:
    """Return for each metric the interval chart of each set that has it."""
    colour = colours(results)
    found: dict[str, dict[str, Any]] = {metric: {} for metric in results.metrics}
    for metric in results.metrics:
        for name in results.sets:
            by_system = results.scores[name]
            rows = [
                (system, colour[system], by_system[system][metric])
                for system in results.systems
                if metric in by_system.get(system, {})
            ]
            if rows:
                found[metric][name] = charts.intervals(f"{label_of(metric)} on {name}", rows)
    return found


def training_charts(trained: list[Adapter], colour: Mapping[str, str]) -> list[tuple[str, Markup]]:
    """Return title and chart of the losses of all adapters, then of what else is known of each step."""
    end = max((one.epochs[-1] for one in trained if one.epochs), default=1.0)
    found = [("Loss, nats a token", loss_chart(trained, colour, end))]
    for title, values in STEP_CURVES.items():
        known = [(one, values(one)) for one in trained if values(one)]
        if known:
            exact = title == LEARNING_RATE
            points = charts.thinned if exact else smoothed
            told = "; ".join(f"{one.name} from {of[0]:.3g} to {of[-1]:.3g}" for one, of in known)
            lines = [Curve(colour[one.name], points(one.epochs, of)) for one, of in known]
            share = 1 if exact else charts.SHARE
            found.append((title, charts.curves(title, f"{title} by epoch: {told}", lines, end, share)))
    return found


def loss_chart(trained: list[Adapter], colour: Mapping[str, str], end: float) -> Markup:
    """Return training and held-out loss of all adapters up to the epoch `end`, with rings where one was kept early."""
    lines, told = [], []
    for one in trained:
        epoch, loss = dict(zip(one.steps, one.epochs, strict=True)), dict(one.evaluated)
        held = [(epoch[step], value) for step, value in one.evaluated]
        mark = (epoch[one.kept], loss[one.kept]) if one.kept in loss else None
        lines.append(Curve(colour[one.name], smoothed(one.epochs, one.train)))
        lines.append(Curve(colour[one.name], held, dashed=True, mark=mark))
        if one.train:
            last = f", held-out loss ends at {held[-1][1]:.2f}" if held else ""
            told.append(f"{one.name} from {one.train[0]:.2f} to {one.train[-1]:.2f}{last}")
    return charts.curves("Loss", f"Training loss by epoch: {'; '.join(told)}", lines, end)


def smoothed(epochs: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """Return the points of a curve that jumps from step to step: some an epoch, whatever the batches."""
    wanted = max(LEAST_POINTS, math.ceil(AN_EPOCH * epochs[-1])) if epochs else LEAST_POINTS
    return charts.thinned(epochs, values, min(wanted, charts.MOST_POINTS))


def sentences(results: Evaluation) -> dict[str, list[tuple[str, str, int]]]:
    """Return for each set the systems' differences to base in words, with verdict and items needed.

    They are those of token F1, of right answers where there is none, or else of refusals.
    """
    said: dict[str, list[tuple[str, str, int]]] = {}
    for name in results.sets:
        for system in results.systems:
            metrics = results.differences.get(name, {}).get((system, BASE), {})
            metric = next((metric for metric in IN_WORDS if metric in metrics), None)
            if metric and system != ORACLE:
                told = f"{system} {worded(metrics[metric], IN_WORDS[metric])}"
                said.setdefault(name, []).append((told, metrics[metric].verdict, metrics[metric].needed))
    return said


def worded(score: Score, label: str) -> str:
    """Return a difference to base as the end of a sentence."""
    if score.value is None:
        return f"cannot be compared with base in {label}:"
    much = f"is {abs(score.value):.2f} {'above' if score.value >= 0 else 'below'} base in {label}"
    if score.low is None or score.high is None:
        return f"{much}:"
    return f"{much} ({score.low:+.2f} to {score.high:+.2f}):"


def web(url: str | None) -> str:
    """Return the URL if a browser may follow it: http or https with a host; else nothing."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return ""
    return (url or "") if parts.scheme in ("http", "https") and parts.netloc else ""
