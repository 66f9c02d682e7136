"""Training pairs beside evaluation sets: what reaches an item goes or is flagged, what may ask the same is listed."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from stages.quality import apart, leaks, semantic
from stages.records import Decision, Pair, Record, content_id


class Cleaned(NamedTuple):
    """What became of the pairs beside one set."""

    kept: list[Pair]  # in the order given
    removed: list[tuple[Pair, str]]  # with the item that each reaches
    report: dict[str, Any]  # see `leaks.contamination`


class Candidate(Record, kw_only=True):
    """A training pair of which an encoder finds that it asks what an item asks, and the matcher does not."""

    set: str
    cosine: float
    pair: str
    question: str
    item: str
    asks: str


def clean(pairs: Sequence[Pair], items: leaks.Items, flag: str = "") -> Cleaned:
    """Return which pairs stay beside an evaluation set.

    Args:
        pairs: for training.
        items: of the set.
        flag: let all stay, and note this reason and the item in the decision of those that reach one.
    """
    met, report = leaks.contamination(
        [pair.question for pair in pairs], items, [pair.answer for pair in pairs], bool(flag)
    )
    if flag:
        kept = [_flagged(pair, flag, met[n]) if n in met else pair for n, pair in enumerate(pairs)]
        return Cleaned(kept, [], report)
    kept = [pair for n, pair in enumerate(pairs) if n not in met]
    return Cleaned(kept, [(pairs[n], item) for n, item in met.items()], report)


def _flagged(pair: Pair, reason: str, item: str) -> Pair:
    """Return a pair that stays although it reaches an item; the first set that it reaches is noted."""
    if leaks.flagged(pair):
        return pair
    return msgspec.structs.replace(pair, decision=Decision(kept=True, reason=reason, value=item))


def candidates(
    pairs: Sequence[Pair], sets: Mapping[str, leaks.Items], encoder: semantic.Encoder, min_cosine: float
) -> list[Candidate]:
    """Return the training questions that lie near to an item's, the nearest first; for a person, none is dropped.

    Left out are those that differ from it in a digit, in a negation or in a word and its opposite.

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
