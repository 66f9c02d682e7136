"""Several may decide on a pair: it holds what all of them say."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.curation import people
from stages.curation.people import Ruling
from stages.records import Pair, RecordError

PAIR = Pair(id="p", question="What?", answer="That.", facts=["f"], source="s", origin="generated", parent="before")


def ruling(who, decision="accept", pair="p", **more):
    return Ruling(id=pair, decision=decision, who=who, **more)


def test_decisions_of_several_on_one_pair_stand_together_in_the_order_of_names():
    found = people.by_pair([ruling("bo"), ruling("ann", pair="q"), ruling("ann", "reject")])
    assert {pair: [one.who for one in rulings] for pair, rulings in found.items()} == {"p": ["ann", "bo"], "q": ["ann"]}


def test_two_of_one_person_on_one_pair_are_an_error_that_says_which():
    with pytest.raises(RecordError, match="my.jsonl: two decisions of ann on the pair p"):
        people.by_pair([ruling("ann"), ruling("bo"), ruling("ann")], "my.jsonl")


def test_decisions_on_a_pair_stand_before_those_on_what_it_was_mended_from():
    before, now = [ruling("ann", pair="before")], [ruling("bo")]
    assert people.on(PAIR, {"before": before}) == before and people.on(PAIR, {"before": before, "p": now}) == now
    assert people.on(PAIR, {}) == []


@pytest.mark.parametrize(
    ("rulings", "holds"),
    [
        ([ruling("ann")], "accepted by ann"),
        ([ruling("ann"), ruling("bo")], "accepted by ann, bo"),
        ([ruling("ann"), ruling("bo", "reject")], None),
        ([ruling("ann"), ruling("bo", "edit", answer="This.")], None),
        ([ruling("ann", "edit", answer="This."), ruling("bo", "edit", answer="This.")], "edited by ann, bo"),
        ([ruling("ann", "edit", answer="This."), ruling("bo", "edit", question="What?", answer="This.")],
         "edited by ann, bo"),
        ([ruling("ann", "edit", answer="This."), ruling("bo", "edit", answer="These.")], None),
        ([ruling("ann"), ruling("bo"), ruling("cy", "reject")], None),
        ([], None),
    ],
)  # fmt: skip
def test_what_all_say_holds_and_else_nothing(rulings, holds):
    found = people.agreed(PAIR, rulings)
    assert (people.note(found) if found else None) == holds


@given(st.lists(st.sampled_from(["accept", "reject"]), min_size=1, max_size=5))
def test_one_who_says_otherwise_is_enough_whoever_it_is(said):
    rulings = [ruling(f"r{number}", decision) for number, decision in enumerate(said)]
    assert (people.agreed(PAIR, rulings) is not None) == (len(set(said)) == 1)


def test_a_decision_is_written_without_what_it_does_not_say():
    assert msgspec.json.encode(ruling("ann")) == b'{"id":"p","decision":"accept","who":"ann"}'
