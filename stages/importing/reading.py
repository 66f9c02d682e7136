"""The pairs of a file that another tool wrote, in any shape of an FAQ table, and what in it is none, and why."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from stages.documents.blocks import Part, ReadError, decode
from stages.documents.faq import UNREAD, decoded, item
from stages.documents.faq.rows import ANSWER, QUESTION, Row, find, is_chat, rows, stated

_SPACED = re.compile(r"\w(?:\s+\w){3,}\W*")  # "W h a t": a text of which each letter was taken for a text
_LEFT_OVER = re.compile(  # of a reply that was cut in the wrong places: "... 2. Question: What", '"Answer": "It'
    r"(?im)(?:^\W{0,3}(?:\d+\s*[.)]\W{0,3})?|\d+\s*[.)]\s*\W{0,2})(?:question|answer)\W{0,2}\s?\d{0,3}\W{0,2}:"
    r"|[\"'](?:question|answer|context)[\"']\s*:"
)


class Given(NamedTuple):
    """A pair of a file."""

    question: str  # as it stands there
    answer: str
    asks: str  # the same as a reader of FAQ tables has it, without markup
    says: str
    record: Any


class Refused(NamedTuple):
    """What is no pair, with the reason and the value that decided."""

    reason: str
    value: float | str | None
    record: Any


def records(data: bytes) -> list[Any]:
    """Return the elements of a JSON file (of a list its items), or the lines of JSON Lines.

    Raises:
        ReadError: the file is no JSON, nothing is in it, or it is nested too deeply.
    """
    text = decode(data).strip("\ufeff \n")
    try:
        value = storable(decoded(text)) if text else []
    except RecursionError as error:
        raise ReadError("unreadable", "the JSON is nested too deeply") from error
    found = value if isinstance(value, list) and not is_chat(value) else [value]
    if not found:
        raise ReadError("no_pairs", "there is nothing in it")
    return found


def pairs(found: Iterable[Any]) -> list[Given | Refused]:
    """Return the pairs of such records, and what is none, in their order.

    What stands beside pairs (a summary, ratings, a system prompt) is neither.

    Raises:
        ReadError: they are nested too deeply.
    """
    try:
        return list(_once(one for record in found for one in _of(record)))
    except RecursionError as error:
        raise ReadError("unreadable", "the JSON is nested too deeply") from error


def storable(value: Any) -> Any:
    """Return a JSON value as it can be written: no half characters, no number beyond 64 bits."""
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, (int, float)) and not -(2**63) <= value < 2**63 or value != value:
        return str(value)
    return value


def _of(record: Any) -> Iterator[Given | Refused]:
    """Yield the pairs of one element of the file."""
    if isinstance(record, dict) and UNREAD in record:
        yield Refused("unreadable_line", None, record[UNREAD])
        return
    found = [row for row in rows(record) if isinstance(row, Row)]
    items = [row for row in found if row.is_item]
    if items:
        yield from map(_pair, items)
        return
    names = {name for row in found for name in row.values}
    if isinstance(record, str) and len(record.strip()) <= 1:
        yield Refused("letters", record, record)
    elif names == {"system"}:
        yield Refused("system_only", None, record)
    else:
        yield Refused("not_a_pair", _names(names), record)


def _pair(row: Row) -> Given | Refused:
    values = row.values
    question, answer = stated(values)
    if not find(values, QUESTION + ANSWER):
        return Refused("not_a_pair", _names(values), values)
    if not question.strip() or not answer.strip():
        return Refused("no_answer" if question.strip() else "no_question", None, values)
    if values.get("label") is False:  # as TRL marks a completion that is not wanted
        return Refused("labelled_bad", None, values)
    if row.turn > 1:  # what it means may stand in the turns before
        return Refused("follow_up", row.turn, values)
    if _letters(question) or _letters(answer):
        return Refused("letters", None, values)
    left = _LEFT_OVER.search(question) or _LEFT_OVER.search(answer)
    if left:
        return Refused("unparsed_reply", left.group().strip(), values)
    part = next((piece for piece in item(row, 1, None) if isinstance(piece, Part)), None)
    if part is None or part.question is None:
        return Refused("no_text", None, values)  # markup and nothing in it
    return Given(question, answer, part.question, "\n\n".join(part.blocks), values)


def _letters(text: str) -> bool:
    text = text.strip()
    return len(text) == 1 and not text.isdecimal() or _SPACED.fullmatch(text) is not None


def _names(names: Any) -> str:
    return ", ".join(sorted(str(name)[:40] for name in names)[:20])


def _once(found: Iterable[Given | Refused]) -> Iterator[Given | Refused]:
    """Yield all, of equal pairs only the first as a pair."""
    seen: set[tuple[str, str]] = set()
    for one in found:
        if isinstance(one, Given):
            key = one.asks.casefold(), one.says.casefold()
            if key in seen:
                one = Refused("duplicate", None, one.record)
            seen.add(key)
        yield one
