"""Texts that stand there more than once: word for word, or with the same words in the same order."""

from collections.abc import Sequence

import msgspec

from stages.exploring import fields, words
from stages.exploring.dataset import Dataset

LONGEST = 300  # characters of an example


class Duplicates(msgspec.Struct, kw_only=True):
    """Groups of rows that say the same.

    Attributes:
        by: exact, or normalised: the same words, whatever the case and what stands between them.
        fields: what is compared.
        groups: how many texts stand there more than once.
        surplus: how many rows would go if one of each group stayed.
        largest: the largest groups, each with one of its texts.
    """

    by: str
    fields: list[str]
    groups: int
    surplus: int
    largest: list[tuple[str, int]]


def duplicates(dataset: Dataset, names: Sequence[str], most: int = 10) -> list[Duplicates]:
    """Return exact and normalised duplicates of these fields together; rows that have none of them are left out."""
    texts = [f"coalesce({fields.sql(name)}, '')" for name in names]
    # Texts are joined by what no text has, as a rule, and words by what is no word.
    joined = " || chr(31) || ".join(texts)
    same = " || chr(31) || ".join(f"array_to_string({words.sql(text)}, ' ')" for text in texts)
    found = []
    for by, key, shown in (("exact", joined, "k"), ("normalised", same, "min(t)")):
        told = dataset.ask(
            f"""
            , texts as (select {joined} t, {key} k from data where concat({", ".join(texts)}) <> ''),
            counted as (select {shown} t, count(*) n from texts group by k having n > 1)
            select t, n, count(*) over (), sum(n - 1) over () from counted order by n desc, t limit ?""",
            most,
        )
        groups, surplus = (int(told[0][2]), int(told[0][3])) if told else (0, 0)
        largest = [(text.replace("\x1f", " → ")[:LONGEST], int(count)) for text, count, _, _ in told]
        found.append(Duplicates(by=by, fields=list(names), groups=groups, surplus=surplus, largest=largest))
    return found
