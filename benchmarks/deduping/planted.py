"""A training set with planted leaks of evaluation questions, near-misses of them, and clean rows."""

from typing import NamedTuple

from .grammar import filled, render
from .questions import Maker, bare
from .vocabulary import GRAMMAR

LEAKS = ("verbatim", "case", "typo", "polite", "insert", "reorder", "paraphrase", "embedded", "answer")
NEAR_MISSES = ("number", "unit", "version", "negation", "entity", "scope")
CLEAN = "clean"
EDITS = {"insert": "filler"}  # a kind of leak whose edit has another name
LEAKED, NEAR = 0.26, 0.1  # shares of the rows
SPARE = 1.1  # questions for clean rows, as some are no clean ones
IN_A_TEXT = 0.2  # of clean rows and near-misses, those whose question stands inside of a text
AROUND, AFTER = 55, 25  # least words of a text around a question, which has some 12, and of an answer


class Row(NamedTuple):
    """A training row."""

    question: str  # or a text with a question in it
    answer: str
    kind: str  # of LEAKS, of NEAR_MISSES, or "clean"
    source: int  # index of the evaluation question that it was made of; -1 for clean rows


def make(evaluation: int, rows: int, seed: int, edits: str = "test") -> tuple[list[str], list[Row]]:
    """Return distinct evaluation questions, and training rows of which 26 % are leaks and 10 % near-misses of them.

    Clean rows ask what no evaluation question asks, also not under a condition, in the same forms and words. A fifth
    of them, and of the near-misses, is a text with the question in it, so that the length does not give a leak away; a
    narrower question (scope) is not put in a text, as it would hold the evaluation question itself.
    """
    leaks, near = round(rows * LEAKED), round(rows * NEAR)
    maker = Maker(evaluation + rows, seed, edits)
    maker.ask(evaluation + round(SPARE * (rows - leaks - near)))
    made = [_leak(maker, LEAKS[number % len(LEAKS)], evaluation) for number in range(leaks)]
    for number in range(near):
        kind = NEAR_MISSES[number % len(NEAR_MISSES)]
        text, _, source = maker.edit(kind, evaluation)
        made.append(Row(text if kind == "scope" else _seldom(maker, text), _prose(maker, AFTER), kind, source))
    asked = {bare(text) for text in maker.texts[:evaluation]}
    clean = [text for one, text in zip(maker.asked[evaluation:], maker.texts[evaluation:], strict=True)
             if bare(render(one._replace(condition=""))) not in asked]  # fmt: skip
    for text in clean[: rows - leaks - near]:
        made.append(Row(_seldom(maker, text), _prose(maker, AFTER), CLEAN, -1))
    assert len(made) == rows, "too many of the clean questions are evaluation questions with a condition"
    maker.chance.shuffle(made)
    return maker.texts[:evaluation], made


def _leak(maker: Maker, kind: str, evaluation: int) -> Row:
    answer = _prose(maker, AFTER)
    if kind not in ("verbatim", "embedded", "answer"):
        text, _, source = maker.edit(EDITS.get(kind, kind), evaluation)
        return Row(text, answer, kind, source)
    source = maker.chance.randrange(evaluation)
    while maker.asked[source].template.rest.startswith("{"):  # nobody writes keywords into a text
        source = maker.chance.randrange(evaluation)
    text = maker.texts[source]
    if kind == "answer":
        return Row(filled(other := "What do people ask about the {thing} of {name}?", maker.fill(other)),
                   _around(maker, text), kind, source)  # fmt: skip
    return Row(text if kind == "verbatim" else _around(maker, text), answer, kind, source)


def _seldom(maker: Maker, text: str) -> str:
    return _around(maker, text) if maker.chance.random() < IN_A_TEXT else text


def _around(maker: Maker, question: str) -> str:
    """Return a text of about 70 words with a question in it."""
    before = maker.chance.randint(0, AROUND)
    return f"{_prose(maker, before)} {question} {_prose(maker, AROUND - before)}".strip()


def _prose(maker: Maker, words: int) -> str:
    """Return sentences of at least so many words together."""
    found: list[str] = []
    while sum(len(sentence.split()) for sentence in found) < words:
        sentence = maker.chance.choice(GRAMMAR["prose"])
        found.append(filled(sentence, maker.fill(sentence)))
    return " ".join(found)
