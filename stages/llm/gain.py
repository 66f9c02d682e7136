"""Which question is worth keeping: by how much it makes the answer likelier, and whether anybody would ask it.

Information gain is `nll(answer | topic) - nll(answer | question)`, mean nats a token (the idea of IFD, arXiv
2308.12032, and of Superfiltering, arXiv 2402.00530: a small model's likelihoods are enough). It is measured on the
answer's tokens that the question does not hold, or a question that repeats its answer would win.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages import settings
from stages.llm.replies import Replies, key
from stages.tuning import models

_WORD = re.compile(r"\w+")


class Score(msgspec.Struct, kw_only=True):
    """How good a question is for a fact, in nats a token; gain is None where the question holds all of the answer."""

    gain: float | None
    question_nll: float  # of the question given the fact: high for what nobody would ask there


Wanted = tuple[str, str, str]  # topic, answer, question

SYSTEM = "Answer the question."  # of the prompts that the gain is measured with
ALONE = "What do you know about {topic}?"  # what the answer's likelihood is compared with
PLAUSIBLE = "You write one short question that the statement answers completely."


class Scorer(msgspec.Struct, kw_only=True, frozen=True):
    """Whose likelihoods score: a model, and the question writer on it, who knows best what would be asked."""

    model: str  # embedded, a folder or a hub id
    writer: Path | None = None  # folder of its adapter
    digest: str | None = None  # of that adapter: part of the key of a score
    plausible: Callable[[str, str, str], list[dict[str, str]]] | None = None  # topic, answer, question -> its prompt


def score(wanted: Sequence[Wanted], scorer: Scorer, replies: Replies) -> list[Score]:
    """Return the score of each question. Known ones come from the ledger; the scorer is loaded if one is missing."""
    who = [models.fingerprint(scorer.model), scorer.digest]
    setting = [SYSTEM, ALONE, PLAUSIBLE]
    keys = [key(scorer=who, setting=setting, topic=t, answer=a, question=q) for t, a, q in wanted]
    known = [replies.get(k) for k in keys]
    missing = {k: triple for k, triple, value in zip(keys, wanted, known, strict=True) if value is None}
    if missing:
        for k, found in zip(missing, _measure(list(missing.values()), scorer), strict=True):
            replies.put(k, msgspec.to_builtins(found))
    return [msgspec.convert(replies.used[k], Score) for k in keys]


def _measure(wanted: list[Wanted], scorer: Scorer) -> list[Score]:
    """Score with three forward passes a question: answer alone (shared), answer after question, question after fact."""
    from stages.scoring.likelihood import mean_nll, token_nlls

    model, tokenizer = models.load(scorer.model), models.load_tokenizer(scorer.model)
    size = int(settings.load().get("scoring", {}).get("batch_tokens", 1024))

    def nlls(tasks: list[tuple[list[dict[str, str]], str]]) -> list[list[Any]]:
        return token_nlls(model, tokenizer, [prompt for prompt, _ in tasks], [text for _, text in tasks], size)

    bare = sorted({(t, a) for t, a, _ in wanted})
    tasks = [(_chat(SYSTEM, ALONE.format(topic=t)), a) for t, a in bare]
    told = nlls(tasks + [(_chat(SYSTEM, q), a) for _, a, q in wanted])
    if scorer.writer:
        model = models.with_adapter(model, scorer.writer)
    phrase = scorer.plausible or (lambda topic, answer, _: _chat(PLAUSIBLE, f"Topic: {topic}\nStatement: {answer}"))
    questions = nlls([(phrase(t, a, q), q) for t, a, q in wanted])
    alone = dict(zip(bare, told, strict=False))
    scores = []
    for (topic, answer, question), given, phrased in zip(wanted, told[len(bare) :], questions, strict=True):
        without = [(span, nll) for _, span, nll in alone[topic, answer]]
        gain = information_gain(question, answer, without, [nll for _, _, nll in given])
        # rounded: a score is a measurement, and its last digits depend on the batch it was taken in
        scores.append(Score(gain=None if gain is None else round(gain, 3), question_nll=round(mean_nll(phrased), 3)))
    return scores


def _chat(system: str, user: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": system}, {"role": "user", "content": user}]


def information_gain(
    question: str, answer: str, alone: Sequence[tuple[tuple[int, int], float]], asked: Sequence[float]
) -> float | None:
    """Return the mean gain in nats over the answer's tokens that the question does not hold; None if it holds all.

    Args:
        question: the question.
        answer: the answer, in which the token spans are counted.
        alone: per token of the answer its span and its nll without the question.
        asked: per token its nll given the question.
    """
    held = {word.casefold() for word in _WORD.findall(question)}
    free = []
    for ((start, end), before), after in zip(alone, asked, strict=True):
        words = _WORD.findall(_around(answer, start, end))
        if words and not all(word.casefold() in held for word in words):
            free.append(before - after)
    return sum(free) / len(free) if free else None


def _around(text: str, start: int, end: int) -> str:
    """Return the whole words that a token's span touches: a token may be a part of a word."""
    while start < end and text[start].isspace():
        start += 1
    if start == end or not re.match(r"\w", text[start:end]):
        return text[start:end]
    while start > 0 and re.match(r"\w", text[start - 1]):
        start -= 1
    while end < len(text) and re.match(r"\w", text[end]):
        end += 1
    return text[start:end]
