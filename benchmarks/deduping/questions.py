"""Labelled sets of questions: distinct ones, the same asked otherwise, and others that look alike.

    from deduping import questions
    rows = questions.make(10_000, seed=0, edits="dev")

Grammar and vocabulary are in grammar.yaml, the edits in dev.yaml and test.yaml: tune on `dev`, measure on `test`.
"""

import random
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

from . import duplicates, near_misses
from .grammar import SLOT, Asked, Edits, render, templates
from .vocabulary import GRAMMAR, Vocabulary

DUPLICATES, NEAR_MISSES = 0.2, 0.1  # shares of a set
CONDITIONS = 0.42  # share of questions with a second clause, of those that can have one: a third of all
CASUAL = 0.15  # of duplicates and near-misses, those that are typed without capitals and closing mark
TRIES = 2000
LEAST = 500  # rows
BASE = "base"
_LIGHT = re.compile(r"\b(?:a|an|the|my|your|our)\b|\bv(?=\d)|[\W_]+")


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
    same, alike = round(rows * DUPLICATES), round(rows * NEAR_MISSES)
    maker = Maker(rows, seed, edits)
    maker.ask(rows - same - alike)
    made = [Row(text, number, BASE, number) for number, text in enumerate(maker.texts)]
    for table, count in ((duplicates.KINDS, same), (near_misses.KINDS, alike)):
        kinds = list(table)
        for number in range(count):
            kind = kinds[number % len(kinds)]
            text, label, base = maker.edit(kind, len(maker.asked))
            made.append(Row(text, label, kind, base))
    order = list(range(rows))
    maker.chance.shuffle(order)
    place = {old: new for new, old in enumerate(order)}
    return [made[old]._replace(base=place[made[old].base]) for old in order]


class Maker:
    """Makes distinct questions and edits them.

    Args:
        rows: how many questions there will be about, which says how many names of products there are.
        seed: of all that is drawn.
        edits: `dev` or `test`.
    """

    def __init__(self, rows: int, seed: int, edits: str):
        self.chance = random.Random(f"questions {edits} {seed}")
        self.words = Vocabulary(max(600, min(20_000, rows // 10)), seed)
        self.asked: list[Asked] = []
        self.texts: list[str] = []
        self._edits, self._forms = _read(edits), templates(GRAMMAR)
        self._labels: dict[str, int] = {}  # of what is asked, without case, punctuation and articles
        self._label = 0  # the next one

    def ask(self, count: int) -> None:
        """Add so many questions to `asked` and `texts`, none of which asks what another one does, before any edit."""
        until = len(self.asked) + count
        while len(self.asked) < until:
            one = self._draw()
            text = render(one)
            if self._labels.setdefault(bare(text), self._label) == self._label:
                self.asked.append(one)
                self.texts.append(text)
                self._label += 1

    def edit(self, kind: str, among: int) -> tuple[str, int, int]:
        """Return the text of an edited question, its label and its base, one of the first `among` questions.

        A duplicate has its base question's label; a near-miss asks what nothing else does, and has a new one.
        """
        same = kind in duplicates.KINDS
        work = duplicates.KINDS[kind] if same else near_misses.KINDS[kind]
        for _ in range(TRIES):
            base = self.chance.randrange(among)
            text = work(self.asked[base], self._edits, self.words, self.chance)
            if text is None or text == self.texts[base]:
                continue
            if kind not in duplicates.PLAIN and self.chance.random() < CASUAL:
                text = text.rstrip("?.").lower()
            key, label = bare(text), base if same else self._label
            if (same or key not in self._labels) and self._labels.setdefault(key, label) == label:
                self._label += not same
                return text, label, base
        raise ValueError(f"no question among {among} allows for the edit {kind!r}; make a larger set")

    def fill(self, text: str) -> dict[str, str]:
        """Return something different for each slot of a text."""
        slots: dict[str, str] = {}
        for slot in SLOT.findall(text):
            while (value := self.words.draw(slot, self.chance)) in slots.values():
                pass
            slots[slot] = value
        return slots

    def _draw(self) -> Asked:
        template, chance = self.chance.choice(self._forms), self.chance
        condition, first = "", False
        if template.shape != "other" and chance.random() < CONDITIONS:
            condition, first = chance.choice(GRAMMAR["conditions"]).replace("{", "{c_"), chance.random() < 0.5
        slots = self.fill(f"{template.lead} {template.subject} {template.rest} {condition}")
        return Asked(template, slots, condition, first)


def bare(text: str) -> str:
    """Return what is asked without case, punctuation, articles and the v of versions."""
    return " ".join(_LIGHT.sub(" ", text.casefold()).split())


@cache
def _read(edits: str) -> Edits:
    return yaml.safe_load((Path(__file__).parent / f"{edits}.yaml").read_text(encoding="utf-8"))
