"""Questions that ask the same and are answered differently: none of them is kept until a person has chosen."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TypeVar

from stages.curation.scored import plain
from stages.quality import grounding, polarity, similarity
from stages.records import Pair, Record, content_id

P = TypeVar("P", bound=Pair)


class Conflict(Record, kw_only=True):
    """Pairs that ask the same thing and answer it differently."""

    pairs: list[Pair]


def agree(left: str, right: str) -> bool:
    """Tell whether two answers say the same, or one says all that the other does.

    They share most content words both ways, and neither has a number, flag or URL that the other lacks; or one holds
    all words of the other. Neither says the opposite of the other.
    """
    if left.casefold().split() == right.casefold().split():
        return True
    if polarity.opposed(left, right) or polarity.opposed(right, left):
        return False
    for short, long in ((left, right), (right, left)):
        if grounding.coverage(short, long) == 1 and not grounding.unsupported(short, long):
            return True
    if min(grounding.coverage(left, right), grounding.coverage(right, left)) < 0.5:
        return False
    return not grounding.unsupported(left, right) and not grounding.unsupported(right, left)


def conflicting(pairs: Sequence[P]) -> list[list[P]]:
    """Return the groups of pairs with one question, by the matcher of dedup, in which not all answers agree."""
    ordered = sorted(pairs, key=lambda pair: pair.id)
    members: dict[int, list[P]] = defaultdict(list)
    for pair, number in zip(ordered, similarity.clusters([pair.question for pair in ordered]), strict=True):
        members[number].append(pair)
    return [
        some for some in members.values()
        if any(not agree(one.answer, other.answer) for n, one in enumerate(some) for other in some[n + 1 :])
    ]  # fmt: skip


def conflict(pairs: Sequence[Pair]) -> Conflict:
    """Return a group as the record that a person looks at."""
    return Conflict(id=content_id(*(pair.id for pair in pairs)), pairs=[plain(pair) for pair in pairs])
