"""Pairs to look through on the page: those that teach, those that are evaluated on, and those that were rejected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from stages.records import Pair, Reject, Row
from stages.reporting.funnel import measured
from stages.reporting.gather import load
from stages.reporting.links import web

MOST = 5000  # on the page
COLUMNS = (
    "id", "question", "answer", "evidence", "source", "topic", "origin", "form", "language", "fate", "reason", "value",
    "link", "scores",
)  # fmt: skip
SCORES = ("gain", "rank", "judge", "round_trip", "coverage")  # which of a pair's are shown
REJECTING = ("decide", "dedup", "split", "augment")  # stages that reject pairs


def pairs(data: Path, most: int = MOST) -> dict[str, Any]:
    """Return pairs for the page: `of`, how many there are, `columns`, and `rows` of these columns.

    Of more than `most` those with the lowest ids are taken: an id is a hash, so that this is a random sample.
    """
    found = sorted(_all(data), key=lambda one: (one[0].id, one[1]))
    return {"of": len(found), "columns": COLUMNS, "rows": [_row(*one) for one in found[:most]]}


def _all(data: Path) -> Iterator[tuple[Pair, str, str, str]]:
    """Yield all pairs, each with its fate, the reason for it, and what the gate measured."""
    taught = {row.pair for row in load(data, "mix", "train.jsonl", Row)}
    for pair in load(data, "augment", "pairs.jsonl", Pair):
        yield pair, "training" if pair.id in taught else "not drawn for training", "", ""
    for name in ("reworded", "held_out"):
        for pair in load(data, "split", f"{name}.jsonl", Pair):
            yield pair, f"evaluation: {name.replace('_', ' ')}", "", ""
    for stage in REJECTING:
        for reject in load(data, stage, "rejected.jsonl", Reject):
            rejected = _pair(reject.record)
            if rejected is not None:
                yield rejected, f"rejected by {stage}", reject.reason.replace("_", " "), measured(reject.value)


def _pair(record: Any) -> Pair | None:
    """Return the pair that was rejected; None if it was something else, such as a reply."""
    try:
        known = {key: value for key, value in record.items() if key in Pair.__struct_fields__}
        return msgspec.convert(known, Pair)
    except (AttributeError, msgspec.ValidationError):
        return None


def _row(pair: Pair, fate: str, reason: str, value: str) -> list[Any]:
    scores = ", ".join(f"{name.replace('_', ' ')} {pair.scores[name]:g}" for name in SCORES if name in pair.scores)
    quotes = " … ".join(one.quote for one in pair.evidence)
    return [pair.id, pair.question, pair.answer, "" if quotes == pair.answer else quotes, pair.source, pair.topic,
            pair.origin, pair.form or "", pair.language or "", fate, reason, value, web(pair.link), scores]  # fmt: skip
