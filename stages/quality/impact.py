"""How much of which text a filter drops or a flag marks: counts by slice, with intervals and tests.

Slices only measure, they never filter: filters have been found to prefer one variety of a language or one topic
(Dodge et al. 2021, arXiv 2104.08758).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from stages.quality import foreign, language, mirrors
from stages.records import Document
from stages.scoring.statistics import holm, wilson

LENGTHS = (100, 500, 2000, 10_000)  # words; upper bounds of the bins
SECTIONS = {mirrors.REASON: "mirrored_section", foreign.REASON: "language_section"}  # reason of a drop: its filter
FEWEST, RATIO, LEVEL = 30, 1.25, 0.05  # from so many on a slice is called hit more than the others; see `table`

Slices = dict[str, dict[str, dict[str, float | bool | None]]]


class Passed(NamedTuple):
    """A document or section that came to the filters, its slices, and the filter that dropped it, if any."""

    slices: frozenset[tuple[str, str]]  # (kind, value); of tags more than one
    reason: str | None


def document(one: Document, spoken: str, reason: str | None) -> Passed:
    """Return a document with its slices; `spoken` is its language, `reason` why it was dropped."""
    return Passed(slices(one, spoken, one.body), reason)


def sections(one: Document) -> list[Passed]:
    """Return the sections of a document that was kept, those included that became drops on the way."""
    passed = [Passed(slices(one, one.language, s.text), None) for s in one.sections if s.text]
    dropped = [drop for drop in one.drops if drop.reason in SECTIONS]
    return passed + [Passed(slices(one, one.language, d.text), SECTIONS[d.reason]) for d in dropped]


def slices(one: Document, spoken: str | None, text: str) -> frozenset[tuple[str, str]]:
    """Return the slices of a document, or of a text in it: file suffix, language, length, trust and tags."""
    low = next((edge for edge in (0.75, 0.5, 0.25) if one.trust >= edge), 0.0)
    single = {
        "all": "all",
        "suffix": suffix(one.source),
        "language": spoken or language.UNKNOWN,
        "words": length_bin(len(text.split())),
        "trust": f"{low:.2f}-{low + (0.25 if low == 0.75 else 0.24):.2f}",
    }
    return frozenset([*single.items(), *(("tag", tag) for tag in one.tags)])


def suffix(source: str) -> str:
    """Return the suffix of a path or URL, lower case, or "none"."""
    return PurePosixPath(re.split(r"[?#]", source)[0]).suffix.lower() or "none"


def length_bin(words: int) -> str:
    """Return the range that a number of words falls in."""
    low = 0
    for high in LENGTHS:
        if words < high:
            return f"{low}-{high - 1}"
        low = high
    return f"{low}+"


def report(
    documents: Sequence[Passed], filters: Sequence[str], kept: Sequence[Document]
) -> dict[str, dict[str, Slices]]:
    """Return the table of each filter, of documents and of sections, and of each flag of the kept documents.

    Args:
        documents: all that came in.
        filters: those of documents in the order in which they are asked.
        kept: the documents that were kept, as they are written.
    """
    flags = sorted({flag for one in kept for flag in one.flags})
    marked = {flag: table((slices(one, one.language, one.body), flag in one.flags) for one in kept) for flag in flags}
    inside = [passed for one in kept for passed in sections(one)]
    return {"filters": in_turn(documents, filters) | in_turn(inside, sorted(SECTIONS.values())), "flags": marked}


def in_turn(passed: Sequence[Passed], filters: Sequence[str]) -> dict[str, Slices]:
    """Return the table of each filter; what one has dropped did not come to the next."""
    result = {}
    left = Counter(passed)  # most are of the same slices as others
    for name in filters:
        hits: Counter[tuple[frozenset[tuple[str, str]], bool]] = Counter()
        for one, count in left.items():
            hits[one.slices, one.reason == name] += count
        result[name] = _table(hits)
        left = Counter({one: count for one, count in left.items() if one.reason != name})
    return result


def table(counted: Iterable[tuple[Iterable[tuple[str, str]], bool]]) -> Slices:
    """Return for each kind of slice and value of it how many were met and how many were hit (dropped, or flagged).

    `rate` is their share with Wilson's 95 % interval, `ratio` that share to the share in all, and `p` the two-sided
    p value of Fisher's exact test of the slice against all others, corrected after Holm for the slices of the table.
    `more` says that the slice is hit more than others: 30 were met, the ratio is over 1.25 and p below 0.05.
    """
    return _table(Counter((frozenset(where), is_hit) for where, is_hit in counted))


def _table(tallied: Mapping[tuple[frozenset[tuple[str, str]], bool], int]) -> Slices:
    counts: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (where, is_hit), count in tallied.items():
        for each in where:
            counts[each][0] += count
            counts[each][1] += count * is_hit
    if not counts:
        return {}
    all_met, all_hit = counts["all", "all"]
    keys = sorted(counts)
    tested = [key for key in keys if key[0] != "all"]
    values = dict(
        zip(
            tested,
            holm([fisher((met, hit), (all_met, all_hit)) for met, hit in map(counts.__getitem__, tested)]),
            strict=True,
        )
    )
    result: Slices = {}
    for kind, value in keys:
        met, hit = counts[kind, value]
        low, high = wilson(hit / met, met)
        ratio = (hit / met) / (all_hit / all_met) if all_hit else None
        p = values.get((kind, value))
        result.setdefault(kind, {})[value] = {
            "n_in": met,
            "n_hit": hit,
            "rate": round(hit / met, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "ratio": None if ratio is None else round(ratio, 3),
            "p": None if p is None else float(f"{p:.3g}"),
            "more": p is not None and met >= FEWEST and (ratio or 0.0) > RATIO and p < LEVEL,
        }
    return result


def fisher(one: tuple[int, int], every: tuple[int, int]) -> float:
    """Return the two-sided p value of Fisher's exact test, 0..1: is a slice hit as often as all others?

    Given are how many were met and how many of these were hit, in the slice and in all, the slice included. The
    probabilities of all tables with these margins that are at most as likely as the one seen are added up, as R's
    fisher.test does, ties told with a relative tolerance of 1e-7.
    """
    (met, hit), (all_met, all_hit) = one, every
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, all_met + 1)))])  # of the factorials

    def choose(n: int, k: np.ndarray) -> np.ndarray:
        return logs[n] - logs[k] - logs[n - k]

    k = np.arange(max(0, met + all_hit - all_met), min(met, all_hit) + 1)
    weights = choose(met, k) + choose(all_met - met, all_hit - k)
    chances = np.exp(weights - weights.max())
    seen = chances[hit - k[0]]
    return min(1.0, float(chances[chances <= seen * (1 + 1e-7)].sum() / chances.sum()))
