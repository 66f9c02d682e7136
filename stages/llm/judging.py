"""A model's opinion of a pair, and its verdict on an answer: marks and words that are checked, never trusted text.

One thing is judged at a time, never two side by side: a judge prefers the first of two. The reason stands before the
marks, so that they follow from it.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from stages.llm import gateway, parsing
from stages.llm.prompts import Messages, Prompt
from stages.records import Pair

Mark = Annotated[int, msgspec.Meta(ge=1, le=5)]


class Marks(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a judge says of a pair (judge_pair.jinja)."""

    reason: str
    accuracy: Mark
    relevance: Mark
    clarity: Mark
    usefulness: Mark

    def scores(self) -> dict[str, float]:
        """Return the marks as scores of a pair: from 0 to 1, and their lowest."""
        marks = {name: getattr(self, name) for name in ("accuracy", "relevance", "clarity", "usefulness")}
        scaled = {f"judge_{name}": (mark - 1) / 4 for name, mark in marks.items()}
        return {**scaled, "judge": min(scaled.values())}


class Verdict(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a judge says of an answer (judge_answer.jinja)."""

    reason: str
    verdict: Literal["correct", "partly", "wrong", "refused"]


V = TypeVar("V", Marks, Verdict)
MARKS_SCHEMA = msgspec.json.schema(Marks)
VERDICT_SCHEMA = msgspec.json.schema(Verdict)


def of_pairs(pairs: Iterable[Pair], prompt: Prompt, seed: int = 0, max_tokens: int = 200) -> list[gateway.Request]:
    """Return one request a pair, in their order; the reply is read as `Marks`."""
    asked = [
        prompt.messages(
            question=pair.question, answer=pair.answer, evidence="\n".join(each.quote for each in pair.evidence)
        )
        for pair in pairs
    ]
    return _requests(asked, MARKS_SCHEMA, seed, max_tokens)


def of_answers(
    answers: Iterable[tuple[str, str, str, str]], prompt: Prompt, seed: int = 0, max_tokens: int = 200
) -> list[gateway.Request]:
    """Return one request for each (question, answer, reference, evidence), in order; read as `Verdict`."""
    asked = [
        prompt.messages(question=question, answer=answer, reference=reference, evidence=evidence)
        for question, answer, reference, evidence in answers
    ]
    return _requests(asked, VERDICT_SCHEMA, seed, max_tokens)


def read(reply: dict[str, Any], kind: type[V]) -> tuple[V | None, str | None]:
    """Return what a judge said, or None and why there is nothing: no opinion is no low mark."""
    if "error" in reply:
        return None, "no_reply"
    found, problem = parsing.records(reply["text"], kind, 1)
    return (found[0], None) if len(found) == 1 else (None, problem or "wrong_count")


def _requests(asked: list[Messages], schema: dict[str, Any], seed: int, max_tokens: int) -> list[gateway.Request]:
    return [
        gateway.Request(messages=messages, temperature=0.0, max_tokens=max_tokens, seed=seed, schema=schema)
        for messages in asked
    ]
