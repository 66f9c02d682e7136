"""Question first: a capable teacher writes the pairs of a chunk, and each is tied to the facts that it stands on.

A pair that stands on no fact of its chunk is rejected, however good it reads: coverage is counted on facts, and the
evidence of a pair is what they quote.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from stages.llm import gateway, parsing
from stages.llm.prompts import Prompt
from stages.quality.similarity import same
from stages.quality.tokens import stems
from stages.records import Chunk, Fact, Pair, content_id, evidence

STANDS = 0.5  # share of an answer's words that its first fact has to hold
ADDS = 0.2  # share that each further one has to add
MOST_FACTS = 3


class Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A pair as the teacher writes it."""

    question: str
    answer: str
    links: list[str]


class Reply(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a teacher is held to; the number of pairs is left free, so that one schema serves all chunks."""

    pairs: list[Written]


SCHEMA = msgspec.json.schema(Reply)


class Plan(msgspec.Struct, kw_only=True, frozen=True):
    """How many pairs are asked for, and how; see params.yaml."""

    pairs_per_fact: float = 1.0
    min_pairs: int = 2  # of a chunk with facts
    max_pairs: int = 12
    max_words: int = 60  # of an answer
    language: str = "English"
    temperature: float = 0.7
    top_p: float = 0.95
    max_tokens: int = 2048
    seed: int = 0


class Task(msgspec.Struct, kw_only=True, frozen=True):
    """What one call is for: so many pairs of a chunk."""

    chunk: Chunk
    facts: list[Fact]
    count: int
    asked: list[str] = []  # questions of the first call that were kept
    second: bool = False  # the call for what the first one did not bring


class Lost(msgspec.Struct, kw_only=True, gc=False):
    """What came back and cannot be used: a pair, or with `pair` None the reply itself."""

    reason: str
    value: float | str | None = None
    pair: Written | None = None
    raw: str = ""


def tasks(chunks: Iterable[Chunk], facts: Iterable[Fact], plan: Plan) -> list[Task]:
    """Return one task for each chunk with facts: none is starved, and none is asked for what it does not hold."""
    held: dict[str, list[Fact]] = {}
    for fact in facts:
        held.setdefault(fact.chunk, []).append(fact)
    found = []
    for chunk in chunks:
        if own := held.get(chunk.id):
            count = min(plan.max_pairs, max(plan.min_pairs, math.ceil(len(own) * plan.pairs_per_fact)))
            found.append(Task(chunk=chunk, facts=own, count=count))
    return found


def requests(wanted: Iterable[Task], plan: Plan, prompt: Prompt) -> list[gateway.Request]:
    """Return one request for each task, in their order; a second call draws by another seed."""
    return [
        gateway.Request(
            messages=prompt.messages(
                count=task.count,
                language=plan.language,
                max_words=plan.max_words,
                header=task.chunk.header,
                passage=task.chunk.text.strip(),
                links=task.chunk.links,
                concepts=list(dict.fromkeys(concept for fact in task.facts for concept in fact.concepts)),
                asked=task.asked,
            ),
            temperature=plan.temperature,
            top_p=plan.top_p,
            max_tokens=plan.max_tokens,
            seed=plan.seed + task.second,
            schema=SCHEMA,
        )
        for task in wanted
    ]


def pairs(reply: dict[str, Any], task: Task, plan: Plan, prompt: str, model: str) -> tuple[list[Pair], list[Lost]]:
    """Return the pairs of a reply that stand on facts of their chunk, and what was lost, each with its reason.

    Args:
        reply: as `gateway.ask` returns it.
        task: what was asked for.
        plan: for the most words of an answer.
        prompt: hash of the prompt template.
        model: who wrote them.
    """
    if "error" in reply:
        return [], [Lost(reason="no_reply", value=reply["error"])]
    raw = reply["text"]
    written, problem = parsing.records(raw, Written, task.count)
    kept: list[Pair] = []
    lost = (
        [Lost(reason=problem, raw=raw)] if problem and problem != "wrong_count" else []
    )  # the rest is asked for again
    for one in written:
        one = Written(question=" ".join(one.question.split()), answer=" ".join(one.answer.split()), links=one.links)
        grounds = standing_on(one.answer, task.facts)
        earlier = [*task.asked, *(pair.question for pair in kept)]
        if not one.question or not one.answer:
            lost.append(Lost(reason="empty", pair=one, raw=raw))
        elif (count := len(one.answer.split())) > plan.max_words:
            lost.append(Lost(reason="too_long", value=count, pair=one, raw=raw))
        elif any(same(one.question, question) for question in earlier):
            lost.append(Lost(reason="same_again", pair=one, raw=raw))
        elif not grounds:
            lost.append(Lost(reason="no_fact", pair=one, raw=raw))
        elif len(kept) == task.count:
            lost.append(Lost(reason="over_count", value=task.count, pair=one, raw=raw))
        else:
            kept.append(_pair(one, task.chunk, grounds, prompt, model))
    return kept, lost


def again(task: Task, kept: Sequence[Pair]) -> Task | None:
    """Return the task for the pairs that are missing, about facts that have none yet; None the second time."""
    missing = task.count - len(kept)
    if task.second or missing <= 0:
        return None
    covered = {fact for pair in kept for fact in pair.facts}
    left = [fact for fact in task.facts if fact.id not in covered] or task.facts
    return Task(chunk=task.chunk, facts=left, count=missing, asked=[pair.question for pair in kept], second=True)


def standing_on(answer: str, facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that hold the words of an answer, the one that holds most of them first; [] if none does.

    Words of the topic count only where the answer has no other: all facts of a chunk share them.
    """
    if not facts:
        return []
    topic = stems(facts[0].topic)
    said = stems(answer)
    open_ = (said - topic) or said
    left, found = set(open_), list[Fact]()
    holds = {fact.id: stems(" ".join([fact.says, *(e.quote for e in fact.support)])) for fact in facts}
    while left and open_ and len(found) < MOST_FACTS:
        best = max(facts, key=lambda fact: len(left & holds[fact.id]))  # the first of equals
        share = len(left & holds[best.id]) / len(open_)
        if share < (ADDS if found else STANDS):
            break
        found.append(best)
        left -= holds[best.id]
    return found


def _pair(written: Written, chunk: Chunk, grounds: list[Fact], prompt: str, model: str) -> Pair:
    known = {link.url for link in chunk.links}
    support = [url for url in written.links if url in known]  # a teacher makes links up
    first = grounds[0]
    return Pair(
        id=content_id(written.question, written.answer, [fact.id for fact in grounds]),
        question=written.question,
        answer=written.answer,
        facts=[fact.id for fact in grounds],
        evidence=evidence(grounds),
        source=chunk.source,
        link=support[0] if support else chunk.url,
        topic=first.topic,
        concepts=list(dict.fromkeys(concept for fact in grounds for concept in fact.concepts)),
        origin="generated",
        form="question_first",
        prompt=prompt,
        model=model,
    )
