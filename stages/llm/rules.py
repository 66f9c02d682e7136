"""Questions made by rule where a statement's form allows one: definitions, purposes, quantities, places, reasons, ways.

The idea is that of Heilman and Smith (2010, Good Question!): a declarative sentence is turned into the question that it
answers. Precision counts: a rule that is in doubt makes nothing, and what comes out must pass the gates of `wording`.
The parts are in `transform`: the main clause, the rules by kind of clause, and the last check.
"""

import re

from stages.llm.transform import (
    active,
    adverbials,
    advice,
    commands,
    copula,
    finish,
    imperative,
    naming,
    parts,
    passive,
    pledges,
    polarity,
    reverse,
    rewording,
    structured,
)
from stages.llm.transform.clause import Clause
from stages.llm.transform.doubts import doubtful
from stages.llm.transform.parsing import parse
from stages.quality import wording
from stages.quality.similarity import same

MAX_GIVES_AWAY = 0.85
_THIN = re.compile(r"\b(?:offer|carry)\b")  # whether it does so, is asked where nothing else can be
ENOUGH = 2  # questions of a statement, up to which they are said in other words too
# Best first: what asks for one thing, and seldom fails, before what asks for all
_ORDER = """
    row cell how_many how_long how_much what_value command how why where which when who condition can way happens
    stands_for differ compare not never must purpose what definition kind does choice negation may
    """.split()


def made_by_rule(statement: str, topic: str = "") -> list[tuple[str, str]]:
    """Return (rule, question) for the questions that a statement answers by its form, best first; [] if none.

    The rules `negation`, `may` and `choice` ask for yes or no, or which of two: they may hold all that is said.

    Args:
        statement: the fact: a sentence, a list behind its lead, a command behind its explanation, a table's row.
        topic: title and headings above it, joined by " > "; names what a question lacks, if it names a product.
    """
    text = " ".join(statement.split())
    if not 3 <= len(text.split()) <= 80:
        return []
    name = naming.name_of(topic)
    kept: list[tuple[str, str]] = []
    for rule, question, subject in sorted(_made(text, topic), key=lambda one: _ORDER.index(one[0])):
        found = _finished(question, subject, name)
        if not found or any(same(found, other) for _, other in kept) or doubtful(rule, found, text, topic):
            continue
        if kept and rule == "may" and _THIN.search(found):
            continue
        if rule in wording.POLAR or wording.gives_away(found, text, topic) <= MAX_GIVES_AWAY:
            kept.append((rule, found))
    for rule, question in [*kept]:
        if len(kept) < ENOUGH:
            kept += [one for one in _reworded(rule, question, text, topic) if not any(same(one[1], o) for _, o in kept)]
    return kept


def _reworded(rule: str, question: str, text: str, topic: str) -> list[tuple[str, str]]:
    """Return a question in other words, where few are made of a statement."""
    return [
        (of, other) for of, other in rewording.of_question(rule, question, text)
        if finish.well_formed(other) and not finish.vague(other) and not doubtful(of, other, text, topic)
        and (of in wording.POLAR or wording.gives_away(other, text, topic) <= MAX_GIVES_AWAY)
    ]  # fmt: skip


def _made(text: str, topic: str) -> list[tuple[str, str, str]]:
    """Return (rule, question, the subject that must say what it is)."""
    formed = [*structured.of_form(text), *commands.of_command(text)]
    others = [
        *formed, *imperative.of_order(text), *copula.there_are(text), *advice.of_text(text),
        *advice.of_heading(text, topic), *polarity.of_text(text),
        *pledges.of_text(text, topic), *structured.of_category(text, naming.name_of(topic)),
    ]  # fmt: skip
    made = [(rule, question, "") for rule, question in others]
    if any(rule != "stands_for" for rule, _ in formed):
        return made
    for plain in parts.sentences(text):
        clause = parse(plain)
        if clause is not None:
            for one in (clause, *parts.further(clause)):
                # what a condition leads to is asked after without the subject
                made += [(rule, asked, "" if rule == "happens" else one.subject) for rule, asked in _of_clause(one)]
    return made


def _finished(question: str, subject: str, name: str) -> str:
    """Return the question if it is well formed and says what it is about, if need be with a name; "" otherwise."""
    question = re.sub(r"^(How .+?) in the (?:script|notebook|example)\?$", r"\1?", question)
    question = re.sub(r"\b(enables?) using of ", r"\1 ", question)
    question = re.sub(r"^When has (.+?) been ", r"When was \1 ", question)
    question = re.sub(r"^When have (.+?) been ", r"When were \1 ", question)
    question = re.sub(r"^(What|Which \w+) would be (required|needed) ", r"\1 is \2 ", question)
    if finish.vague(question):
        return ""
    thing = re.match(r"What (?:is|are|was|were) (the [\w -]+)\?$", question)
    part = subject or (thing[1] if thing else "")
    other = naming.named(question, name, part) if _lacks(question, name) else ""
    for tried in (other, question) if other and naming.needed(question, part) else (question, other):
        whole = tried and finish.well_formed(tried)
        if whole and (
            not subject or subject not in question or finish.names_subject(tried, subject) or tried != question
        ):
            return tried
    return ""


def _lacks(question: str, name: str) -> bool:
    return (
        bool(name)
        and name.casefold() not in question.casefold()
        and (question.startswith("Do I need to have ") or not finish.named(question))
    )


def _of_clause(clause: Clause) -> list[tuple[str, str]]:
    if re.match(r"(?:I|me|one)\b(?! of)", clause.subject) and clause.kind != "active":
        return polarity.of_clause(clause)
    return [
        *copula.of_clause(clause),
        *passive.of_clause(clause),
        *active.of_clause(clause),
        *adverbials.of_clause(clause),
        *advice.of_clause(clause),
        *reverse.of_clause(clause),
        *polarity.of_clause(clause),
    ]
