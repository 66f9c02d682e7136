"""Which adapter answers: the one that is named, the best, the only one, or an error that says which there are."""

import json
from pathlib import Path

import pytest

from stages.chat import choice
from stages.chat.choice import ChoiceError


def evaluated(data: Path, **f1: float) -> None:
    systems = {name: {"token_f1": {"value": value, "low": 0, "high": 1, "n": 9}} for name, value in f1.items()}
    (data / "metrics").mkdir()
    (data / "metrics/evaluate.json").write_text(
        json.dumps({"in": 1, "kept": 1, "rejected": {}, "reworded": systems, "differences": {}, "gap_closed": {}})
    )


def test_the_adapters_of_a_folder_and_the_untuned_student_can_be_asked(tmp_path):
    for name in ("b", "a", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "file").touch()
    assert list(choice.folders(tmp_path).items()) == [("a", tmp_path / "a"), ("b", tmp_path / "b"), ("base", None)]
    assert choice.folders(None) == {"base": None}


def test_the_best_by_the_evaluation_is_asked_among_those_that_are_there(tmp_path):
    evaluated(tmp_path, base=0.9, a=0.3, b=0.6, gone=0.8)
    assert choice.chosen(None, ["a", "b", "base"], tmp_path) == "b"
    assert choice.chosen("a", ["a", "b", "base"], tmp_path) == "a"
    assert choice.chosen("base", ["a", "b", "base"], tmp_path) == "base"


def test_without_an_evaluation_the_only_one_is_asked(tmp_path):
    assert choice.chosen(None, ["a", "base"], tmp_path) == "a"
    evaluated(tmp_path, gone=0.8)
    assert choice.chosen(None, ["a", "base"], tmp_path) == "a"
    with pytest.raises(ChoiceError, match="none of a, b; name one: --adapter"):
        choice.chosen(None, ["a", "b", "base"], tmp_path)


def test_an_adapter_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(ChoiceError, match="no adapter 'c'; there is a, base"):
        choice.chosen("c", ["a", "base"], tmp_path)
    with pytest.raises(ChoiceError, match="`dvc repro`, or `dvc pull`"):
        choice.chosen(None, ["base"], tmp_path)
