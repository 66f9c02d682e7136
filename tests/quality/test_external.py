"""Evaluation files: every shape is read, and what is no item is named."""

import json

import pytest

from stages.quality import external
from stages.records import RecordError


def read(folder, name, text):
    (folder / name).write_text(text)
    return external.read(folder)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("set.jsonl", '{"id": 7, "question": "Why?", "answer": "So."}\n\n'),
        ("set.json", '[{"id": "7", "Question": "Why?", "answers": ["So.", "Thus."]}]'),
        ("set.json", '{"version": 1, "data": [{"id": 7, "query": "Why?", "answers": {"text": ["So."]}}]}'),
        ("set.csv", "\ufeffid,question,target\n7,Why?,So.\n"),
        ("SET.TSV", 'id\tprompt\toutput\n7\t"Why?"\tSo.\n'),
        ("set.jsonl", '{"id": 7, "question": "Why?", "answer": 1, "choices": ["No.", "So."]}'),
        ("set.jsonl", '{"id": 7, "question": "Why?", "answer": "B", "choices": ["No.", "So."]}'),
        ("set.jsonl", '{"id": 7, "question": "Why?", "answer": "b", "options": {"A": "No.", "B": "So."}}'),
        ("set.jsonl", '{"id": 7, "input": "Why?", "answer": "2", '
                      '"choices": {"text": ["No.", "So."], "label": ["1", "2"]}}'),
        ("set.jsonl", '{"id": 7, "prompt": [{"role": "system", "content": "x"}, {"role": "user", "content": "Why?"}], '
                      '"response": "So."}'),
    ],
)  # fmt: skip
def test_an_item_is_read_from_every_shape(tmp_path, name, text):
    assert read(tmp_path, name, text) == {"set": [("7", "Why?", "So.")]}


def test_an_item_needs_no_answer_and_no_id(tmp_path):
    assert read(tmp_path, "a.jsonl", '{"question": "Why?"}\n{"question": "How?"}')["a"] == [
        ("1", "Why?", ""), ("2", "How?", ""),
    ]  # fmt: skip


def test_an_instruction_goes_with_its_input(tmp_path):
    line = json.dumps({"instruction": "Translate.", "input": "Hello", "output": "Hallo"})
    assert read(tmp_path, "a.jsonl", line)["a"][0].question == "Translate.\nHello"


def test_each_file_is_a_set_and_the_readme_is_none(tmp_path):
    for name in ("README.md", ".gitkeep"):
        (tmp_path / name).write_text("no set")
    (tmp_path / "My Set-1.csv").write_text("question\nWhy?\n")
    assert list(read(tmp_path, "b.csv", "question\nHow?\n")) == ["my_set_1", "b"]


def test_an_absent_folder_holds_no_set(tmp_path):
    assert external.read(tmp_path / "none") == {}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"question": "Why?"}\n{"text": "x"}', r"a.jsonl, line 2: no question; expected"),
        ("a.jsonl", '{"question": "Why?"}\n{', r"a.jsonl, line 2: not JSON"),
        ("a.jsonl", '"Why?"', r"a.jsonl, line 1: no question"),
        ("a.json", '[\n{"question": 1},\n]', r"a.json, line 3: not JSON"),
        ("a.json", '[{"question": "Why?"}, {"question": " "}]', r"a.json, item 2: no question"),
        ("a.json", '{"a": [], "b": []}', r"a.json: expected a list of items"),
        ("a.csv", "question,answer\nWhy, oh why?,So.\n", r"a.csv, line 2: 3 cells, but 2 columns"),
        ("a.csv", "question\n\n \nx\n" + '"open', r"a.csv, line 5: the table is damaged"),
        ("a.csv", "name\nx\n", r"a.csv, line 2: no question"),
        ("a.csv", "question\n", r"a.csv holds no item"),
        ("a.parquet", "", r"a.parquet: expected an evaluation file that ends in .jsonl"),
        ("held out.csv", "question\nx\n", r"there is a set 'held_out' already"),
    ],
)
def test_what_is_no_item_is_named(tmp_path, name, text, said):
    with pytest.raises(RecordError, match=said):
        read(tmp_path, name, text)


def test_two_files_of_one_name_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("question\nx\n")
    with pytest.raises(RecordError, match="a.jsonl: there is a set 'a' already"):
        read(tmp_path, "a.jsonl", '{"question": "x"}')


def test_a_file_that_is_no_utf8_is_named(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"question\n\xff\n")
    with pytest.raises(RecordError, match="a.csv: expected UTF-8"):
        external.read(tmp_path)
