"""The inverse relation: where a question names the thing and asks what is said of it, one that asks for the thing."""

import re
from collections import Counter
from collections.abc import Iterable

from stages.llm import contrasts, rules
from stages.llm.transform.parsing import parse
from stages.quality import wording
from stages.quality.similarity import same
from stages.quality.tokens import stems
from stages.records import Fact, Pair

_CELL = re.compile(r"(?:What is|Which|What) (?:the )?(?P<head>[^,?]+?) (?:of|does) (?P<name>[^,?]+?)(?: have)?\?")
_FIGURE = re.compile(r"[~<>≈±+$€£-]*\d")
_LABEL = re.compile(r"\|\s*([A-Z]?[a-z]+)\s*\|")


class Tables:
    """The cells of all tables: a value that stands in one row alone tells its row.

    Args:
        facts: those of all documents, of which a row is one.
    """

    def __init__(self, facts: Iterable[Fact]):
        self.cells: Counter[tuple[str, str]] = Counter()
        self.of: dict[str, list[contrasts.Part]] = {}  # by fact
        for fact in facts:
            rows = [part for part in contrasts.parts(fact, set()) if part.key[0] == "row"] if fact.statement else []
            if rows:
                self.of[fact.id] = rows
                self.cells.update((part.key[1].casefold(), part.detail[0].casefold()) for part in rows)

    def asked(self, question: str, fact: Fact) -> contrasts.Part | None:
        """Return the cell that a question asks for by row and column, if no other row has its value there."""
        match = _CELL.fullmatch(question)
        for part in self.of.get(fact.id, []):
            head, value = part.key[1].casefold(), part.detail[0].casefold()
            named = match and match["name"] == part.name and match["head"].casefold() in (head, f"{head} value")
            if named and self.cells[head, value] == 1:
                return part
        return None


def reversed_(pair: Pair, fact: Fact, tables: Tables) -> str | None:
    """Return the question in the other direction, whose answer is the same statement; None where there is none.

    "What does the flag --x do?" -> "Which flag turns on Y?"; "What is the size of A?" -> "Which has a size of 3?".
    The pair's answer has to be what the fact says, which answers both.

    Args:
        pair: a pair on one fact.
        fact: that fact.
        tables: all tables, by which it is told whether a value belongs to one row only.
    """
    if pair.answer != fact.says:
        return None
    if cell := tables.asked(pair.question, fact):
        return _of_cell(pair.question, cell)
    if fact.id in tables.of:
        return None
    clause = parse(fact.says)
    if clause is None or clause.negated:
        return None
    thing = stems(clause.subject)
    names = thing <= stems(pair.question)  # the question holds it, and asks what is said of it
    if not thing:
        return None
    made = rules.made_by_rule(fact.says, fact.topic)
    for rule, question in sorted(made, key=lambda one: one[0] not in ("which", "who")):  # they ask for the thing itself
        held = thing & stems(question)
        turned = len(held) <= len(thing) / 2 if names else held == thing
        if turned and rule not in wording.POLAR and rule != "stands_for" and not same(question, pair.question):
            return question
    return None


def _of_cell(question: str, cell: contrasts.Part) -> str | None:
    """Return the question for the row that has a cell's value: "Which model has a size on disk of 131 GB?"."""
    match = _CELL.fullmatch(question)
    head = match["head"] if match else cell.key[1]
    label = _LABEL.match(cell.fact.support[0].quote.strip()) if cell.fact.support else None
    value = cell.detail[0]
    if not label or re.search(r"[^s]s$", head) or len(value.split()) > 6 or cell.name.casefold() in value.casefold():
        return None
    thing = label[1].lower()
    if _FIGURE.match(value):
        article = "an" if re.match(r"[aeio]|[AEFHILMNORSX][A-Z]", head) else "a"
        return f"Which {thing} has {article} {head} of {value}?"
    return f"Which {thing} has {value} as the {head}?"
