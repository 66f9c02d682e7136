"""What differs as a list to read: the same for the terminal and for the page."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from stages.drift import evaluation, pairs
from stages.drift.difference import Difference

ADDED, CHANGED, RETIRED, MOVED, DOUBTED = "added", "changed", "retired", "moved", "doubted"  # how an entry is marked


class Entry(NamedTuple):
    """One thing that differs."""

    mark: str
    group: str  # document or item set; empty: not grouped
    texts: list[tuple[str, str]]  # each before and after
    note: str = ""
    topic: str = ""
    id: str = ""
    kind: str = ""  # what it is called


Kind = tuple[str, Sequence[Any], Callable[[Any], Entry]]  # what it is called, all of it, and one of it as an entry


class Section(NamedTuple):
    """What differs of one sort of things."""

    name: str
    said: str  # how many of which kind, and how many are the same
    entries: list[Entry]  # as many of each kind as are shown
    left: str  # how many of which kind are not

    @property
    def groups(self) -> Iterator[tuple[str, list[Entry]]]:
        """The entries by document or item set; what is gone comes first, what is new last."""
        order = (DOUBTED, RETIRED, CHANGED, MOVED, ADDED)
        ordered = sorted(self.entries, key=lambda entry: (entry.group, order.index(entry.mark)))
        for group, some in groupby(ordered, key=lambda entry: entry.group):
            yield group, list(some)


def sections(found: Difference, most: int) -> list[Section]:
    """Return what differs, of each kind as many as are to be shown; 0: all."""
    read, stated, asked, items, answers = found.documents, found.facts, found.pairs, found.items, found.answers
    lost = sum(len(one.systems) for one in answers.retired)
    was = {one.after: f"{one.before} before" for one in read.renamed}
    return [
        _section("documents", f"{read.kept:,} are the same", most, [
            ("added", read.added, lambda one: Entry(
                ADDED, "", _same(one.source), was.get(one.source, one.why))),
            ("changed", read.changed, lambda one: Entry(CHANGED, "", _same(one.source))),
            ("removed", read.removed, lambda one: Entry(RETIRED, "", _same(one.source), one.why)),
            ("rejected now", read.rejected, lambda one: Entry(DOUBTED, "", _same(one.source), one.why)),
            ("no longer rejected", read.readmitted, lambda one: Entry(
                ADDED, "", _same(one.source), f"no longer {one.why}")),
        ]),
        _section("facts", f"{stated.kept:,} keep their ids", most, [
            ("added", stated.added, lambda one: Entry(
                ADDED, one.source, _same(one.text), "", one.topic, one.id)),
            ("changed", stated.changed, lambda one: Entry(
                CHANGED, one.source, [(one.before, one.after)], one.why, one.topic, one.id)),
            ("retired", stated.retired, lambda one: Entry(
                RETIRED, one.source, _same(one.text), one.why, one.topic, one.id)),
        ]),
        _section("pairs", f"{asked.kept:,} keep their ids", most, [
            ("added", asked.added, lambda one: Entry(
                ADDED, one.source, _same(one.text, one.answer), f"in {one.split}", one.topic, one.id)),
            ("changed", asked.changed, lambda one: Entry(
                CHANGED, one.source, _both(one), one.why, one.topic, one.id)),
            ("retired", asked.retired, lambda one: Entry(
                RETIRED, one.source, _same(one.text, one.answer), one.why, one.topic, one.id)),
            ("in another part", asked.moved, lambda one: Entry(
                MOVED, one.source, _same(one.text), f"{one.before} → {one.after}{one.why and f': {one.why}'}", "",
                one.id)),
        ]),
        _section("items", f"{items.kept:,} are the same", most, [
            ("added", items.added, lambda one: Entry(
                ADDED, one.set, _same(one.text, one.answer), "", one.source, one.id)),
            ("changed", items.changed, lambda one: Entry(CHANGED, one.set, _both(one), "", one.source, one.id)),
            ("retired", items.retired, lambda one: Entry(
                RETIRED, one.set, _same(one.text, one.answer), one.why, one.source, one.id)),
            ("without a source", items.unsupported, lambda one: Entry(
                DOUBTED, one.set, _same(one.text, one.answer), one.why, one.source, one.id)),
        ]),
        _section("answers", f"{lost:,} answers go, {answers.kept:,} stand", most, [
            ("items lost their answers", answers.retired, lambda one: Entry(
                RETIRED, one.set, _same(one.text), f"{len(one.systems)} answers: {one.why}", "", one.item)),
        ]),
    ]  # fmt: skip


def _section(name: str, same: str, most: int, kinds: Sequence[Kind]) -> Section:
    return Section(
        name=name,
        said=f"{_counted({kind: len(some) for kind, some, _ in kinds}) or 'no difference'}; {same}",
        entries=[entry(one)._replace(kind=kind) for kind, some, entry in kinds for one in some[: most or None]],
        left=_counted({kind: len(some) - most for kind, some, _ in kinds if most}),
    )


def _counted(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {kind}" for kind, number in numbers.items() if number > 0)


def _same(*texts: str) -> list[tuple[str, str]]:
    return [(text, text) for text in texts]


def _both(one: pairs.Edited | evaluation.Edited) -> list[tuple[str, str]]:
    return [(one.before, one.after), (one.before_answer, one.after_answer)]
