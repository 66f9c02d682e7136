"""Records: the same content gives the same id and the same bytes, and a bad line is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages import disk, records
from stages.records import Evidence, Pair, RecordError

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]))


def pair(question: str, answer: str = "a") -> Pair:
    return Pair(
        id=records.content_id(question, answer),
        question=question,
        answer=answer,
        facts=["f"],
        evidence=[Evidence(document="d", quote="q", span=(0, 1))],
        source="s.md",
        origin="generated",
    )


@given(st.lists(TEXT, unique=True))
def test_records_come_back_as_they_were_sorted_by_id(tmp_path_factory, questions):
    path = tmp_path_factory.mktemp("records") / "pairs.jsonl"
    pairs = [pair(question) for question in questions]
    disk.write(path, pairs)
    assert disk.read(path, Pair) == sorted(pairs, key=lambda p: p.id)


@given(st.lists(TEXT, unique=True), st.randoms())
def test_the_bytes_do_not_depend_on_the_order(questions, random):
    pairs = [pair(question) for question in questions]
    before = disk.lines(pairs)
    random.shuffle(pairs)
    assert disk.lines(pairs) == before


@given(TEXT, TEXT, TEXT)
def test_an_id_keeps_its_parts_apart(left, middle, right):
    if middle:
        assert records.content_id(left + middle, right) != records.content_id(left, middle + right)


def test_ids_are_the_same_on_every_machine():
    assert records.content_id("what", ["a", "b"], 1) == "dcb5e1f1ef3cf6b1"  # sha256 of ["what",["a","b"],1]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "1"}', "missing required field `question`"),
        ('{"id": 1}', r"Expected `str`, got `int` - at `\$.id`"),
        ("not json", "expected a Pair"),
        ('{"id": "1", "questoin": "?"}', "questoin"),
    ],
)
def test_a_bad_line_is_named_with_file_line_and_field(tmp_path, line, says):
    path = tmp_path / "pairs.jsonl"
    path.write_bytes(disk.lines([pair("q")]) + line.encode() + b"\n")
    with pytest.raises(RecordError, match=rf"(?s)pairs\.jsonl, line 2: .*{says}"):
        disk.read(path, Pair)


def test_two_records_of_one_id_are_refused(tmp_path):
    with pytest.raises(ValueError, match="two records have the id"):
        disk.write(tmp_path / "pairs.jsonl", [pair("q"), pair("q")])
    assert list(tmp_path.iterdir()) == []


@given(st.lists(TEXT, unique=True))
def test_what_is_encoded_already_is_written_as_records_are(tmp_path_factory, questions):
    folder = tmp_path_factory.mktemp("records")
    pairs = [pair(question) for question in questions]
    disk.write(folder / "records.jsonl", pairs)
    disk.write_sorted(folder / "rows.jsonl", ((one.id, disk.lines([one])) for one in pairs))
    assert (folder / "rows.jsonl").read_bytes() == (folder / "records.jsonl").read_bytes()
    assert len(list(folder.iterdir())) == 2


def test_encoded_records_of_one_id_or_half_a_stage_leave_the_old_file(tmp_path):
    path = tmp_path / "rows.jsonl"
    disk.write_sorted(path, [("b", b"2\n"), ("a", b"1\n")])
    with pytest.raises(ValueError, match="two records have the id a"):
        disk.write_sorted(path, [("a", b"3\n"), ("b", b"4\n"), ("a", b"5\n")])
    with pytest.raises(ZeroDivisionError):
        disk.write_sorted(path, (("a", b"x" * (1 // n)) for n in (1, 0)))
    assert path.read_bytes() == b"1\n2\n" and list(tmp_path.iterdir()) == [path]


def test_a_record_is_found_again_by_the_place_of_its_line(tmp_path):
    path = tmp_path / "pairs.jsonl"
    pairs = [pair(question) for question in ("é", "what", "’")]
    path.write_bytes(b"\n".join([b"", *(disk.lines([one]).rstrip(b"\n") for one in pairs)]))
    places = [place for place, _ in disk.located(path, Pair)]
    assert [line.rstrip() + b"\n" for line in disk.lines_at(path, places[::-1])] == [
        disk.lines([one]) for one in pairs[::-1]
    ]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    disk.write_json(path, {"a": 1})
    monkeypatch.setattr(disk.os, "replace", lambda *args: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        disk.write_json(path, {"a": 2})
    assert path.read_text() == '{\n  "a": 1\n}\n' and list(tmp_path.iterdir()) == [path]
