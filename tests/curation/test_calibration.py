"""What a model thinks rejects only where labels bear it out; and how many valid pairs each gate costs."""

import pytest

from stages.curation import calibration, gates
from stages.curation.measure import Context, measure
from stages.curation.scored import Labelled, Opinion, Scored, with_opinions
from stages.records import Evidence, Pair

QUOTE = "Falcon needs 14 GB of memory and was made in Abu Dhabi."
LIMITS = gates.Thresholds()


def labelled(number, valid, answer="Falcon needs 14 GB of memory.", **scores):
    evidence = [Evidence(document="d", quote=QUOTE, span=(0, len(QUOTE)))]
    pair = Pair(id=f"{number:03}", question="How much memory does Falcon need?", answer=answer, facts=[], source="s",
                topic="Falcon", origin="generated", evidence=evidence, scores=scores)  # fmt: skip
    one = measure(pair, Context(known=f"Falcon\n{QUOTE}"))
    return Labelled(**{name: getattr(one, name) for name in Scored.__struct_fields__}, valid=valid, who="ann")


def sample(right, wrong):
    """Return labelled pairs, half of them valid, of which a judge marks some as the labels say, some the other way."""
    says = [True] * right + [False] * wrong
    return [labelled(n, n % 2 == 0, judge=float((n % 2 == 0) == agrees)) for n, agrees in enumerate(says)]


def test_a_judge_that_agrees_with_the_labels_may_reject():
    found = calibration.agreements(sample(40, 0), LIMITS, 0.6)
    assert found.keys() == {"judge"} and found["judge"].trusted and found["judge"].labels == 40
    limits = calibration.applied(LIMITS, found)
    assert gates.failed(labelled(1, True, judge=0.25), limits) == [("judge", 0.25)]
    assert gates.failed(labelled(1, True, judge=0.5, round_trip=0.0), limits) == [], "nothing held the round trip"


@pytest.mark.parametrize("pairs", [sample(26, 14), sample(4, 0), [], [labelled(n, True, judge=1.0) for n in range(50)]])
def test_a_judge_that_guesses_or_has_few_labels_or_labels_of_one_kind_only_annotates(pairs):
    found = calibration.agreements(pairs, LIMITS, 0.6)
    assert not any(one.trusted for one in found.values())
    assert gates.failed(labelled(1, True, judge=0.0), calibration.applied(LIMITS, found)) == []


def test_the_bar_is_on_the_lower_end_of_the_interval():
    pairs = sample(36, 4)
    [kappa] = calibration.agreements(pairs, LIMITS, 0.6).values()
    assert kappa.kappa == pytest.approx(0.8) and kappa.low < 0.6 and not kappa.trusted
    assert calibration.agreements(pairs, LIMITS, 0.5)["judge"].trusted


def test_the_false_reject_rate_is_over_the_valid_labels_with_its_interval():
    pairs = [labelled(0, True, rank=1.0), labelled(1, True, rank=-1.0), labelled(2, False, rank=-1.0),
             labelled(3, False, "Falcon needs 15 GB of memory.", rank=-1.0)]  # fmt: skip
    found = calibration.false_rejects(pairs, LIMITS)
    assert (found["low_rank"]["valid"], found["low_rank"]["valid_rejected"], found["low_rank"]["rejects"]) == (2, 1, 3)
    assert found["low_rank"]["rate"] == 0.5 and 0 < found["low_rank"]["low"] < 0.5 < found["low_rank"]["high"] < 1
    assert found["ungrounded"]["valid_rejected"] == 0 and found["ungrounded"]["rejects"] == 1
    assert found["any"]["rejects"] == 3 and set(found) == {*gates.GATES, "any"}
    assert calibration.false_rejects([], LIMITS)["any"] | {"high": 1.0} == {
        "valid": 0, "valid_rejected": 0, "rejects": 0, "rate": 0.0, "low": 0.0, "high": 1.0
    }  # fmt: skip


def test_an_opinion_joins_the_scores_of_its_pair_and_of_no_other():
    one, two = labelled(1, True), labelled(2, True)
    opinions = [
        Opinion(id="002", scores={"judge": 0.25}, said="accuracy: no"),
        Opinion(id="gone", scores={"judge": 0.0}),
    ]
    first, second = with_opinions([one, two], opinions)
    assert first == one and second.scores == two.scores | {"judge": 0.25} and second.found["judge"] == "accuracy: no"


def test_a_pair_is_worth_asking_about_if_some_threshold_would_keep_it():
    assert gates.worth_asking(labelled(1, True, rank=-9.0, gain=-20.0))
    assert not gates.worth_asking(labelled(1, True, "Falcon needs 15 GB of memory."))
