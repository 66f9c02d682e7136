"""Chat rows: a prompt (system, earlier turns, question) and the answer that is learned."""

from collections.abc import Iterable

import msgspec

from stages.mixing.given import Given
from stages.records import Message, Pair, Row, content_id


def of_pair(pair: Pair, system: str, repeat: int = 0) -> Row:
    """Return the row of a pair; each repeat has an id of its own."""
    return _row(pair.id, pair.origin, system, pair.turns, pair.question, pair.answer, pair.weight, repeat)


def of_given(given: Given, origin: str, system: str) -> Row:
    """Return the row of something given; a system message of its own takes the place of ours."""
    before = list(given.before)
    if before and before[0].role == "system":
        system = before.pop(0).content
    return _row(given.id, origin, system, before, given.question, given.answer)


def _row(
    pair: str, origin: str, system: str, turns: list[Message], question: str, answer: str, weight: float = 1.0,
    repeat: int = 0,
) -> Row:  # fmt: skip
    prompt = [Message(role="system", content=system)] if system else []
    prompt += [*turns, Message(role="user", content=question)]
    further = ([turns] if turns else []) + ([repeat] if repeat else [])
    return Row(
        id=content_id(pair, origin, system, question, answer, *further), pair=pair, origin=origin, prompt=prompt,
        completion=[Message(role="assistant", content=answer)], weight=weight,
    )  # fmt: skip


def families(pairs: Iterable[Pair]) -> dict[str, Pair]:
    """Return the pairs by id, with a `parent` only where that is a pair of the same run.

    Stage curate names the first wording of a question that it mended as the pair's parent; that one has ceased to be.
    """
    return {
        pair.id: msgspec.structs.replace(pair, parent=None)
        if "repaired" in pair.scores and pair.origin != "paraphrase"
        else pair
        for pair in pairs
    }
