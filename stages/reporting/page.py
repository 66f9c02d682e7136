"""What the page shows: the data of its template, with charts, and differences put into words."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from stages.reporting import charts, coverage, evaluation, funnel, gates, gather, training
from stages.reporting.evaluation import BASE, METRICS, ORACLE, SETS, Evaluation, Score
from stages.reporting.training import Adapter

FACTS_SHOWN = 500  # uncovered facts on the page; all are in data/chunk/facts.jsonl
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
    best = best_system(results, names)
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
        "curves": curves(adapters),
        "evaluation": results,
        "best": best,
        "charts": interval_charts(results),
        "sentences": sentences(results),
        "set_texts": SETS,
        "metric_texts": METRICS,
        "colours": colours(results),
        "top": items[:EXTREMES] if len(items) > 2 * EXTREMES else items,
        "bottom": items[: -EXTREMES - 1 : -1] if len(items) > 2 * EXTREMES else [],
        "middle": items[EXTREMES:-EXTREMES] if len(items) > 2 * EXTREMES else [],
        "unanswerable": [one for one in drawn if one.set == "unanswerable"],
        "params": params,
    }


def label_of(metric: str) -> str:
    """Return what a metric is called on the page."""
    return METRICS[metric][0] if metric in METRICS else metric.replace("_", " ")


def best_system(results: Evaluation, names: list[str]) -> str:
    """Return the adapter with the highest token F1 on the first set that has one; base if there is no adapter."""
    for name in results.sets:
        of = {system: metrics.get("token_f1") for system, metrics in results.scores[name].items()}
        values = {system: score.value for system, score in of.items() if score and score.value is not None}
        tuned = [system for system in names if system in values]
        if tuned:
            return max(tuned, key=lambda system: values[system])
    return BASE


def colours(results: Evaluation) -> dict[str, str]:
    """Return the colour class of each system: base and oracle have their own, the others take turns."""
    others = [system for system in results.systems if system not in (BASE, ORACLE)]
    return {BASE: "c-base", ORACLE: "c-oracle"} | {system: f"c-{number % 4}" for number, system in enumerate(others)}


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


def curves(adapters: list[Adapter]) -> list[Any]:
    """Return the loss charts of all adapters on the same scales, the top at what 98 % of the values stay under."""
    values = sorted(value for one in adapters for value in [*one.train, *(loss for _, loss in one.evaluated)])
    held = [loss for one in adapters for _, loss in one.evaluated]
    highest = max([values[int(0.98 * (len(values) - 1))], *held]) if values else 1.0
    steps = max((one.steps[-1] for one in adapters if one.steps), default=1)
    return [charts.losses(one, steps, highest * 1.05) for one in adapters]


def sentences(results: Evaluation) -> dict[str, list[tuple[str, str]]]:
    """Return for each set the adapters' differences to base in words, with verdict: by token F1, or else refusal."""
    said: dict[str, list[tuple[str, str]]] = {}
    for name in results.sets:
        for system in results.systems:
            metrics = results.differences.get(name, {}).get((system, BASE), {})
            metric = next((metric for metric in ("token_f1", "refusal") if metric in metrics), None)
            if metric and system != ORACLE:
                label = "token F1" if metric == "token_f1" else "refusal rate"
                told = f"{system} {worded(metrics[metric], label)}"
                said.setdefault(name, []).append((told, metrics[metric].verdict))
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
