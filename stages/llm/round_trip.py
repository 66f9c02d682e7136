"""The round trip: a question is asked again, and what comes back is held against the stored answer (arXiv 1906.05416).

From the evidence, another answer says that the question does not ask for what the pair answers. From the question
alone, the same answer says that the model knows it already, or that the question tells it: that is no fault of a pair,
and only noted.
"""

from collections.abc import Iterable
from typing import Any

from stages.llm import gateway
from stages.llm.prompts import Prompt
from stages.quality import tokens
from stages.records import Pair
from stages.scoring import metrics

OPEN, CLOSED = "round_trip", "closed_book"  # scores: from the evidence, from the question alone


def of_pairs(pairs: Iterable[Pair], prompt: Prompt, seed: int = 0, max_tokens: int = 200) -> list[gateway.Request]:
    """Return two greedy requests a pair, in their order: with its evidence, and without."""
    return [
        gateway.Request(
            messages=prompt.messages(question=pair.question, evidence=evidence),
            temperature=0.0,
            max_tokens=max_tokens,
            seed=seed,
        )
        for pair in pairs
        for evidence in ("\n".join(each.quote for each in pair.evidence), "")
    ]


def scores(pair: Pair, replies: Iterable[dict[str, Any]]) -> dict[str, float]:
    """Return how well the two answers match the stored one, from 0 to 1; an answer that never came has no score."""
    return {
        name: match(pair.question, pair.answer, str(reply["text"]))
        for name, reply in zip((OPEN, CLOSED), replies, strict=True)
        if "error" not in reply
    }


def match(question: str, stored: str, given: str) -> float:
    """Return the key match of an answer with the stored one, 0 to 1.

    Keys are numbers, names, flags, identifiers and URLs that the question does not hold. A stored answer may say more
    than is asked (a row of a table), and one given may say more than is stored, so that the better direction counts.
    Where there are no keys on both sides, it is the share of the given answer's own content words that the stored one
    has. A yes to a no, or a refusal, matches nothing.
    """
    if metrics.refuses(given) or not given.strip():
        return 0.0
    polar = [text.split()[0].strip(",.;:!").casefold() for text in (stored, given)]
    if set(polar) <= {"yes", "no"}:
        return float(polar[0] == polar[1])
    ways = [metrics.key_match(question, stored, given), metrics.key_match(question, given, stored)]
    if None not in ways:
        return round(max(way for way in ways if way is not None), 4)
    if ways[0] is not None:
        return round(ways[0], 4)
    own = tokens.stems(given) - tokens.stems(question)
    return round(len(own & tokens.stems(stored)) / len(own), 4) if own else 0.0
