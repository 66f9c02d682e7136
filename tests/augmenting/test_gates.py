"""Children pass the gates of curate, but for what their form lacks on purpose."""

import msgspec
import pytest

from stages.augmenting.children import Draft, child
from stages.augmenting.gates import Asked, Gates
from stages.curation.context import Documents
from stages.curation.gates import Thresholds
from stages.quality.leaks import Item
from stages.records import Decision, Message
from tests.augmenting.family import CHUNKS, FACTS, PAIRS

GATES = Gates(Documents(FACTS, CHUNKS), Thresholds(), "en")
RAIN = PAIRS[9]


def of(parent, form, question, **more):
    return child(parent, form, Draft(question=question, **more))


@pytest.mark.parametrize(
    ("form", "question"),
    [
        ("terse", "Opal mow rain"),
        ("casual", "can opal mow in the rian"),
        ("polite", "Please tell me, can Opal mow in the rain?"),
        ("reordered", "In the rain, can Opal mow?"),
        ("composed", "What is Opal, and when was it released?"),
    ],
)
def test_what_a_form_lacks_on_purpose_is_not_held_against_it(form, question):
    assert GATES.failed(of(RAIN, form, question), RAIN) is None


@pytest.mark.parametrize(
    ("form", "question", "reason"),
    [
        ("paraphrase", "Opal mow in rain", "not_a_question"),
        ("paraphrase", "Can Ruby mow in the rain?", "foreign_name"),
        ("terse", "when Ruby mow rain", "foreign_name"),
        ("reordered", "In the rain, can it mow?", "dangling"),
        ("polite", "What is Opal, and when was it released?", "two_questions"),
    ],
)
def test_a_child_that_says_something_else_is_rejected_with_the_reason(form, question, reason):
    assert GATES.failed(of(RAIN, form, question), RAIN)[0] == reason


def test_an_answer_that_the_evidence_of_both_parents_does_not_hold_is_rejected():
    both = of(PAIRS[0], "composed", "What is Opal, and when was it released?", other=PAIRS[4],
              answer=f"{PAIRS[0].answer} {PAIRS[4].answer}")  # fmt: skip
    assert GATES.failed(both, PAIRS[0]) is None
    wrong = msgspec.structs.replace(both, answer=both.answer.replace("2021", "2022"))
    assert GATES.failed(wrong, PAIRS[0]) == ("ungrounded", "2022")


def test_a_pronoun_is_judged_with_the_turns_in_view():
    turns = [Message(role="user", content="What is Opal?"), Message(role="assistant", content=PAIRS[0].answer)]
    assert GATES.failed(of(RAIN, "followup", "Can it mow in the rain?", turns=turns), RAIN) is None
    assert GATES.failed(of(RAIN, "paraphrase", "Can it mow in the rain?"), RAIN)[0] == "dangling"


def test_what_a_person_accepted_in_the_parent_is_held_against_no_child():
    parent = msgspec.structs.replace(RAIN, answer="Opal 99 mows.", decision=Decision(kept=True, reason="accepted by a"))
    assert GATES.failed(of(parent, "polite", "Please tell me, can Opal mow in the rain?"), parent) is None


def test_a_follow_up_is_told_from_another_by_the_order_of_its_turns():
    def conversation(first, then, answer):
        turns = [
            Message(role="user", content=f"What is the weight of {first}?"),
            Message(role="assistant", content="x"),
        ]
        return of(PAIRS[6], "followup", f"What about {then}?", turns=turns, answer=answer)

    one, other = conversation("Opal 7", "Opal 13", "19 kg"), conversation("Opal 13", "Opal 7", "12 kg")
    known = Asked([one], {}, {})
    assert known.failed(other, PAIRS[6]) is None
    assert known.failed(one, PAIRS[6]) == ("already_asked", None)
    assert (
        known.failed(msgspec.structs.replace(one, question="what about opal 13", answer="3"), PAIRS[6])[0]
        == "ambiguous"
    )


def test_another_wording_has_to_be_one():
    assert Asked([], {}, {}).failed(of(RAIN, "paraphrase", "can opal, mow in the rain?"), RAIN) == ("same_again", None)
    assert Asked([RAIN], {}, {}).failed(of(RAIN, "polite", "Please tell me, can Opal mow in the rain?"), RAIN) is None


def test_the_turns_of_a_follow_up_reach_an_evaluation_item_too():
    turns = [
        Message(role="user", content="How heavy is the Opal 7 robot?"),
        Message(role="assistant", content="12 kg."),
    ]
    one = of(RAIN, "followup", "Can it mow in the rain?", turns=turns)
    own = Asked([], {"faq": [Item("q1", "How heavy is the Opal 7 robot?")]}, {})
    assert own.leaks([one]) == {one.id: "faq q1, exact"}


def test_a_child_of_a_pair_that_stays_in_spite_of_an_external_item_may_reach_it():
    flagged = msgspec.structs.replace(RAIN, decision=Decision(kept=True, reason="leak_exam"))
    sets = {"exam": [Item("1", RAIN.question)]}
    one = of(RAIN, "polite", "Please tell me, can Opal mow in the rain?")
    assert Asked([flagged], {}, sets).leaks([one]) == {}
    assert set(Asked([RAIN], {}, sets).leaks([one])) == {one.id}
