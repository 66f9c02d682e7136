"""An answer comes piece by piece, one after the other, with its passages; who leaves stops the model."""

import threading
import time

import pytest

from stages.chat.answerer import Answered, Token, Waiting
from stages.chat.prompt import PromptError
from stages.tuning import models
from tests.chat.scripted import REFUSAL, answerer, last

QUESTION = "How fast does Rover drive on sand?"


@pytest.fixture(scope="module")
def tokenizer(tiny_llama):
    return models.load_tokenizer(str(tiny_llama))


def test_the_pieces_come_in_order_and_make_up_the_answer(tokenizer):
    one, _ = answerer(lambda prompt: "  Rover drives – at 5 km/h. \n", tokenizer)
    waiting, *tokens, end = one.stream(QUESTION, "tuned")
    assert isinstance(waiting, Waiting) and isinstance(end, Answered)
    assert all(isinstance(token, Token) for token in tokens) and len(tokens) > 10
    assert "".join(token.token for token in tokens) == end.done == "Rover drives – at 5 km/h."
    assert not any("\N{REPLACEMENT CHARACTER}" in token.token for token in tokens), "half a character waits"
    assert (end.adapter, end.retrieval, end.refused, end.cut, end.left_out) == ("tuned", False, False, False, 0)
    assert not isinstance(next(one.stream(QUESTION, "tuned")), Waiting), "it is loaded once"


def test_an_answer_that_ends_in_half_a_character_is_told_to_the_end(tokenizer):
    one, _ = answerer(lambda prompt: "–", tokenizer, most=2)
    *_, token, end = one.stream(QUESTION, "tuned")
    assert token == Token(token="\N{REPLACEMENT CHARACTER}") and end.done == token.token and end.cut


def test_in_closed_book_passages_are_found_afterwards_for_question_and_answer(tokenizer):
    one, speaker = answerer(lambda prompt: "For 12 hours.", tokenizer)
    end = last(one.stream("How long does it last?", "tuned"))
    assert not end.retrieval and "battery" not in speaker.prompts[0]
    assert end.passages[0].best == "The battery of Rover lasts for 12 hours." and end.unsupported == []


def test_with_retrieval_the_model_reads_what_is_shown(tokenizer):
    one, speaker = answerer(lambda prompt: "It weighs 90 kg.", tokenizer)
    end = last(one.stream(QUESTION, "tuned", retrieval=True))
    assert end.retrieval and [one.heading for one in end.passages] == ["Guide > rover"]
    assert "Guide > rover > About Rover\nRover drives at 5 km/h on sand." in speaker.prompts[0]
    assert end.unsupported == ["90 kg"], "what the passages do not hold is told"
    nothing = last(one.stream("Cheese?", "tuned", retrieval=True))
    assert not nothing.retrieval and "Answer from the text above" not in speaker.prompts[1]


@pytest.mark.parametrize("retrieval", [False, True])
@pytest.mark.parametrize("text", [REFUSAL, "I don't know how fast Rover drives."])
def test_a_refusal_has_no_passages(tokenizer, retrieval, text):
    one, _ = answerer(lambda prompt: text, tokenizer)
    end = last(one.stream(QUESTION, "tuned", retrieval))
    assert end.refused and end.passages == [] and end.unsupported == []


def test_no_answer_has_no_passages(tokenizer):
    one, _ = answerer(lambda prompt: " ", tokenizer)
    end = last(one.stream(QUESTION, "tuned"))
    assert (end.done, end.passages, end.refused) == ("", [], False)


def test_a_follow_up_is_searched_with_the_question_before_it(tokenizer):
    one, speaker = answerer(lambda prompt: "Yes.", tokenizer)
    turns = [("How is the battery charged?", "By the sun.")]
    end = last(one.stream("And how long does it last?", "tuned", retrieval=True, turns=turns))
    assert [one.heading for one in end.passages] == ["Guide > battery"]
    assert speaker.prompts[0].index("By the sun.") < speaker.prompts[0].index("The battery of Rover")


def test_the_oldest_turns_are_left_out_where_the_context_ends_and_that_is_told(tokenizer):
    one, speaker = answerer(lambda prompt: "Yes.", tokenizer, context=330, most=40)
    turns = [(f"Question number {n}?", f"Answer number {n}.") for n in range(6)]
    end = last(one.stream(QUESTION, "tuned", turns=turns))
    assert 0 < end.left_out < 6
    first = end.left_out
    assert f"number {first}?" in speaker.prompts[0] and f"number {first - 1}?" not in speaker.prompts[0]
    with pytest.raises(PromptError):
        last(one.stream("x" * 400, "tuned"))
    assert last(one.stream(QUESTION, "tuned")).done == "Yes.", "the next one is answered"


def test_who_leaves_stops_the_model_and_lets_the_next_one_in(tokenizer):
    one, speaker = answerer(lambda prompt: "x" * 100, tokenizer)
    events = one.stream(QUESTION, "tuned")
    for _ in range(4):
        next(events)
    events.close()
    assert 3 <= speaker.said < 10
    assert last(one.stream(QUESTION, "base")).done == "x" * 100


def test_an_error_of_the_model_reaches_the_reader_and_lets_the_next_one_in(tokenizer):
    def say(prompt: str) -> str:
        if "sand" in prompt:
            raise RuntimeError("no memory")
        return "Yes."

    one, _ = answerer(say, tokenizer)
    with pytest.raises(RuntimeError, match="no memory"):
        list(one.stream(QUESTION, "tuned"))
    assert last(one.stream("Is it red?", "tuned")).done == "Yes."


def test_the_second_one_waits_for_the_first(tokenizer):
    one, speaker = answerer(lambda prompt: "Yes, it does.", tokenizer)
    first = one.stream(QUESTION, "tuned")
    next(first), next(first)
    found: list = []
    second = threading.Thread(target=lambda: found.extend(one.stream("Is it red?", "tuned")))
    second.start()
    started = time.monotonic()
    while not found and time.monotonic() < started + 20:
        time.sleep(0.01)
    assert found == [Waiting(waiting="another answer is being written")]
    assert last(first).done == "Yes, it does." and len(speaker.prompts) == 1
    second.join(20)
    assert found[-1].done == "Yes, it does." and len(speaker.prompts) == 2
