"""What people have decided about pairs: it stands over all gates, and no stage writes to it.

Several people may decide on one pair. Where they say the same it holds; where they do not, nobody has decided.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Literal

import msgspec

from stages.records import Pair, Record, RecordError, content_id


class Ruling(Record, kw_only=True, omit_defaults=True):
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


def by_pair(rulings: Iterable[Ruling], file: str = "decisions.jsonl") -> dict[str, list[Ruling]]:
    """Return the decisions by pair, those on one pair in the order of who decided.

    Raises RecordError for two of one person on one pair, an edit that changes nothing, or other words in what is no
    edit.
    """
    found: dict[str, list[Ruling]] = {}
    for (pair, who), same in groupby(sorted(rulings, key=place), key=place):
        one, *more = same
        changes = one.question is not None or one.answer is not None
        if more:
            raise RecordError(f"{file}: two decisions of {who} on the pair {pair}; leave the one that holds")
        if changes != (one.decision == "edit"):
            raise RecordError(
                f"{file}: the decision on the pair {pair} is {one.decision}; expected a question or an answer with "
                "an edit, and with nothing else"
            )
        if any(text is not None and not text.strip() for text in (one.question, one.answer)):
            raise RecordError(f"{file}: the decision on the pair {pair} has an empty question or answer")
        found.setdefault(pair, []).append(one)
    return found


def place(ruling: Ruling) -> tuple[str, str]:
    """Return by what decisions are told apart and sorted: the pair, and who decided."""
    return ruling.id, ruling.who


def on(pair: Pair, rulings: Mapping[str, list[Ruling]]) -> list[Ruling]:
    """Return the decisions on a pair, or else on the one that it was mended from."""
    return rulings.get(pair.id) or rulings.get(pair.parent or "") or []


def agreed(pair: Pair, rulings: Sequence[Ruling]) -> Ruling | None:
    """Return what all who decided on a pair say, as one decision; None if nobody did, or they disagree."""
    said = {(one.decision, one.question or pair.question, one.answer or pair.answer) for one in rulings}
    if len(said) != 1:
        return None
    why = dict.fromkeys(one.why for one in rulings if one.why)
    return msgspec.structs.replace(rulings[0], who=", ".join(one.who for one in rulings), why="; ".join(why))


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
