"""Answers as tables of text. What comes from data is shown without control characters, and never as markup."""

import io
import json
import shutil
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stages.exploring.counting import Counts, Held, Lengths
from stages.exploring.duplicates import Duplicates
from stages.exploring.ngrams import Ngrams
from stages.exploring.overlap import Overlap
from stages.exploring.personal import Personal
from stages.exploring.profile import Profile
from stages.exploring.searching import Found
from stages.exploring.values import Values
from stages.sources.errors import printable

WIDTH = 100  # columns, where nobody says how many there are
BAR = 30  # columns of the longest bar of a histogram
BLOCK = "█"


def text(found: Any) -> str:
    """Return an answer of this package, or a list of them, as text; numbers stand to the right."""
    out = io.StringIO()
    width = max(shutil.get_terminal_size((WIDTH, 24)).columns, 60)
    console = Console(file=out, width=width, markup=False, highlight=False, emoji=False, color_system=None)
    for part in _parts(found):
        console.print(part)
    return "\n".join(line.rstrip() for line in out.getvalue().strip("\n").splitlines())


def as_json(found: Any) -> str:
    """Return an answer as JSON, in which no control character stands as it is."""
    told = msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in told)


def _parts(found: Any) -> list[Text | Table]:
    if isinstance(found, Profile):
        parts = (found.counts, found.lengths, found.common, found.rare, found.duplicates, found.personal, found.values)
        return [Text(f"{found.rows:,} rows"), *(one for part in parts for one in _parts(part))]
    if isinstance(found, Held):
        rows = [[one.field, one.kind, one.rows] for one in found.fields]
        return [Text(f"{found.rows:,} rows"), *_table("", ["field", "mostly", "rows"], rows), *_counts(found.texts)]
    some = found if isinstance(found, list) else [found]
    if some and all(isinstance(one, Counts) for one in some):
        return _counts(some)
    return [part for one in some for part in _OF[type(one)](one)]


def _counts(some: Sequence[Counts]) -> list[Text | Table]:
    rows = [[one.field, one.rows, one.distinct, one.characters, one.words] for one in some]
    return _table("", ["field", "rows", "different", "characters", "words"], rows)


def _lengths(one: Lengths) -> list[Text | Table]:
    low, middle, high = one.quartiles
    title = (
        f"{one.field}: {one.unit} of {one.rows:,} texts: mean {one.mean:,.1f}, {one.least:,} to {one.most:,}; "
        f"quartiles {low:,}, {middle:,}, {high:,}; 95 % up to {one.p95:,}"
    )
    tallest = max(count for _, _, count in one.bins)
    last = len(one.bins) - 1
    rows = [
        [f"{start:,}" + (f" to {end - 1:,}" if end - start > 1 else "") + (" and more" if n == last else ""), count,
         BLOCK * round(BAR * count / tallest)]
        for n, (start, end, count) in enumerate(one.bins)
    ]  # fmt: skip
    return _table(title, [one.unit, "texts", ""], rows)


def _ngrams(one: Ngrams) -> list[Text | Table]:
    title = f"{one.field}: {one.size}-grams: {one.total:,}, {one.distinct:,} different"
    return _table(title, ["n-gram", "times", "rows"], one.shown)


def _duplicates(one: Duplicates) -> list[Text | Table]:
    title = f"{' and '.join(one.fields)}: {one.by} duplicates: {one.surplus:,} surplus rows, {one.groups:,} groups"
    return _table(title, ["text", "rows"], one.largest)


def _personal(one: Personal) -> list[Text | Table]:
    rows = [[kind, count, ", ".join(one.examples[kind])] for kind, count in one.kinds.items()]
    title = f"{one.field}: personal data or secrets in {one.rows:,} rows"
    return _table(title, ["kind", "finds", "such as"], rows)


def _values(one: Values) -> list[Text | Table]:
    sampled = f", of a sample of {one.sampled:,}" if one.sampled else ""
    return _table(
        f"{one.field}: {one.rows:,} rows, {one.distinct:,} different values{sampled}", ["value", "rows"], one.shown
    )


def _overlap(one: Overlap) -> list[Text | Table]:
    rows = [
        ["the same text", one.exact], ["the same words", one.normalised],
        [f"{one.size} words in a row of it (or the whole of a shorter one)", one.touched],
    ]  # fmt: skip
    title = (
        f"{one.field} of {one.rows:,} rows, in {one.other_field} of the other; "
        f"{one.shared_ngrams:,} of {one.ngrams:,} {one.size}-grams shared"
    )
    return _table(title, ["the other has", "rows"], rows + [[f"  {text}", ""] for text in one.shown])


def _found(one: Found) -> list[Text | Table]:
    title = f"{one.field}: {one.rows:,} of {one.of:,} rows, {one.matches:,} matches"
    return _table(title, ["id", "text"], [[match.id or "", match.text] for match in one.shown])


_OF: dict[type, Callable[[Any], list[Text | Table]]] = {
    Lengths: _lengths, Ngrams: _ngrams, Duplicates: _duplicates, Personal: _personal, Values: _values,
    Overlap: _overlap, Found: _found,
}  # fmt: skip


def _table(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Text | Table]:
    parts: list[Text | Table] = [Text(_plain(title))] if title else []
    if not rows:
        return [*parts, Text("")]
    table = Table(box=SIMPLE_HEAD)
    for number, heading in enumerate(headings):
        right = any(isinstance(row[number], int) for row in rows)
        table.add_column(heading, justify="right" if right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else Text(_plain(str(cell))) for cell in row))
    return [*parts, table]


def _plain(text: str) -> str:
    """Return a text on one line, without control characters; bars and indents stay."""
    return printable(text.replace("\r", "").replace("\n", " ").replace("\t", " "))
