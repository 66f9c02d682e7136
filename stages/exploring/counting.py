"""How many rows, texts, characters and words, and how long the texts are."""

import math
from collections.abc import Sequence

import msgspec

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset

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


def rows(dataset: Dataset) -> int:
    """Return how many rows there are."""
    return int(dataset.ask("select count(*) from data")[0][0])


def counts(dataset: Dataset, names: Sequence[str]) -> list[Counts]:
    """Return the counts of each field."""
    found = []
    for name in names:
        inner = f"select {fields.sql(name)} t from data"
        ((held, distinct, characters, of_words),) = dataset.ask(
            f"select count(t), count(distinct t), coalesce(sum(length(t)), 0), coalesce(sum(len({words.sql('t')})), 0) "
            f"from ({inner})"
        )
        found.append(Counts(field=name, rows=held, distinct=distinct, characters=int(characters), words=int(of_words)))
    return found


def lengths(dataset: Dataset, names: Sequence[str]) -> list[Lengths]:
    """Return how long the texts of each field are, in words and in characters; fields that no row has are left out."""
    found = []
    for name in names:
        for unit, size in (("words", f"len({words.sql('t')})"), ("characters", "length(t)")):
            told = dataset.ask(
                f"select {size} n, count(*) from (select {fields.sql(name)} t from data) where t is not null "
                "group by n order by n"
            )
            if told:
                found.append(of_lengths(name, unit, [(int(length), int(count)) for length, count in told]))
    return found


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
