"""The same in other words, by a capable teacher: a statement as the answer to its question, a question k times anew.

What comes back passes the gates of any pair; what these tell at once, a changed number or name, is told here.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from stages.llm import gateway, parsing
from stages.llm.prompts import Prompt
from stages.quality import grounding, pointing, wording
from stages.records import Pair

MAX_WORDS = 60  # of an answer


class Questions(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """Questions as a teacher writes them (paraphrase.jinja)."""

    questions: list[str]


SCHEMA = msgspec.json.schema(Questions)


def rewrites(
    pairs: Sequence[Pair], prompt: Prompt, language: str, temperature: float = 0.3, seed: int = 0
) -> list[gateway.Request]:
    """Return one request a pair for its answer in a form that answers directly; see `answer`."""
    return [
        gateway.Request(
            messages=prompt.messages(
                question=pair.question, statement=pair.answer, evidence=evidence(pair), language=language,
                max_words=MAX_WORDS,
            ),
            temperature=temperature,
            max_tokens=4 * MAX_WORDS,
            seed=seed,
        )
        for pair in pairs
    ]  # fmt: skip


def answer(reply: dict[str, Any], pair: Pair) -> tuple[str | None, str | None, float | str | None]:
    """Return a rewritten answer, or None with the reason why the old one stays, and its value."""
    if "error" in reply:
        return None, "no_reply", reply["error"]
    text = " ".join(reply["text"].split()).removeprefix("Answer:").strip().strip('"“”')
    if not text:
        return None, "empty", None
    if reply.get("finish") == "length":
        return None, "cut_off", text
    if (count := len(text.split())) > MAX_WORDS:
        return None, "too_long", count
    if found := grounding.unsupported(text, f"{evidence(pair)} {pair.answer} {pair.topic}"):
        return None, "unsupported", found[0]
    return text, None, None


def paraphrases(
    pairs: Sequence[Pair], count: int, prompt: Prompt, language: str, temperature: float = 0.9, seed: int = 0
) -> list[gateway.Request]:
    """Return one request a pair for `count` other wordings of its question; see `questions`."""
    return [
        gateway.Request(
            messages=prompt.messages(question=pair.question, answer=pair.answer, language=language, count=count),
            temperature=temperature,
            max_tokens=60 + 60 * count,
            seed=seed,
            schema=SCHEMA,
        )
        for pair in pairs
    ]


def questions(reply: dict[str, Any], pair: Pair, count: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the wordings of a reply that ask what the pair asks as far as words tell, and (reason, text) of others."""
    if "error" in reply:
        return [], [("no_reply", str(reply["error"]))]
    found, problem = parsing.records(reply["text"], Questions, 1)
    if not found:
        return [], [(str(problem), reply["text"])]
    kept: list[str] = []
    lost: list[tuple[str, str]] = []
    for text in (" ".join(question.split()) for question in found[0].questions):
        if not wording.is_question(text) or pointing.dangling(text):
            lost.append(("not_a_question", text))
        elif grounding.unsupported(pair.question, text) or grounding.foreign(text, f"{pair.question} {pair.answer}"):
            lost.append(("changed", text))  # a name, number or flag went, or another came
        elif any(letters(text) == letters(other) for other in (pair.question, *kept)):
            lost.append(("same_again", text))
        elif len(kept) == count:
            lost.append(("over_count", text))
        else:
            kept.append(text)
    return kept, lost


def letters(question: str) -> str:
    """Return what two wordings differ in, if they are two: a matcher would take away what paraphrases are for."""
    return "".join(letter for letter in question.casefold() if letter.isalnum())


def evidence(pair: Pair) -> str:
    """Return the quotes that a pair stands on."""
    return "\n".join(each.quote for each in pair.evidence)
