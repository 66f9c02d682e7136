"""Questions that need two facts: which facts go together, and what a pair made of two has to pass.

Where both facts are built alike, `contrasts` asks by rule; otherwise a capable teacher is asked with multi_hop.jinja.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from stages.llm import gateway, kinds, parsing
from stages.llm.prompts import Prompt
from stages.quality import grounding, pointing, wording
from stages.quality.tokens import stems
from stages.records import Fact, Pair, content_id, evidence

RARE = 8  # facts: what more of them share tells nothing about two of them
ALIKE = 0.6  # overlap of words from which two facts say the same
USES = 2  # of one fact
MAX_WORDS = 60  # of an answer
MAX_GIVES_AWAY = 0.85
ALONE = 0.9  # share of an answer's words from which one fact answers alone


class Join(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Two facts that go together, and what they share."""

    first: Fact
    second: Fact
    concept: str


class Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A question and its answer as a teacher writes them, or a rule."""

    question: str
    answer: str


SCHEMA = msgspec.json.schema(Written)


def joins(facts: Sequence[Fact], most: int) -> list[Join]:
    """Return at most `most` pairs of facts of different chunks that share a rare name, spread over the names.

    Of each name, facts of different documents come first, then those with fewest words in common.
    """
    named: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: fact.id):
        for concept in fact.concepts:
            if kinds.named(concept) and concept in fact.says:
                named.setdefault(concept, []).append(fact)
    words = {fact.id: stems(fact.says) for fact in facts}
    options: dict[str, list[Join]] = {}
    for concept, group in sorted(named.items()):
        if 2 <= len(group) <= RARE:
            found = [
                Join(first=first, second=second, concept=concept)
                for number, first in enumerate(group)
                for second in group[number + 1 :]
                if first.chunk != second.chunk and overlap(words[first.id], words[second.id]) < ALIKE
            ]
            found.sort(key=lambda join: _order(join, words))
            options[concept] = found
    return spread(options, most)


def _order(join: Join, words: dict[str, set[str]]) -> tuple[bool, float, str, str]:
    first, second = join.first, join.second
    return first.document == second.document, overlap(words[first.id], words[second.id]), first.id, second.id


def overlap(one: set[str], other: set[str]) -> float:
    """Return the share of all words that two sets have in common."""
    return len(one & other) / len(one | other) if one | other else 1.0


def spread(options: dict[str, list[Join]], most: int) -> list[Join]:
    """Return at most `most` joins, one of each concept in turn, no fact more than twice and no two facts again."""
    chosen: list[Join] = []
    used: dict[str, int] = {}
    met: set[frozenset[str]] = set()
    turns = {
        concept: iter(found) for concept, found in sorted(options.items(), key=lambda item: (len(item[1]), item[0]))
    }
    while turns and len(chosen) < most:
        for concept, left in list(turns.items()):
            for join in left:
                ids = frozenset((join.first.id, join.second.id))
                if ids not in met and all(used.get(one, 0) < USES for one in ids):
                    met.add(ids)
                    used.update({one: used.get(one, 0) + 1 for one in ids})
                    chosen.append(join)
                    break
            else:
                del turns[concept]
            if len(chosen) == most:
                break
    return chosen


def requests(
    wanted: Iterable[Join], prompt: Prompt, language: str, temperature: float, max_tokens: int, seed: int
) -> list[gateway.Request]:
    """Return one request for each join, in their order; see `read`."""
    return [
        gateway.Request(
            messages=prompt.messages(
                first=join.first, second=join.second, concept=join.concept, language=language, max_words=MAX_WORDS
            ),
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            schema=SCHEMA,
        )
        for join in wanted
    ]


def read(reply: dict[str, Any], join: Join) -> tuple[Written | None, str | None, float | str | None]:
    """Return the question and answer of a teacher's reply, or None with the reason and its value."""
    if "error" in reply:
        return None, "no_reply", reply["error"]
    written, problem = parsing.records(reply["text"], Written, 1)
    if not written:
        return None, problem, reply["text"]
    reason, value = judge(written[0], join) or (None, None)
    return (None, reason, value) if reason else (written[0], None, None)


def judge(written: Written, join: Join, built: bool = False) -> tuple[str, float | str | None] | None:
    """Return why a question on two facts is not to be kept, as (reason, value), or None.

    Args:
        written: question and answer.
        join: the facts.
        built: by rule, from both facts: that its answer needs both is known.
    """
    question, answer = written.question, written.answer
    first, second = known(join.first), known(join.second)
    topics = f"{join.first.topic} {join.second.topic}"
    if not wording.is_question(question):
        return "not_a_question", None
    if found := pointing.dangling(question):
        return "dangling", found[0]
    if found := grounding.foreign(question, f"{first} {second} {topics}"):
        return "foreign_name", found[0]
    if not stems(question) & (stems(first) | stems(second)):
        return "off_subject", None
    if (count := len(answer.split())) > MAX_WORDS:
        return "too_long", count
    if found := grounding.unsupported(answer, f"{first} {second} {topics}"):
        return "unsupported", found[0]
    told = stems(answer) - stems(topics)
    alone = max(len(told & stems(one)) / len(told) for one in (first, second)) if told else 1.0
    if alone >= ALONE and not built:
        return "one_fact", round(alone, 3)
    if (share := wording.gives_away(question, answer, topics)) > MAX_GIVES_AWAY:
        return "gives_away", round(share, 3)
    return None


def known(fact: Fact) -> str:
    """Return all words that a fact stands on."""
    return " ".join([fact.says, fact.quote, *(evidence.quote for evidence in fact.support)])


def pair(written: Written, join: Join, prompt: str | None, model: str | None) -> Pair:
    """Return a question on two facts as a pair, with the quotes of both as its evidence."""
    both = (join.first, join.second)
    return Pair(
        id=content_id(written.question, written.answer, [fact.id for fact in both]),
        question=written.question,
        answer=written.answer,
        facts=[fact.id for fact in both],
        evidence=evidence(both),
        source=join.first.source,
        topic=join.first.topic,
        concepts=list(dict.fromkeys([join.concept, *join.first.concepts, *join.second.concepts])),
        origin="generated",
        form="multi_hop",
        prompt=prompt,
        model=model,
    )
