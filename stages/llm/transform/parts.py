"""Further clauses within a statement: behind a label, with the same subject ("X is a tool that does Y and does Z")."""

import re

from stages.documents.tagging import tokens
from stages.llm.transform.clause import Clause
from stages.llm.transform.parsing import parse


def sentences(text: str) -> list[str]:
    """Return the statement, without a label before it ("Carbon footprint: Training took ..."), as its clauses."""
    label = re.match(r"[A-Z][\w ()/-]{1,60}: (?=(?:The|A|An|In|[A-Z][\w-]+)\s)(?![A-Z][\w-]*: )", text)
    plain = text
    short = label and "`" not in text and len(text[label.end() :].split()) > 5 and len(label[0].split()) < 6
    if label and short and not any(word.tag in ("VBZ", "VBP", "VBD", "MD") for word in tokens(label[0])):
        plain = text[label.end() :]
    plain = re.sub(r"^In (?:aggregate|total|all|general), (\w)", lambda found: found[1].upper(), plain)
    return [plain]


def further(clause: Clause) -> list[Clause]:
    """Return the clauses that a second predicate and a relative clause make with the subject."""
    if clause.front or clause.negated or clause.subject.startswith(("I ", "every ", "each ")):
        return []
    subject = clause.text[clause.head[0].start : clause.head[-1].end]
    found = []
    if second := re.match(r"and (?:also |therefore |then |thus )?(.+)$", clause.after):
        found.append(second[1])
    if clause.kind == "copula" and clause.rest and clause.rest[0].text.lower() in ("a", "an", "another", "the"):
        for at, word in enumerate(clause.rest[2:], 2):
            before = clause.rest[at - 1]
            if word.text.lower() in ("that", "which") and before.tag in ("NN", "NNP") and at + 2 < len(clause.rest):
                if not any(w.tag in ("VBG", "TO") for w in clause.rest[:at]):
                    found.append(clause.words(at + 1))
                break
    made = []
    for predicate in found:
        first = tokens(f"{subject} {predicate}")
        joined = parse(f"{subject} {predicate}")
        if joined is not None and joined.head[-1].end <= len(subject) and first and _agrees(clause, joined):
            made.append(joined)
    return made


def _agrees(clause: Clause, other: Clause) -> bool:
    """Tell whether two verbs have the same number, as those of one subject have."""
    plural = {
        "are": True,
        "do": True,
        "were": True,
        "have": True,
        "is": False,
        "does": False,
        "was": False,
        "has": False,
    }
    return plural.get(clause.do) == plural.get(other.do) or clause.do not in plural or other.do not in plural
