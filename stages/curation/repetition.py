"""What removing duplicates costs: facts that are asked about in fewer wordings, or told by a pair that says less."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from stages.curation.duplicates import Choice
from stages.quality import grounding
from stages.records import Pair, Record


class Member(msgspec.Struct, kw_only=True, gc=False):
    """A pair of a cluster."""

    id: str
    question: str
    weight: float  # after it is shared out
    kept: bool


class FactCost(msgspec.Struct, kw_only=True, gc=False):
    """In how many wordings a fact is asked about in all pairs: before the stage, and after."""

    id: str
    before: int
    after: int


class Cluster(Record, kw_only=True):
    """Pairs that ask the same, and what it costs that some of them go; the id is the best one's."""

    pairs: list[Member]  # best first
    facts: list[FactCost]
    wordings_removed: int
    carried: list[str]  # facts on which no pair that stays was made: a kept duplicate stands for them
    said_less: list[str]  # those of them of whose answers the kept one says only a part


def clusters(pairs: Sequence[Pair], choices: Iterable[Choice]) -> list[Cluster]:
    """Return the clusters of two pairs and more.

    Args:
        pairs: all of them, as they came.
        choices: what became of their clusters.
    """
    given = {pair.id: pair for pair in pairs}
    choices = list(choices)
    several = [choice for choice in choices if len(choice.cluster) > 1]
    wanted = {fact for choice in several for pair in choice.cluster for fact in pair.facts}
    kept = [pair for choice in choices for pair in choice.kept]
    before, after = wordings(pairs, wanted), wordings(kept, wanted)
    told = {fact for pair in kept for fact in given[pair.id].facts}
    return [_cluster(choice, before, after, told) for choice in several]


def _cluster(
    choice: Choice, before: Mapping[str, set[str]], after: Mapping[str, set[str]], told: set[str]
) -> Cluster:  # fmt: skip
    kept = {pair.id: pair for pair in choice.kept}
    facts = sorted({fact for pair in choice.cluster for fact in pair.facts})
    carried = {fact for pair, _ in choice.merged for fact in pair.facts} - told
    less = {
        fact for pair, other in choice.merged if _says_less(other.answer, pair.answer)
        for fact in pair.facts if fact in carried
    }  # fmt: skip
    return Cluster(
        id=choice.cluster[0].id,
        pairs=[
            Member(id=p.id, question=p.question, weight=kept[p.id].weight if p.id in kept else 0.0, kept=p.id in kept)
            for p in choice.cluster
        ],
        facts=[FactCost(id=fact, before=len(before[fact]), after=len(after.get(fact, ()))) for fact in facts],
        wordings_removed=len({_wording(p) for p in choice.cluster} - {_wording(p) for p in choice.kept}),
        carried=sorted(carried),
        said_less=sorted(less),
    )


def figures(found: Sequence[Cluster], choices: Iterable[Choice], pairs: Sequence[Pair]) -> dict[str, int]:
    """Return the clusters in figures.

    Raises RuntimeError if a fact of a merged pair is on no pair that stays.
    """
    choices = list(choices)
    kept = {fact for choice in choices for pair in choice.kept for fact in pair.facts}
    merged = {fact for choice in choices for pair, _ in choice.merged for fact in pair.facts}
    if merged - kept:
        raise RuntimeError(f"no pair stays for the facts {sorted(merged - kept)[:5]}, which a duplicate was dropped on")
    fewer = {fact.id for cluster in found for fact in cluster.facts if fact.after < fact.before}
    weights = {pair.id: pair.weight for pair in pairs}
    return {
        "clusters": len(found),
        "largest": max((len(cluster.pairs) for cluster in found), default=0),
        "merged": sum(len(choice.merged) for choice in choices),
        "down_weighted": sum(pair.weight < weights[pair.id] for choice in choices for pair in choice.kept),
        "conflicts": sum(len(choice.conflicts) for choice in choices),
        "wordings_removed": sum(cluster.wordings_removed for cluster in found),
        "facts_with_fewer_wordings": len(fewer),
        "facts_carried": len({fact for cluster in found for fact in cluster.carried}),
        "facts_said_less": len({fact for cluster in found for fact in cluster.said_less}),
        "facts_lost": len({fact for pair in pairs for fact in pair.facts} - kept),
    }


def wordings(pairs: Iterable[Pair], facts: set[str]) -> dict[str, set[str]]:
    """Return the wordings in which each of these facts is asked about; copies of a question are one."""
    found: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        for fact in facts.intersection(pair.facts):
            found[fact].add(_wording(pair))
    return found


def _wording(pair: Pair) -> str:
    return " ".join(pair.question.casefold().split())


def _says_less(answer: str, other: str) -> bool:
    """Tell whether an answer lacks words, numbers or names of another one."""
    return grounding.coverage(other, answer) < 1 or bool(grounding.unsupported(other, answer))
