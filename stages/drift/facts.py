"""Which facts were added, changed and retired, and why."""

from collections.abc import Hashable, Iterable, Iterator, Mapping

import msgspec

from stages.drift import matching
from stages.drift.documents import Documents, rejected
from stages.drift.records import Document, Fact, Reject
from stages.drift.version import DOCUMENTS, FACTS, NO_FACTS, Version

ALIKE, ELSEWHERE = 0.5, 0.8  # share of common words of two versions of a sentence: under one heading, under two
MIRRORED = "mirrored"  # reason of what `filter` drops as said by another document


class Stated(msgspec.Struct, frozen=True):
    """A fact that is new."""

    id: str
    source: str
    topic: str
    text: str


class Retired(Stated, frozen=True):
    """A fact that is no longer one; `why` is the reason in words."""

    reason: str
    why: str


class Edited(msgspec.Struct, frozen=True):
    """A fact that stands in place of another one, or says something else by the same words."""

    id: str
    was: str  # its id before
    source: str
    topic: str
    before: str
    after: str
    reason: str
    why: str


class Facts(msgspec.Struct):
    """What became of the facts. `kept` counts those that are the same."""

    added: list[Stated]
    changed: list[Edited]
    retired: list[Retired]
    kept: int


def compare(before: Version, after: Version, documents: Documents, parameters: Iterable[str]) -> Facts:
    """Compare the facts by their ids, then look which of the new ones is an edit of one that is gone.

    Args:
        before, after: the two versions.
        documents: what became of the documents.
        parameters: names of the parameters that differ.
    """
    gone = {fact.id: fact for fact in before.read(FACTS, Fact)}
    new: list[Fact] = []
    couples: list[tuple[Fact, Fact]] = []
    kept = 0
    for fact in after.read(FACTS, Fact):
        old = gone.pop(fact.id, None)
        if old is None:
            new.append(fact)
        elif old.says == fact.says:
            kept += 1
        else:
            couples.append((old, fact))
    renamed = {one.before: one.after for one in documents.renamed}

    def place(fact: Fact, *more: str) -> Hashable:
        return renamed.get(fact.source, fact.source), *more

    for where, least in (
        (lambda fact: place(fact, fact.says), 1.0),
        (lambda fact: place(fact, fact.topic), ALIKE),
        (place, ELSEWHERE),
    ):
        found = matching.edits(
            list(gone.values()), new, where, lambda fact: fact.says, least, lambda fact: fact.span[0]
        )
        couples += found
        for old, _ in found:
            del gone[old.id]
        taken = {fact.id for _, fact in found}
        new = [fact for fact in new if fact.id not in taken]
    reasons = _reasons(gone, after, documents, [name for name in parameters if _before_facts(name)])
    return Facts(
        added=[Stated(one.id, one.source, one.topic, one.says) for one in _ordered(new)],
        changed=sorted((_edited(*couple) for couple in couples), key=_by_weight),
        retired=[Retired(one.id, one.source, one.topic, one.says, *reasons[one.id]) for one in _ordered(gone.values())],
        kept=kept,
    )


def _ordered(facts: Iterable[Fact]) -> list[Fact]:
    return sorted(facts, key=lambda fact: (fact.source, fact.span, fact.id))


def _by_weight(one: Edited) -> tuple[bool, str, str, str]:
    """Return by what edits are sorted: those with other words come first."""
    return one.before == one.after, one.source, one.topic, one.id


def _edited(old: Fact, new: Fact) -> Edited:
    if old.id == new.id:
        reason, why = "restated", "the same words are put otherwise as a statement"
    elif old.says != new.says:
        reason, why = "text_changed", "its words were edited"
    elif old.source != new.source:
        reason, why = "moved", f"the same words, in {old.source} before"
    else:
        reason, why = "moved", f"the same words, under {old.topic} before"
    return Edited(new.id, old.id, new.source, new.topic, old.says, new.says, reason, why)


def _before_facts(parameter: str) -> bool:
    return parameter.partition(".")[0] in ("collect", "parse", "filter", "refine", "chunk", "student")


def _reasons(
    gone: Mapping[str, Fact], after: Version, documents: Documents, parameters: list[str]
) -> dict[str, tuple[str, str]]:
    """Return for each fact that is gone the reason, and the same in words."""
    removed = {one.source for one in documents.removed}
    refused = rejected(after) if gone else {}
    reasons: dict[str, tuple[str, str]] = {}
    open_: dict[str, list[Fact]] = {}
    for fact in gone.values():
        if fact.source in refused:
            reasons[fact.id] = "document_rejected", f"the document is {refused[fact.source].why}"
        elif fact.source in removed:
            reasons[fact.id] = "document_removed", "the document was removed"
        else:
            open_.setdefault(fact.source, []).append(fact)
    if open_:
        reasons |= _gates(open_, after)
        reasons |= {one: why for one, why in _texts(open_, after, parameters) if one not in reasons}
    lost = "its document is no longer among those that were read"
    unexplained = "unexplained", lost if after.has(DOCUMENTS) else f"not known without {DOCUMENTS}"
    return {one: reasons.get(one, unexplained) for one in gone}


def _gates(wanted: Mapping[str, list[Fact]], after: Version) -> dict[str, tuple[str, str]]:
    """Return the reasons of facts that are statements still, but past no gate of `chunk`."""
    by_words = {(fact.source, fact.quote): fact.id for some in wanted.values() for fact in some}
    found = {}
    for one in after.read(NO_FACTS, Reject):
        fields = one.fields
        identity = by_words.get((str(fields.get("source")), str(fields.get("quote"))))
        if identity:
            found[identity] = "gate", f"rejected by {one.said}"
    return found


def _texts(
    wanted: Mapping[str, list[Fact]], after: Version, parameters: list[str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the reasons of facts by what their documents say now."""
    quotes = {fact.quote for some in wanted.values() for fact in some}
    elsewhere: dict[str, Fact] = {}
    again: dict[tuple[str, str], Fact] = {}  # in the same document
    for fact in after.read(FACTS, Fact):
        if fact.quote in quotes:
            elsewhere.setdefault(fact.quote, fact)
            again.setdefault((fact.source, fact.quote), fact)
    for document in after.read(DOCUMENTS, Document):
        body = document.body if document.source in wanted else ""
        for fact in wanted.get(document.source, []):
            other, same = elsewhere.get(fact.quote), again.get((fact.source, fact.quote))
            drop = next((one for one in document.drops if fact.quote in one.text), None)
            if drop and drop.reason == MIRRORED:
                place = f"{other.source} > {other.topic}" if other else "another document"
                yield fact.id, ("said_elsewhere", f"said in {place}, too, which stays")
            elif fact.quote in body and same:
                yield fact.id, ("said_elsewhere", f"said in {same.topic}, too, which stays")
            elif fact.quote in body and parameters:
                yield fact.id, ("parameters_changed", f"its words stand there, but {', '.join(parameters)} changed")
            elif fact.quote in body:
                yield fact.id, ("cut_otherwise", "its words stand there, but are no statement of their own now")
            elif drop:
                yield fact.id, ("dropped", f"its words are dropped as {drop.reason}")
            else:
                yield fact.id, ("text_changed", "its words are no longer in the document")
