"""The inverse relation: the statement stays the answer, and is asked for from its other side."""

import pytest

from stages.augmenting.reverse import Tables, reversed_
from tests.augmenting.family import FACTS, PAIRS, fact, pair

TABLES = Tables(FACTS)


def turned(identity: str) -> str | None:
    place = next(n for n, one in enumerate(FACTS) if one.id == identity)
    return reversed_(PAIRS[place], FACTS[place], TABLES)


def test_a_flag_is_asked_for_by_what_it_does_and_a_row_by_its_cell():
    assert turned("f2") == "Which flag turns off the beeper of Opal 7?"
    assert turned("f6") == "Which model has a weight of 12 kg?"


def test_a_question_for_the_thing_becomes_one_for_what_is_said_of_it():
    says = "The option --peft accepts the values lora and prefix."
    asked = pair("f", "which", "Which option accepts the values lora and prefix?", says, ["--peft"])
    assert reversed_(asked, fact("f", says, ["--peft"]), TABLES) == "Which values does the option --peft accept?"


def test_a_value_that_stands_in_two_rows_tells_none():
    told = [("f6", "Opal 7 – Weight: 12 kg; Licence: MIT."), ("f7", "Opal 13 – Weight: 12 kg; Licence: MIT.")]
    facts = [fact(identity, says, []) for identity, says in told]
    asked = pair("f6", "cell", "What is the weight of Opal 7?", told[0][1], [])
    assert reversed_(asked, facts[0], Tables(facts)) is None


@pytest.mark.parametrize("answer", ["No steps.", "The flag --dry prints no step."])
def test_an_answer_that_is_not_the_statement_is_not_turned(answer):
    asked = pair("f1", "does", "What does the flag --dry do?", answer, ["--dry"])
    assert reversed_(asked, FACTS[1], TABLES) is None
