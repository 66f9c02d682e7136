"""The most and the least common n-grams of words."""

import msgspec

from stages.exploring import tokenised
from stages.exploring.dataset import Dataset

LONGEST = 20  # words of an n-gram


class Ngrams(msgspec.Struct, kw_only=True):
    """n-grams of one size in one field: how many there are, how many different ones, and some of them."""

    field: str
    size: int
    total: int
    distinct: int
    shown: list[tuple[str, int, int]]  # the words, how often they stand there, in how many rows


def ngrams(dataset: Dataset, field: str, size: int, most: int, least: bool = False) -> Ngrams:
    """Return the most common n-grams, or the least common ones; those that are as common in alphabetical order.

    Args:
        dataset: what is asked.
        field: its dotted name.
        size: words of an n-gram, 1 to LONGEST.
        most: how many are returned.
        least: the least common ones.
    """
    listed = columns(size)
    # In how many rows they stand is asked of those only that are shown: of all it would take four times as long.
    found = dataset.ask(
        f"""
        , counted as (select {listed}, count(*) n from ({places(tokenised.table(dataset, field), size)}) group by all),
        shown as materialized (select {listed}, n, sum(n) over () total, count(*) over () different from counted
                               order by n {"desc" if not least else "asc"}, {listed} limit ?),
        held as (select {listed}, count(distinct r) rows
                 from ({places(tokenised.table(dataset, field), size)}) semi join shown using ({listed}) group by all)
        select n, rows, total, different, {listed} from shown join held using ({listed})
        order by n {"desc" if not least else "asc"}, {listed}""",
        most,
    )
    total, different = (int(found[0][2]), int(found[0][3])) if found else (0, 0)
    shown = [(" ".join(one[4:]), int(one[0]), int(one[1])) for one in found]
    return Ngrams(field=field, size=size, total=total, distinct=different, shown=shown)


def columns(size: int) -> str:
    """Return the columns of an n-gram of `places`."""
    return ", ".join(f"w{n}" for n in range(1, size + 1))


def places(table: str, size: int) -> str:
    """Return the query for all n-grams in a table of words, with the row `r` of each."""
    # Shifted lists beside each other: a row for each place, the last of which have no full n-gram.
    unnested = ", ".join(f"unnest(w[{n}:]) w{n}" for n in range(1, size + 1))
    return f"select * from (select rowid r, {unnested} from {table}) where w{size} is not null"
