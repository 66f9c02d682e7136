"""Pairs as lines, in which they go to other processes and come back, and how these measure them."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from stages.curation.measure import Context, both
from stages.curation.scored import Scored
from stages.records import Pair

Given = tuple[bytes, Context, str]  # the line of a pair, what it is held against, language of the pairs
decode, encode = msgspec.json.Decoder(Pair).decode, msgspec.json.Encoder().encode


class Row(NamedTuple):
    """A measured pair as it is written."""

    id: str
    line: bytes
    dangling: bool
    repaired: bool


def measured(given: Iterable[Given]) -> list[tuple[Row, Row | None]]:
    """Return pairs as measured, as they are and as mended, None where they are not."""
    rows = []
    for line, context, spoken in given:
        plain, mended = both(decode(line), context, spoken)
        rows.append((_row(plain), _row(mended) if mended else None))
    return rows


def _row(one: Scored) -> Row:
    return Row(one.id, encode(one) + b"\n", one.scores["dangling"] > 0, "repaired" in one.scores)


def twins_unmended(found: Iterable[tuple[Row, Row | None]], taken: set[str]) -> Iterator[Row]:
    """Yield the pairs; one that mending would make equal to another is as it was, and will be rejected as dangling.

    Args:
        found: measured pairs, as they are and as mended.
        taken: ids of all pairs before they were measured; grows.
    """
    for plain, mended in found:
        one = mended if mended and mended.id not in taken else plain
        taken.add(one.id)
        yield one
