"""Nothing that is said is lost in a shape: each can be read back."""

from typing import Any

import msgspec
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from stages.exporting.examples import Said, said
from stages.exporting.shapes import SHAPES
from stages.mixing.rows import of_pair
from stages.records import Message, Pair

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
TURNS = st.lists(st.builds(Message, role=st.sampled_from(["user", "assistant"]), content=TEXTS), max_size=4)


def pair(question: str, answer: str, turns: list[Message]) -> Pair:
    return Pair(id="p", question=question, answer=answer, facts=["f"], source="a.md", origin="generated", turns=turns)


def read(form: str, value: dict[str, Any]) -> Said:
    """Return what is said in a record of a format, as a reader of that format sees it."""
    if form == "alpaca":
        turns = [
            Message(role=role, content=text)
            for earlier in value["history"]
            for role, text in zip(("user", "assistant"), earlier, strict=True)
            if text
        ]
        assert value["input"] == ""
        return Said(value["system"], turns, value["instruction"], value["output"])
    if form == "sharegpt":
        roles = {"system": "system", "human": "user", "gpt": "assistant"}
        chat = [Message(role=roles[one["from"]], content=one["value"]) for one in value["conversations"]]
    else:
        chat = msgspec.convert(value.get("messages") or value["prompt"] + value["completion"], list[Message])
    system = chat.pop(0).content if chat[0].role == "system" else ""
    assert chat[-1].role == "assistant" and chat[-2].role == "user"
    return Said(system, chat[:-2], chat[-2].content, chat[-1].content)


@given(TEXTS, TEXTS, TURNS, st.one_of(st.just(""), TEXTS))
def test_a_pair_comes_back_from_every_shape(question: str, answer: str, turns: list[Message], system: str):
    row = of_pair(pair(question, answer, turns), system)
    expected = Said(system, turns, question, answer)
    assert said(row) == expected
    for form, shape in SHAPES.items():
        record = shape.of(row)
        assert list(record) == shape.columns.names
        assert pa.Table.from_pylist([record], schema=shape.columns).to_pylist() == [record]
        assert read(form, msgspec.json.decode(msgspec.json.encode(record))) == expected


def test_the_shapes_are_those_that_other_tools_document():
    turns = [Message(role="user", content="Q1"), Message(role="assistant", content="A1")]
    row = of_pair(pair("Q2", "A2", turns), "S")
    chat = [("system", "S"), ("user", "Q1"), ("assistant", "A1"), ("user", "Q2"), ("assistant", "A2")]
    messages = [{"role": role, "content": text} for role, text in chat]
    assert {form: shape.of(row) for form, shape in SHAPES.items()} == {
        "messages": {"messages": messages},
        "alpaca": {"instruction": "Q2", "input": "", "output": "A2", "system": "S", "history": [["Q1", "A1"]]},
        "sharegpt": {
            "conversations": [
                {"from": "system", "value": "S"},
                {"from": "human", "value": "Q1"},
                {"from": "gpt", "value": "A1"},
                {"from": "human", "value": "Q2"},
                {"from": "gpt", "value": "A2"},
            ]
        },
        "openai": {"messages": messages},
        "prompt-completion": {"prompt": messages[:-1], "completion": messages[-1:]},
    }
    assert [form for form, shape in SHAPES.items() if not shape.open] == ["openai"]
