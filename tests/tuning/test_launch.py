"""Several processes: the stage under `accelerate launch` on the CPU (gloo), and the loss of a sharded model."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from safetensors.torch import load_file

from stages import disk
from stages.tuning import launch, training
from tests.tuning.examples import run, some_rows


def launched(*command: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, text=True, timeout=300,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path.cwd()), "MASTER_PORT": "0"} | environment,
    )  # fmt: skip


def test_two_processes_learn_what_one_does(tiny_llama: Path, tmp_path: Path):
    mix = tmp_path / "mix"
    disk.write(mix / "train.jsonl", some_rows(12))
    disk.write(mix / "eval.jsonl", some_rows(4))
    disk.write_json(mix / "licences.json", {})
    places = [tmp_path / name for name in ("mix", "adapter", "loss.csv", "metrics/train-two.json")]
    options = {
        "student": tiny_llama, "dtype": "float32", "rank": 4, "learning-rate": 0.01, "epochs": 2, "batch-size": 4,
        "overfit-steps": 0,
    }  # fmt: skip
    given = [str(part) for key, value in options.items() for part in (f"--{key}", value)]
    result = launched(
        "stages.train", *map(str, places), *given,
        FAQTUNE_TRAINING__LAUNCH="accelerate", FAQTUNE_TRAINING__LAUNCH_CONFIG="launch/ddp.yaml", FAQTUNE_THREADS="2",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("12 rows in, 12 kept") == 1, "one process writes"
    one = run(tiny_llama, tmp_path / "one")
    two = (tmp_path / "loss.csv").read_text().splitlines()
    assert len(two) == len(one.curve) == 7
    for line, expected in zip(two[1:], one.curve[1:], strict=True):
        assert float(line.split(",")[2]) == pytest.approx(float(expected.split(",")[2]), abs=2e-3)
    weights = [load_file(folder / "adapter_model.safetensors") for folder in (tmp_path / "adapter", tmp_path / "one")]
    assert all((weights[0][name] - weights[1][name]).abs().max() < 1e-2 for name in weights[1])


@pytest.mark.parametrize("quantization", ["none", "nf4"])
def test_the_gradient_of_a_sharded_model_is_that_of_the_whole_one(tiny_llama: Path, quantization: str):
    result = launched(
        "torch.distributed.run", "--standalone", "--nproc_per_node", "2", "-m", "tests.tuning.sharded", str(tiny_llama),
        quantization,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr[-3000:]
    assert result.stdout.count("28 gradients are the same") == 2


def test_a_batch_that_cannot_be_shared_out_is_refused():
    recipe = training.Recipe(batch_size=6)
    assert training.Engine(micro_batch=1).accumulation(recipe, 2) == (1, 3)
    assert training.Engine().accumulation(recipe, 2) == (3, 1)
    with pytest.raises(training.TrainingError, match="--batch-size 6 cannot be parted among 4 processes"):
        training.Engine().accumulation(recipe, 4)
    with pytest.raises(training.TrainingError, match="micro_batch: 2 in engine.yaml does not divide the 3 rows"):
        training.Engine(micro_batch=2).accumulation(recipe, 2)


def test_a_launch_config_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(launch.LaunchError, match="none.yaml: expected a config of accelerate there"):
        launch.again(tmp_path / "none.yaml")


@pytest.mark.parametrize("file", sorted(Path("launch").glob("*.yaml")), ids=lambda file: file.name)
def test_the_configs_that_come_along_are_known_to_accelerate(file: Path):
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(file))
    assert (
        config.num_processes == 2
        and config.distributed_type.value == yaml.safe_load(file.read_text())["distributed_type"]
    )


def test_a_training_runs_on_large_pages_and_is_started_again_for_them_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLIBC_TUNABLES", "")  # so that it is put back
    monkeypatch.delenv("GLIBC_TUNABLES")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.36"))
    started = []
    monkeypatch.setattr(os, "execv", lambda program, arguments: started.append((program, arguments)))
    launch.on_large_pages()
    launch.on_large_pages()
    assert started == [(sys.executable, sys.orig_argv)] and os.environ["GLIBC_TUNABLES"] == launch.LARGE_PAGES
    monkeypatch.delenv("GLIBC_TUNABLES")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("", ""))  # musl, or another system
    launch.on_large_pages()
    assert len(started) == 1 and "GLIBC_TUNABLES" not in os.environ


def test_the_stage_is_the_same_when_started_again():
    known = {name: value for name, value in os.environ.items() if name != "GLIBC_TUNABLES"}
    shown = subprocess.run(
        [sys.executable, "-m", "stages.train", "--help"], env=known, capture_output=True, text=True, check=True
    )
    assert "Train one LoRA adapter" in shown.stdout and not shown.stderr
