"""Questions that ask the same and are answered differently: none of them is kept until a person has chosen.

"What is X?" has more than one true answer: two definitions of a thing are no conflict while nothing in them disagrees.
"""

import re
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


_THING = r"(?:an? )?(?P<thing>[^\s?,]+(?: [^\s?,]+){0,2})"
_OPEN = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"what(?:'s| is| are) {_THING}\?",
        rf"what (?:is|are|can) {_THING} (?:be )?(?:used|useful|good|meant|intended|designed|made) for\?",
        rf"what (?:does|do|can) {_THING} do\?",
        rf"what (?:kind|type|sort) of [\w-]+(?: [\w-]+)? (?:is|are) {_THING}\?",
    )
]
# "What is Llama 2 licensed under?", "What is its size?" and "What is the limit?" have one answer
_NO_THING = re.compile(
    r"\b(?:the|its?|their|your|my|this|that|these|those|of|for|in|on|at|by|under|with|to|from|as|about|or|and|than|"
    r"\w{3,}ed|new|different|better|best)\b|'s\b",
    re.IGNORECASE,
)


def is_open(question: str) -> bool:
    """Tell whether a question may have several true answers: what a thing is, what kind, what it does, what for."""
    matches = (pattern.fullmatch(question.strip()) for pattern in _OPEN)
    return any(match is not None and not _NO_THING.search(match["thing"]) for match in matches)


def contradict(one: Pair, other: Pair) -> bool:
    """Tell whether the answers of two pairs that ask the same cannot both stay.

    Answers that agree can. So can those to an open question unless the one says the opposite of the other, or each has
    a number or name that the other lacks: "a 7B model by A", "a 13B model by B".
    """
    if agree(one.answer, other.answer):
        return False
    if not is_open(one.question) or not is_open(other.question):
        return True
    if polarity.opposed(one.answer, other.answer) or polarity.opposed(other.answer, one.answer):
        return True
    return bool(_own(one.answer, other.answer)) and bool(_own(other.answer, one.answer))


def _own(answer: str, other: str) -> list[str]:
    """Return the numbers and names of an answer that the other one lacks; acronyms are mostly kinds of a thing."""
    found = grounding.unsupported(answer, other)
    return [name for name in found if not (name.isalpha() and name.removesuffix("s").isupper())]


def conflicting(pairs: Sequence[P]) -> list[list[P]]:
    """Return the groups of pairs with one question, by the matcher of dedup, in which answers contradict each other."""
    ordered = sorted(pairs, key=lambda pair: pair.id)
    members: dict[int, list[P]] = defaultdict(list)
    for pair, number in zip(ordered, similarity.clusters([pair.question for pair in ordered]), strict=True):
        members[number].append(pair)
    return [
        some for some in members.values()
        if any(contradict(one, other) for n, one in enumerate(some) for other in some[n + 1 :])
    ]  # fmt: skip


def conflict(pairs: Sequence[Pair]) -> Conflict:
    """Return a group as the record that a person looks at."""
    return Conflict(id=content_id(*(pair.id for pair in pairs)), pairs=[plain(pair) for pair in pairs])
