"""The words of texts as tables, for questions that look at them more than once."""

from collections.abc import Sequence
from itertools import count

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset

# Different words up to which each is a value of an enumeration, four bytes instead of sixteen and more. It takes some
# 200 bytes a word, which the memory limit does not know of.
FEW = 500_000
_numbers = count()


def table(dataset: Dataset, field: str) -> str:
    """Return the table whose rows have the list `w` of the words of each text of a field; it is made once."""
    return dataset.once(f"words of {field}", lambda: tables([(dataset, field)])[0])


def tables(asked: Sequence[tuple[Dataset, str]], texts: bool = False) -> list[str]:
    """Return such a table for each field of a dataset of one database; equal words are equal in all of them.

    Args:
        asked: datasets, each with a field.
        texts: keep the text, too, as the column `t`.
    """
    database, kept = asked[0][0], "t, " if texts else ""
    names = [f"words_{next(_numbers)}" for _ in asked]
    for name, (dataset, field) in zip(names, asked, strict=True):
        text = fields.sql(field)
        dataset.create(name, f"select {kept}{words.sql('t')} w from (select {text} t from data) where t is not null")
    different = f"vocabulary_{next(_numbers)}"
    each = " union all ".join(f"select unnest(w) word from {name}" for name in names)
    database.create(different, f"select distinct word from ({each})")
    ((many,),) = database.ask(f"select count(*) from {different}")
    if 0 < many <= FEW:
        # Its values are ordered as texts are, by their bytes, so that results are in the order of the alphabet.
        database.change(f"create type {different}_type as enum (select word from {different} order by word)")
        for name in names:
            database.change(f"create table {name}_coded as select {kept}w::{different}_type[] w from {name}")
            database.change(f"drop table {name}")
        names = [f"{name}_coded" for name in names]
    database.change(f"drop table {different}")
    return names
