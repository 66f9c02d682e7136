"""An exported folder appears whole or not at all, and takes the place of nothing but an earlier export."""

import os
from pathlib import Path

import pyarrow as pa
import pytest

from stages.exporting import files


def exported(folder: Path, text: bytes = b"one\n") -> Path:
    with files.replaced(folder) as new:
        files.jsonl(new / "messages" / "train.jsonl", [{"text": text.decode()}])
    return folder


def test_a_folder_says_what_is_in_it_and_a_later_export_takes_its_place(tmp_path: Path):
    folder, data = exported(tmp_path / "deep" / "out"), tmp_path / "data"
    assert files.names(folder) == ["SHA256SUMS", "messages/train.jsonl"]
    digest = files.digest(folder / "messages" / "train.jsonl")
    assert (folder / files.SUMS).read_text() == f"{digest}  messages/train.jsonl\n"
    files.check(folder, False, data)
    exported(folder, b"two\n")
    assert b"two" in (folder / "messages" / "train.jsonl").read_bytes()
    assert os.listdir(folder.parent) == ["out"], "no temporary folder stays"


def test_what_fails_leaves_the_earlier_export_as_it_was(tmp_path: Path):
    folder = exported(tmp_path / "out")
    before = {name: (folder / name).read_bytes() for name in files.names(folder)}
    with pytest.raises(RuntimeError, match="in the middle"), files.replaced(folder) as new:
        files.jsonl(new / "a.jsonl", [{}])
        raise RuntimeError("in the middle")
    assert {name: (folder / name).read_bytes() for name in files.names(folder)} == before
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "mine.txt").write_text("a"),
        lambda folder: (folder / "messages" / "train.jsonl").write_text("edited"),
        lambda folder: (folder / files.SUMS).unlink(),
        lambda folder: (folder / "elsewhere").symlink_to("/"),
    ],
)
def test_a_folder_with_something_else_in_it_is_replaced_by_force_only(spoil, tmp_path: Path):
    folder = exported(tmp_path / "out")
    spoil(folder)
    with pytest.raises(files.FolderError, match=r"would be lost; .*--force"):
        files.check(folder, False, tmp_path / "data")
    files.check(folder, True, tmp_path / "data")


def test_a_name_in_the_folder_does_a_terminal_no_harm(tmp_path: Path):
    (tmp_path / "a\x1b[31m").write_text("")
    with pytest.raises(files.FolderError) as raised:
        files.check(tmp_path, False, tmp_path.parent / "data")
    assert str(raised.value).isprintable()


def test_the_run_is_never_replaced_not_even_by_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = tmp_path / "project" / "data"
    (data / "mix").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    for folder in (data, data / "mix", data.parent, tmp_path, Path("."), Path("data/../data/new")):
        with pytest.raises(files.FolderError, match="name a new folder"):
            files.check(folder, True, data)
    files.check(Path("new"), False, data)


def test_what_is_exported_is_never_replaced_and_holds_no_export(tmp_path: Path):
    adapter = exported(tmp_path / "out") / "adapter"
    adapter.mkdir()
    for folder in (tmp_path / "out", adapter, adapter / "new"):
        for force in (False, True):
            with pytest.raises(files.FolderError, match="which is exported, or is part of it: name a new folder"):
                files.check(folder, force, tmp_path / "data", [adapter])
    files.check(tmp_path / "other", False, tmp_path / "data", [adapter])


def test_the_same_records_are_the_same_bytes_of_parquet(tmp_path: Path):
    columns = pa.schema({"text": pa.string(), "facts": pa.list_(pa.string())})
    records = [{"text": "é\u2028", "facts": []}, {"text": None, "facts": ["a"]}]
    for name in ("a", "b"):
        files.parquet(tmp_path / name, records, columns)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
