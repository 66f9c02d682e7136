"""Who has too few questions: facts and concepts below their quota are asked for again, the rest is listed with why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from stages.llm.questions import Candidate, Plan
from stages.records import Fact, Pair


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


def of_concepts(facts: Iterable[Fact], pairs: Iterable[Pair]) -> Counter[str]:
    """Return how many pairs each concept of the facts has; 0 for one without."""
    found = Counter({concept: 0 for fact in facts for concept in fact.concepts})
    for pair in pairs:
        found.update(set(pair.concepts))
    return found
