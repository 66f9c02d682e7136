"""A pair as the gates see it, one that somebody has labelled, and what a model says of one."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

import msgspec

from stages.records import Pair, Record

S = TypeVar("S", bound="Scored")


class Scored(Pair, kw_only=True):
    """A pair with what was found in it, by gate, beside the scores."""

    found: dict[str, str] = {}


class Labelled(Scored, kw_only=True):
    """A pair of which somebody has said whether it is valid (data/sources/judge_labels.jsonl)."""

    valid: bool
    who: str
    why: str = ""


class Opinion(Record, kw_only=True):
    """What a model says of the pair of this id: scores for the gates, and its reason."""

    scores: dict[str, float]
    said: str = ""


def plain(pair: Pair, **changes: Any) -> Pair:
    """Return a pair without what was found in it, with fields changed."""
    return Pair(**{name: getattr(pair, name) for name in Pair.__struct_fields__} | changes)


def with_opinions(pairs: Iterable[S], opinions: Iterable[Opinion]) -> Iterator[S]:
    """Yield the pairs, those of which there is an opinion with its scores, and its reason as what was found."""
    known = {one.id: one for one in opinions}
    for pair in pairs:
        one = known.get(pair.id)
        if one is not None:
            found = pair.found | ({"judge": one.said} if one.said else {})
            pair = msgspec.structs.replace(pair, scores=pair.scores | one.scores, found=found)
        yield pair
