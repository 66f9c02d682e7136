"""Training pairs beside evaluation sets: what reaches an item goes or is flagged, what may ask the same is listed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from stages.quality import apart, leaks, semantic
from stages.records import Decision, Pair, Record, content_id


class Guarded(NamedTuple):
    """An evaluation set, and what becomes of pairs within reach of it."""

    items: leaks.Items
    reason: str  # of the reject, or of the decision of a pair that stays
    flag: bool = False  # do they stay, and are marked?


class Cleaned(NamedTuple):
    """What became of the pairs beside all sets."""

    kept: list[Pair]  # in the order given
    removed: list[tuple[Pair, str, str]]  # with the reason and the item of the first set that each reaches
    reports: dict[str, dict[str, Any]]  # by set, as if it were alone; see `leaks.contamination`


class Candidate(Record, kw_only=True):
    """A training pair of which an encoder finds that it asks what an item asks, and the matcher does not."""

    set: str
    cosine: float
    pair: str
    question: str
    item: str
    asks: str


def clean(pairs: Sequence[Pair], sets: Mapping[str, Guarded]) -> Cleaned:
    """Return which pairs stay beside the evaluation sets.

    Args:
        pairs: for training.
        sets: by name.
    """
    kept = list(pairs)
    removed: dict[int, tuple[Pair, str, str]] = {}
    reports = {}
    questions, answers = [pair.question for pair in pairs], [pair.answer for pair in pairs]
    for name, (items, reason, flag) in sets.items():
        met, reports[name] = leaks.contamination(questions, items, answers, flag)
        for n, item in met.items():
            if flag:
                kept[n] = _flagged(kept[n], reason, item)
            else:
                removed.setdefault(n, (pairs[n], reason, item))
    return Cleaned([pair for n, pair in enumerate(kept) if n not in removed], list(removed.values()), reports)


def _flagged(pair: Pair, reason: str, item: str) -> Pair:
    """Return a pair that stays although it reaches an item; the first set that it reaches is noted."""
    if leaks.flagged(pair):
        return pair
    return msgspec.structs.replace(pair, decision=Decision(kept=True, reason=reason, value=item))


def candidates(
    pairs: Sequence[Pair], sets: Mapping[str, leaks.Items], encoder: semantic.Encoder, min_cosine: float
) -> list[Candidate]:
    """Return the training questions that lie near to an item's, the nearest first; for a person, none is dropped.

    Left out are those that words tell apart (`apart`).

    Args:
        pairs: for training, without those that reach an item by the matcher.
        sets: items by name of set.
        encoder: see `semantic.load`.
        min_cosine: least cosine, -1 to 1.
    """
    items = [(name, item[0], item[1]) for name, some in sets.items() for item in some]
    near = semantic.neighbours([pair.question for pair in pairs], [asks for *_, asks in items], encoder, min_cosine)
    found = []
    for n, other, cosine in near:
        (name, item, asks), pair = items[other], pairs[n]
        if not apart.told_apart(pair.question, asks):
            found.append(Candidate(
                id=content_id(name, item, pair.id), set=name, cosine=cosine, pair=pair.id, question=pair.question,
                item=item, asks=asks))  # fmt: skip
    return sorted(found, key=lambda one: (-one.cosine, one.id))
