"""Questions near the documents that they do not answer: what a model has to learn to refuse.

Made by rule from what people ask of a subject of its kind (asked.en.yaml), or by giving a question of the documents
another subject of the same kind; a capable teacher may write further ones. Each is checked against all facts and
chunks: one is dropped if any text has its subject together with words that would answer it, or all of its words.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from stages.llm import gateway, kinds, nearby, parsing
from stages.llm.absence import Check, Proposal
from stages.llm.prompts import Prompt
from stages.quality.similarity import matches, same
from stages.records import Chunk, Fact, Pair, Record, content_id


class Unanswerable(Record, kw_only=True):
    """A question that the documents do not answer."""

    question: str
    topic: str
    about: str  # what it asks for, such as "release date"
    subject: str
    origin: str  # property, swapped, teacher


class Dropped(msgspec.Struct, kw_only=True, gc=False):
    """A question that was not taken, with the reason and what gave it away."""

    question: str
    reason: str
    value: float | str | None = None


class Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A question as a teacher writes it."""

    question: str
    about: str


class Reply(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, gc=False):
    """What a teacher is held to."""

    questions: list[Written]


SCHEMA = msgspec.json.schema(Reply)


def propose(
    pairs: Sequence[Pair], facts: Sequence[Fact], chunks: Sequence[Chunk], most: int, seed: int,
    written: Sequence[Written] = (),
) -> tuple[list[Unanswerable], list[Dropped]]:  # fmt: skip
    """Return at most `most` questions that no text answers, spread over subjects and properties, and what was dropped.

    Args:
        pairs: what the documents do answer; some of it is asked of other subjects, and nothing of it is returned.
        facts: all facts.
        chunks: all chunks: they say more than the facts.
        most: quota.
        seed: draws wordings and the order.
        written: a teacher's questions, checked like the others.
    """
    given = nearby.asked()
    found = kinds.subjects(facts, [chunk.text for chunk in chunks], given.kinds)
    check = Check(facts, chunks)
    proposals = [
        *nearby.of_properties(found, given.properties, seed),
        *nearby.of_measures(check.texts, found, given.measures),
        *nearby.swapped(pairs, found, check),
        *nearby.of_teacher([(one.question, one.about) for one in written], found),
    ]
    proposals.sort(key=lambda one: content_id(seed, one.question, one.about))
    proposals = list({one.question: one for one in reversed(proposals)}.values())[::-1]  # each once, its first
    kept: list[Proposal] = []
    dropped: list[Dropped] = []
    answered = {i for i, _, _ in matches([one.question for one in proposals], [pair.question for pair in pairs])}
    for number, one in enumerate(proposals):
        if number in answered:
            dropped.append(Dropped(question=one.question, reason="answered"))
        elif verdict := check(one):
            dropped.append(Dropped(question=one.question, reason=verdict[0], value=verdict[1]))
        else:
            kept.append(one)
    chosen, rest = _spread(kept, most)
    dropped += [Dropped(question=one.question, reason=reason) for one, reason in rest]
    return [
        Unanswerable(
            id=content_id("unanswerable", one.question), question=one.question, topic=one.subject.topic,
            about=one.about, subject=one.subject.name, origin=one.origin,
        )
        for one in chosen
    ], dropped  # fmt: skip


def _spread(kept: Sequence[Proposal], most: int) -> tuple[list[Proposal], list[tuple[Proposal, str]]]:
    """Return the chosen ones, the rarest subjects and properties first, and the others with the reason."""
    chosen: list[Proposal] = []
    used: Counter[str] = Counter()
    left = list(kept)
    rest: list[tuple[Proposal, str]] = []
    while left and len(chosen) < most:
        best = min(left, key=lambda one: 2 * used[f"s {one.subject.name}"] + used[f"a {one.about}"])
        left.remove(best)
        if any(same(best.question, other.question) for other in chosen if other.subject.name == best.subject.name):
            rest.append((best, "same_again"))
            continue
        chosen.append(best)
        used[f"s {best.subject.name}"] += 1
        used[f"a {best.about}"] += 1
    return chosen, rest + [(one, "over_quota") for one in left]


def requests(
    facts: Sequence[Fact], prompt: Prompt, count: int, language: str, temperature: float, max_tokens: int, seed: int
) -> list[gateway.Request]:
    """Return one request a topic for a capable teacher, with all statements of the topic; see `read`."""
    topics: dict[str, list[str]] = {}
    for fact in facts:
        topics.setdefault(fact.topic, []).append(fact.says)
    return [
        gateway.Request(
            messages=prompt.messages(topic=topic, statements=statements, count=count, language=language),
            temperature=temperature,
            max_tokens=max_tokens,
            seed=seed,
            schema=SCHEMA,
        )
        for topic, statements in sorted(topics.items())
    ]


def read(reply: dict[str, Any], count: int) -> tuple[list[Written], Dropped | None]:
    """Return the questions of a teacher's reply, and what was wrong with it, if anything."""
    if "error" in reply:
        return [], Dropped(question="", reason="no_reply", value=reply["error"])
    written, problem = parsing.records(reply["text"], Written, count)
    broken = problem is not None and problem != "wrong_count"
    return written, Dropped(question=reply["text"], reason=str(problem)) if broken else None
