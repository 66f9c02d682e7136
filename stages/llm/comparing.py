"""Which of two answers a model finds better, asked in both orders: a judge prefers the first of two.

Method: arXiv 2306.05685, section 3.4 (swapping positions): only what is said in both orders is a win, anything else a
tie.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from stages.llm import gateway, judging
from stages.llm.prompts import Prompt

ORDERS = 2


class Better(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a judge says of two answers (judge_two.jinja)."""

    reason: str
    better: Literal["A", "B", "tie"]


class Two(NamedTuple):
    """Two answers to one question, and what they are judged by."""

    question: str
    evidence: str
    reference: str
    left: str
    right: str


class Settled(NamedTuple):
    """What both orders come to."""

    value: float | None  # of the left answer: win 1, tie 0.5, loss 0; None: an order could not be read
    flipped: bool  # do the orders disagree?
    said: list[str | None]  # left, right, tie, or None, in each order
    reason: str  # of the first order
    problem: str | None


SCHEMA = msgspec.json.schema(Better)
VALUES = {"left": 1.0, "tie": 0.5, "right": 0.0}


def of_two(
    cases: Iterable[Two], prompt: Prompt, seed: int = 0, temperature: float = 0.0, max_tokens: int = 200
) -> list[gateway.Request]:
    """Return two requests for each case, the left answer first and then second, in order; read by `settled`."""
    return [
        gateway.Request(
            messages=prompt.messages(
                question=case.question, evidence=case.evidence, reference=case.reference, first=first, second=second
            ),
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            schema=SCHEMA,
        )
        for case in cases
        for first, second in ((case.left, case.right), (case.right, case.left))
    ]


def settled(replies: Sequence[dict[str, Any]]) -> Settled:
    """Return what the replies to both orders of a case come to; of one order alone nothing is known."""
    read = [judging.exactly(reply, Better) for reply in replies]
    names = ({"A": "left", "B": "right", "tie": "tie"}, {"A": "right", "B": "left", "tie": "tie"})
    said = [None if found is None else name[found.better] for (found, _), name in zip(read, names, strict=True)]
    one, other = said
    reason = next((found.reason for found, _ in read if found), "")
    if one is None or other is None:
        problem = next(problem for _, problem in read if problem)
        return Settled(None, False, said, reason, problem)
    return Settled(VALUES[one] if one == other else VALUES["tie"], one != other, said, reason, None)
