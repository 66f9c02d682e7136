"""Completeness: answers that stop in the middle, and lists that do not come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality import completeness

SENTENCE = "The weights are released under a custom licence that allows commercial use."


@pytest.mark.parametrize(
    "answer",
    [
        "The weights are released under a",
        "The weights are released under a custom licence that",
        "The weights are released under a custom",
        "The weights are released under a custom licence,",
        "The weights are released ...",
        "The weights are (as of 2020",
        "The command is `pip install",
        "It is called “custom",
        "The weights and.",
        "",
    ],
)
def test_an_answer_that_stops_in_the_middle_is_cut_off(answer):
    assert completeness.cut_off(answer, SENTENCE) is not None


@pytest.mark.parametrize(
    "answer",
    [
        SENTENCE,
        "A custom licence",
        "Run `pip install x`",
        "The page is https://example.org/a/b",
        "The call is f(x);",
        "You have to be logged in.",
        "It is written in C++",
        "The release is 2.1",
        "Yes.",
    ],
)
def test_a_whole_answer_is_not(answer):
    assert completeness.cut_off(answer, SENTENCE) is None


@pytest.mark.parametrize(
    "answer", ["It supports the following formats:", "It supports formats such as", "1. Install it 2.", "Das sind:"]
)
def test_a_list_that_does_not_come_is_told(answer):
    assert completeness.dangling_list(answer)


@pytest.mark.parametrize("answer", ["It returns 429.", "The steps are: one, two.", "1. Install it. 2. Run it."])
def test_a_list_that_comes_is_none(answer):
    assert completeness.dangling_list(answer) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_judged(answer, evidence):
    assert isinstance(completeness.cut_off(answer, evidence), str | None)
    assert isinstance(completeness.dangling_list(answer), str | None)
