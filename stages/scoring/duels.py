"""Two systems' answers to the same item, which a judge has compared: who wins how often."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from stages.llm import comparing
from stages.llm.gateway import Request
from stages.llm.prompts import Prompt
from stages.records import Answer, Record, content_id
from stages.scoring.grading import Items, table

BASE, ORACLE, RETRIEVAL = "base", "oracle", "retrieval"


class Duel(NamedTuple):
    """Two answers to one item."""

    left: Answer
    right: Answer

    @property
    def same(self) -> bool:
        """Whether both say the same, so that nobody need be asked."""
        return self.left.answer.strip() == self.right.answer.strip()


class Compared(Record, kw_only=True):
    """What a judge said of them."""

    item: str
    set: str
    left: str
    right: str
    value: float | None  # of the left one: win 1, tie 0.5, loss 0; None: one of the orders could not be read
    flipped: bool  # do the orders disagree?
    said: list[str | None]  # left, right or tie in each order, None: it could not be read; empty: nobody was asked
    reason: str  # of the first order
    problem: str | None  # why there is no value


def between(answers: Iterable[Answer]) -> list[Duel]:
    """Return what is compared: each system but base and oracle with base, and with retrieval where that answered too.

    Both have answered the same item of the same set.
    """
    by_item: dict[tuple[str, str], dict[str, Answer]] = defaultdict(dict)
    for one in answers:
        by_item[one.set, one.item][one.system] = one
    return [
        Duel(left, given[rival])
        for given in by_item.values()
        for system, left in given.items()
        for rival in (BASE, RETRIEVAL)
        if system not in (BASE, ORACLE, rival) and rival in given
    ]


def requests(duels: Sequence[Duel], items: Items, prompt: Prompt, **asking: Any) -> list[Request]:
    """Return what is asked about those that differ, in both orders; see `comparing.of_two`."""
    return comparing.of_two(
        (
            comparing.Two(
                left.question, items[left.set, left.item].evidence or "", left.reference, left.answer, right.answer
            )
            for left, right in (duel for duel in duels if not duel.same)
        ),
        prompt,
        **asking,
    )


def compared(duels: Sequence[Duel], replies: Sequence[dict[str, Any]]) -> list[Compared]:
    """Return what the replies to `requests` come to, in the order of the duels. The same answer twice is a tie."""
    said = iter(replies)
    found = []
    for left, right in duels:
        if Duel(left, right).same:
            come = comparing.Settled(comparing.VALUES["tie"], False, [], "", None)
        else:
            come = comparing.settled([next(said), next(said)])
        found.append(Compared(id=content_id("compared", left.id, right.id), item=left.item, set=left.set,
                              left=left.system, right=right.system, **come._asdict()))  # fmt: skip
    return found


def win_rates(given: Iterable[Compared], items: Items, draws: int, seed: int) -> dict[str, Any]:
    """Return {set: {"left - right": {value, low, high, n}}}: how often left wins, a tie being half a win."""
    return table([(one.set, f"{one.left} - {one.right}", one.item, one.value) for one in given
                  if one.value is not None], items, draws, seed)  # fmt: skip
