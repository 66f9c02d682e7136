"""A question that leans on the turns before it: the other one's question and answer, then this one in short."""

import re
from collections import defaultdict
from collections.abc import Sequence

from stages.augmenting.joined import apart
from stages.augmenting.subjects import with_pronoun
from stages.llm import kinds
from stages.quality import mentions
from stages.quality.tokens import stems
from stages.records import Message, Pair, content_id

MAX_CHARACTERS = 480  # of a conversation with its answer: a training row has room for some 200 tokens
_SHORT = ("What about {}?", "And what about {}?")
_SLOT = "\x00"

Asked = tuple[str, list[Message]]  # the question, and the turns before it


class Templates:
    """Questions that differ in one name: "What is the size of A?" and "What is the size of B?".

    Args:
        pairs: the training pairs.
    """

    def __init__(self, pairs: Sequence[Pair]):
        self.of: dict[str, list[tuple[str, Pair]]] = defaultdict(list)
        for pair in pairs:
            for name, key in slots(pair):
                self.of[key].append((name, pair))

    def alike(self, pair: Pair) -> list[tuple[str, Pair]]:
        """Return (this pair's name, another pair) for the pairs that ask the same of something else."""
        return [
            (name, other)
            for name, key in slots(pair)
            for named, other in self.of[key]
            if named != name and other.id != pair.id
        ]


def slots(pair: Pair) -> list[tuple[str, str]]:
    """Return (name, the question without it) for the longest names of a question on one fact."""
    if len(pair.facts) != 1:
        return []
    question = pair.question
    found = {*pair.concepts, *mentions.names(question), *mentions.identifiers(question), *mentions.flags(question)}
    names = [name for name in found if kinds.named(name) and len(name) > 2 and question.count(name) == 1]
    longest = [name for name in names if not any(name != other and name in other for other in names)]
    made = [(name, question.replace(name, _SLOT)) for name in sorted(longest)]
    return [(name, key) for name, key in made if len(stems(key)) > 0 and not key.startswith("What is \x00")]


def followup(pair: Pair, alike: Sequence[tuple[str, Pair]], about: Sequence[Pair], name: str | None, seed: int) -> (
    Asked | None
):  # fmt: skip
    """Return the question in short after another pair's, drawn by hash; None if no other pair fits.

    Args:
        pair: whose question it is.
        alike: (its name, another pair) for those that ask the same of something else; see `Templates`.
        about: pairs about the same name.
        name: that name, if it is about one.
        seed: of the hash.
    """
    options: list[tuple[Pair, str]] = []
    for named, other in alike:
        if not set(pair.facts) & set(other.facts) and pair.answer != other.answer:
            short = _SHORT[int(content_id(seed, pair.id, other.id), 16) % len(_SHORT)]
            options.append((other, short.format(_shown(pair.question, named))))
    pronoun = with_pronoun(pair.question, name) if name else None
    if name and pronoun:
        options += [(other, pronoun) for other in about if name in other.answer and apart(other, pair, name)]
    for other, question in sorted(options, key=lambda one: content_id(seed, "followup", pair.id, one[0].id, one[1])):
        turns = [Message(role="user", content=other.question), Message(role="assistant", content=other.answer)]
        if sum(len(text) for text in (question, pair.answer, other.question, other.answer)) <= MAX_CHARACTERS:
            return question, turns
    return None


def _shown(question: str, name: str) -> str:
    """Return a name as its question introduces it: "the flag --x"."""
    match = re.search(rf"\b(the (?:[a-z]+ )?)?{re.escape(name)}", question) if name[0].isalnum() else None
    match = match or re.search(rf"(\bthe (?:[a-z]+ )?)?{re.escape(name)}", question)
    return match[0] if match else name
