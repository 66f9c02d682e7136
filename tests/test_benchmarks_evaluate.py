"""The benchmark of generation, on a tiny model, and the table of settings that were tried."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stages.reporting.study import study

ROOT = Path(__file__).parent.parent


def test_generation_is_compared_with_generate(tiny_llama: Path):
    command = [
        sys.executable,
        "benchmarks/evaluate.py",
        "--quick",
        "--student",
        str(tiny_llama),
        "--max-new-tokens",
        "3",
    ]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures.keys() == {"generation_ratio", "generation_ratio_batched"} and min(figures.values()) > 0
    assert "6 of 6" in done.stdout, "in float32 a batch says what a prompt alone does"


def kept(folder: Path, *arguments: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(ROOT / "benchmarks/studying/settings.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder)


@pytest.fixture
def evaluated(tmp_path: Path) -> Path:
    few = {"gap_closed_reworded": 1.5, "gap_closed_reworded_low": 1.2, "gap_closed_reworded_high": 2.0}
    few |= {"refuses_unanswerable": 0.25, "general_kept": None}
    scores = {"reworded": {"linear": {"key_match": {"value": 0.3, "low": 0.2, "high": 0.4, "n": 9}}}}
    files = {"headline": {"linear": few}, "evaluate": scores}
    (tmp_path / "data/metrics").mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / f"data/metrics/{name}.json").write_text(json.dumps(content))
    (tmp_path / "data/seconds.json").write_text(json.dumps({"train-linear": 90}))
    return tmp_path


def test_settings_are_kept_beside_each_other_with_one_default(evaluated: Path):
    for name in ("first, with a comma", "second"):
        assert kept(evaluated, name, "--adapter", "linear", "--default").returncode == 0
    assert "2 in data/study.csv" in kept(evaluated, "second", "--adapter", "linear", "--default").stdout
    found = study(evaluated / "data")
    assert found and [(row.setting, row.default) for row in found.rows] == [
        ("first, with a comma", False), ("second", True),
    ]  # fmt: skip
    figures = found.rows[1].figures
    assert figures["gap_closed_reworded"] == "1.50 (1.20 to 2.00)" and figures["train_minutes"] == "1.5"
    assert figures["general_kept"] == "–", "what was not measured is no number"
    failed = kept(evaluated, "third", "--adapter", "other")
    assert failed.returncode == 2 and "has no adapter other, but linear" in failed.stderr


def test_without_settings_the_page_shows_none(tmp_path: Path):
    assert study(tmp_path) is None
    (tmp_path / "study.csv").write_text("setting,default\n")
    assert study(tmp_path) is None
