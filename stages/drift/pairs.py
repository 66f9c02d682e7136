"""Which pairs were added, changed and retired, and why; and which ones moved from one part of the split to another."""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from stages.drift import matching
from stages.drift.facts import Facts
from stages.drift.records import Lean, Pair, Reject
from stages.drift.version import NO_PAIRS, NOT_ASKED, PAIRS, PARTS, TAKEN_OUT, Version

ALIKE = 0.5  # share of common words of question and answer from which on a pair on the same facts is another wording
REVIEWER = "reviewer"  # origin of a pair that a person edited
NOWHERE = "none"  # part of a pair where there is no split


class _Question(msgspec.Struct, frozen=True):
    """A pair as it is listed. Its text is the question."""

    id: str
    source: str
    topic: str
    text: str
    answer: str
    facts: list[str]


class Asked(_Question, frozen=True):
    """A pair that is new; `split` is train, reworded, held_out, rejected or none."""

    split: str


class Retired(_Question, frozen=True):
    """A pair that is no longer accepted; `why` is the reason in words."""

    reason: str
    why: str


class Edited(msgspec.Struct, frozen=True):
    """A pair that stands in place of another one: `before` and `after` are the questions."""

    id: str
    was: str  # its id before
    source: str
    topic: str
    before: str
    after: str
    before_answer: str
    after_answer: str
    reason: str
    why: str


class Moved(msgspec.Struct, frozen=True):
    """A pair that is the same, and in another part of the split."""

    id: str
    source: str
    text: str
    before: str
    after: str
    why: str


class Pairs(msgspec.Struct):
    """What became of the accepted pairs. `kept` counts those that are the same, with those that moved."""

    added: list[Asked]
    changed: list[Edited]
    retired: list[Retired]
    moved: list[Moved]
    kept: int


def compare(before: Version, after: Version, facts: Facts) -> Pairs:
    """Compare the pairs by their ids, then look which of the new ones is an edit of one that is gone."""
    gone = {pair.id: pair for pair in before.read(PAIRS, Pair)}
    parts, now = split(before), split(after)
    new: list[Pair] = []
    moved: list[Moved] = []
    kept = 0
    for pair in after.read(PAIRS, Pair):
        if gone.pop(pair.id, None) is None:
            new.append(pair)
            continue
        kept += 1
        was, is_ = parts.get(pair.id, (NOWHERE, "")), now.get(pair.id, (NOWHERE, ""))
        if parts and now and was[0] != is_[0]:
            moved.append(Moved(pair.id, pair.source, pair.question, was[0], is_[0], is_[1] or was[1]))
    changed = list(_edits(gone, new, facts))
    taken = {one.id for one in changed}
    reasons = _reasons(gone, after, facts)
    return Pairs(
        added=[
            Asked(one.id, one.source, one.topic, one.question, one.answer, one.facts, now.get(one.id, (NOWHERE, ""))[0])
            for one in _ordered(new) if one.id not in taken
        ],
        changed=sorted(changed, key=lambda one: (one.source, one.topic, one.id)),
        retired=[
            Retired(one.id, one.source, one.topic, one.question, one.answer, one.facts, *reasons[one.id])
            for one in _ordered(gone.values())
        ],
        moved=sorted(moved, key=lambda one: (one.source, one.id)),
        kept=kept,
    )  # fmt: skip


def split(version: Version) -> dict[str, tuple[str, str]]:
    """Return in which part of the split each pair is, and of rejected ones why."""
    found = {pair.id: (name, "") for name, file in PARTS.items() for pair in version.read(file, Lean)}
    return found | {one.id: ("rejected", one.said) for one in version.read(TAKEN_OUT, Reject)}


def _ordered(pairs: Iterable[Pair]) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (pair.source, pair.topic, pair.facts, pair.id))


def _edits(gone: dict[str, Pair], new: list[Pair], facts: Facts) -> Iterator[Edited]:
    """Yield the pairs that stand in place of others; what they stand for is taken out of those that are gone."""
    instead = {one.was: one.id for one in facts.changed if one.was != one.id}
    why_of = {one.id: one.why for one in facts.changed}
    back = {one.parent: one for one in gone.values() if one.parent}
    couples: list[tuple[Pair, Pair, str, str]] = []
    for pair in new:
        other = back.get(pair.parent or "")  # edited otherwise before
        old = gone.pop(pair.parent or "", None) or (other and gone.pop(other.id, None))
        if old:
            edited = pair.decision and pair.decision.reason if pair.origin == REVIEWER else None
            couples.append((old, pair, *(("edited", edited) if edited else ("mended", "it pointed outside"))))
        elif pair.id in back and (old := gone.pop(back[pair.id].id, None)):
            undone = (
                ("edited", "an edit was taken back") if old.origin == REVIEWER else ("mended", "it is mended no more")
            )
            couples.append((old, pair, *undone))
    taken = {pair.id for _, pair, _, _ in couples}
    standing = [pair for pair in new if pair.id not in taken]
    for old, pair in matching.edits(
        list(gone.values()), standing, lambda one: tuple(instead.get(fact, fact) for fact in one.facts),
        lambda one: one.says, ALIKE,
    ):  # fmt: skip
        del gone[old.id]
        why = next((f"its fact changed: {why_of[fact]}" for fact in pair.facts if fact in why_of), "")
        couples.append(
            (old, pair, *(("fact_changed", why) if why else ("asked_otherwise", "the same fact, in other words")))
        )
    for old, pair, code, why in couples:
        yield Edited(
            pair.id, old.id, pair.source, pair.topic, old.question, pair.question, old.answer, pair.answer, code, why
        )


def _reasons(gone: Mapping[str, Pair], after: Version, facts: Facts) -> dict[str, tuple[str, str]]:
    """Return for each pair that is gone the reason, and the same in words."""
    retired = {one.id: one for one in facts.retired}
    changed = {one.was: one for one in facts.changed}
    reasons = {
        one.id: ("not_asked", "its question is not asked now, or others took its place (questions a fact, multi-hop)")
        for one in gone.values()
    }
    asked = {(one.question, fact): one.id for one in gone.values() for fact in one.facts}
    if gone:
        for reject in after.read(NOT_ASKED, Reject):
            fields = reject.fields
            identity = asked.get((str(fields.get("question")), str(fields.get("fact"))))
            if identity:
                reasons[identity] = "rejected", f"rejected by {reject.said}"
        for file in NO_PAIRS:
            for reject in after.read(file, Reject):
                if reject.id in gone:
                    reasons[reject.id] = "rejected", f"rejected by {reject.said}"
    for pair in gone.values():
        for fact in pair.facts:
            if fact in retired:
                reasons[pair.id] = "fact_retired", f"its fact {fact} is retired: {retired[fact].why}"
            elif fact in changed:
                reasons[pair.id] = "fact_changed", f"its fact {fact} is {changed[fact].id} now: {changed[fact].why}"
    return reasons
