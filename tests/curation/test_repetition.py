"""What removing duplicates costs: wordings of facts, and answers that said more."""

import pytest

from stages.curation import repetition
from stages.curation.duplicates import Choice, choices
from stages.quality import similarity
from stages.records import Pair

SHORT, LONG = "There are two kinds.", "There are two kinds: large and small."


def pair(identity, question, facts, answer=SHORT):
    return Pair(id=identity, question=question, answer=answer, facts=facts, source="s", origin="generated")


def report(pairs, keep=1, down_weight=False):
    found = choices(pairs, lambda some: similarity.clusters([one.question for one in some]), keep, down_weight)
    clusters = repetition.clusters(pairs, found)
    return clusters, repetition.figures(clusters, found, pairs)


PAIRS = [
    pair("a", "How many kinds are there?", ["f"]),
    pair("b", "Please tell me how many kinds there are.", ["f", "g"], LONG),
    pair("c", "How many kinds are there?", ["g"]),
    pair("d", "Which kinds exist?", ["g"], LONG),
]


def test_a_removed_wording_is_counted_for_its_facts_and_a_copy_is_not():
    [cluster], figures = report(PAIRS)
    assert [(one.id, one.kept) for one in cluster.pairs] == [("a", True), ("b", False), ("c", False)]
    assert [(fact.id, fact.before, fact.after) for fact in cluster.facts] == [("f", 2, 1), ("g", 3, 2)]
    assert cluster.wordings_removed == 1 and cluster.carried == []
    assert figures["facts_with_fewer_wordings"] == 2 and figures["facts_lost"] == 0


def test_a_fact_that_only_a_dropped_pair_told_is_named_and_whether_the_kept_answer_says_less():
    [cluster], figures = report(PAIRS[:2])
    assert cluster.carried == ["g"] == cluster.said_less
    assert (figures["facts_carried"], figures["facts_said_less"], figures["merged"]) == (1, 1, 1)


def test_down_weighting_costs_no_wording():
    [cluster], figures = report(PAIRS, down_weight=True)
    assert all(one.kept and one.weight < 1 for one in cluster.pairs) and cluster.wordings_removed == 0
    assert figures["facts_with_fewer_wordings"] == 0 and figures["down_weighted"] == 3


def test_a_fact_that_is_lost_stops_the_run():
    lost = Choice(cluster=PAIRS[:2], kept=[PAIRS[0]], merged=[(PAIRS[1], PAIRS[0])])
    with pytest.raises(RuntimeError, match=r"\['g'\]"):
        repetition.figures([], [lost], PAIRS[:2])
