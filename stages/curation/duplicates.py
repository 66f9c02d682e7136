"""Pairs that ask the same: which of them stay, how much they weigh, and whose words the kept one stands for.

Repetition is not only waste: a model recalls a fact the better the more wordings of it it has seen (Ovadia et al.
2023), while copies word for word are learned by heart (Lee et al. 2022). So a cluster may keep several pairs, or all
of them at a lower weight, and `coverage` says what a removal costs.
"""

import math
from collections.abc import Callable, Sequence

import msgspec

from stages.curation import people
from stages.curation.conflicts import agree, contradict
from stages.quality.unions import Unions
from stages.records import Pair

Matcher = Callable[[Sequence[Pair]], list[int]]  # the cluster of each pair, as any number
DIGITS = 6  # of a weight
STEP = 10**-DIGITS


class Choice(msgspec.Struct):
    """What becomes of a cluster."""

    cluster: list[Pair]  # all of it, best first
    kept: list[Pair] = []
    merged: list[tuple[Pair, Pair]] = []  # a pair that is dropped, and the kept one that says the same
    conflicts: list[tuple[Pair, Pair]] = []  # a kept pair and one that contradicts it, kept if a person accepted it
    refused: list[tuple[Pair, Pair]] = []  # those of them that are dropped: the pair, and the kept one


def choose(cluster: Sequence[Pair], keep: int = 1, down_weight: bool = False) -> Choice:
    """Return which pairs of a cluster stay.

    Pairs with answers that agree are duplicates. So many of them stay, and all that a person accepted; the best speaks
    for the facts of those that go, too, so that the split does not part them. Answers that differ but can all be
    true stay beside each other. One that contradicts a better one goes, unless a person accepted it.

    Args:
        cluster: pairs that ask the same.
        keep: how many of those that say the same stay, 1 and up.
        down_weight: let all of them stay instead, at weights that sum to `keep` at most.
    """
    if len(cluster) == 1:  # nearly all of them
        return Choice(list(cluster), [msgspec.structs.replace(cluster[0], cluster=cluster[0].id)])
    choice = Choice(sorted(cluster, key=rank))
    said: list[list[Pair]] = []  # the pairs that stay, by what they answer, best first
    spoken: dict[str, list[Pair]] = {}  # those that go, by the pair that stays for them
    for pair in choice.cluster:
        against = next((some[0] for some in said if contradict(some[0], pair)), None)
        accepted = people.accepted(pair)
        if against is not None:
            choice.conflicts.append((against, pair))
            if not accepted:
                choice.refused.append((pair, against))
                continue
        same = next((some for some in said if agree(some[0].answer, pair.answer)), None)
        if same is None:
            said.append([pair])
        elif down_weight or accepted or len(same) < keep:
            same.append(pair)
        else:
            choice.merged.append((pair, same[0]))
            spoken.setdefault(same[0].id, []).append(pair)
    name = choice.cluster[0].id
    for some in said:
        weights = [pair.weight for pair in some]
        if down_weight and len(some) > keep:
            weights = shared(weights, keep)
        for pair, weight in zip(some, weights, strict=True):
            told = [fact for one in (pair, *spoken.get(pair.id, ())) for fact in one.facts]
            facts = list(dict.fromkeys(told))  # its own first: the evidence stays that of its own answer
            choice.kept.append(msgspec.structs.replace(pair, cluster=name, weight=weight, facts=facts))
    return choice


def shared(weights: Sequence[float], most: float) -> list[float]:
    """Return weights in the same proportions that sum to `most` at most, rounded down; smaller ones as they are."""
    total = math.fsum(weights)
    if total <= most + STEP:
        return list(weights)
    return [round(math.floor(weight * most / total / STEP) * STEP, DIGITS) for weight in weights]


def rank(pair: Pair) -> tuple[bool, bool, float, str]:
    """Return what pairs of a cluster are sorted by, best first.

    Accepted by a person, written by a person, highest rank, lowest id.
    """
    merit = pair.scores.get("rank", pair.scores.get("gain", 0.0))
    return (not people.accepted(pair), pair.origin not in ("seed", "reviewer"), -merit, pair.id)


def choices(pairs: Sequence[Pair], matcher: Matcher, keep: int = 1, down_weight: bool = False) -> list[Choice]:
    """Return what becomes of each cluster, single pairs included, in an order of no meaning.

    What a matcher says of two pairs may depend on the others (which spelling is the frequent one, which pairs are
    neighbours). So those that stay are matched again until none of them is another's duplicate: doing it all once more
    changes nothing. Pairs that have a cluster already stay in it.

    Args:
        pairs: in any order, with unique ids.
        matcher: given pairs, the best first, tells their clusters.
        keep, down_weight: see `choose`.
    """
    ordered = sorted(pairs, key=rank)
    joined = Unions(pair.id for pair in ordered)
    known: dict[str, str] = {}
    for pair in ordered:
        if pair.cluster:
            joined.join(known.setdefault(pair.cluster, pair.id), pair.id)
    left = ordered
    by_id = {pair.id: pair for pair in ordered}
    while True:
        first: dict[int, str] = {}
        news = False
        for pair, number in zip(left, matcher(left), strict=True):
            other = first.setdefault(number, pair.id)
            if joined.root(other) != joined.root(pair.id):
                joined.join(other, pair.id)
                news = True
        found = [choose([by_id[one] for one in some], keep, down_weight) for some in joined.sets().values()]
        if not news:
            return found
        stay = {pair.id for choice in found for pair in choice.kept}
        left = [pair for pair in ordered if pair.id in stay]
