"""A pair as the gates see it."""

from typing import Any

from stages.records import Pair


class Scored(Pair, kw_only=True):
    """A pair with what was found in it, by gate, beside the scores."""

    found: dict[str, str] = {}


def plain(pair: Pair, **changes: Any) -> Pair:
    """Return a pair without what was found in it, with fields changed."""
    return Pair(**{name: getattr(pair, name) for name in Pair.__struct_fields__} | changes)
