"""Search by text or by regular expression (RE2: in linear time), with counts."""

import msgspec

from stages.exploring import fields
from stages.exploring.dataset import Dataset, DatasetError

MARKED = r"»\0«"
BEFORE, LONGEST = 60, 300  # characters of an example before its first match, and in all
WHOLE = 4000  # characters up to which matches are marked


class Match(msgspec.Struct, kw_only=True):
    """A row that matches: its id, if it has one, and the text around the first match, matches between » and «."""

    id: str | None
    text: str


class Found(msgspec.Struct, kw_only=True):
    """What a search brought: rows that match, matches in them, of how many rows, and some of them."""

    field: str
    rows: int
    matches: int
    of: int
    shown: list[Match]


def search(dataset: Dataset, field: str, wanted: str, expression: bool, ignore_case: bool, show: int) -> Found:
    """Return the rows whose field holds a text, or matches a regular expression.

    Args:
        dataset: what is asked.
        field: its dotted name.
        wanted: the text, or the expression; not empty.
        expression: whether it is one.
        ignore_case: whether case does not matter.
        show: how many rows are returned, those with the first texts in alphabetical order.

    Raises DatasetError for an expression that is none.
    """
    if not wanted:
        raise DatasetError("expected a text or an expression to search for, not an empty one")
    pattern = ("(?i)" if ignore_case else "") + (wanted if expression else escaped(wanted))
    try:
        dataset.ask("select regexp_matches('', ?)", pattern)
    except DatasetError as error:
        said = str(error.__cause__).splitlines()[0].removeprefix("Invalid Input Error: ")
        raise DatasetError(f"{wanted!r} is no regular expression: {said}") from error
    ((rows, matches, of),) = dataset.ask(
        f", texts as (select len(regexp_extract_all({fields.sql(field)}, ?)) n from data) "
        "select count(*) filter (n > 0), coalesce(sum(n), 0), count(*) from texts",
        pattern,
    )
    # Of a long text only the part from its first match on is marked: all of it may be millions of matches.
    shown = dataset.ask(
        f", texts as (select json_extract_string(json, '$.id') id, {fields.sql(field)} t from data), "
        "hits as (select id, t from texts where regexp_matches(t, ?) order by t, id limit ?), "
        f"parts as (select id, t, case when length(t) <= {WHOLE} then t else '…' || "
        f"substr(t, greatest(strpos(t, regexp_extract(t, ?)) - {BEFORE}, 1), {WHOLE}) end part from hits) "
        "select id, regexp_replace(part, ?, ?, 'g') from parts order by t, id",
        pattern, show, pattern, pattern, MARKED,
    )  # fmt: skip
    return Found(field=field, rows=int(rows), matches=int(matches), of=int(of),
                 shown=[Match(id=identity, text=around(text)) for identity, text in shown])  # fmt: skip


def around(text: str) -> str:
    """Return what stands around the first mark of a text that is long."""
    start = max(0, text.find("»") - BEFORE) if len(text) > LONGEST else 0
    return ("…" if start else "") + text[start : start + LONGEST] + ("…" if len(text) > start + LONGEST else "")


def escaped(text: str) -> str:
    """Return the expression that matches this text and nothing else."""
    return "".join(one if one.isalnum() or one == "_" or not one.isascii() else f"\\x{ord(one):02x}" for one in text)
