"""What differs, in a terminal or as plain text: what is gone begins with -, what is new with +, an edit with ~."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from stages.drift import entries
from stages.drift.coverage import Coverage, Share
from stages.drift.difference import Difference, Named
from stages.drift.entries import Entry
from stages.drift.words import difference
from stages.sources.errors import printable

GONE, NEW, EDIT, NOTE, WARNING = "red", "green", "yellow", "dim", "bold yellow"
MARKS = {
    entries.ADDED: ("+", NEW),
    entries.CHANGED: ("~", EDIT),
    entries.RETIRED: ("-", GONE),
    entries.MOVED: ("→", EDIT),
    entries.DOUBTED: ("!", GONE),
}
FORMS = {"same": ("{}", ""), "old": ("[-{}-]", GONE), "new": ("{{+{}+}}", NEW)}


class Line(NamedTuple):
    """A line, and how far it is indented."""

    indent: int
    text: Text


def show(found: Difference, most: int) -> None:
    """Print it on standard output.

    Args:
        found: what differs.
        most: how many of a kind are shown; 0: all.
    """
    console = Console(markup=False, highlight=False, emoji=False)
    for indent, text in _lines(found, most):
        if console.is_terminal:
            console.print(Padding(text, (0, 0, 0, indent)))
        else:
            print(" " * indent + text.plain)


def plain(text: str) -> str:
    """Return a text of a document as one line that does a terminal no harm."""
    return printable(re.sub(r"\s+", " ", text))


def words(before: str, after: str) -> Text:
    """Return two texts as one, with [-what is gone-] and {+what is new+}."""
    said = Text()
    for kind, text in difference(before, after):
        form, style = FORMS[kind]
        said.append(form.format(plain(text)), style)
    return said


def name(one: Named) -> str:
    """Return what a version is called, with its commit."""
    known = one.commit is None or one.commit.startswith(one.name)
    return printable(one.name) + ("" if known else f" ({one.commit:.7})")


def _lines(found: Difference, most: int) -> Iterator[Line]:
    yield Line(0, Text(f"{name(found.before)} → {name(found.after)}", "bold"))
    for one in found.stale:
        yield Line(0, Text(printable(f"not up to date: {one}"), WARNING))
    if found.stale:
        yield Line(0, Text("what is compared is data/ as it is: run `dvc repro split` first", WARNING))
    yield from _heading("parameters", f"{len(found.parameters):,} changed")
    for parameter in found.parameters:
        values = ["(none)" if one is None else plain(one) or "''" for one in (parameter.before, parameter.after)]
        yield Line(2, Text(f"{printable(parameter.name)}: {' → '.join(values)}"))
    for section in entries.sections(found, most):
        yield from _heading(section.name, section.said)
        for group, some in section.groups:
            if group:
                yield Line(1, Text(plain(group), "bold"))
            for entry in some:
                yield from _entry(entry)
        if section.left:
            yield _left(section.left)
    yield from _coverage(found.coverage, most)


def _heading(what: str, said: str) -> Iterator[Line]:
    yield Line(0, Text())
    yield Line(0, Text.assemble((f"{what:<12}", "bold"), said))


def _entry(entry: Entry) -> Iterator[Line]:
    """Yield what an entry says first with its mark; below it what else is new in it, and why it is there."""
    first, *others = entry.texts
    yield Line(2, Text.assemble(MARKS[entry.mark], " ", words(*first)))
    for before, after in others:
        if before != after or entry.mark == entries.ADDED:
            yield Line(6, words(before, after))
    if entry.note:
        yield Line(6, Text(plain(entry.note), NOTE))


def _left(said: str) -> Line:
    return Line(2, Text(f"… and {said}: --most 0 shows all", NOTE))


def _coverage(found: Coverage, most: int) -> Iterator[Line]:
    old, new = found.before, found.after
    shares = Share(old.facts, old.covered), Share(new.facts, new.covered)
    counts = [(f"{getattr(old, what):,}", f"{getattr(new, what):,}", what) for what in ("chunks", "concepts", "pairs")]
    others = ", ".join(f"{_change(was, now)} {what}" for was, now, what in counts)
    said = f"{_change(*map(_share, shares))} facts have a pair; {others}"
    yield from _heading("coverage", said)
    for row in found.documents[: most or None]:
        yield Line(2, Text(f"{plain(row.source)}: {_change(_share(row.before), _share(row.after))}"))
    if most and len(found.documents) > most:
        yield _left(f"{len(found.documents) - most:,} more")


def _change(before: str, after: str) -> str:
    return before if before == after else f"{before} → {after}"


def _share(one: Share) -> str:
    return f"{one.covered:,} of {one.facts:,}"
