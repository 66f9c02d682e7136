"""Files are read as they are, and what cannot be read is named with file and line."""

import gzip

import pytest

from stages.exploring import counting, fields
from stages.exploring.dataset import DatasetError, opened
from tests.exploring.files import asked, written


def test_several_files_a_pattern_and_gzip_are_one_dataset(tmp_path):
    written(tmp_path / "it's [1].jsonl", [{"t": "a"}])
    written(tmp_path / "b1.jsonl", [{"t": "b"}])
    (tmp_path / "b2.jsonl.gz").write_bytes(gzip.compress(b'{"t": "c"}\n\n{"t": "d"}\n'))
    with opened([tmp_path / "it's [1].jsonl", tmp_path / "b*"]) as dataset:
        assert counting.rows(dataset) == 4


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_line_that_is_no_json_is_named(tmp_path, suffix):
    data = b'{"t": "a"}\n\n{"t": oops}\n{"t": "b"}\n'
    file = tmp_path / f"rows.jsonl{suffix}"
    file.write_bytes(gzip.compress(data) if suffix else data)
    with opened([file]) as dataset, pytest.raises(DatasetError, match=rf"rows.jsonl{suffix}, line 3: expected a JSON"):
        counting.rows(dataset)
        counting.counts(dataset, ["t"])


def test_a_missing_file_and_another_type_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="there is no such file"), opened([tmp_path / "none.jsonl"]):
        pass
    (tmp_path / "a.csv").write_text("x")
    with pytest.raises(DatasetError, match="expected JSON Lines"), opened([tmp_path / "a.csv"]):
        pass
    written(tmp_path / "a.jsonl", [{}])
    with pytest.raises(DatasetError, match="memory or threads"), opened([tmp_path / "a.jsonl"], memory="much"):
        pass


@pytest.mark.parametrize(
    ("row", "names"),
    [
        ({"id": "1", "question": "What is it?", "answer": "It is two.", "source": "a.md"}, ["question", "answer"]),
        ({"instruction": "Do this now", "input": "", "output": "It was done."}, ["instruction", "output"]),
        ({"prompt": [{"role": "user", "content": "Is it so?"}], "completion": [{"content": "It is so."}]},
         ["prompt[].content", "completion[].content"]),
        ({"record": {"question": "What is it?", "prompt": "c2863e41"}, "reason": "low_rank"}, ["record.question"]),
        ({"title": "A long guide", "sections": [{"text": "One or two."}, {"text": "Three of it."}]},
         ["title", "sections[].text"]),
        ({"n": 1, "body": "A text under a name that nobody knows.", "key": "x"}, ["body"]),
    ],
)  # fmt: skip
def test_texts_are_found_in_records_of_many_shapes(tmp_path, row, names):
    with asked(tmp_path, [row]) as dataset:
        assert fields.texts(dataset) == names


def test_a_list_of_messages_is_one_text(tmp_path):
    with asked(tmp_path, [{"messages": [{"content": "One two."}, {"content": "Three."}]}]) as dataset:
        (counted,) = counting.counts(dataset, ["messages[].content"])
    assert (counted.rows, counted.words, counted.characters) == (1, 3, len("One two.\nThree."))


def test_an_unknown_field_is_refused_and_those_that_there_are_listed(tmp_path):
    with asked(tmp_path, [{"a": {"b": "x"}, "c": 1}]) as dataset:
        with pytest.raises(DatasetError, match=r"no field d .* there are: a.b, c"):
            fields.texts(dataset, ["d"])
        with pytest.raises(DatasetError, match="cannot be looked at"):
            fields.sql("a'b")


def test_files_without_rows_are_told_as_such(tmp_path):
    with asked(tmp_path, []) as dataset, pytest.raises(DatasetError, match="there are no rows"):
        fields.texts(dataset)
