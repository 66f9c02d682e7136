"""A pair as the gates see it."""

from stages.records import Pair


class Scored(Pair, kw_only=True):
    """A pair with what was found in it, by gate, beside the scores."""

    found: dict[str, str] = {}
