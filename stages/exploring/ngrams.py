"""The most and the least common n-grams of words."""

import msgspec

from stages.exploring import fields, words
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
    columns = [f"w{n}" for n in range(1, size + 1)]
    listed = ", ".join(columns)
    # Shifted lists beside each other: a row for each place, the last of which have no full n-gram.
    unnested = ", ".join(f"unnest(w[{n}:]) w{n}" for n in range(1, size + 1))
    texts = f", texts as (select row_number() over () r, {words.sql(fields.sql(field))} w from data)"
    found = dataset.ask(
        f"""
        {texts}, places as (select {unnested} from texts),
        counted as (select {listed}, count(*) n from places where w{size} is not null group by all)
        select n, sum(n) over (), count(*) over (), {listed} from counted
        order by n {"asc" if least else "desc"}, {listed} limit ?""",
        most,
    )
    if not found:
        return Ngrams(field=field, size=size, total=0, distinct=0, shown=[])
    # In how many rows they stand is asked of those only: a distinct count of all takes four times as long.
    rows = dataset.ask(
        f"""
        {texts}, places as (select r, {unnested} from texts),
        shown as (select {", ".join(f"unnest(?) {one}" for one in columns)})
        select count(distinct r), {listed} from places semi join shown using ({listed}) group by {listed}""",
        *([one[3 + n] for one in found] for n in range(size)),
    )
    in_rows = {tuple(one[1:]): int(one[0]) for one in rows}
    shown = [(" ".join(one[3:]), int(one[0]), in_rows[tuple(one[3:])]) for one in found]
    return Ngrams(field=field, size=size, total=int(found[0][1]), distinct=int(found[0][2]), shown=shown)
