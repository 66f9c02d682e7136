"""What is known of the pipeline, on one screen of a terminal; as plain aligned text where there is none."""

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.reporting.state import State, some
from stages.scoring.few import Figure
from stages.sources.errors import printable

WIDTH = 100  # columns of plain text
COLOURS = {
    State.UP_TO_DATE: "green",
    State.FROZEN: "cyan",
    State.FROM_CACHE: "blue",
    State.WILL_RUN: "bold yellow",
    State.MAY_RUN: "yellow",
    State.RUNNING: "bold magenta",
}
UNITS = {
    "filter": "documents",
    "chunk": "facts",
    "generate": "pairs",
    "decide": "past the gates",
    "dedup": "without duplicates",
    "mix": "training rows",
}
# Headings of the scores, two lines each, and what they show.
SCORES = {
    "gap closed\nreworded": ("gap_closed_reworded", "{:.2f}"),
    "F1\nreworded": ("token_f1_reworded", "{:.2f}"),
    "F1\nfaq": ("token_f1_faq", "{:.2f}"),
    "refuses\nno answer": ("refuses_unanswerable", "{:.0%}"),
    "refuses\nreworded": ("refuses_reworded", "{:.0%}"),
    "general\nkept": ("general_kept", "{:.2f}"),
    "perplex.\nratio": ("perplexity_ratio", "{:.2f}"),
}


def show(told: Mapping[str, Any]) -> None:
    """Print it on standard output.

    Args:
        told: the JSON object of `stages.status`.
    """
    console = Console(markup=False, highlight=False, emoji=False)
    if console.is_terminal:
        _print(told, console)
        return
    plain = io.StringIO()
    _print(told, Console(markup=False, highlight=False, emoji=False, file=plain, width=WIDTH, color_system=None))
    print("\n".join(line.rstrip() for line in plain.getvalue().splitlines()))


def _print(told: Mapping[str, Any], console: Console) -> None:
    if process := told["at_work"]:
        said = f"{process['command']} is at work (process {process['pid']}, for {duration(process['seconds'])})"
        console.print(Text(printable(said), "bold magenta"))
    console.print(_stages(told["stages"], console))
    console.print()
    notes = Table.grid(padding=(0, 2, 0, 0))
    notes.add_column(style="bold", no_wrap=True)
    notes.add_column(overflow="fold")
    for label, lines in _notes(told).items():
        for number, line in enumerate(lines):
            notes.add_row("" if number else label, Text(printable(line)))
    console.print(notes)
    if told["headline"]:
        console.print()
        console.print(_scores(told["headline"]))


def _stages(stages: Sequence[Mapping[str, Any]], console: Console) -> Table:
    box, gap = (SIMPLE_HEAD, 1) if console.is_terminal else (None, 2)  # a box adds one
    table = Table(box=box, padding=(0, gap, 0, 0), pad_edge=False, show_edge=False, header_style="bold")
    table.add_column("stage", no_wrap=True, max_width=24)
    for heading in ("in", "kept", "seconds"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("state", overflow="fold")
    for one in stages:
        why = f": {printable('; '.join(one['why']))}" if one["why"] else ""
        state = Text.assemble((one["state"], COLOURS[State(one["state"])]), why)
        counts = ["-" if one[key] is None else f"{one[key]:,}" for key in ("in", "kept")]
        took = "-" if one["seconds"] is None else f"{one['seconds']:,.1f}"
        table.add_row(Text(printable(one["name"])), *counts, took, state)
    return table


def _notes(told: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what there is to say below the stages, by label."""
    cost = told["cost"]
    by = {state: [one["name"] for one in told["stages"] if one["state"] == state] for state in State}
    plan = [
        f"{words} {some(names)}"
        for words, names in (
            ("is running", by[State.RUNNING]),
            ("will run", by[State.WILL_RUN]),
            ("takes from the cache", by[State.FROM_CACHE]),
            ("may run", by[State.MAY_RUN]),
        )
        if names
    ]
    notes = {"dvc repro": ["; ".join(plan) or "has nothing to do"]}
    if by[State.RUNNING] + by[State.WILL_RUN] + by[State.MAY_RUN]:
        notes["takes"] = ["; ".join(_takes(cost))]
    if cost["adapters"]:
        perhaps = {name.partition("@")[2] for name in by[State.MAY_RUN]}
        trained = [f"perhaps {name}" if name in perhaps else name for name in cost["adapters"]]
        notes["trains"] = [", ".join(trained)]
    notes |= {"asks": cost["teacher"], "advice": told["advice"]}
    counts = [f"{told['funnel'][name]:,} {unit}" for name, unit in UNITS.items() if name in told["funnel"]]
    ago = "never" if told["last_run"] is None else f"{duration(time.time() - told['last_run'])} ago"
    notes["last run"] = [": ".join(filter(None, [ago, ", ".join(counts)]))]
    if told["uncommitted"]:
        notes["Git"] = [f"not committed: {', '.join(told['uncommitted'])}"]
    return notes


def _takes(cost: Mapping[str, Any]) -> Iterator[str]:
    if cost["most_seconds"] or not cost["not_timed"]:
        least, most = duration(cost["least_seconds"]), duration(cost["most_seconds"])
        bounds = f"at least {least}, at most {most}" if cost["least_seconds"] else f"at most {most}"
        yield f"{least if least == most else bounds}, by the last runs"
    if cost["not_timed"]:
        yield f"not known of {some(cost['not_timed'])}"


def _scores(headline: Mapping[str, Mapping[str, Figure | None]]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("adapter", vertical="bottom", overflow="fold")
    for heading in SCORES:
        table.add_column(heading, justify="right", no_wrap=True)
    for name, few in headline.items():
        cells = [Text(printable(name)).append("\n95 % from–to", "dim")]
        for key, form in SCORES.values():
            if one := few.get(key):
                ends = "–".join(form.format(one[end]) for end in ("low", "high"))
                cells.append(Text(form.format(one["value"])).append(f"\n{ends}", "dim"))
            else:
                cells.append(Text("-"))
        table.add_row(*cells)
    return table


def duration(seconds: float) -> str:
    """Return so many seconds in words, in no more units than are of interest."""
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 24 else f"{hours // 24} d {hours % 24} h"
