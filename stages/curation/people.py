"""What people have decided about pairs: it stands over all gates, and no stage writes to it."""

from collections.abc import Iterable
from typing import Literal

import msgspec

from stages.records import Pair, Record, RecordError, content_id


class Ruling(Record, kw_only=True):
    """A person's decision on the pair of this id (data/sources/decisions.jsonl)."""

    decision: Literal["accept", "reject", "edit"]
    who: str
    why: str = ""
    question: str | None = None  # of an edit: what it says instead
    answer: str | None = None


def note(ruling: Ruling) -> str:
    """Return the reason under which a pair is kept that a person accepted or edited."""
    return f"{ruling.decision}ed by {ruling.who}"


def accepted(pair: Pair) -> bool:
    """Tell whether a pair is kept because a person accepted or edited it."""
    decision = pair.decision
    return decision is not None and decision.kept and (decision.reason or "").startswith(("accepted by ", "edited by "))


def by_pair(rulings: Iterable[Ruling], file: str = "decisions.jsonl") -> dict[str, Ruling]:
    """Return the decisions by pair.

    Raises RecordError for two on one pair, an edit that changes nothing, or other words in what is no edit.
    """
    found: dict[str, Ruling] = {}
    for one in rulings:
        changes = one.question is not None or one.answer is not None
        if one.id in found:
            raise RecordError(f"{file}: two decisions on the pair {one.id}; leave the one that holds")
        if changes != (one.decision == "edit"):
            raise RecordError(
                f"{file}: the decision on the pair {one.id} is {one.decision}; expected a question or an answer with "
                "an edit, and with nothing else"
            )
        if any(text is not None and not text.strip() for text in (one.question, one.answer)):
            raise RecordError(f"{file}: the decision on the pair {one.id} has an empty question or answer")
        found[one.id] = one
    return found


def edited(pair: Pair, ruling: Ruling, taken: set[str]) -> Pair:
    """Return a pair as a person wants it: a pair of its own, whose parent it was made from.

    Raises RecordError if there is such a pair already; `taken` are the ids that there are, and grows.
    """
    question, answer = ruling.question or pair.question, ruling.answer or pair.answer
    identity = content_id(question, answer, *pair.facts)
    if identity in taken:
        raise RecordError(
            f"the edit of the pair {ruling.id} makes it the same as the pair {identity}, which is there: reject it"
        )
    taken.add(identity)
    return msgspec.structs.replace(
        pair, id=identity, parent=pair.id, question=question, answer=answer,
        origin="reviewer", scores={},
    )  # fmt: skip
