"""What all questions of the explorer share as commands: files, fields, options before or behind, the answer."""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from stages.exploring import shown
from stages.exploring.dataset import Dataset, DatasetError, opened
from stages.sources.errors import printable

FILES = click.argument("files", nargs=-1, required=True)
FIELD = click.option("--field", "names", multiple=True, help="Field that is looked at; default: the usual texts.")
MOST = click.option("--most", default=20, show_default=True, type=click.IntRange(1), help="How many are shown.")


def note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    """Note how questions are answered; what is said behind a question holds."""
    if value:
        context.meta[str(parameter.name)] = value


SHARED: list[click.Parameter] = [
    click.Option(["--json"], is_flag=True, expose_value=False, callback=note, help="Print JSON instead of tables."),
    click.Option(["--memory"], metavar="SIZE", expose_value=False, callback=note,
                 help="What the database may hold in memory, 2GB by default."),
    click.Option(["--threads"], type=click.IntRange(0), expose_value=False, callback=note,
                 help="Of the database; by default all cores."),
]  # fmt: skip


class Question(click.Command):
    """A command that has the options that all have."""

    def __init__(self, *given: Any, **more: Any):
        more["params"] = [*more.get("params", ()), *SHARED]
        super().__init__(*given, **more)


class Questions(click.Group):
    """All of them."""

    command_class = Question


def answer(files: Sequence[str], question: Callable[[Dataset], Any], waits: bool = True) -> None:
    """Ask about the files and print what comes, as tables or as JSON.

    Args:
        files: paths or patterns.
        question: what is asked of them.
        waits: show on a terminal that it is at work, and for how long; not of a question that shows it itself.
    """
    context = click.get_current_context()
    asked = context.meta
    at_work = Progress(
        SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True, disable=not (waits and sys.stderr.isatty()),
    )  # fmt: skip
    try:
        with at_work, opened(files, asked.get("memory", "2GB"), asked.get("threads", 0)) as dataset:
            at_work.add_task(str(context.info_name), total=None)
            found = question(dataset)
    except DatasetError as error:
        raise click.ClickException(f"explore: {printable(str(error))}") from error
    click.echo(shown.as_json(found) if asked.get("json") else shown.text(found))
