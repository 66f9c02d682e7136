"""What the page shows: the data of its template, its plots, and differences put into words."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from stages.reporting import (
    answers,
    cost,
    coverage,
    evaluation,
    funnel,
    gates,
    gather,
    grades,
    pairs,
    plots,
    profile,
    study,
    training,
)
from stages.reporting.changes import Changes
from stages.reporting.evaluation import BASE, METRICS, ORACLE, SETS, Evaluation, Score
from stages.reporting.plots import Curve, Spec
from stages.reporting.training import Adapter
from stages.scoring.statistics import MATTERS

SHOWN = 500  # uncovered facts, and concepts, on the page; all are in data/chunk/facts.jsonl
AN_EPOCH, LEAST_POINTS = 12, 60  # points of a smoothed curve
LEARNING_RATE = "Learning rate"  # shown as it is
STEP_CURVES: dict[str, Callable[[Adapter], list[float]]] = {
    LEARNING_RATE: lambda one: one.learning_rate,
    "Gradient norm": lambda one: one.grad_norm,
    "Tokens a second": lambda one: one.speed,
}
IN_WORDS = {"token_f1": "token F1", "correct": "right answers", "refusal": "refusal rate"}
BEFORE_TRAINING = (
    "collect", "parse", "filter", "refine", "chunk", "teach", "generate", "curate", "judge", "decide", "dedup", "split",
    "augment", "mix",
)  # fmt: skip
LABEL = 40  # characters of a document's title beside a plot
NO_SHARES = ("nll", "text_nll", "words")  # metrics that do not go from 0 to 1
KEPT, LOST = "kept", "rejected"
PARTS = {KEPT: "var(--a)", LOST: "var(--lost)"}


def content(data: Path, params: str, changed: Changes | None) -> dict[str, Any]:
    """Return what the template shows of a data folder.

    Args:
        data: the folder.
        params: text of params.yaml.
        changed: how its parameters differ from an earlier commit; None if there is none.

    Raises GatherError if something is missing or does not add up.
    """
    names = gather.adapter_names(yaml.safe_load(params) or {}, data)
    steps = funnel.funnel(data, names)
    documents, quarantined, uncovered = coverage.documents(data)
    adapters = training.adapters(data, names)
    results = evaluation.evaluation(data, names)
    best = evaluation.best_system(results, names)
    colour = colours(results, names)
    profiled = profile.profile(data)
    trained = [f"train-{name}" for name in names]
    return {
        "steps": steps,
        "gates": gates.gates(data),
        "documents": documents,
        "quarantined": quarantined,
        "uncovered": uncovered,
        "concepts": coverage.concepts(data),
        "concept_quota": gather.metrics(data, "generate").get("concept_quota", 0),
        "shown": SHOWN,
        "adapters": adapters,
        "step_curves": [title for title, values in STEP_CURVES.items() if any(map(values, adapters))],
        "seen": training.by_examples(adapters),
        "evaluation": results,
        "speeds": {name: one for name, one in evaluation.speeds(data).items() if name in results.systems},
        "grades": grades.grades(data),
        "study": study.study(data),
        "best": best,
        "sentences": sentences(results),
        "matters": MATTERS,
        "set_texts": SETS,
        "metric_texts": METRICS,
        "profile": profiled,
        "spent": cost.spent(data, [*BEFORE_TRAINING, *trained, "evaluate", "grade"]),
        "params": params,
        "changes": changed,
        "data": {
            "plots": {
                **{f"score-{metric}": score_plot(results, metric, colour) for metric in results.metrics},
                "funnel": funnel_plot(steps),
                "coverage": coverage_plot(documents),
                **training_plots(adapters, colour),
                **profile.plots_of(profiled),
            },
            "answers": answers.side_by_side(data, results.systems, results.sets)
            | {"left": best, "right": BASE, "matters": MATTERS, "colours": [colour[one] for one in results.systems]},
            "pairs": pairs.pairs(data),
        },
    }


def label_of(metric: str) -> str:
    """Return what a metric is called on the page."""
    return METRICS[metric][0] if metric in METRICS else metric.replace("_", " ")


def colours(results: Evaluation, names: Sequence[str] = ()) -> dict[str, str]:
    """Return the CSS colour of each system and adapter: base and oracle have their own, the others take turns."""
    others = [system for system in dict.fromkeys([*results.systems, *names]) if system not in (BASE, ORACLE)]
    turns = {system: f"var(--{'abcdefgh'[number % 8]})" for number, system in enumerate(others)}
    return {BASE: "var(--base)", ORACLE: "var(--oracle)"} | turns


def score_plot(results: Evaluation, metric: str, colour: Mapping[str, str]) -> Spec:
    """Return the plot of a metric over all sets that have it."""
    scores = {
        name: {system: by[metric] for system, by in results.scores[name].items() if metric in by}
        for name in results.sets
    }
    ordered = {system: colour[system] for system in results.systems}
    found = {name: some for name, some in scores.items() if some}
    return plots.intervals(label_of(metric), found, ordered, share=metric not in NO_SHARES)


def funnel_plot(steps: Sequence[funnel.Step]) -> Spec:
    """Return what each stage kept, and what it rejected by reason; a click on a reason leads to its examples."""
    rows = []
    for step in steps:
        rows.append({"bar": step.stage, "part": KEPT, "count": step.kept, "what": f"{step.kept_unit} kept"})
        rows += [
            {"bar": step.stage, "part": LOST, "count": one.count, "what": one.name.replace("_", " "),
             "target": f"{step.stage}-{one.name}"}
            for one in step.reasons
        ]  # fmt: skip
    return plots.shares("What each stage kept and rejected", rows, PARTS)


def coverage_plot(documents: Sequence[coverage.DocumentRow]) -> Spec:
    """Return for each document the share of its facts that have a pair."""
    kinds = {"with a pair": "var(--a)", "hand-written only": "var(--f)", "without": "var(--lost)"}
    rows = [
        {"bar": label, "part": kind, "count": count, "what": f"facts {kind}", "target": f"document-{number}"}
        for number, (label, row) in enumerate(zip(labels(documents), documents, strict=True))
        for kind, count in zip(kinds, _thirds(row.coverage), strict=True)
        if count
    ]
    return plots.shares("Facts of each document with a pair and without", rows, kinds)


def labels(documents: Sequence[coverage.DocumentRow]) -> list[str]:
    """Return what each document is called where there is little room: its title, or number and file if that is not one
    document's alone."""
    short = [row.title if len(row.title) <= LABEL else f"{row.title[:LABEL]}…" for row in documents]
    return [
        label if short.count(label) == 1 else f"{number}. {row.source[-LABEL:]}"
        for number, (label, row) in enumerate(zip(short, documents, strict=True), 1)
    ]


