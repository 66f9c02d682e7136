"""Ask what is in the data: any of our record files, and any JSON Lines, of any size.

\b
    python -m stages.explore profile data/augment/pairs.jsonl
    python -m stages.explore ngrams data/augment/pairs.jsonl --field question --size 3
    python -m stages.explore search data/augment/pairs.jsonl 'Llama \\d+' --regex --field question
    python -m stages.explore overlap data/mix/train.jsonl data/evaluate/items.jsonl

A FILE is a path or a pattern of *.jsonl or *.jsonl.gz files. Fields are dotted names, such as record.question, or
prompt[].content for what all messages of a prompt say, and prompt[-1].content for the last of them. Nothing is written;
what does not fit into --memory is kept in a temporary folder meanwhile.
"""

from collections.abc import Callable, Sequence
from typing import Any

import click

from stages.exploring import (
    counting,
    duplicates,
    fields,
    ngrams,
    overlap,
    personal,
    profile,
    searching,
    shown,
)
from stages.exploring.dataset import Dataset, DatasetError, matching, opened
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


@click.group(cls=Questions, params=SHARED, help=__doc__)
def main() -> None:
    """Say nothing: each question answers for itself."""


def answer(files: Sequence[str], question: Callable[[Dataset], Any]) -> None:
    """Ask about the files and print what comes, as tables or as JSON."""
    asked = click.get_current_context().meta
    try:
        with opened(files, asked.get("memory", "2GB"), asked.get("threads", 0)) as dataset:
            found = question(dataset)
    except DatasetError as error:
        raise click.ClickException(f"explore: {printable(str(error))}") from error
    click.echo(shown.as_json(found) if asked.get("json") else shown.text(found))


@main.command("counts")
@FILES
@FIELD
def count(files: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Rows, in how many of them each field is, and of texts how many differ, characters and words."""
    answer(files, lambda data: counting.held(data, fields.texts(data, names)))


@main.command("lengths")
@FILES
@FIELD
def length(files: tuple[str, ...], names: tuple[str, ...]) -> None:
    """How long the texts are, in words and characters: quantiles and a histogram."""
    answer(files, lambda data: counting.lengths(data, fields.looked_at(data, names)))


@main.command("ngrams")
@FILES
@FIELD
@MOST
@click.option(
    "--size", "sizes", default=[3], show_default=True, multiple=True, type=click.IntRange(1, ngrams.LONGEST),
    help="Words of an n-gram; may be said several times.",
)  # fmt: skip
@click.option("--least", is_flag=True, help="The least common ones.")
def ngram(files: tuple[str, ...], names: tuple[str, ...], most: int, sizes: tuple[int, ...], least: bool) -> None:
    """The most common n-grams of words, or the least common ones."""
    answer(
        files,
        lambda data: [
            ngrams.ngrams(data, one, size, most, least) for one in fields.looked_at(data, names) for size in sizes
        ],
    )


@main.command("duplicates")
@FILES
@FIELD
@MOST
def duplicate(files: tuple[str, ...], names: tuple[str, ...], most: int) -> None:
    """Rows that say the same, word for word or with the same words; all fields together."""
    answer(files, lambda data: duplicates.duplicates(data, fields.looked_at(data, names), most))


@main.command("personal")
@FILES
@FIELD
def private(files: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Personal data and secrets by kind; examples are shortened."""
    answer(files, lambda data: personal.personal(data, fields.looked_at(data, names)))


@main.command("fields")
@FILES
@FIELD
@MOST
@click.option("--documents", help="File with the licences of sources, such as data/refine/documents.jsonl.")
def field(files: tuple[str, ...], names: tuple[str, ...], most: int, documents: str | None) -> None:
    """Values of fields: sources, licences, languages, origins, topics; how questions begin; detected languages."""
    answer(files, lambda data: profile.values_of(data, names, most, documents))


@main.command("search")
@FILES
@click.argument("wanted")
@FIELD
@click.option("--regex", is_flag=True, help="WANTED is a regular expression (RE2).")
@click.option("--ignore-case", is_flag=True, help="Upper and lower case are the same.")
@click.option("--show", default=5, show_default=True, type=click.IntRange(0), help="Rows that are shown.")
def find(
    files: tuple[str, ...], wanted: str, names: tuple[str, ...], regex: bool, ignore_case: bool, show: int
) -> None:
    """Rows that hold a text or match an expression: how many, how often, and some of them."""
    asked = (wanted, regex, ignore_case, show)
    answer(files, lambda data: [searching.search(data, one, *asked) for one in fields.looked_at(data, names)])


@main.command("overlap")
@click.argument("first")
@click.argument("second")
@click.option("--field", "name", help="Field of FIRST that is compared; default: the one that asks.")
@click.option("--other-field", "other_name", help="Field of SECOND; default: likewise.")
@click.option("--size", default=overlap.SIZE, show_default=True, type=click.IntRange(1), help="Words of an n-gram.")
def overlaps(first: str, second: str, name: str | None, other_name: str | None, size: int) -> None:
    """Which rows of FIRST stand in SECOND, too: the same texts, the same words, shared n-grams."""

    def question(data: Dataset) -> overlap.Overlap:
        other = data.beside(matching([second]))
        return overlap.overlap(data, other, overlap.compared(data, name), overlap.compared(other, other_name), size)

    answer([first], question)


@main.command("profile")
@FILES
@FIELD
@MOST
def whole(files: tuple[str, ...], names: tuple[str, ...], most: int) -> None:
    """All of this but overlap and search."""
    answer(files, lambda data: profile.profile(data, names, most))


if __name__ == "__main__":
    main()
