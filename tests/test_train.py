import errno
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from stages import disk
from stages.records import Message, Row
from stages.train import main
from stages.tuning import models


def mix(folder: Path, questions: list[str]) -> Path:
    rows = [
        Row(
            id=q,
            pair=q,
            origin="seed",
            prompt=models.chat("S", q),
            completion=[Message(role="assistant", content=q[::-1])],
        )
        for q in questions
    ]
    disk.write(folder / "mix" / "train.jsonl", rows)
    disk.write(folder / "mix" / "eval.jsonl", rows[:1])
    disk.write_json(folder / "mix" / "licences.json", {"CC-BY-4.0": len(rows)})
    return folder / "mix"


def run(folder: Path, tiny_llama: Path, *options: str):
    arguments = [
        folder / "mix",
        folder / "adapters" / "tiny",
        folder / "loss.csv",
        folder / "metrics" / "train-tiny.json",
    ]
    fixed = ["--student", tiny_llama, "--epochs", "2", "--batch-size", "2", "--dtype", "float32"]
    fixed += ["--overfit-steps", "0"]
    return CliRunner().invoke(main, [str(argument) for argument in [*arguments, *fixed, *options]])


def test_train_writes_adapter_losses_and_figures(tmp_path: Path, tiny_llama: Path):
    mix(tmp_path, ["What is it?", "How long is it?", "Why?"])
    result = run(tmp_path, tiny_llama, "--targets", "q_proj", "--targets", "v_proj")
    assert result.exit_code == 0, result.output
    figures = json.loads((tmp_path / "metrics" / "train-tiny.json").read_text())
    assert (figures["in"], figures["kept"], figures["rejected"], figures["steps"]) == (3, 3, {}, 4)
    assert (tmp_path / "loss.csv").read_text().count("\n") == 5
    assert (tmp_path / "speed" / "loss.csv").read_text().startswith("step,seconds,tokens,tokens_per_second\n1,")
    assert all(shown["labels"].endswith("<|im_end|>") for shown in json.loads((tmp_path / "loss.json").read_text()))
    assert (tmp_path / "adapters" / "tiny" / "adapter_model.safetensors").exists()
    made = json.loads((tmp_path / "adapters" / "tiny" / "training.json").read_text())
    assert made["data"]["licences"] == {"CC-BY-4.0": 3} and made["recipe"]["targets"] == ["q_proj", "v_proj"]
    card = (tmp_path / "adapters" / "tiny" / "README.md").read_text()
    assert "CC-BY-4.0 (3 rows)" in card and made["data"]["sha256"] in card and made["base"]["revision"] in card
    assert "train-tiny: 3 rows in, 3 kept" in result.output


def test_train_stops_before_the_first_step_at_a_loader_that_teaches_letters(tmp_path: Path, tiny_llama: Path):
    mix(tmp_path, list("abc"))
    result = run(tmp_path, tiny_llama)
    assert result.exit_code == 1 and "ask one letter" in result.output
    assert not (tmp_path / "adapters").exists() and not (tmp_path / "loss.csv").exists()


def test_train_stops_at_an_unknown_setting_of_the_engine(tmp_path: Path, tiny_llama: Path, monkeypatch):
    mix(tmp_path, ["Why is it?"])
    monkeypatch.setenv("FAQTUNE_TRAINING__MICRO_BATCHES", "1")
    result = run(tmp_path, tiny_llama)
    assert result.exit_code == 1 and "engine.yaml, training: Object contains unknown field" in result.output


@pytest.mark.parametrize("full", ["tokens", "loss.csv"])
def test_train_says_in_one_line_that_the_disk_is_full(tmp_path: Path, tiny_llama: Path, monkeypatch, full: str):
    plain = disk.write_bytes

    def refuse(path: Path, *more: object) -> None:
        if full == "tokens" or Path(path).name == full:
            raise OSError(errno.ENOSPC, "No space left on device", full)
        plain(path, *more)

    mix(tmp_path, ["What is it?", "How long is it?", "Why?"])
    with monkeypatch.context() as patched:
        patched.setattr("datasets.Dataset.save_to_disk" if full == "tokens" else "stages.disk.write_bytes", refuse)
        result = run(tmp_path, tiny_llama)
    told = f"Error: train: a file could not be written or read: [Errno 28] No space left on device: '{full}'"
    assert result.exit_code == 1 and told in result.output
    assert not (tmp_path / "loss.csv").exists() and not (tmp_path / "metrics").exists()
    again = run(tmp_path, tiny_llama)
    assert again.exit_code == 0 and (tmp_path / "loss.csv").exists()
    assert ("going on from step 4" in again.output) == (full == "loss.csv"), "what was trained is not trained again"


def test_train_knows_no_other_way_to_launch(tmp_path: Path, tiny_llama: Path, monkeypatch):
    mix(tmp_path, ["Why is it?"])
    monkeypatch.setenv("FAQTUNE_TRAINING__LAUNCH", "acelerate")
    result = run(tmp_path, tiny_llama)
    assert result.exit_code == 1 and "Invalid enum value 'acelerate' - at `$.launch`" in result.output


def test_train_names_the_line_that_is_no_row(tmp_path: Path, tiny_llama: Path):
    (mix(tmp_path, ["Why is it?"]) / "eval.jsonl").write_text('{"id": 1}\n')
    result = run(tmp_path, tiny_llama)
    assert result.exit_code == 1 and "eval.jsonl, line 1: expected a Row" in result.output


def test_a_stopped_training_says_how_it_goes_on(tmp_path: Path, tiny_llama: Path, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("stages.tuning.training.train", stopped)
    mix(tmp_path, ["Why is it?"])
    result = run(tmp_path, tiny_llama)
    assert result.exit_code == 1 and "the same command goes on from its last checkpoint" in result.output


def test_a_learning_rate_of_nothing_is_refused(tmp_path: Path, tiny_llama: Path):
    mix(tmp_path, ["Why is it?"])
    result = run(tmp_path, tiny_llama, "--learning-rate", "0")
    assert result.exit_code == 2 and "0 is not in the range 0<x<=1" in result.output
