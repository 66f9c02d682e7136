"""What is compared is one student: an adapter of another one is refused before any model is loaded."""

import json
from pathlib import Path

import pytest

from stages.scoring import systems as made
from stages.scoring.systems import Student
from stages.tuning import models


@pytest.fixture
def adapters(tiny_llama: Path, tmp_path: Path) -> Path:
    """Return a folder with one adapter, whose weights nobody reads here."""
    folder = tmp_path / "adapters" / "tiny"
    folder.mkdir(parents=True)
    (folder / "adapter_config.json").write_text(json.dumps({"base_model_name_or_path": "tiny-llama"}))
    (folder / "adapter_model.safetensors").write_bytes(b"weights")
    base = {"name": "tiny-llama", "revision": "x", "fingerprint": models.fingerprint(str(tiny_llama))}
    (folder / "training.json").write_text(json.dumps({"base": base}))
    return tmp_path / "adapters"


def systems(adapters: Path, student: Path, passages: bool = False) -> list[str]:
    return [one.name for one in made.systems(adapters, Student(name=str(student)), passages)]


def test_base_oracle_and_each_adapter_answer(adapters: Path, tiny_llama: Path):
    assert systems(adapters, tiny_llama) == ["base", "oracle", "tiny"]
    assert systems(adapters, tiny_llama, True) == ["base", "oracle", "tiny", "retrieval", "tiny+retrieval"]


@pytest.mark.parametrize("name", ["oracle", "retrieval", "x+retrieval"])
def test_an_adapter_cannot_have_the_name_of_another_system(adapters: Path, tiny_llama: Path, name: str):
    (adapters / "tiny").rename(adapters / name)
    with pytest.raises(made.ComparisonError, match="rename it in params.yaml"):
        systems(adapters, tiny_llama)


def test_an_adapter_of_a_student_that_has_changed_under_the_same_name_is_refused(adapters: Path, tmp_path: Path):
    student = tmp_path / "tiny-llama"
    student.mkdir()
    (student / "config.json").write_text("{}")
    with pytest.raises(models.ModelError, match="tiny was trained for tiny-llama .*: run dvc repro train@tiny"):
        systems(adapters, student)


def test_an_adapter_with_a_broken_configuration_is_named(adapters: Path, tiny_llama: Path):
    (adapters / "tiny" / "adapter_config.json").write_text("{")
    with pytest.raises(models.ModelError, match="tiny/adapter_config.json is broken .*: run dvc repro train@tiny"):
        systems(adapters, tiny_llama)
