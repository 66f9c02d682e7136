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

import click

from stages.exploring import counting, duplicates, fields, ngrams, overlap, personal, profile, searching
from stages.exploring.dataset import Dataset, matching
from stages.question import FIELD, FILES, MOST, SHARED, Questions, answer


@click.group(cls=Questions, params=SHARED, help=__doc__)
def main() -> None:
    """Say nothing: each question answers for itself."""


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
    answer(files, lambda data: profile.profile(data, names, most), waits=False)


if __name__ == "__main__":
    main()
