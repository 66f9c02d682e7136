"""The nearest texts are found by their words, always in the same order."""

import pytest

from stages.quality.retrieval import Index

TEXTS = [
    "Rover drives at 5 km/h on sand.",
    "The battery of Rover lasts for 12 hours.",
    "Charging the battery takes two hours.",
    "Rover was built in Lisbon.",
    "",
]


def test_the_text_that_answers_stands_first():
    index = Index().build(TEXTS)
    assert index.search("How long does the battery of Rover last?", 3)[0][0] == 1
    assert index.search("Where was Rover built?", 1)[0][0] == 3


def test_words_meet_in_other_forms():
    assert Index().build(TEXTS).search("Which charger for batteries, and how do I charge?", 1)[0][0] == 2


def test_texts_without_a_common_word_are_not_found():
    index = Index().build(TEXTS)
    assert index.search("What is the price of cheese?", 5) == []
    assert index.search("", 5) == []
    assert len(index.search("Rover", 5)) == 3


def test_equal_texts_stand_in_the_order_of_their_positions():
    index = Index().build(["Rover is red."] * 4)
    assert [position for position, _ in index.search("Rover", 4)] == [0, 1, 2, 3]
    assert index.search("Rover", 2) == Index().build(["Rover is red."] * 4).search("Rover", 2)


def test_nothing_to_index_finds_nothing_and_an_index_not_built_says_so():
    assert Index().build([]).search("Rover", 3) == []
    assert Index().build(["the of and"]).search("Rover", 3) == []
    with pytest.raises(ValueError, match="before it is built"):
        Index().search("Rover", 3)
