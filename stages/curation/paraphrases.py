"""Pairs that may ask the same in other words, for a person to look at; none of them is dropped."""

from collections.abc import Sequence

from stages.quality import apart, semantic
from stages.records import Pair, Record, content_id


class Candidate(Record, kw_only=True):
    """Two pairs of which an encoder finds that they ask the same, and the matcher does not."""

    cosine: float
    same_fact: bool  # then they are most likely two wordings, which are wanted
    pairs: list[str]
    questions: list[str]
    answers: list[str]


def candidates(pairs: Sequence[Pair], encoder: semantic.Encoder, min_cosine: float) -> list[Candidate]:
    """Return the pairs of different clusters whose questions lie near to each other.

    Those on different facts come first, then the nearest. Left out are questions that words tell apart (`apart`).
    """
    found = []
    for i, j, cosine in semantic.neighbours([pair.question for pair in pairs], None, encoder, min_cosine):
        one, other = sorted((pairs[i], pairs[j]), key=lambda pair: pair.id)
        if one.cluster != other.cluster and not apart.told_apart(one.question, other.question):
            found.append(
                Candidate(
                    id=content_id(one.id, other.id),
                    cosine=cosine,
                    same_fact=not set(one.facts).isdisjoint(other.facts),
                    pairs=[one.id, other.id],
                    questions=[one.question, other.question],
                    answers=[one.answer, other.answer],
                )
            )
    return sorted(found, key=lambda one: (one.same_fact, -one.cosine, one.id))
