"""A follow-up is understood with the turns before it, which are another training pair."""

import msgspec

from stages.augmenting.followup import MAX_CHARACTERS, Templates, followup
from tests.augmenting.family import PAIRS

TEMPLATES = Templates(PAIRS)


def test_the_same_of_something_else_is_asked_by_its_name():
    question, turns = followup(PAIRS[1], TEMPLATES.alike(PAIRS[1]), [], None, 0)
    assert question in ("What about the flag --dry?", "And what about the flag --dry?")
    assert [(turn.role, turn.content) for turn in turns] == [
        ("user", PAIRS[2].question), ("assistant", PAIRS[2].answer)
    ]  # fmt: skip


def test_a_further_question_about_one_thing_names_it_no_more():
    question, turns = followup(PAIRS[4], [], PAIRS[:1], "Opal", 0)
    assert question == "When was it released?" and turns[0].content == "What is Opal?"


def test_turns_that_hold_the_answer_already_or_are_long_are_not_used():
    same = msgspec.structs.replace(PAIRS[0], answer=PAIRS[4].answer)
    assert followup(PAIRS[4], [], [same, PAIRS[4]], "Opal", 0) is None
    long = msgspec.structs.replace(PAIRS[0], answer="Opal " + "mows " * MAX_CHARACTERS)
    assert followup(PAIRS[4], [], [long], "Opal", 0) is None
