"""What stands in one dataset and in another: the same texts, the same words, shared n-grams."""

import msgspec

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset, DatasetError

SIZE = 8  # words of an n-gram that two texts share seldom by chance
LONGEST = 300  # characters of an example


class Overlap(msgspec.Struct, kw_only=True):
    """Of the rows of the first dataset, those that the second one holds, too.

    Attributes:
        field: what is compared.
        other_field: with what of the second.
        rows: of the first that have it.
        exact: whose text is one of the second's.
        normalised: likewise, but for case and what stands between words.
        ngrams: of the first, different ones of `size` words; a shorter text is one by itself.
        shared_ngrams: those of them that the second has, too.
        touched: rows with such a one.
        shown: texts of these rows.
    """

    field: str
    other_field: str
    rows: int
    exact: int
    normalised: int
    size: int
    ngrams: int
    shared_ngrams: int
    touched: int
    shown: list[str]


def compared(dataset: Dataset, wanted: str | None) -> str:
    """Return the field that is compared: the one that is wanted, else the one that asks, else the first text."""
    return fields.texts(dataset, [wanted])[0] if wanted else fields.question(dataset) or fields.texts(dataset)[0]


def overlap(first: Dataset, second: Dataset, field: str, other_field: str, size: int = SIZE, show: int = 5) -> Overlap:
    """Return what of the first dataset stands in the second.

    Args:
        first: whose rows are counted.
        second: what they are looked for in.
        field: the field of the first that is compared.
        other_field: that of the second.
        size: words of an n-gram, at least 1.
        show: how many texts are returned.
    """
    if size < 1:
        raise DatasetError(f"expected n-grams of one word or more, not {size}")
    text, other_text = fields.sql(field), fields.sql(other_field)
    other = "select json from read_ndjson_objects(?)"
    pieces = f"""case when len(w) <= {size} then [array_to_string(w, ' ')]
        else list_transform(range(1, len(w) - {size} + 2), lambda i: array_to_string(w[i:i + {size - 1}], ' ')) end"""
    told = first.ask(
        f"""
        , other as ({other}),
        a as (select row_number() over () r, {text} t, {words.sql(text)} w from data where {text} is not null),
        b as (select {other_text} t, {words.sql(other_text)} w from other where {other_text} is not null),
        a_grams as (select r, unnest({pieces}) g from a where len(w) > 0),
        b_grams as (select distinct unnest({pieces}) g from b where len(w) > 0),
        hits as (select r, g from a_grams semi join b_grams using (g))
        select (select count(*) from a),
               (select count(*) from a semi join (select distinct t from b) using (t)),
               (select count(*) from a semi join (select distinct w from b where len(w) > 0) using (w)),
               (select count(distinct g) from a_grams), (select count(distinct g) from hits),
               (select count(distinct r) from hits),
               (select list(t order by t)[1:{show}] from (select distinct t from a semi join hits using (r)))""",
        second.files,
    )
    rows, exact, same_words, grams, shared, touched, shown = told[0]
    return Overlap(field=field, other_field=other_field, rows=rows, exact=exact, normalised=same_words, size=size,
                   ngrams=grams, shared_ngrams=shared, touched=touched,
                   shown=[one[:LONGEST] for one in shown or []])  # fmt: skip
