"""What each gate does to which pairs: removal by slice with intervals and tests, and what it rejects alone.

Slices measure and never filter; see quality/impact.py.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from stages.curation.gates import GATES, Verdict
from stages.curation.scored import Scored
from stages.quality import impact

DATA = "slices.en.yaml"
FREQUENT = 20  # sources and headings with a slice of their own; the others share one
LENGTHS = (5, 10, 20, 40, 60)  # words, upper bounds of the bins
HUMAN = frozenset({"seed", "reviewer"})


class Lists(msgspec.Struct, forbid_unknown_fields=True):
    """The words of slices.en.yaml."""

    dialect: list[str]
    identity: list[str]


class Decided(NamedTuple):
    """A pair with the verdicts of all gates that reject it, in their order."""

    pair: Scored
    verdicts: list[Verdict]


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    lists = msgspec.yaml.decode((Path(__file__).parent / DATA).read_bytes(), type=Lists)
    return tuple(
        (name, re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE))
        for name, words in (("dialect", lists.dialect), ("identity", lists.identity))
    )


def report(decided: Sequence[Decided]) -> dict[str, Any]:
    """Return for each gate the table of its slices, in the order in which gates are asked, and what it does alone.

    `alone` has for each gate how many pairs it rejects at all, and how many that no other gate would: what leaving it
    out would keep.
    """
    sources = Counter(one.pair.source for one in decided)
    headings = Counter(one.pair.topic.split(" > ")[-1] for one in decided)
    often = {name for name, _ in sources.most_common(FREQUENT)}, {name for name, _ in headings.most_common(FREQUENT)}
    passed = [impact.Passed(_slices(one.pair, *often), one.verdicts[0][0] if one.verdicts else None) for one in decided]
    met = [name for name in GATES if any(one.reason == name for one in passed)]
    rejects = Counter(reason for one in decided for reason in {reason for reason, _ in one.verdicts})
    only = Counter(one.verdicts[0][0] for one in decided if len(one.verdicts) == 1)
    return {
        "gates": impact.in_turn(passed, met),
        "alone": {name: {"rejects": rejects[name], "only": only[name]} for name in GATES},
    }


def _slices(pair: Scored, sources: set[str], headings: set[str]) -> frozenset[tuple[str, str]]:
    heading = pair.topic.split(" > ")[-1]
    text = f"{pair.question} {pair.answer}"
    found = [
        ("all", "all"),
        ("source", pair.source if pair.source in sources else "other"),
        ("heading", heading if heading in headings else "other"),
        ("language", pair.found.get("other_language", "as asked for")),
        ("question_words", _length(pair.question)),
        ("answer_words", _length(pair.answer)),
        ("origin", "human" if pair.origin in HUMAN else "model" if pair.model else "rule"),
    ]
    found += [(name, "with" if pattern.search(text) else "without") for name, pattern in _patterns()]
    return frozenset(found)


def _length(text: str) -> str:
    count, low = len(text.split()), 0
    for high in LENGTHS:
        if count < high:
            return f"{low}-{high - 1}"
        low = high
    return f"{low}+"
