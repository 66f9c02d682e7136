"""All that is asked of a dataset at once: what the page of the report shows."""

from collections.abc import Sequence

import msgspec

from stages.exploring import counting, duplicates, fields, ngrams, personal, values
from stages.exploring.counting import Counts, Lengths
from stages.exploring.dataset import Dataset
from stages.exploring.duplicates import Duplicates
from stages.exploring.ngrams import Ngrams
from stages.exploring.personal import Personal
from stages.exploring.values import Values

NGRAM_SIZES = (1, 3)


class Profile(msgspec.Struct, kw_only=True):
    """What is in a dataset; see the classes of its parts."""

    rows: int
    counts: list[Counts]
    lengths: list[Lengths]
    common: list[Ngrams]
    rare: list[Ngrams]
    duplicates: list[Duplicates]
    personal: list[Personal]
    values: list[Values]


def profile(dataset: Dataset, wanted: Sequence[str] = (), most: int = 15) -> Profile:
    """Return the profile of these fields, or of the usual texts; see `fields.texts`."""
    names = fields.texts(dataset, wanted)
    together = [[name] for name in names] + ([names] if len(names) > 1 else [])
    return Profile(
        rows=counting.rows(dataset),
        counts=counting.counts(dataset, names),
        lengths=counting.lengths(dataset, names),
        common=[ngrams.ngrams(dataset, name, size, most) for name in names for size in NGRAM_SIZES],
        rare=[ngrams.ngrams(dataset, name, 1, most, least=True) for name in names],
        duplicates=[one for some in together for one in duplicates.duplicates(dataset, some, most)],
        personal=personal.personal(dataset, names),
        values=described(dataset, names, most),
    )


def values_of(dataset: Dataset, wanted: Sequence[str] = (), most: int = 15) -> list[Values]:
    """Return the values of the fields that are wanted, else what `described` tells of the usual texts."""
    names = fields.texts(dataset, wanted)
    return [values.values(dataset, name, most) for name in names] if wanted else described(dataset, names, most)


def described(dataset: Dataset, names: Sequence[str], most: int) -> list[Values]:
    """Return the values of the usual fields, how questions begin, and the languages of the first of the texts.

    Where no field says what a row is about, the words that stand in most questions do.
    """
    asks = fields.question(dataset)
    told = values.common(dataset, most) + ([values.forms(dataset, asks)] if asks else [])
    if not any(one.field.split(".")[-1] in values.TOPICS for one in told):
        told.append(values.topics(dataset, asks or names[0], most))
    return [*told, values.languages(dataset, names[0])]
