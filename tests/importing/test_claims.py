"""Claims: a pair says what a statement says, not only in its words."""

import pytest

from stages.importing import claims
from stages.importing.reading import Given


def pair(question: str, answer: str) -> Given:
    return Given(question, answer, question, answer, None)


@pytest.mark.parametrize(
    "answer, known, found",
    [
        ("Llama 7, output: text.", "Llama 2 7B gives text.", "Llama 7"),
        ("Llama 2 gives text.", "Llama 2 7B gives text.", None),
        ("Llama 3 gives text.", "Llama 1, 2 and 3 give text.", None),
        ("`run --gpus 4`", "run --gpus 1 --steps 4", "--gpus 4"),
        ("`run --gpus 4`", "run --gpus=4", None),
        ("In 2023 it came.", "It came in May 2023.", None),
        ("Borealis 2 is new.", "Aster 2 is new.", None),
    ],
)
def test_a_number_stands_behind_its_name(answer, known, found):
    assert claims.misnumbered(answer, known) == found


def test_many_numbers_behind_a_name_are_read_at_once():
    assert claims.misnumbered("Llama 7", "Llama " + "1  " * 5000) == "Llama 7"


def test_the_words_of_question_and_answer_are_told_apart():
    heavy = pair("How heavy is the valve?", "Yes, the heavy valve weighs 3 kg.")
    assert claims.added(heavy) == ["weighs", "3", "kg"]
    assert claims.asked(heavy, "Valves are heavy, screens are not.") == 2


@pytest.mark.parametrize("answer, held", [("3 kg", True), ("3 and 5 kg", True), ("4 kg", False), ("some", True)])
def test_all_numbers_stand_in_one_statement(answer, held):
    assert claims.numbered(answer, "A valve has 3 kg, a screen 5 kg.") is held


@pytest.mark.parametrize(
    "question, answer, words, found",
    [
        ("How far are both?", "5 km and 9 km", "Oslo is 5 km away, Bergen is 9 km away.", None),
        ("How far is Oslo?", "5 km", "Oslo is 5 km away, Bergen is 9 km away.", None),
        ("How far is Oslo?", "It is 9 km away.", "Oslo is 5 km away, Bergen is 9 km away.", "9 km"),
    ],
)
def test_a_number_stands_in_the_clause_that_is_asked_about(question, answer, words, found):
    assert claims.swapped(pair(question, answer), words) == found
