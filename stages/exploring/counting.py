"""How many rows, texts, characters and words, and how long the texts are."""

import math
from collections import Counter
from collections.abc import Sequence

import msgspec

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset
from stages.exploring.fields import Field

BINS = 20  # of a histogram


class Counts(msgspec.Struct, kw_only=True):
    """Of one field: how many rows have it, how many different texts, and how much they hold."""

    field: str
    rows: int
    distinct: int
    characters: int
    words: int


class Lengths(msgspec.Struct, kw_only=True):
    """How long the texts of a field are, in `unit`; quantiles are the smallest length that so many do not exceed."""

    field: str
    unit: str  # words or characters
    rows: int
    mean: float
    least: int
    quartiles: tuple[int, int, int]
    p95: int
    most: int
    bins: list[tuple[int, int, int]]  # from, to (exclusive), how many; the last one holds all that are longer than 99 %


class Held(msgspec.Struct, kw_only=True):
    """What is in a dataset: its rows, all fields, and the counts of its texts."""

    rows: int
    fields: list[Field]
    texts: list[Counts]


def rows(dataset: Dataset) -> int:
    """Return how many rows there are."""
    return int(dataset.ask("select count(*) from data")[0][0])


def held(dataset: Dataset, names: Sequence[str]) -> Held:
    """Return all that is counted: rows, all fields, and the counts of those that are named."""
    return Held(rows=rows(dataset), fields=list(fields.fields(dataset).values()), texts=counts(dataset, names))


def counts(dataset: Dataset, names: Sequence[str]) -> list[Counts]:
    """Return the counts of each field."""
    found = []
    for name in names:
        sizes = _sizes(dataset, name)
        ((distinct,),) = dataset.ask(f"select count(distinct {fields.sql(name)}) from data")
        found.append(
            Counts(
                field=name, rows=sum(count for _, _, count in sizes), distinct=distinct,
                characters=sum(characters * count for _, characters, count in sizes),
                words=sum(words * count for words, _, count in sizes),
            )
        )  # fmt: skip
    return found


def lengths(dataset: Dataset, names: Sequence[str]) -> list[Lengths]:
    """Return how long the texts of each field are, in words and in characters; fields that no row has are left out."""
    found = []
    for name in names:
        sizes = _sizes(dataset, name)
        for unit, place in (("words", 0), ("characters", 1)):
            told: Counter[int] = Counter()
            for size in sizes:
                told[size[place]] += size[2]
            if told:
                found.append(of_lengths(name, unit, sorted(told.items())))
    return found


def _sizes(dataset: Dataset, name: str) -> list[tuple[int, int, int]]:
    """Return how many texts of a field have so many words and so many characters."""
    inner = f"select {fields.sql(name)} t from data"
    query = f"select len({words.sql('t')}), length(t), count(*) from ({inner}) where t is not null group by all"
    return dataset.once(f"sizes of {name}", lambda: [(w, c, n) for w, c, n in dataset.ask(query)])


def of_lengths(field: str, unit: str, told: Sequence[tuple[int, int]]) -> Lengths:
    """Return the figures of a list of (length, how many have it), shortest first and not empty."""
    total = sum(count for _, count in told)

    def quantile(share: float) -> int:
        left = math.ceil(share * total)
        for length, count in told:
            left -= count
            if left <= 0:
                return length
        return told[-1][0]

    low, high = told[0][0], max(quantile(0.99), told[0][0] + 1)
    step = max(1, math.ceil((high - low + 1) / BINS))
    bins = {start: 0 for start in range(low, high + 1, step)}
    last = max(bins)
    for length, count in told:
        bins[min(low + (length - low) // step * step, last)] += count
    return Lengths(
        field=field, unit=unit, rows=total, mean=round(sum(length * count for length, count in told) / total, 2),
        least=low, quartiles=(quantile(0.25), quantile(0.5), quantile(0.75)), p95=quantile(0.95), most=told[-1][0],
        bins=[(start, start + step, count) for start, count in bins.items()],
    )  # fmt: skip
