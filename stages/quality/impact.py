"""How much of which documents a filter drops: counts by slice (file suffix, language, length), with intervals."""

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import NamedTuple

from stages.records import Document
from stages.scoring.statistics import wilson

FILTERS = ("too_short", "language", "near_identical")  # in the order in which they are asked
LENGTHS = (100, 500, 2000, 10_000)  # words; upper bounds of the bins


class Passed(NamedTuple):
    """A document that came to the filters, and the one that dropped it, if any."""

    document: Document
    language: str
    reason: str | None


def table(passed: list[Passed]) -> dict[str, dict[str, dict[str, dict[str, float]]]]:
    """Return for each filter and slice: n_in, n_removed, rate and its Wilson interval."""
    result: dict[str, dict[str, dict[str, dict[str, float]]]] = {}
    for name in FILTERS:
        counts: Counter[tuple[str, str, bool]] = Counter()
        for one in passed:
            slices = {
                "all": "all",
                "suffix": suffix(one.document.source),
                "language": one.language,
                "words": length_bin(one.document),
            }
            for kind, value in slices.items():
                counts[kind, value, one.reason == name] += 1
        result[name] = {}
        for kind, value in sorted({key[:2] for key in counts}):
            removed = counts[kind, value, True]
            total = removed + counts[kind, value, False]
            result[name].setdefault(kind, {})[value] = rate(removed, total)
        passed = [one for one in passed if one.reason != name]  # the next filter saw only these
    return result


def suffix(source: str) -> str:
    """Return the suffix of a path or URL, lower case, or "none"."""
    return PurePosixPath(re.split(r"[?#]", source)[0]).suffix.lower() or "none"


def length_bin(document: Document) -> str:
    """Return the range of words a document falls in."""
    words = len(document.text.split())
    low = 0
    for high in LENGTHS:
        if words < high:
            return f"{low}-{high - 1}"
        low = high
    return f"{low}+"


def rate(removed: int, total: int) -> dict[str, float]:
    """Return the share removed with its 95 % Wilson interval."""
    share = removed / total
    low, high = wilson(share, total)
    return {"n_in": total, "n_removed": removed, "rate": round(share, 4), "low": round(low, 4), "high": round(high, 4)}
