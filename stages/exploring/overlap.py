"""What stands in one dataset and in another: the same texts, the same words, shared n-grams."""

import msgspec

from stages.exploring import fields, ngrams, tokenised
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
    found = fields.texts(dataset, [wanted]) if wanted else [fields.question(dataset) or "", *fields.looked_at(dataset)]
    if not any(found):
        raise DatasetError(f"{', '.join(dataset.files)}: there is no text in it")
    return next(filter(None, found))


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
    second = first.beside(second.files)
    ours, theirs = tokenised.tables([(first, field), (second, other_field)], texts=True)
    listed = ngrams.columns(size)
    ((rows, exact, same_words, grams, shared, touched, shown),) = first.ask(
        f"""
        , a as materialized (select distinct {listed} from ({ngrams.places(ours, size)})),
        b as (select distinct {listed} from ({ngrams.places(theirs, size)})),
        common as materialized (select {listed} from a semi join b using ({listed})),
        short as (select distinct w from {ours} where len(w) between 1 and {size - 1}),
        common_short as (select w from short semi join {theirs} using (w)),
        hits as materialized (
            select r from ({ngrams.places(ours, size)}) semi join common using ({listed}) group by r
            union all select rowid from {ours} semi join common_short using (w)),
        shown as (select distinct t from {ours} where rowid in (from hits) order by t limit {show})
        select (select count(*) from {ours}),
               (select count(*) from {ours} semi join {theirs} using (t)),
               (select count(*) from (from {ours} where len(w) > 0) semi join {theirs} using (w)),
               (select count(*) from a) + (select count(*) from short),
               (select count(*) from common) + (select count(*) from common_short),
               (select count(*) from hits), (select list(t order by t) from shown)"""
    )
    for table in (ours, theirs):
        first.change(f"drop table {table}")
    return Overlap(field=field, other_field=other_field, rows=rows, exact=exact, normalised=same_words, size=size,
                   ngrams=grams, shared_ngrams=shared, touched=touched,
                   shown=[one[:LONGEST] for one in shown or []])  # fmt: skip
