"""Labelled sets of questions: distinct ones, the same asked otherwise, and others that look alike.

    from deduping import questions
    rows = questions.make(10_000, seed=0, edits="dev")

Grammar and vocabulary are in grammar.yaml, the edits in dev.yaml and test.yaml: tune on `dev`, measure on `test`.
"""

import random
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from . import duplicates, near_misses
from .grammar import Asked, Edits, Template, render, templates
from .vocabulary import GRAMMAR, Vocabulary

DUPLICATES, NEAR_MISSES = 0.2, 0.1  # shares of a set
CONDITIONS = 0.42  # share of questions with a second clause, of those that can have one: a third of all
CASUAL = 0.15  # of duplicates and near-misses, those that are typed without capitals and closing mark
TRIES = 2000
LEAST = 500  # rows
BASE = "base"
_LIGHT = re.compile(r"\b(?:a|an|the|my|your|our)\b|[\W_]+")


class Row(NamedTuple):
    """A question of a set, with its labels."""

    question: str
    label: int  # rows with the same label ask the same
    kind: str  # "base", a key of `duplicates.KINDS` or of `near_misses.KINDS`
    base: int  # index of the row that it was made of; its own for a base question


def make(rows: int, seed: int, edits: str = "dev") -> list[Row]:
    """Return a labelled set: 70 % base questions, 20 % duplicates of them, 10 % near-misses, in a random order.

    Args:
        rows: how many, at least 500.
        seed: same seed, same rows.
        edits: `dev` or `test`, whose words the duplicates and near-misses are made with.

    Base questions ask different things: two of them differ in more than case, punctuation and articles. Each kind of
    duplicate and of near-miss is about equally frequent. A near-miss has a label of its own.
    """
    if rows < LEAST:
        raise ValueError(f"a set of {rows} rows is too small for all kinds; make at least {LEAST}")
    chance = random.Random(f"questions {edits} {seed}")
    words, told = Vocabulary(max(600, min(20_000, rows // 10)), seed), read(edits)
    same, alike = round(rows * DUPLICATES), round(rows * NEAR_MISSES)
    labels: dict[str, int] = {}  # of what is asked, without case, punctuation and articles
    asked: list[Asked] = []
    made: list[Row] = []
    forms = templates(GRAMMAR)
    while len(asked) < rows - same - alike:
        one = ask(forms, words, chance)
        text = render(one)
        if labels.setdefault(bare(text), len(asked)) == len(asked):
            made.append(Row(text, len(asked), BASE, len(asked)))
            asked.append(one)
    for table, count in ((duplicates.KINDS, same), (near_misses.KINDS, alike)):
        kinds = list(table)
        for number in range(count):
            kind = kinds[number % len(kinds)]
            made.append(_edited(kind, table[kind], asked, made, labels, words, told, chance))
    order = list(range(rows))
    chance.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    return [made[old]._replace(base=place[made[old].base]) for old in order]


@cache
def read(edits: str) -> Edits:
    """Return the edits of `dev` or `test`."""
    return yaml.safe_load((Path(__file__).parent / f"{edits}.yaml").read_text(encoding="utf-8"))


def bare(text: str) -> str:
    """Return what is asked without case, punctuation and articles."""
    return " ".join(_LIGHT.sub(" ", text.casefold()).split())


def ask(forms: list[Template], words: Vocabulary, chance: random.Random) -> Asked:
    """Return a question drawn from the grammar."""
    template = chance.choice(forms)
    condition, first = "", False
    if template.shape != "other" and chance.random() < CONDITIONS:
        condition, first = chance.choice(GRAMMAR["conditions"]).replace("{", "{c_"), chance.random() < 0.5
    slots: dict[str, str] = {}
    for slot in template.slots + tuple(re.findall(r"{(\w+)}", condition)):
        while (value := words.draw(slot, chance)) in slots.values():
            pass
        slots[slot] = value
    return Asked(template, slots, condition, first)


def _edited(
    kind: str, edit: Callable, asked: list[Asked], made: list[Row], labels: dict[str, int], words: Vocabulary,
    edits: Edits, chance: random.Random,
) -> Row:  # fmt: skip
    """Return an edited question of a base question that this edit applies to; what it asks is not asked yet."""
    for _ in range(TRIES):
        base = chance.randrange(len(asked))
        text = edit(asked[base], edits, words, chance)
        if text is None or text == made[base].question:
            continue
        label = base if kind in duplicates.KINDS else len(labels)
        if kind not in duplicates.PLAIN and chance.random() < CASUAL:
            text = text.rstrip("?.").lower()
        key = bare(text)
        if kind in duplicates.KINDS and labels.get(key, label) == label:
            return Row(text, label, kind, base)
        if kind not in duplicates.KINDS and key not in labels:
            labels[key] = label
            return Row(text, label, kind, base)
    raise ValueError(f"no question among {len(asked)} allows for the edit {kind!r}; make a larger set")
