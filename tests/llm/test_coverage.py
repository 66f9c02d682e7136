"""Who has too few questions, who is asked again, and why somebody has none."""

import msgspec
import pytest

from stages.llm import coverage
from stages.llm.coverage import Quota
from stages.llm.gain import Score
from stages.llm.questions import Candidate
from stages.records import Pair
from tests.teacher import PLAN as DEFAULT
from tests.teacher import fact

PLAN = msgspec.structs.replace(
    DEFAULT, keep=3, rank_offset=0.0, gain_weight=1.0, nll_penalty=0.0, rule_bonus=0.0, teacher_bonus=0.0
)
FACTS = [
    fact("Aster hums.", identity="a", concepts=["Aster", "hum"]),
    fact("Aster is red.", identity="b", concepts=["Aster"]),
    fact("Borea is blue.", identity="c", concepts=["Borea"]),
]


def quota(**changes) -> Quota:
    return Quota(**{"min_pairs_per_fact": 1, "min_pairs_per_concept": 0, "enough": 0.5, "top_up": 1} | changes)


def kept(counts: dict[str, int], rank: float = 1.0) -> list[Candidate]:
    """Return so many kept questions of each fact, all of one rank."""
    return [
        Candidate(fact=one, question="?", sample=n, score=Score(gain=rank, question_nll=0.0))
        for one in FACTS
        for n in range(counts.get(one.id, 0))
    ]


def short(candidates, **changes) -> list[str]:
    return [one.id for one in coverage.short(FACTS, candidates, PLAN, quota(**changes))]


def test_a_fact_below_its_quota_is_asked_again_and_no_other():
    assert short(kept({"a": 1, "b": 2})) == ["c"]
    assert short(kept({"a": 1, "b": 2}), min_pairs_per_fact=2) == ["a", "c"]
    assert short(kept({"a": 1, "b": 1, "c": 1})) == []
    assert short([], min_pairs_per_fact=0) == []


def test_a_question_below_the_rank_that_is_enough_does_not_count():
    assert short(kept({"a": 1, "b": 1, "c": 1}, rank=0.4)) == ["a", "b", "c"]
    assert short(kept({"a": 1, "b": 1, "c": 1}, rank=0.4), enough=0.4) == []


def test_of_a_short_concept_the_facts_with_fewest_questions_are_taken_as_many_as_are_missing():
    some = kept({"a": 2, "b": 1, "c": 1})
    assert short(some, min_pairs_per_concept=1) == []
    assert short(some, min_pairs_per_concept=2) == ["c"], "hum has two, Aster three, Borea one"
    assert short(some, min_pairs_per_concept=3) == ["a", "c"], "a alone has hum"
    assert short(kept({"a": 3, "b": 1, "c": 3}), min_pairs_per_concept=5) == ["b"], "a and c have all they may keep"


def test_a_fact_that_has_as_many_questions_as_it_may_keep_is_not_asked_again():
    assert short(kept({"a": 3, "b": 3, "c": 3}), min_pairs_per_fact=9, min_pairs_per_concept=9) == []


def test_a_fact_without_a_good_question_says_what_became_of_most_of_its_candidates():
    candidates = kept({"a": 1}) + kept({"b": 1}, rank=0.1)
    dropped = [
        Candidate(fact=FACTS[2], question="?", sample=n, reason=why)
        for n, why in enumerate(["drifts"] * 2 + ["yes_no"])
    ]
    assert coverage.uncovered(FACTS, candidates + dropped, PLAN, quota()) == {"b": "low_rank", "c": "drifts"}
    assert coverage.uncovered(FACTS, [], PLAN, quota()) == dict.fromkeys("abc", "not_asked")


def test_concepts_count_pairs_and_name_those_without_any():
    pairs = [Pair(id=str(n), question="?", answer="!", facts=["a"], source="s", origin="generated", concepts=concepts)
             for n, concepts in enumerate([["Aster", "Aster"], ["Aster", "hum"]])]  # fmt: skip
    found = coverage.of_concepts(FACTS, pairs)
    assert {concept: n for concept, (_, n) in found.items()} == {"Aster": 2, "hum": 1, "Borea": 0}


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_round_that_brought_enough_leaves_nothing_short(count):
    asked_for = {"min_pairs_per_fact": count, "min_pairs_per_concept": count}
    assert short(kept(dict.fromkeys("abc", count)), **asked_for) == []


def test_a_concept_below_its_quota_is_listed_with_whether_its_facts_could_fill_it():
    found = {"often": (1, 5), "one fact": (1, 1), "asked too little": (3, 1)}
    plan = msgspec.structs.replace(PLAN, keep=2)
    listed = {
        one.record: (one.reason, one.value)
        for one in coverage.short_concepts(found, plan, quota(min_pairs_per_concept=3))
    }
    assert listed == {"one fact": ("few_facts", 1), "asked too little": ("few_questions", 1)}
