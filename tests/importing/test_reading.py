"""Reading pairs of other tools: every shape gives its pairs, and what is none is on record with its reason."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import ReadError
from stages.importing.reading import Given, Refused, pairs, records, storable

ITEMS = [("What does it cost?", "Nothing at all."), ("Who may use it?", "Everyone may.")]
SYSTEM = {"role": "system", "content": "You are a helpful assistant."}


def chat(question: str, answer: str) -> list[dict[str, str]]:
    return [SYSTEM, {"role": "user", "content": question}, {"role": "assistant", "content": answer}]


NAMED = [{"question": question, "answer": answer} for question, answer in ITEMS]
CURATED = {  # as synthetic-data-kit curates
    "summary": "A price list.",
    "qa_pairs": [one | {"rating": 8.5} for one in NAMED],
    "conversations": [chat(*one) for one in ITEMS],
    "metrics": {"total": 9, "filtered": 2, "retention_rate": 0.2, "avg_score": 8.1},
}
SHAPES: dict[str, Any] = {
    "llama-recipes": [{"Question": q, "Answer": a, "Context": "..."} for q, a in ITEMS],
    "synthetic-data-kit": {"summary": "A price list.", "qa_pairs": NAMED},
    "synthetic-data-kit, curated": CURATED,
    "synthetic-data-kit, chains of thought": {"summary": "", "cot_examples": [{"reasoning": "So."} | x for x in NAMED]},
    "synthetic-data-kit, several": [CURATED],
    "synthetic-data-kit, chats alone": {"conversations": [chat(*one) for one in ITEMS]},
    "Alpaca": [{"instruction": q, "input": "", "output": a} for q, a in ITEMS],
    "Alpaca with an input": [{"instruction": q.split(" ", 1)[0], "input": q.split(" ", 1)[1], "output": a}
                             for q, a in ITEMS],
    "ShareGPT": [{"id": "1", "conversations": [{"from": "human", "value": q}, {"from": "gpt", "value": a}]}
                 for q, a in ITEMS],
    "messages": [{"messages": chat(*one)} for one in ITEMS],
    "TRL": [{"prompt": q, "completion": a} for q, a in ITEMS],
    "TRL with messages": [{"prompt": chat(q, a)[:2], "completion": chat(q, a)[2:]} for q, a in ITEMS],
    "bare chats": [chat(*one) for one in ITEMS],
}  # fmt: skip


def read(value: Any) -> list[Given | Refused]:
    return pairs(records(json.dumps(value).encode()))


def refused(value: Any) -> list[tuple[str, float | str | None]]:
    return [(one.reason, one.value) for one in read(value) if isinstance(one, Refused)]


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_gives_its_pairs_and_nothing_else(name):
    found = read(SHAPES[name])
    assert [(one.asks, one.says) for one in found if isinstance(one, Given)] == ITEMS
    assert len(found) == len(ITEMS)


def test_json_lines_are_read_whatever_their_encoding_and_a_broken_line_is_on_record():
    lines = "\n".join([*map(json.dumps, NAMED), '{"question": "Wh'])
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        found = pairs(records(lines.encode(encoding)))
        assert [one.record for one in found] == [*NAMED, '{"question": "Wh']
        assert isinstance(found[2], Refused) and found[2].reason == "unreadable_line"


@pytest.mark.parametrize(
    "record, reason",
    [
        ({"question": "", "answer": "It is."}, ("no_question", None)),
        ({"question": "Is it?", "answer": None}, ("no_answer", None)),
        ({"question": "Is it?"}, ("no_answer", None)),
        ({"output": "It is."}, ("no_question", None)),
        ({"prompt": "Is it?", "chosen": "It is.", "rejected": "No."}, ("no_answer", None)),
        ({"prompt": "Is it?", "completion": "No.", "label": False}, ("labelled_bad", None)),
        ({"messages": [SYSTEM]}, ("system_only", None)),
        ({"text": "<s>[INST] Is it? [/INST] It is.</s>"}, ("not_a_pair", "text")),
        ({"question": "W", "answer": "h"}, ("letters", None)),
        ({"question": "W h a t  i s  i t ?", "answer": "A pump."}, ("letters", None)),
        ("W", ("letters", "W")),
        (None, ("not_a_pair", "")),
        ({"question": "Is it?", "answer": "It is. 2. Question: What is it?"}, ("unparsed_reply", "2. Question:")),
        ({"question": "Question 1: Is it?", "answer": "It is."}, ("unparsed_reply", "Question 1:")),
        ({"question": "Is it?", "answer": "**Answer:** It is."}, ("unparsed_reply", "**Answer:")),
        ({"question": "Is it?", "answer": 'It is. "Context": The pump'}, ("unparsed_reply", '"Context":')),
        ({"question": "<br>", "answer": "<p></p>"}, ("no_text", None)),
    ],
)  # fmt: skip
def test_what_is_no_pair_has_a_reason(record, reason):
    assert refused([NAMED[0], record]) == [reason]


@pytest.mark.parametrize(
    "answer", ["8", "It answers the question: yes.", "A question is answered.", "Use Q&A, a b c.", "In 3. Answer it."]
)
def test_an_answer_that_looks_a_little_like_those_is_kept(answer):
    assert refused([{"question": "How many are there?", "answer": answer}]) == []


def test_a_later_turn_of_a_chat_may_need_those_before_it():
    turns = [*chat(*ITEMS[0]), {"role": "user", "content": "And the other?"}, {"role": "assistant", "content": "Less."}]
    found = read([{"messages": turns}])
    assert isinstance(found[0], Given) and found[0].asks == ITEMS[0][0]
    assert refused([{"messages": turns}]) == [("follow_up", 2)]
    assert found[1].record == {"question": "And the other?", "answer": "Less."}


def test_of_equal_pairs_one_is_kept_and_another_answer_is_another_pair():
    shout = {"question": "WHAT does  it cost?", "answer": "Nothing at all."}
    other = {"question": "What does it cost?", "answer": "One euro."}
    found = read([*NAMED, shout, other])
    assert [one.reason if isinstance(one, Refused) else one.says for one in found] == [
        "Nothing at all.", "Everyone may.", "duplicate", "One euro."
    ]  # fmt: skip


def test_a_pair_is_kept_as_it_stands_and_read_without_markup():
    (one,) = read([{"question": "What is <b>it</b>?", "answer": "Use `--fast` &amp; wait."}])
    assert isinstance(one, Given)
    assert (one.question, one.answer) == ("What is <b>it</b>?", "Use `--fast` &amp; wait.")
    assert (one.asks, one.says) == ("What is it?", "Use --fast & wait.")


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"\xff\xfe", b"question,answer\nWhy?,So.\n", b"[" * 900 + b"]" * 900, b"[" * 9_999]
)
def test_what_is_no_json_or_empty_is_an_error(data):
    with pytest.raises(ReadError):
        records(data)


words = st.text(max_size=8) | st.sampled_from(["question", "answer", "messages", "role", "user", "content", "prompt"])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | words
values = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4))


@settings(deadline=None)
@given(st.lists(values, min_size=1, max_size=4))
def test_every_record_is_a_pair_or_on_record_and_can_be_written(given_values):
    found = records(json.dumps(given_values).encode())
    for record in found:
        told = pairs([record])
        assert told
        assert msgspec.json.decode(msgspec.json.encode([one.record for one in told])) is not None


def test_half_characters_and_endless_numbers_can_be_written():
    value = storable({"a\ud800": ["\udfff", 10**30, float("inf"), float("nan"), 1, 1.5, True]})
    assert value == {"a?": ["?", str(10**30), "inf", "nan", 1, 1.5, True]}
    assert msgspec.json.decode(msgspec.json.encode(value)) == value
