"""All that is asked of a dataset at once: what the page of the report shows."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from stages import tally
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
    asked: dict[str, Callable[[], Any]] = {
        "rows": lambda: counting.rows(dataset),
        "counts": lambda: counting.counts(dataset, names),
        "lengths": lambda: counting.lengths(dataset, names),
        "common": lambda: [ngrams.ngrams(dataset, name, size, most) for name in names for size in NGRAM_SIZES],
        "rare": lambda: [ngrams.ngrams(dataset, name, 1, most, least=True) for name in names],
        "duplicates": lambda: [one for some in together for one in duplicates.duplicates(dataset, some, most)],
        "personal": lambda: personal.personal(dataset, names),
        "values": lambda: described(dataset, names, most),
    }
    found = {name: ask() for name, ask in tally.progress(asked.items(), "profile", len(asked))}
    return Profile(**found)


def values_of(
    dataset: Dataset, wanted: Sequence[str] = (), most: int = 15, documents: str | None = None
) -> list[Values]:
    """Return the values of the fields that are wanted, else what `described` tells of the usual texts.

    With a file of documents their licences, too.
    """
    names = fields.texts(dataset, wanted)
    found = [values.values(dataset, name, most) for name in names] if wanted else described(dataset, names, most)
    return found + ([values.licences(dataset, documents, most)] if documents else [])


def described(dataset: Dataset, names: Sequence[str], most: int) -> list[Values]:
    """Return the values of the usual fields, how questions begin, and what the first of the texts is about and in."""
    asks, known = fields.question(dataset), fields.fields(dataset)
    told = values.common(dataset, most) + ([values.forms(dataset, asks)] if asks else [])
    if names and not any(head + name in known for head in fields.HEADS for name in values.TOPICS):
        told.append(values.topics(dataset, names[0], most))
    return told + [values.languages(dataset, name) for name in names[:1]]
