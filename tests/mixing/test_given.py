"""What is replayed and refused: every shape of line is read, or named."""

import json

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from stages.mixing import given
from stages.mixing.given import Given
from stages.records import Message, RecordError


def read(tmp_path, *lines):
    path = tmp_path / "any.jsonl"
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return given.instructions(path)


USER, ANSWER = {"role": "user", "content": "Ask?"}, {"role": "assistant", "content": "So."}


@pytest.mark.parametrize(
    "line",
    [
        {"question": "Ask?", "answer": "So."},
        {"prompt": "Ask?", "completion": "So.", "source": "elsewhere"},
        {"prompt": [USER], "completion": [ANSWER]},
        {"prompt": [USER], "completion": "So."},
        {"messages": [USER, ANSWER | {"name": "x"}]},
        {"instruction": "Ask?", "output": "So."},
        {"instruction": "Ask?", "input": " ", "output": "So."},
    ],
)
def test_a_line_of_any_shape_is_read(tmp_path, line):
    (one,) = read(tmp_path, line)
    assert (one.question, one.answer, one.before) == ("Ask?", "So.", ())
    assert read(tmp_path, line)[0].id == one.id, "named by what it says"
    assert read(tmp_path, line | {"id": 7})[0].id == "7"


def test_an_input_follows_its_instruction_and_earlier_messages_come_before_the_question(tmp_path):
    (one,) = read(tmp_path, {"instruction": "Sort.", "input": "c a b", "output": "a b c"})
    assert one.question == "Sort.\n\nc a b"
    system = {"role": "system", "content": "Be brief."}
    (one,) = read(tmp_path, {"messages": [system, USER, ANSWER, {"role": "user", "content": "Why?"}, ANSWER]})
    assert [message.role for message in one.before] == ["system", "user", "assistant"]
    assert one.asks == ["Be brief.", "Ask?", "Why?"] and one.texts == ["Be brief.", "Ask?", "So.", "Why?", "So."]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"text": "Ask?"}, "expected question and answer, prompt and completion, messages, or instruction"),
        ({}, "found nothing"),
        ([1], "found a list"),
        ("{", "it is no JSON"),
        (
            {"question": 1, "answer": "x"},
            "expected a text, or a list of messages with role and content: Expected `array`",
        ),
        ({"messages": [{"role": "user"}]}, "missing required field `content`"),
        ({"messages": [USER]}, "found user"),
        ({"messages": [ANSWER, USER]}, "found assistant, user"),
        ({"messages": [USER, {"role": "tool", "content": "x"}, USER, ANSWER]}, "found user, tool"),
        ({"question": " ", "answer": "x"}, "a message is empty"),
        ({"instruction": [], "input": "x", "output": "y"}, "found assistant"),
    ],
)
def test_a_line_of_no_known_shape_is_named(tmp_path, line, said):
    with pytest.raises(RecordError) as error:
        read(tmp_path, {"question": "a", "answer": "b"}, line)
    assert "any.jsonl, line 2: " in str(error.value) and said in str(error.value)


def test_two_lines_may_not_have_one_id(tmp_path):
    line = {"id": "x", "question": "a", "answer": "b"}
    with pytest.raises(RecordError, match="line 3: it has the id 'x' of line 1"):
        read(tmp_path, line, "", line | {"question": "c"})
    assert len(read(tmp_path, *[{"question": "a", "answer": "b"}] * 2)) == 2, "copies without an id are rejected later"


KEYS = st.sampled_from([*sum(given.KEYS, ()), "input", "role", "content", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(KEYS, some),
)


@for_all(JSON)
def test_a_value_is_a_conversation_or_refused_in_words(value):
    try:
        said = given.conversation(value)
    except ValueError as error:
        assert str(error)
    else:
        assert [message.role for message in said[-2:]] == ["user", "assistant"]


def ones(*names):
    return [Given(name, f"Who made number {name} of the series?", "No.") for name in names]


@for_all(st.integers(0, 6), st.integers(0, 6), st.integers(0, 9), st.integers(0, 3))
def test_refusals_are_all_taken_or_left_and_at_most_half_are_made(by_hand, near, most, seed):
    written, made = ones(*(f"{n}1" for n in range(by_hand))), ones(*(f"{n}2" for n in range(near)))
    chosen = given.refusals(written, made, [], most, seed)
    assert sorted(one.id for one in chosen.taken + [one for one, *_ in chosen.left]) == sorted(
        one.id for one in written + made
    )
    assert sum(one in made for one in chosen.taken) == min(near, most // 2)
    assert len(chosen.taken) == min(near, most // 2) + min(by_hand, most - min(near, most // 2))


def test_length_is_asked_only_of_as_many_as_are_needed():
    asked = []
    chosen = given.replay(ones(*"abcdefgh"), [], 2, 0, lambda one: asked.append(one.id) or len(asked), 1)
    assert len(asked) == 8 and [reason for _, reason, _ in chosen.left] == ["too_long"] * 7
    asked.clear()
    assert len(given.replay(ones(*"abcdefgh"), [], 2, 0, lambda one: asked.append(one.id) or 1, 1).taken) == 2
    assert len(asked) == 2


def test_an_earlier_question_counts_for_what_is_known():
    one = Given("x", "And why?", "So.", (Message(role="user", content="Who founded the Llama team?"),))
    assert given.clean([one], ["who founded the llama team"], "leak_eval").left == [(one, "leak_eval", "x")]
