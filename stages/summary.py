"""Say on one screen what the pipeline made of the documents, and how long it took.

python -m stages.summary data
"""

import json
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import yaml

from stages.records import RecordError
from stages.reporting import gather
from stages.reporting.evaluation import BASE, Score, evaluation
from stages.reporting.funnel import funnel
from stages.reporting.gather import GatherError

WIDTH = 100  # columns


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--params",
    default="params.yaml",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the parameters, which name the adapters.",
)
def main(data: Path, params: Path) -> None:
    """Gather and print."""
    try:
        named = yaml.safe_load(params.read_text(encoding="utf-8")) if params.exists() else None
        click.echo("\n".join(summary(data, gather.adapter_names(named or {}, data))))
    except (GatherError, RecordError, yaml.YAMLError) as error:
        raise click.ClickException(f"summary: {error}") from error


def summary(data: Path, names: list[str]) -> list[str]:
    """Return the lines. Raises GatherError if a stage was not run or its books do not balance."""
    steps = {step.stage: step for step in funnel(data, names)}
    results = evaluation(data, names)
    file = data / "seconds.json"
    seconds: dict[str, float] = json.loads(file.read_text()) if file.exists() else {}
    figures = {name: gather.metrics(data, f"train-{name}", f"train@{name}") for name in names}

    def stage(name: str, unit: str, key: str, known: dict[str, Any]) -> list[str]:
        rejected: dict[str, int] = known["rejected"]
        why = ", ".join(f"{reason} {n:,}" for reason, n in sorted(rejected.items(), key=lambda e: (-e[1], e[0])))
        took = f"{seconds[key]:,.1f}" if key in seconds else "-"
        lost = f"{sum(rejected.values()):,}"
        return [name, unit, f"{known['in']:,}", f"{known['kept']:,}", lost, took, why]

    stages = [stage(name, step.unit, name, step.figures) for name, step in steps.items()]
    stages += [stage(f"train@{name}", "rows", f"train-{name}", known) for name, known in figures.items()]
    stages.append(stage("evaluate", "answers", "evaluate", gather.metrics(data, "evaluate")))
    curated = steps["decide"].figures
    facts = f"{steps['chunk'].kept:,} facts"
    if "facts_covered" in curated:
        facts += f" ({curated['facts_covered']:,} with a pair that passed the gates)"
    lines = [
        f"{steps['filter'].kept:,} documents, {facts}, {steps['dedup'].kept:,} pairs, "
        f"{steps['mix'].kept:,} training rows",
        "",
        *table(["stage", "of", "in", "kept", "rejected", "s", "why"], stages, "<<>>>><"),
        f"{sum(seconds.values()):,.0f} s in all",
        "",
    ]
    trained = [
        [name, f"{known['kept']:,}", *(f"{known[key]:.3f}" if known.get(key) is not None else "-" for key in
         ("train_loss", "eval_loss"))]
        for name, known in figures.items()
    ]  # fmt: skip
    lines += [*table(["adapter", "rows", "train loss", "held-out loss"], trained, "<>>>"), ""]
    scored = []
    for name in results.sets:
        for system in results.systems:
            if system not in results.scores[name]:
                continue
            metrics = results.scores[name][system]
            against = results.differences.get(name, {}).get((system, BASE), {})
            deciding = against.get("token_f1") or against.get("refusal")
            verdict = deciding.verdict if deciding else ""
            cells = [shown(metrics.get(metric)) for metric in ("token_f1", "key_match", "refusal")]
            scored.append([name, system, *cells, verdict])
    headings = ["set", "system", "token F1", "key match", "refusal", "against base"]
    lines += [
        *table(headings, scored, "<<<<<<"),
        "95 % intervals; against base by token F1, for unanswerable by refusal",
    ]
    page = data / "report" / "index.html"
    lines += ["", f"report: {page}" if page.exists() else "no report yet: run `dvc repro report`"]
    return lines


def shown(score: Score | None) -> str:
    """Return a score with its interval."""
    if score is None or score.value is None:
        return "-"
    if score.low is None or score.high is None:
        return f"{score.value:.2f}"
    return f"{score.value:.2f} ({score.low:.2f}-{score.high:.2f})"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], aligned: str) -> list[str]:
    """Return aligned lines within the width; all cells but the last are cut to 18 columns, the last one is wrapped."""
    cells = [[*(cell if len(cell) <= 18 else f"{cell[:17]}…" for cell in row[:-1]), row[-1]] for row in rows]
    widths = [max(len(row[n]) for row in [headings, *cells]) for n in range(len(headings))]
    widths[-1] = max(12, WIDTH - sum(widths[:-1]) - 2 * (len(widths) - 1))
    lines = []
    for row in [headings, *cells]:
        first = [f"{cell:{side}{width}}" for cell, side, width in zip(row[:-1], aligned, widths[:-1], strict=False)]
        last = textwrap.wrap(row[-1], widths[-1]) or [""]
        if aligned[-1] == ">":
            last = [f"{last[0]:>{max(len(r[-1]) for r in [headings, *cells])}}"]
        lines.append("  ".join([*first, last[0]]).rstrip())
        lines += [" " * (WIDTH - widths[-1]) + more for more in last[1:]]
    return lines


if __name__ == "__main__":
    main()
