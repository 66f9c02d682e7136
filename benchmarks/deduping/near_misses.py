"""Another question that looks alike. Each kind takes a question, the edits, the vocabulary and a source of chance, and
returns the text, or None where the kind does not apply."""

import random
import re
from collections.abc import Callable

from .duplicates import adverb, changed, replaced
from .grammar import Asked, Edits, render
from .vocabulary import SLOTS, Vocabulary, kind_of

_DIGITS = re.compile(r"\d+")
_LAST_NUMBER = re.compile(r"\d+(?=\D*$)")
WITH_NUMBER = ("n", "port", "dur", "size", "err", "name")
ENTITIES = ("name", "os", "lang", "fmt", "file", "flag", "key", "func", "role", "thing", "err", "measure")
ASKED = {
    "user": ["How do I", "When should I", "Where do I", "Why should I", "Who should"],
    "subject": ["How", "Why", "When", "Where"],
    "state": ["Why", "When", "Where", "Since when"],
}


def number(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Another number."""

    def change(slot: str, value: str) -> str | None:
        return _renumbered(_DIGITS, value, chance) if kind_of(slot) in WITH_NUMBER else None

    return _other_slot(asked, change, chance)


def version(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Another version, of a product or an operating system: one of its parts is another number."""

    def change(slot: str, value: str) -> str | None:
        if kind_of(slot) not in ("ver", "os") or not (found := list(_DIGITS.finditer(value))):
            return None
        hit = chance.choice(found)
        new = int(hit[0]) + chance.choice([step for step in (-1, 1, 2, 10) if int(hit[0]) + step > 0])
        return f"{value[: hit.start()]}{new}{value[hit.end() :]}"

    return _other_slot(asked, change, chance)


def unit(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """The same number of another unit."""

    def change(slot: str, value: str) -> str | None:
        table = {"dur": "time_unit", "size": "size_unit", "rate": "rate"}.get(kind_of(slot))
        if table is None:
            return None
        amount, old = ("", value) if table == "rate" else value.split(" ", 1)
        return f"{amount} {chance.choice([each for each in SLOTS[table] if each != old])}".strip()

    return _other_slot(asked, change, chance)


def negation(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """The opposite word, or a negation."""
    shape, lead = asked.template.shape, asked.template.lead
    negatable = shape in ("subject", "state") and lead in ("Why", "When", "Where") and asked.template.rest
    if negatable and chance.random() < 0.4:
        return adverb(asked, chance.choice(edits["negators"]))
    pairs = edits["opposites"]
    return replaced(render(asked), pairs | {new: old for old, new in pairs.items()}, chance)


def entity(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """Another product, system, file, flag, key or thing, by halves one with a like name."""

    def change(slot: str, value: str) -> str | None:
        return words.other(slot, value, chance) if kind_of(slot) in ENTITIES else None

    return _other_slot(asked, change, chance)


def scope(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """A narrower question: on mobile, for beginners, only."""
    if asked.template.shape == "other":
        return None
    if asked.template.rest and chance.random() < 0.3:
        return adverb(asked, chance.choice(edits["scope_adverbs"]))
    return f"{render(asked)[:-1]} {chance.choice(edits['scopes'])}?"


def order(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """From A to B becomes from B to A, before becomes after."""
    ends = {slot.removesuffix("_a") for slot in asked.slots if slot.endswith("_a")}
    for one in ends:
        first, second = f"{one}_a", f"{one}_b"
        return render(asked._replace(slots=asked.slots | {first: asked.slots[second], second: asked.slots[first]}))
    when, _, rest = asked.condition.partition(" ")
    if when in ("before", "after"):
        return render(asked._replace(condition=f"{'after' if when == 'before' else 'before'} {rest}"))
    return None


def question_word(asked: Asked, edits: Edits, words: Vocabulary, chance: random.Random) -> str | None:
    """How, why, when, where in place of each other."""
    template = asked.template
    leads = ASKED.get(template.shape, [])
    if template.lead not in leads or (template.shape == "state" and not template.rest):
        return None
    return render(asked._replace(template=changed(template, template.lead, chance.choice(leads))))


def _other_slot(asked: Asked, change: Callable[[str, str], str | None], chance: random.Random) -> str | None:
    """Return a question with one of its slots changed, one for which `change` has something."""
    slots = list(asked.slots.items())
    chance.shuffle(slots)
    for slot, value in slots:
        if (new := change(slot, value)) is not None and new != value:
            return render(asked._replace(slots=asked.slots | {slot: new}))
    return None


def _renumbered(pattern: re.Pattern[str], value: str, chance: random.Random) -> str | None:
    hits = list(pattern.finditer(value))
    if not hits:
        return None
    hit = chance.choice(hits)
    old = int(hit[0])
    new = chance.choice([old + 1, old * 10, old * 2, old + chance.randint(2, 50)]) or 1
    return f"{value[: hit.start()]}{new}{value[hit.end() :]}"


KINDS = {
    "number": number, "unit": unit, "version": version, "negation": negation, "entity": entity, "scope": scope,
    "order": order, "question_word": question_word,
}  # fmt: skip
