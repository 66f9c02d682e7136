"""Whatever a model says, reading it ends and gives only records of their type."""

import json
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stages.llm import parsing


class Written(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    question: str
    answer: str
    links: list[str]


PROBLEMS = {None, "not_json", "cut_off", "wrong_count", "wrong_fields", "empty"}
ONE = '{"question": "What is a pump?", "answer": "A machine."}'
TWO = '{"question": "What is a fan?", "answer": "It is \\"air\\" {moved}."}'
BOTH = [("What is a pump?", "A machine."), ("What is a fan?", 'It is "air" {moved}.')]


def read(text, wanted=2):
    found, problem = parsing.records(text, Written, wanted)
    assert problem in PROBLEMS
    for record in found:
        assert msgspec.json.decode(msgspec.json.encode(record), type=Written) == record, "it can be written"
        assert record.question == record.question.strip() != "" and record.answer == record.answer.strip() != ""
        assert "\x00" not in record.question + record.answer
    return [(record.question, record.answer) for record in found], problem


@pytest.mark.parametrize(
    "text",
    [
        f"[{ONE}, {TWO}]",
        f"```json\n[{ONE},\n {TWO},\n]\n```",
        f'Here\'s your 5" list:\n\n[{ONE}, {TWO}]\n\nI hope that {{this}} helps!',
        f"Sure!\n```\n[{ONE}, {TWO}]\n```\nAnything else?",
        f'{{"pairs": [{ONE}, {TWO}]}}',
        f'{{"result": {{"pairs": [{ONE}, {TWO},]}}}}',
        f'{{"1": {ONE}, "2": {TWO}}}',
        f"{ONE}\n{TWO}",
        f"1. {ONE}\n2. {TWO}",
        json.dumps(f"[{ONE}, {TWO}]"),
        f"[{ONE}, {TWO}",  # only the bracket is missing
        f"[{ONE}, {TWO}]".replace('"question"', '"Question "').replace('"}', '", "why": {"because": 1}}'),
        "[{“question”: “What is a pump?”, “answer”: “A machine.”}, " + TWO + "]",
        "[{'question': 'What is a pump?', 'answer': 'A machine.'}, " + TWO + "]",
        '1. Question: What is a pump?\n   Answer: A machine.\n2. Question: What is a fan?\nA: It is "air" {moved}.',
        '**Q1:** What is a pump?\n**A1:** A machine.\n\n**Q2:** What is a fan?\n**A2:** It is "air" {moved}.\n',
    ],
)  # fmt: skip
def test_what_is_nearly_json_is_read(text):
    assert read(text) == (BOTH, None)


def test_quotation_marks_in_a_text_that_are_not_escaped():
    text = '[{"question": "What is "x"?", "answer": "y"}, {"question": "z?", "answer": "It says "no" at once"}]'
    assert read(text) == ([('What is "x"?', "y"), ("z?", 'It says "no" at once')], None)


@pytest.mark.parametrize("end", range(1, len(TWO)))
def test_of_a_list_cut_off_anywhere_the_complete_items_are_kept(end):
    assert read(f"[{ONE}, {TWO[:end]}") == (BOTH[:1], "cut_off")
    assert read(f'```json\n{{"pairs": [{ONE}, {TWO[:end]}') == (BOTH[:1], "cut_off")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        (" \n\x00", "empty"),
        ("I cannot answer that.", "not_json"),
        ("<html><body>502</body></html>", "not_json"),
        ("Note: the answer: none. Question: why?", "not_json"),
        ("[]", "wrong_count"),
        ("{}", "wrong_fields"),
        ("[1, 2]", "wrong_fields"),
        ('[{"question": " ", "answer": "x"}]', "wrong_fields"),
        ('[{"question": "x", "answer": {"a": 1}}]', "wrong_fields"),
        ('{"question": "What is', "cut_off"),
        ("**Q1:** What is a pump?\n**A1:**", "cut_off"),
    ],
)
def test_what_cannot_be_read_has_its_reason(text, problem):
    assert read(text) == ([], problem)


def test_the_count_is_told():
    assert read(f"[{ONE}]") == (BOTH[:1], "wrong_count")
    assert read(f"[{ONE}, {TWO}]", wanted=1) == (BOTH, "wrong_count")
    assert read(f"[{ONE}]", wanted=None) == (BOTH[:1], None)


def test_a_number_is_text_and_a_missing_list_is_empty():
    found, problem = parsing.records('[{"question": "How many?", "answer": 8, "links": null}]', Written, 1)
    assert (found, problem) == ([Written(question="How many?", answer="8", links=[])], None)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{" * 100_000,
        '{"a":' * 40_000 + "1" + "}" * 40_000,
        '[{"question":' + "9" * 100_000 + "}]",
        '{"question": 1e999999, "answer": -1e999999}',
        '{"question": "\\ud800", "answer": "\\u0000"}',
        "\ud800\x00" * 1000,
        "{" + "\\" * 100_000,
        '{"' * 2000 + "}" * 2000,
        '"' * 100_001,
        "Q:" + "\n" * 100_000 + "x",
        "Q:\nA:\n" * 20_000,
        "\n* " * 50_000,
        ("{" * 50 + "}" * 50) * 900,
    ],
)  # fmt: skip
def test_a_hostile_text_is_read_in_seconds(text):
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 5


PIECES = st.sampled_from(
    [*'{}[]",:\\`\n \x00“”', ONE, TWO, '"question"', '"answer"', "```json", "Question: ", "Answer: ", "Q1:", "null",
     "-1e99", "\\u", "\\ud800", "\ud800", "[" * 50, "//", "'", "é"]
)  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=40).map("".join)), st.none() | st.integers(0, 3))
def test_any_text_at_all(text, wanted):
    read(text, wanted)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_mutated_reply(data):
    text = f'{{"pairs": [{ONE}, {TWO}, {{"question": "c", "answer": "d", "links": ["e"]}}]}}'
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        text = text[:at] + data.draw(PIECES) + text[at + data.draw(st.integers(0, 5)) :]
    read(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.fixed_dictionaries({name: st.text(min_size=1) for name in ("question", "answer")}), max_size=4))
def test_what_is_json_is_read_as_it_is(pairs):
    found, _ = read(json.dumps(pairs), None)
    clean = [tuple(parsing._clean(pair[name]) for name in ("question", "answer")) for pair in pairs]
    assert found == [pair for pair in clean if all(pair)]
