"""Put the funnel, coverage, losses, scores and examples on one page that needs no network and runs no script.

python -m stages.report data data/report --params params.yaml

Text from documents and models is untrusted: it is escaped, and a link is one only if it leads to http or https.
Same inputs, same bytes: neither the time nor the place nor how long a stage took is on the page.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from stages import records
from stages.records import RecordError
from stages.reporting import charts, gather
from stages.reporting.gather import Evaluation, GatherError, Score

FACTS_SHOWN = 500  # uncovered facts on the page; all are in data/chunk/facts.jsonl
EXTREMES = 5  # best and worst items shown unfolded
METRICS = {
    "token_f1": ("Token F1", "Overlap of the answer's words with the reference's, 0 to 1"),
    "key_match": ("Key match", "Share of the reference's numbers, names, flags and URLs that the answer holds"),
    "rouge_l": ("ROUGE-L", "Longest common sequence of words, 0 to 1"),
    "refusal": ("Refusal rate", "Share of answers that say that they do not know: right only for unanswerable"),
}
SETS = {
    "reworded": "facts that were trained, in a wording that was not",
    "faq": "written by hand, and nothing alike is trained",
    "held_out": "facts that were never trained",
    "trained": "facts and wording that were trained",
    "unanswerable": "not answered by the documents: refusing is right",
    "general": "general instructions, nothing to do with the documents",
}


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--params",
    default="params.yaml",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of the parameters, which are shown as they are.",
)
def main(data: Path, output: Path, params: Path) -> None:
    """Gather, check, render, write."""
    if not params.exists():
        raise click.ClickException(f"{params} is missing: run this in the repository, or name the file with --params")
    try:
        page = render(data, params.read_text(encoding="utf-8")).encode()
    except (GatherError, RecordError, yaml.YAMLError) as error:
        raise click.ClickException(f"report: {error}") from error
    records.write_bytes(output / "index.html", page)
    click.echo(f"report: {output / 'index.html'}, {len(page) / 1000:.0f} kB")


def render(data: Path, params: str) -> str:
    """Return the page of a data folder. Raises GatherError if something is missing or does not add up."""
    names = gather.adapter_names(yaml.safe_load(params) or {}, data)
    steps = gather.funnel(data, names)
    documents, quarantined, uncovered = gather.documents(data)
    adapters = gather.adapters(data, names)
    evaluation = gather.evaluation(data, names)
    best = best_system(evaluation, names)
    drawn = gather.compared(data, evaluation.systems, best)
    items = [one for one in drawn if one.set != "unanswerable"]  # refusing or not would fill both ends
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"web": web, "comma": "{:,}".format, "words": label_of}
    return environment.get_template("report.html.jinja").render(
        steps=steps,
        documents=documents,
        quarantined=quarantined,
        uncovered=uncovered,
        facts_shown=FACTS_SHOWN,
        adapters=adapters,
        curves=curves(adapters),
        evaluation=evaluation,
        best=best,
        charts=interval_charts(evaluation),
        sentences=sentences(evaluation),
        set_texts=SETS,
        metric_texts=METRICS,
        colours=colours(evaluation),
        top=items[:EXTREMES] if len(items) > 2 * EXTREMES else items,
        bottom=items[: -EXTREMES - 1 : -1] if len(items) > 2 * EXTREMES else [],
        middle=items[EXTREMES:-EXTREMES] if len(items) > 2 * EXTREMES else [],
        unanswerable=[one for one in drawn if one.set == "unanswerable"],
        params=params,
    )


def label_of(metric: str) -> str:
    """Return what a metric is called on the page."""
    return METRICS[metric][0] if metric in METRICS else metric.replace("_", " ")


def best_system(evaluation: Evaluation, names: list[str]) -> str:
    """Return the adapter with the highest token F1 on the first set that has one; base if there is no adapter."""
    for name in evaluation.sets:
        of = {system: metrics.get("token_f1") for system, metrics in evaluation.scores[name].items()}
        values = {system: score.value for system, score in of.items() if score and score.value is not None}
        tuned = [system for system in names if system in values]
        if tuned:
            return max(tuned, key=lambda system: values[system])
    return gather.BASE


def colours(evaluation: Evaluation) -> dict[str, str]:
    """Return the colour class of each system: base and oracle have their own, the others take turns."""
    others = [system for system in evaluation.systems if system not in (gather.BASE, gather.ORACLE)]
    return {gather.BASE: "c-base", gather.ORACLE: "c-oracle"} | {
        system: f"c-{number % 4}" for number, system in enumerate(others)
    }


def interval_charts(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    """Return for each metric the interval chart of each set that has it."""
    colour = colours(evaluation)
    found: dict[str, dict[str, Any]] = {metric: {} for metric in evaluation.metrics}
    for metric in evaluation.metrics:
        for name in evaluation.sets:
            by_system = evaluation.scores[name]
            rows = [
                (system, colour[system], by_system[system][metric])
                for system in evaluation.systems
                if metric in by_system.get(system, {})
            ]
            if rows:
                found[metric][name] = charts.intervals(f"{label_of(metric)} on {name}", rows)
    return found


def curves(adapters: list[gather.Adapter]) -> list[Any]:
    """Return the loss charts of all adapters on the same scales, the top at what 98 % of the values stay under."""
    values = sorted(value for one in adapters for value in [*one.train, *(loss for _, loss in one.evaluated)])
    held = [loss for one in adapters for _, loss in one.evaluated]
    highest = max([values[int(0.98 * (len(values) - 1))], *held]) if values else 1.0
    steps = max((one.steps[-1] for one in adapters if one.steps), default=1)
    return [charts.losses(one, steps, highest * 1.05) for one in adapters]


def sentences(evaluation: Evaluation) -> dict[str, list[tuple[str, str]]]:
    """Return for each set the adapters' differences to base in words, with verdict: by token F1, or else refusal."""
    said: dict[str, list[tuple[str, str]]] = {}
    for name in evaluation.sets:
        for system in evaluation.systems:
            metrics = evaluation.differences.get(name, {}).get((system, gather.BASE), {})
            metric = next((metric for metric in ("token_f1", "refusal") if metric in metrics), None)
            if metric and system != gather.ORACLE:
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


if __name__ == "__main__":
    main()
