"""The prompt is the evaluation's, with turns where training rows have them; the oldest are left out."""

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.chat import prompt
from stages.chat.prompt import PromptError
from stages.mixing import rows
from stages.records import Item, Message, Pair
from stages.scoring import tasks
from stages.scoring.systems import System
from stages.tuning import models

QUESTION = "How fast is Rover?"


@pytest.fixture(scope="module")
def tokenizer(tiny_llama):
    return models.load_tokenizer(str(tiny_llama))


@pytest.mark.parametrize("passages", [[], ["Guide\nRover drives at 5 km/h.", "Guide\nIt is red."]])
def test_it_is_what_the_evaluation_asks(passages):
    item = Item(id="1", set="faq", question=QUESTION, answer="At 5 km/h.", evidence="Rover drives at 5 km/h.")
    who = System(name="tiny", reads="passages" if passages else "nothing")
    (task,) = tasks.plan([item], [who], "Be short.", {QUESTION: passages})
    assert prompt.messages("Be short.", [], passages, QUESTION) == task.messages
    assert bool(passages) == ("Answer from the text above" in task.messages[-1]["content"])


def test_turns_stand_where_training_rows_of_follow_ups_have_them():
    turns = [Message(role="user", content=QUESTION), Message(role="assistant", content="At 5 km/h.")]
    pair = Pair(id="p", question="And Rover 2?", answer="At 9.", facts=[], source="d", origin="paraphrase", turns=turns)
    row = rows.of_pair(pair, "Be short.")
    assert prompt.messages("Be short.", [(QUESTION, "At 5 km/h.")], [], "And Rover 2?") == msgspec.to_builtins(
        row.prompt
    )


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(st.tuples(st.text("ab ?", max_size=40), st.text("ab ?", max_size=40)), max_size=8),
       room=st.integers(30, 400))  # fmt: skip
def test_just_as_many_of_the_oldest_turns_are_left_out_as_do_not_fit(tokenizer, turns, room):
    def size(left_out: int) -> int:
        return len(prompt.fitted(tokenizer, "S", turns[left_out:], [], QUESTION, None)[0])

    if size(len(turns)) > room:
        with pytest.raises(PromptError, match="tokens, and the model reads"):
            prompt.fitted(tokenizer, "S", turns, [], QUESTION, room)
        return
    ids, left_out = prompt.fitted(tokenizer, "S", turns, [], QUESTION, room)
    assert len(ids) == size(left_out) <= room
    assert left_out == 0 or size(left_out - 1) > room


def test_what_is_too_long_with_its_passages_may_be_asked_without(tokenizer):
    with pytest.raises(PromptError, match="or ask without retrieval"):
        prompt.fitted(tokenizer, "S", [], ["x" * 500], QUESTION, 100)
