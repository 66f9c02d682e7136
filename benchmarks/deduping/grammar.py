"""A question by its parts, and its text in the forms that English has for it."""

import re
from typing import NamedTuple

Edits = dict  # the content of dev.yaml or test.yaml
SLOT = re.compile(r"{(\w+)}")
_VOWEL = re.compile(r"\b([Aa]) (?=[aeiouAEIO](?!ni[^n]|se|ne\b|tility))")


class Template(NamedTuple):
    """A form of question; its parts hold `{slots}`."""

    shape: str  # a section of grammar.yaml: user, subject, state, other
    lead: str  # "How do I", "Why", "Which {thing}", or empty
    subject: str  # of whom something is asked; empty for user and other
    rest: str  # what she wants to do, what the subject does or is; the whole text for other


class Asked(NamedTuple):
    """A question: a template, what fills its slots, and the second clause."""

    template: Template
    slots: dict[str, str]  # those of the condition begin with c_
    condition: str  # with its slots; empty for none
    first: bool  # the condition stands before the question


def templates(grammar: dict) -> list[Template]:
    """Return all templates of a grammar."""
    found = []
    for shape in ("user", "subject", "state"):
        for lead, lines in grammar[shape].items():
            for line in lines:
                subject, rest = (part.strip() for part in line.split("|")) if "|" in line else ("", line)
                found.append(Template(shape, lead, subject, rest))
    return found + [Template("other", "", "", line) for line in grammar["other"]]


def render(asked: Asked, *, before: str = "", adverb: str = "") -> str:
    """Return the text of a question.

    Args:
        asked: the question.
        before: stands before subject and predicate, as in "Why *exactly* is it".
        adverb: stands before what is done or is, as in "Can I *really* do".
    """
    shape, lead, subject, rest = asked.template
    if shape == "other":
        return filled(rest, asked.slots)
    verb = {"user": "", "subject": "does", "state": "is"}[shape]
    text = joined(lead, before, verb, subject, adverb, rest)
    condition = asked.condition
    if condition and asked.first:
        text = f"{condition[0].upper()}{condition[1:]}, {lower(text)}"
    elif condition:
        text = f"{text} {condition}"
    return upper(filled(text, asked.slots)) + "?"


def clause(asked: Asked, lead: str | None = None) -> str | None:
    """Return a question as a clause ("how to install it", "whether it works"); None for the shape `other`."""
    shape, old, subject, rest = asked.template
    if shape == "other":
        return None
    lead = old if lead is None else lead
    if shape == "user":
        text = joined(user_clause(lead), rest)
    elif shape == "subject":
        text = joined(lower(lead) or "whether", subject, third(rest))
    else:
        text = joined(lower(lead) or "whether", subject, "is", rest)
    return filled(joined(text, asked.condition), asked.slots)


def user_clause(lead: str) -> str:
    """Return what begins a clause about the user: "whether I can" for "Can I"."""
    words = lead.split(" ")
    if words[0] in ("Can", "Do"):
        return f"whether I {'can' if words[0] == 'Can' else ' '.join(words[2:])}"
    auxiliary, tail = words[-2], " ".join(words[:-2])
    return f"{lower(tail)} to" if auxiliary == "do" else f"{lower(tail)} I {auxiliary}"


def third(predicate: str) -> str:
    """Return a predicate in the third person: "keeps its logs" for "keep its logs"."""
    verb, _, rest = predicate.partition(" ")
    if verb.endswith(("s", "sh", "ch", "x", "o")):
        verb += "es"
    else:
        verb = verb[:-1] + "ies" if verb.endswith("y") and verb[-2] not in "aeiou" else verb + "s"
    return f"{verb} {rest}".strip()


def filled(text: str, slots: dict[str, str]) -> str:
    """Return a text with its slots filled, and `an` where a vowel follows."""
    return _VOWEL.sub(r"\1n ", text.format_map(slots))


def joined(*parts: str) -> str:
    """Return the parts that are not empty with spaces between them."""
    return " ".join(part for part in parts if part)


def lower(text: str) -> str:
    """Return a text whose first word is no name without its capital; "I" keeps it."""
    return text if text.startswith("I ") else text[:1].lower() + text[1:]


def upper(text: str) -> str:
    """Return a text with a capital."""
    return text[:1].upper() + text[1:]
