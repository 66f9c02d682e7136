"""Which pairs of a cluster stay: accepted ones always, the best first, at shared weights, whatever the order."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.curation.duplicates import choices, choose, shared
from stages.quality import linkage, similarity
from stages.records import Decision, Evidence, Pair

ACCEPTED = Decision(kept=True, reason="accepted by ann")


def pair(identity, question="What is the limit?", answer="It is 4096 tokens.", gain=0.0, **fields):
    return Pair(**{
        "id": identity, "question": question, "answer": answer, "facts": [identity], "source": "s",
        "origin": "generated", "scores": {"gain": gain},
    } | fields)  # fmt: skip


def quote(text):
    return Evidence(document="d", quote=text, span=(0, len(text)))


def guard(pairs):
    return similarity.clusters([one.question for one in pairs])


def test_so_many_stay_as_are_asked_for_the_best_first():
    cluster = [pair("a", gain=1), pair("b", gain=3), pair("c", gain=2)]
    assert [one.id for one in choose(cluster, keep=2).kept] == ["b", "c"]
    assert [one.id for one in choose(cluster, keep=5).kept] == ["b", "c", "a"]


def test_the_kept_pair_speaks_for_the_facts_of_those_that_go_and_stands_on_its_own_words():
    cluster = [
        pair("b", gain=1, evidence=[quote("x")], facts=["f"]),
        pair("a", evidence=[quote("y")], facts=["e", "f"]),
    ]
    [kept] = choose(cluster).kept
    assert kept.facts == ["f", "e"] and [one.quote for one in kept.evidence] == ["x"]


def test_what_a_person_accepted_is_the_first_choice_and_never_goes():
    cluster = [pair("a", gain=9), pair("b", decision=ACCEPTED), pair("c", decision=ACCEPTED), pair("d", origin="seed")]
    choice = choose(cluster)
    assert [one.id for one in choice.kept] == ["b", "c"] and choice.kept[0].cluster == choice.kept[1].cluster == "b"
    assert [(one.id, other.id) for one, other in choice.merged] == [("d", "b"), ("a", "b")]


def test_two_accepted_answers_that_contradict_each_other_both_stay_and_are_a_conflict():
    cluster = [pair("a", decision=ACCEPTED), pair("b", answer="It is 2048 tokens.", decision=ACCEPTED)]
    choice = choose(cluster)
    assert [one.id for one in choice.kept] == ["a", "b"] and choice.refused == []
    assert [[one.id, other.id] for one, other in choice.conflicts] == [["a", "b"]]


def test_two_definitions_of_a_thing_stay_in_one_cluster():
    cluster = [pair("a", "What is Ray?", "Ray is a library for clusters."),
               pair("b", "What is Ray?", "Ray runs Python functions on many machines."),
               pair("c", "What is Ray?", "Ray is a library for clusters.")]  # fmt: skip
    choice = choose(cluster)
    assert [(one.id, one.cluster) for one in choice.kept] == [("a", "a"), ("b", "a")]
    assert [(one.id, other.id) for one, other in choice.merged] == [("c", "a")]


def test_surplus_pairs_share_the_weight_of_those_that_would_stay():
    cluster = [pair("a"), pair("b"), pair("c", weight=2.0)]
    kept = choose(cluster, keep=2, down_weight=True).kept
    assert [one.weight for one in kept] == [0.5, 0.5, 1.0] and all(one.facts == [one.id] for one in kept)
    heavy = [pair("a", weight=2.0), pair("b", weight=3.0)]
    assert [one.weight for one in choose(heavy, keep=2, down_weight=True).kept] == [2.0, 3.0]
    assert [one.weight for one in choose(heavy[:1], down_weight=True).kept] == [2.0]


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.integers(1, 5))
def test_weights_never_sum_to_more_and_sharing_them_again_changes_nothing(weights, most):
    once = shared(weights, most)
    assert math.fsum(once) <= max(most + 1e-6, 0) and shared(once, most) == once
    if math.fsum(weights) <= most:
        assert once == weights


def test_pairs_that_are_duplicates_only_without_the_others_are_found():
    """A matcher may see other pairs in what is left of them; it is asked until nothing changes."""

    def matcher(pairs):  # neighbours in the sorted list
        ids = [one.id for one in pairs]
        return [0 if len(ids) == 3 and one in "ab" or len(ids) == 2 else n + 1 for n, one in enumerate(ids)]

    [choice] = choices([pair("a"), pair("b"), pair("c")], matcher)
    assert [one.id for one in choice.kept] == ["a"] and len(choice.merged) == 2


WORDS = ["What is Ray?", "what is ray", "Tell me, what is Ray?", "What is the limit of Ray 2?", "What is the limit of "
         "Ray 3?", "Could you tell me what the limit of Ray 2 is?", "Is Ray free?", "Is Ray not free?"]  # fmt: skip
ANSWERS = ["It is 4096 tokens.", "It is 2048 tokens.", "Ray is a library.", "Ray runs functions on many machines."]


@st.composite
def drawn(draw):
    found = draw(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(ANSWERS), st.integers(0, 2), st.booleans(),
                                    st.sampled_from(["s", "t"])), max_size=12))  # fmt: skip
    return [
        pair(f"p{n}", question, answer, gain, source=source, decision=ACCEPTED if accepted else None)
        for n, (question, answer, gain, accepted, source) in enumerate(found)
    ]


@pytest.mark.parametrize("down_weight", [False, True])
@pytest.mark.parametrize("method", ["guard", "thefuzz"])
@settings(max_examples=40, deadline=None)
@given(drawn(), st.integers(1, 3), st.randoms())
def test_choosing_is_idempotent_and_independent_of_the_order(method, down_weight, pairs, keep, random):
    def thefuzz(some):
        return linkage.thefuzz_clusters([one.question for one in some], 80)

    matcher = guard if method == "guard" else thefuzz

    def kept(some):
        found = [one for choice in choices(some, matcher, keep, down_weight) for one in choice.kept]
        return sorted(found, key=lambda one: one.id)

    once = kept(pairs)
    assert kept(once) == once
    turned = pairs[:]
    random.shuffle(turned)
    assert kept(turned) == once
    assert {one.id for one in pairs if one.decision} <= {one.id for one in once}
