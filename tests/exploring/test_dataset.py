"""Files are read as they are, and what cannot be read is named with file and line."""

import gzip

import pytest

from stages.exploring import counting, fields
from stages.exploring.dataset import DatasetError, opened
from stages.exploring.profile import profile
from tests.exploring.files import asked, written


def test_several_files_a_pattern_and_gzip_are_one_dataset(tmp_path):
    written(tmp_path / "it's [1].jsonl", [{"t": "a"}])
    written(tmp_path / "b1.jsonl", [{"t": "b"}])
    (tmp_path / "b2.jsonl.gz").write_bytes(gzip.compress(b'{"t": "c"}\n\n{"t": "d"}\n'))
    with opened([tmp_path / "it's [1].jsonl", tmp_path / "b*"]) as dataset:
        assert counting.rows(dataset) == 4


def test_a_name_with_marks_of_a_pattern_is_that_file_and_no_other(tmp_path):
    written(tmp_path / "a[1].jsonl", [{"t": "a"}])
    written(tmp_path / "a1.jsonl", [{"t": "b"}, {"t": "c"}])
    with opened([tmp_path / "a[1].jsonl"]) as dataset:
        assert counting.rows(dataset) == 1


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_line_that_is_no_json_is_named(tmp_path, suffix):
    data = b'{"t": "a"}\n\n{"t": oops}\n{"t": "b"}\n'
    file = tmp_path / f"rows.jsonl{suffix}"
    file.write_bytes(gzip.compress(data) if suffix else data)
    with opened([file]) as dataset, pytest.raises(DatasetError, match=rf"rows.jsonl{suffix}, line 3: expected a JSON"):
        counting.rows(dataset)
        counting.counts(dataset, ["t"])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"[1]", r"rows.jsonl, line 2000: expected a JSON object, found \[1\]"),
        (b"null", "rows.jsonl, line 2000: expected a JSON object, found null"),
        (b'{"t": "\xff"}', "rows.jsonl, line 2000: expected a JSON object: 'utf-8' codec"),
        (b'{"t": "\\ud800"}', "rows.jsonl, line 2000: .* surrogates not allowed"),
        (b'{"t": ' + b"[" * 2000 + b"]" * 2000 + b"}", "a row is nested too deeply"),
    ],
)
def test_a_line_that_is_no_object_stops_wherever_it_stands(tmp_path, line, told):
    file = tmp_path / "rows.jsonl"
    file.write_bytes(b'{"t": "One or two."}\n' * 1999 + line + b"\n" + b'{"t": "Three."}\n')
    with opened([file]) as dataset, pytest.raises(DatasetError, match=told):
        fields.texts(dataset)


def test_a_file_that_is_cut_off_is_named(tmp_path):
    file = tmp_path / "rows.jsonl.gz"
    file.write_bytes(gzip.compress(b"".join(b'{"t": "%d"}\n' % n for n in range(20000)))[:-200])
    with opened([file]) as dataset, pytest.raises(DatasetError, match=r"rows.jsonl.gz: cannot be read after line \d+"):
        counting.rows(dataset)


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


def test_fields_are_those_of_all_rows(tmp_path):
    rows = [{"t": "One or two of it."}] * 3000 + [{"u": {"v": 1}, "t": None, "l": []}, {"u": {"v": 2.5}, "t": 1}, {}]
    with asked(tmp_path, rows) as dataset:
        known = {name: (one.kind, one.rows) for name, one in fields.fields(dataset).items()}
        assert fields.texts(dataset, ["u.v"]) == ["u.v"]
    assert known == {"t": ("text", 3001), "u.v": ("number", 2), "l": ("list", 1)}


def test_files_without_rows_or_without_texts_have_none(tmp_path):
    with asked(tmp_path, []) as dataset:
        assert fields.looked_at(dataset) == [] and fields.question(dataset) is None
        assert fields.looked_at(dataset, ["t"]) == ["t"] and profile(dataset, ["t"]).counts[0].rows == 0
    with asked(tmp_path, [{"key": "x"}]) as dataset:
        assert fields.texts(dataset) == []
        with pytest.raises(DatasetError, match="no field looks like text.* there are: key"):
            fields.looked_at(dataset)


KEYS = ["a.b", "it's", 'q"x', "back\\slash", "$x[0]", "*", "two words", "é"]


@pytest.mark.parametrize("key", KEYS)
def test_a_field_of_any_name_can_be_asked_for(tmp_path, key):
    with asked(tmp_path, [{key: {key: "One of it."}, "list": [{key: "Two."}, {key: "Three."}]}]) as dataset:
        names = list(fields.fields(dataset))
        told = [dataset.ask(f"select {fields.sql(name)} from data")[0][0] for name in names]
    assert told == ["One of it.", "Two.\nThree."]


def test_an_element_of_a_list_is_counted_from_either_end(tmp_path):
    messages = [{"content": text} for text in ("Be short.", "What is it?", "It is two.")]
    with asked(tmp_path, [{"messages": messages, "prompt": messages[:2]}]) as dataset:
        assert fields.question(dataset) == "prompt[-1].content"
        names = fields.texts(dataset, ["messages[0].content", "messages[-2].content", "prompt[-1].content"])
        told = [dataset.ask(f"select {fields.sql(name)} from data")[0][0] for name in names]
    assert told == ["Be short.", "What is it?", "What is it?"]


def test_a_list_of_messages_is_one_text(tmp_path):
    with asked(tmp_path, [{"messages": [{"content": "One two."}, {"content": "Three."}]}]) as dataset:
        (counted,) = counting.counts(dataset, ["messages[].content"])
    assert (counted.rows, counted.words, counted.characters) == (1, 3, len("One two.\nThree."))


def test_an_unknown_field_is_refused_and_those_that_there_are_listed(tmp_path):
    with asked(tmp_path, [{"a": {"b": "x"}, "c": 1}]) as dataset:
        with pytest.raises(DatasetError, match=r"no field d; there are: a.b, c"):
            fields.texts(dataset, ["d"])
        with pytest.raises(DatasetError, match="is no name of a field"):
            fields.sql("a..b")
