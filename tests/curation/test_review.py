"""How far reviewers agree, and what makes a pair doubtful."""

from stages.curation.gates import Thresholds
from stages.curation.people import Ruling
from stages.curation.review import agreement, uncertainty
from stages.records import Pair


def pair(identity="p", **scores):
    return Pair(id=identity, question="What?", answer="That.", facts=[], source="s", origin="generated", scores=scores)


def reviewed(*decisions):
    rulings = [Ruling(id="p", decision=one, who=f"r{n}", answer="This." if one == "edit" else None)
               for n, one in enumerate(decisions)]  # fmt: skip
    return pair(), rulings


def test_agreement_is_of_pairs_with_several_reviewers_only():
    assert agreement([reviewed("accept"), reviewed("reject")]) is None
    found = agreement([reviewed("accept"), reviewed("accept", "accept"), reviewed("reject", "reject"),
                       reviewed("accept", "reject")])  # fmt: skip
    assert (found["pairs"], found["agree"], found["disputed"]) == (3, 2, 1)
    assert found["kappa"] == 0.4 and found["low"] < 0.4 < found["high"]


def test_kappa_takes_an_edit_for_an_acceptance_though_the_pair_is_disputed():
    found = agreement([reviewed("accept", "edit"), reviewed("reject", "reject")])
    assert (found["agree"], found["disputed"], found["kappa"]) == (1, 1, 1.0)


def test_kappa_of_reviewers_who_all_say_one_thing_is_none():
    found = agreement([reviewed("accept", "accept")])
    assert found["kappa"] is None and found["agree"] == 1


def test_of_three_reviewers_every_two_are_compared():
    found = agreement([reviewed("accept", "accept", "reject"), reviewed("reject", "reject", "reject")])
    assert (found["pairs"], found["agree"]) == (2, 1) and -1 < found["kappa"] < 1


def test_a_pair_without_scores_raises_no_doubt():
    assert uncertainty(pair(), Thresholds()) == (0.0, "")
    assert uncertainty(pair(rank=0.5), Thresholds()) == (1.0, "rank")
