"""Which question is worth keeping: by how much it makes the answer likelier, and whether anybody would ask it.

Information gain is `nll(answer | topic) - nll(answer | question)`, mean nats a token (the idea of IFD, arXiv
2308.12032, and of Superfiltering, arXiv 2402.00530: a small model's likelihoods are enough). It is measured on the
answer's tokens that the question does not hold, or a question that repeats its answer would win.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from stages import settings
from stages.llm import gateway
from stages.llm.replies import Replies, key
from stages.records import Span
from stages.tuning import models, weights

_WORD = re.compile(r"\w+")


class Score(msgspec.Struct, kw_only=True):
    """How good a question is for a fact, in nats a token; gain is None where the question holds all of the answer."""

    gain: float | None
    question_nll: float  # of the question given the fact: high for what nobody would ask there


Wanted = tuple[str, str, str]  # topic, answer, question
Task = tuple[list[dict[str, str]], str]  # prompt, text
Nlls = list[tuple[Span, float]]  # of each token of a text, its span and nats
TEACHER = "teacher"  # as a scorer: the teacher itself

SYSTEM = "Answer the question."  # of the prompts that the gain is measured with
ALONE = "What do you know about {topic}?"  # what the answer's likelihood is compared with
PLAUSIBLE = "You write one short question that the statement answers completely."


class Scorer(msgspec.Struct, kw_only=True, frozen=True):
    """Whose likelihoods score: a model, and the question writer on it, who knows best what would be asked."""

    model: str  # embedded, a folder or a hub id; TEACHER
    teacher: gateway.Model | None = None  # whose endpoint returns prompt log-probabilities, asked in the model's place
    writer: Path | None = None  # folder of its adapter
    digest: str | None = None  # of that adapter: part of the key of a score
    plausible: Callable[[str, str, str], list[dict[str, str]]] | None = None  # topic, answer, question -> its prompt


def score(wanted: Sequence[Wanted], scorer: Scorer, replies: Replies) -> list[Score]:
    """Return the score of each question. Known ones come from the ledger; the scorer is loaded if one is missing."""
    who = scorer.teacher.key if scorer.teacher else [models.fingerprint(scorer.model), scorer.digest]
    setting = [SYSTEM, ALONE, PLAUSIBLE]
    keys = [key(scorer=who, setting=setting, topic=t, answer=a, question=q) for t, a, q in wanted]
    known = [replies.get(k) for k in keys]
    missing = {k: triple for k, triple, value in zip(keys, wanted, known, strict=True) if value is None}
    if missing:
        for k, found in zip(missing, _measure(list(missing.values()), scorer, replies), strict=True):
            replies.put(k, msgspec.to_builtins(found))
    return [msgspec.convert(replies.used[k], Score) for k in keys]


def tasks(wanted: Sequence[Wanted], scorer: Scorer) -> tuple[list[Task], list[Task]]:
    """Return the texts whose likelihoods give the scores, each behind its prompt: answers, and questions.

    The answers are first each one alone, sorted, then each after its question.
    """
    alone = [(_chat(SYSTEM, ALONE.format(topic=t)), a) for t, a in _alone(wanted)]
    phrase = scorer.plausible or (lambda topic, answer, _: _chat(PLAUSIBLE, f"Topic: {topic}\nStatement: {answer}"))
    return alone + [(_chat(SYSTEM, q), a) for _, a, q in wanted], [(phrase(t, a, q), q) for t, a, q in wanted]


def _alone(wanted: Sequence[Wanted]) -> list[tuple[str, str]]:
    return sorted({(t, a) for t, a, _ in wanted})


def _measure(wanted: list[Wanted], scorer: Scorer, replies: Replies) -> list[Score]:
    """Score with three forward passes a question: answer alone (shared), answer after question, question after fact."""
    bare, (answers, asked) = _alone(wanted), tasks(wanted, scorer)
    if scorer.teacher:
        both = _of_endpoint(answers + asked, scorer.teacher, replies)
        told, questions = both[: len(answers)], both[len(answers) :]
    else:
        told, questions = _of_model(answers, asked, scorer)
    alone = dict(zip(bare, told, strict=False))
    scores = []
    for (topic, answer, question), given, phrased in zip(wanted, told[len(bare) :], questions, strict=True):
        gain = information_gain(question, answer, alone[topic, answer], [nll for _, nll in given])
        plausible = sum(nll for _, nll in phrased) / max(1, len(phrased))
        # rounded: a score is a measurement, and its last digits depend on the batch it was taken in
        scores.append(Score(gain=None if gain is None else round(gain, 3), question_nll=round(plausible, 3)))
    return scores


def _of_model(answers: list[Task], asked: list[Task], scorer: Scorer) -> tuple[list[Nlls], list[Nlls]]:
    """Return the nll of each token of the answers, by the model, and of the questions, by the writer on it."""
    from stages.scoring.likelihood import token_nlls

    model, tokenizer = weights.load(scorer.model), models.load_tokenizer(scorer.model)
    size = int(settings.load().get("scoring", {}).get("batch_tokens", 1024))

    def nlls(some: list[Task]) -> list[Nlls]:
        found = token_nlls(model, tokenizer, [prompt for prompt, _ in some], [text for _, text in some], size)
        return [[(span, nll) for _, span, nll in tokens] for tokens in found]

    told = nlls(answers)
    if scorer.writer:
        model = weights.with_adapter(model, scorer.writer)
    return told, nlls(asked)


def requests(some: Sequence[Task]) -> list[gateway.Request]:
    """Return what an endpoint is asked for the likelihoods of texts."""
    return [
        gateway.Request(
            messages=(*((part["role"], part["content"]) for part in prompt), ("assistant", text)),
            temperature=0.0, max_tokens=1, score=True,
        )
        for prompt, text in some
    ]  # fmt: skip


def _of_endpoint(some: list[Task], teacher: gateway.Model, replies: Replies) -> list[Nlls]:
    """Return the nll of each token of the texts, by the teacher.

    Raises gateway.EndpointError if it returns none, after the first call.
    """
    asked = requests(some)
    values = gateway.ask(asked[:1], teacher, replies)
    if "nlls" in values[0]:
        values = gateway.ask(asked, teacher, replies, "generate: scoring")
    bad = next((value for value in values if "nlls" not in value), None)
    if bad:
        raise gateway.EndpointError(
            f"endpoint {teacher.endpoint} gives no prompt log-probabilities, as vLLM does, or not those of the text "
            f"({bad['error']}: "
            f"{' '.join(bad.get('raw', '').split())[:200]}); set teacher.scorer to a model, embedded for instance"
        )
    return [[((start, end), nll) for start, end, nll in value["nlls"]] for value in values]


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
