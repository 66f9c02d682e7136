"""Which evaluation items were added, changed and retired, and which answers stand on no item any more."""

from collections.abc import Iterator

import msgspec

from stages.drift.pairs import Pairs
from stages.drift.records import Answer, Document, Given, Pair
from stages.drift.version import ANSWERS, DOCUMENTS, FAQ, GENERAL, PARTS, Version
from stages.scoring.items import FAQ as ASKED
from stages.scoring.items import GENERAL as ABILITY
from stages.scoring.items import HELD_OUT, REWORDED, TRAINED, UNANSWERABLE

Key = tuple[str, str]  # set, id


class Item(msgspec.Struct, frozen=True):
    """An item; its text is the question. `why` is the reason in words, where there is one."""

    id: str
    set: str
    source: str
    text: str
    answer: str
    reason: str = ""
    why: str = ""


class Edited(msgspec.Struct, frozen=True):
    """An item of a file by hand that asks or answers otherwise: `before` and `after` are the questions."""

    id: str
    set: str
    source: str
    before: str
    after: str
    before_answer: str
    after_answer: str


class Items(msgspec.Struct):
    """What became of the items. `kept` counts those that are the same."""

    added: list[Item]
    changed: list[Edited]
    retired: list[Item]
    unsupported: list[Item]  # the documents do not say any more what the FAQ quotes
    kept: int


class Void(msgspec.Struct, frozen=True):
    """An item whose answers do not stand any more, with the systems that gave them."""

    item: str
    set: str
    text: str
    systems: list[str]
    reason: str
    why: str


class Answers(msgspec.Struct):
    """What became of the answers of the older version. `kept` counts those that stand."""

    retired: list[Void]
    kept: int


def compare(before: Version, after: Version, pairs: Pairs) -> Items:
    """Compare the items of the sets that are kept for evaluation, and of the hand-written files."""
    old, new = dict(_items(before)), dict(_items(after))
    why = {one.id: (one.reason, one.why) for one in pairs.retired}
    why |= {one.was: (one.reason, one.why) for one in pairs.changed}
    why |= {one.id: ("moved", f"in {one.after} now") for one in pairs.moved}
    gone = dict.fromkeys((ASKED, UNANSWERABLE, ABILITY), ("removed", "taken out of the file"))
    gone |= {name: ("unexplained", f"not known without {file}") for name, file in PARTS.items()}
    both = sorted(old.keys() & new.keys())
    changed = [
        Edited(one.id, one.set, one.source, old[key].text, one.text, old[key].answer, one.answer)
        for key in both if (one := new[key]) and (old[key].text, old[key].answer) != (one.text, one.answer)
    ]  # fmt: skip
    known = before.has(DOCUMENTS) and after.has(DOCUMENTS)
    doubted = _unsupported(before).keys()
    return Items(
        added=[new[key] for key in sorted(new.keys() - old.keys())],
        changed=changed,
        retired=[_because(old[key], *why.get(key[1], gone[key[0]])) for key in sorted(old.keys() - new.keys())],
        unsupported=[one for key, one in sorted(_unsupported(after).items()) if known and key not in doubted],
        kept=len(both) - len(changed),
    )


def answers(before: Version, after: Version, items: Items, pairs: Pairs) -> Answers:
    """Return which answers of the older version stand: their item is still there, with the same words."""
    lost: dict[Key, tuple[str, str]] = {(one.set, one.id): (one.reason, one.why) for one in items.retired}
    lost |= {(one.set, one.id): ("item_changed", "the item was edited") for one in items.changed}
    lost |= {(one.set, one.id): (one.reason, one.why) for one in items.unsupported}
    lost |= {(TRAINED, one.id): (one.reason, one.why) for one in pairs.retired}
    lost |= {(TRAINED, one.was): (one.reason, one.why) for one in pairs.changed}
    lost |= {(TRAINED, one.id): ("moved", f"in {one.after} now") for one in pairs.moved}
    void: dict[Key, list[Answer]] = {}
    kept = 0
    for one in before.read(ANSWERS, Answer):
        key = one.set, one.item
        if key in lost:
            void.setdefault(key, []).append(one)
        else:
            kept += 1
    return Answers(
        retired=[
            Void(key[1], key[0], some[0].question, sorted(one.system for one in some), *lost[key])
            for key, some in sorted(void.items())
        ],
        kept=kept,
    )


def _items(version: Version) -> Iterator[tuple[Key, Item]]:
    for name in (REWORDED, HELD_OUT):
        for pair in version.read(PARTS[name], Pair):
            yield (name, pair.id), Item(pair.id, name, pair.source, pair.question, pair.answer)
    for one in version.read(FAQ, Given):
        name = ASKED if one.answerable else UNANSWERABLE
        yield (name, one.id), Item(one.id, name, one.document or "", one.question, one.answer)
    for one in version.read(GENERAL, Given):
        yield (ABILITY, one.id), Item(one.id, ABILITY, "", one.question, one.answer)


def _because(item: Item, reason: str, why: str) -> Item:
    return msgspec.structs.replace(item, reason=reason, why=why)


def _unsupported(version: Version) -> dict[Key, Item]:
    """Return the items of the FAQ whose quote is not in the document that they name."""
    quoting = [one for one in version.read(FAQ, Given) if one.document and one.quote]
    named = {one.document for one in quoting}
    texts = {one.source: one.body for one in version.read(DOCUMENTS, Document) if one.source in named}
    found = {}
    for one in quoting:
        text, name = texts.get(one.document or ""), ASKED if one.answerable else UNANSWERABLE
        if text is not None and (one.quote or "") in text:
            continue
        reason = (
            ("document_gone", "there is no such document any more")
            if text is None
            else ("text_changed", "the document does not say any more what it quotes")
        )
        found[name, one.id] = Item(one.id, name, one.document or "", one.question, one.answer, *reason)
    return found
