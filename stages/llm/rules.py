"""Questions made by rule where a statement's form allows one: definitions, purposes, quantities, places, reasons, ways.

The idea is that of Heilman and Smith (2010, Good Question!): a declarative sentence is turned into the question that it
answers. Precision counts: a rule that is in doubt makes nothing, and what comes out must pass the gates of `wording`.
The parts are in `transform`: the main clause, the rules by kind of clause, and the last check.
"""

import re

from stages.llm.transform import active, adverbials, copula, finish, imperative, parts, passive, structured
from stages.llm.transform.clause import Clause
from stages.llm.transform.parsing import parse
from stages.quality import wording
from stages.quality.similarity import same

MAX_GIVES_AWAY = 0.85
# Best first: what asks for one thing, and seldom fails, before what asks for all
_ORDER = """
    row cell how_many how_long how_much what_value command how why where which when who condition can way happens
    stands_for differ compare not never must purpose what definition kind does
    """.split()


def made_by_rule(statement: str, topic: str = "") -> list[tuple[str, str]]:
    """Return (rule, question) for the questions that a statement answers by its form, best first; [] if none.

    Args:
        statement: the fact: a sentence, a list behind its lead, a command behind its explanation, a table's row.
        topic: title and headings above it, joined by " > "; may name a subject that the statement leaves open.
    """
    text = " ".join(statement.split())
    if not 3 <= len(text.split()) <= 60:
        return []
    formed = structured.of_form(text)
    made = [(rule, question, "") for rule, question in formed]
    made += [(rule, question, "") for rule, question in imperative.of_order(text)]
    made += [(rule, question, "") for rule, question in copula.there_are(text)]
    clause = parse(text) if all(rule == "stands_for" for rule, _ in formed) else None
    if clause is not None:
        made += [(rule, question, clause.subject) for rule, question in _of_clause(clause)]
        for further in parts.further(clause):
            made += [(rule, question, further.subject) for rule, question in _of_clause(further)]
    kept: list[tuple[str, str]] = []
    for rule, question, subject in sorted(made, key=lambda one: _ORDER.index(one[0])):
        if not finish.well_formed(question) or (subject and not finish.names_subject(question, subject)):
            continue
        if wording.gives_away(question, text, topic) > MAX_GIVES_AWAY:
            continue
        if not any(same(question, other) for _, other in kept):
            kept.append((rule, question))
    return kept


def _of_clause(clause: Clause) -> list[tuple[str, str]]:
    if re.match(r"(?:I|me|one)\b", clause.subject) and clause.kind != "active":
        return []
    return [
        *copula.of_clause(clause),
        *passive.of_clause(clause),
        *active.of_clause(clause),
        *adverbials.of_clause(clause),
    ]
