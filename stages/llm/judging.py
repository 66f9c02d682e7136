"""A model's opinion of a pair, and its verdict on an answer: marks and words that are checked, never trusted text.

One thing is judged at a time, never two side by side: a judge prefers the first of two (arXiv 2306.05685; `comparing`
does that in both orders). The reason stands before the marks, so that they follow from it. Marks depend on the order
of what is shown, so that each sample sees rubric and quotes in another one, and the mean counts.
"""

import itertools
import json
import random
import re
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from stages.llm import gateway, parsing
from stages.llm.prompts import Prompt
from stages.records import Pair
from stages.tuning import models

PARTS = ("accuracy", "relevance", "clarity", "usefulness")  # of the rubric
Mark = Annotated[int, msgspec.Meta(ge=1, le=5)]


class Marks(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a judge says of a pair (judge_pair.jinja)."""

    reason: str
    accuracy: Mark
    relevance: Mark
    clarity: Mark
    usefulness: Mark

    def scaled(self) -> dict[str, float]:
        """Return the mark of each part of the rubric, from 0 to 1."""
        return {part: (getattr(self, part) - 1) / 4 for part in PARTS}


class Verdict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a judge says of an answer (judge_answer.jinja)."""

    reason: str
    verdict: Literal["correct", "partly", "wrong", "refused"]


V = TypeVar("V", Marks, Verdict)
S = TypeVar("S", bound=msgspec.Struct)
VERDICTS = ("correct", "partly", "wrong", "refused")
VERDICT_SCHEMA = msgspec.json.schema(Verdict)
_FENCED = re.compile(r"```(?:json)?\s*(.*?)\s*```", re.DOTALL)


def asker(section: str, model: str, revision: str, endpoint: str) -> gateway.Model:
    """Return who is asked, by the parameters of a section. Raises EndpointError if model and endpoint do not fit."""
    own = model == models.EMBEDDED
    if own != (endpoint == models.EMBEDDED):
        raise gateway.EndpointError(
            f"{section}.model is {model} and {section}.endpoint is {endpoint}: set both, the model to the name that "
            "the endpoint knows (only the embedded endpoint has the embedded model)"
        )
    return gateway.Model(name=model, revision=models.fingerprint(model) if own else revision, endpoint=endpoint)


def of_pairs(
    pairs: Iterable[Pair],
    prompt: Prompt,
    samples: int = 1,
    seed: int = 0,
    temperature: float = 0.0,
    max_tokens: int = 200,
) -> list[gateway.Request]:
    """Return `samples` requests a pair, those of a pair together, in their order; the replies are read by `opinion`.

    The order of the rubric is the sample's, whatever the pair, so that a server evaluates it once.
    """
    return [
        gateway.Request(
            messages=prompt.messages(
                question=pair.question, answer=pair.answer, evidence="\n".join(_turned(pair, sample)), parts=parts
            ),
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            sample=sample,
            schema=_schema(parts),
        )
        for pair in pairs
        for sample, parts in enumerate(_orders(PARTS, samples, seed))
    ]


def opinion(replies: Sequence[dict[str, Any]]) -> tuple[dict[str, float], str, str | None]:
    """Return what the samples of a pair come to: scores, the reason for the lowest marks, and why there are none.

    Scores are the mean mark of each part (`judge_accuracy`, ...), the lowest of these (`judge`), by how much the
    samples differ in it at most (`judge_spread`), and how many were readable (`judge_samples`). No readable sample is
    no opinion, and no low mark.
    """
    said = [read(reply, Marks) for reply in replies]
    marks = [found for found, _ in said if found is not None]
    if not marks:
        return {}, "", next((problem for _, problem in said if problem), "no_reply")
    every = [each.scaled() for each in marks]
    means = {part: sum(each[part] for each in every) / len(every) for part in PARTS}
    lowest = min(PARTS, key=lambda part: means[part])
    values = [each[lowest] for each in every]
    scores = {f"judge_{part}": round(mean, 4) for part, mean in means.items()}
    scores |= {"judge": round(means[lowest], 4), "judge_spread": max(values) - min(values),
               "judge_samples": float(len(marks))}  # fmt: skip
    strictest = min(marks, key=lambda each: getattr(each, lowest))
    return scores, f"{lowest}: {strictest.reason}", None


def of_answers(
    answers: Iterable[tuple[str, str, str, str]],
    prompt: Prompt,
    seed: int = 0,
    max_tokens: int = 200,
    samples: int = 1,
    temperature: float = 0.0,
) -> list[gateway.Request]:
    """Return `samples` requests for each (question, answer, reference, evidence), in order; read as `Verdict`.

    Each sample sees the verdicts in an order of its own, another line of the evidence first, and every other one the
    reference before the evidence.
    """
    return [
        gateway.Request(
            messages=prompt.messages(
                question=question, answer=answer, reference=reference, verdicts=verdicts,
                evidence="\n".join(_rotated(evidence.split("\n"), sample)), reference_first=sample % 2 == 1,
            ),
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            sample=sample,
            schema=VERDICT_SCHEMA,
        )
        for question, answer, reference, evidence in answers
        for sample, verdicts in enumerate(_orders(VERDICTS, samples, seed))
    ]  # fmt: skip


def read(reply: dict[str, Any], kind: type[V]) -> tuple[V | None, str | None]:
    """Return what a judge said, or None and why there is nothing: no opinion is no low mark."""
    if "error" in reply:
        return None, "no_reply"
    found, problem = parsing.records(reply["text"], kind, 1)
    return (found[0], None) if len(found) == 1 else (None, problem or "wrong_count")


def exactly(reply: dict[str, Any], kind: type[S]) -> tuple[S | None, str | None]:
    """Return what a judge said, or None and why there is nothing, where only the JSON object asked for is an opinion.

    Nothing is repaired and nothing read out of a sentence: "not correct" holds "correct", and half an object may be
    the half before "not". A code fence around the whole reply is none of its words.
    """
    if "error" in reply:
        return None, "no_reply"
    text = reply["text"].strip()
    fenced = _FENCED.fullmatch(text)
    text = fenced[1] if fenced else text
    try:
        names = json.loads(text, object_pairs_hook=lambda pairs: [name for name, _ in pairs])
    except (ValueError, RecursionError):
        return None, "cut_off" if reply.get("finish") == "length" else "not_json" if text else "empty"
    try:
        found = msgspec.json.decode(text, type=kind)
    except (ValueError, RecursionError):
        return None, "wrong_fields"
    return (found, None) if len(names) == len(set(names)) else (None, "wrong_fields")  # two verdicts are none


def _orders(parts: Sequence[str], count: int, seed: int) -> list[tuple[str, ...]]:
    """Return the orders in which the samples see parts or verdicts: the first as it stands, then others."""
    first, *others = itertools.permutations(parts)
    random.Random(seed).shuffle(others)
    return list(itertools.islice(itertools.cycle([first, *others]), count))


def _turned(pair: Pair, sample: int) -> list[str]:
    """Return the quotes, each sample with another one first."""
    return _rotated([each.quote for each in pair.evidence], sample)


def _rotated(quotes: list[str], sample: int) -> list[str]:
    start = sample % len(quotes) if quotes else 0
    return quotes[start:] + quotes[:start]


def _schema(parts: Sequence[str]) -> dict[str, Any]:
    """Return the JSON schema of marks with its properties in an order: a constrained reply keeps to it."""
    mark = {"type": "integer", "minimum": 1, "maximum": 5}
    properties = {"reason": {"type": "string"}} | dict.fromkeys(parts, mark)
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
