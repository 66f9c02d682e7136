"""Who has too few questions: facts and concepts below their quota are asked for again, the rest is listed with why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from stages.llm.questions import Candidate, Plan
from stages.records import Fact, Pair, Reject, content_id


class Quota(msgspec.Struct, kw_only=True, frozen=True):
    """How many good questions there should be; `enough` is the rank from which a question is good."""

    min_pairs_per_fact: int
    min_pairs_per_concept: int
    enough: float
    top_up: int = 0  # how often those below it are asked for again


def counts(candidates: Iterable[Candidate], plan: Plan, quota: Quota) -> tuple[Counter[str], Counter[str]]:
    """Return how many good questions were kept of each fact, by id, and of each concept; not yet scored ones count."""
    facts: Counter[str] = Counter()
    concepts: Counter[str] = Counter()
    for candidate in candidates:
        if not candidate.reason and (candidate.score is None or candidate.rank(plan) >= quota.enough):
            facts[candidate.fact.id] += 1
            concepts.update(set(candidate.fact.concepts))
    return facts, concepts


def short(facts: Sequence[Fact], candidates: Sequence[Candidate], plan: Plan, quota: Quota) -> list[Fact]:
    """Return the facts to ask for again: those below their own quota, and those of concepts below theirs.

    Of a short concept the facts with the fewest questions are taken, as many as questions are missing. A fact that
    has as many questions as it may keep is not asked for again.
    """
    per_fact, per_concept = counts(candidates, plan, quota)
    wanted = {fact.id for fact in facts if per_fact[fact.id] < min(quota.min_pairs_per_fact, plan.keep)}
    of_concept: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        for concept in set(fact.concepts):
            of_concept[concept].append(fact)
    for concept, group in sorted(of_concept.items()):
        missing = quota.min_pairs_per_concept - per_concept[concept]
        free = sorted((f for f in group if per_fact[f.id] < plan.keep), key=lambda f: (per_fact[f.id], f.id))
        for fact in free:
            if missing <= 0:
                break
            wanted.add(fact.id)
            missing -= 1
    return [fact for fact in facts if fact.id in wanted]


def uncovered(facts: Sequence[Fact], candidates: Iterable[Candidate], plan: Plan, quota: Quota) -> dict[str, str]:
    """Return the ids of the facts without a good question, each with what happened to most of its candidates."""
    per_fact, _ = counts(candidates, plan, quota)
    why: dict[str, Counter[str]] = defaultdict(Counter)
    for candidate in candidates:
        why[candidate.fact.id][candidate.reason or "low_rank"] += 1
    return {
        fact.id: (why[fact.id].most_common(1) or [("not_asked", 0)])[0][0] for fact in facts if not per_fact[fact.id]
    }


def of_concepts(facts: Iterable[Fact], pairs: Iterable[Pair]) -> dict[str, tuple[int, int]]:
    """Return how many facts and how many pairs each concept of the facts has."""
    stated = Counter(concept for fact in facts for concept in set(fact.concepts))
    asked = Counter(concept for pair in pairs for concept in set(pair.concepts))
    return {concept: (count, asked[concept]) for concept, count in sorted(stated.items())}


def short_concepts(concepts: Mapping[str, tuple[int, int]], plan: Plan, quota: Quota) -> list[Reject]:
    """Return the concepts below their quota, each with its pairs as the value and the reason.

    The reason is `few_facts` if no number of good questions that its facts may keep would do, else `few_questions`.
    """
    return [
        Reject(id=content_id("concept", concept), stage="generate", value=pairs, record=concept,
               reason="few_facts" if facts * plan.keep < quota.min_pairs_per_concept else "few_questions")
        for concept, (facts, pairs) in concepts.items()
        if pairs < quota.min_pairs_per_concept
    ]  # fmt: skip