def _thirds(one: coverage.Coverage) -> tuple[int, int, int]:
    written, covered = len(one.written), len(one.covered)
    return covered - written, written, len(one.facts) - covered


def training_plots(trained: Sequence[Adapter], colour: Mapping[str, str]) -> dict[str, Spec]:
    """Return the losses of all adapters, and what else is known of each step, by title."""
    found = {"Loss": loss_plot(trained, colour)}
    for title, values in STEP_CURVES.items():
        exact = title == LEARNING_RATE
        points = plots.thinned if exact else smoothed
        lines = [Curve(one.name, points(one.epochs, values(one))) for one in trained if values(one)]
        if lines:
            found[title] = plots.curves(title, lines, colour, 1 if exact else plots.SHARE)
    return found


def loss_plot(trained: Sequence[Adapter], colour: Mapping[str, str]) -> Spec:
    """Return training and held-out losses, with rings where an adapter was kept before its last step."""
    lines = []
    for one in trained:
        epoch, loss = dict(zip(one.steps, one.epochs, strict=True)), dict(one.evaluated)
        held = [(epoch[step], value) for step, value in one.evaluated]
        mark = (epoch[one.kept], loss[one.kept]) if one.kept in loss else None
        lines.append(Curve(one.name, smoothed(one.epochs, one.train)))
        lines.append(Curve(one.name, held, dashed=True, mark=mark))
    return plots.curves("Loss, nats a token", lines, colour)


def smoothed(epochs: Sequence[float], values: Sequence[float]) -> list[tuple[float, float]]:
    """Return the points of a curve that jumps from step to step: some an epoch, whatever the batches."""
    wanted = max(LEAST_POINTS, math.ceil(AN_EPOCH * epochs[-1])) if epochs else LEAST_POINTS
    return plots.thinned(epochs, values, min(wanted, plots.MOST_POINTS))


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
