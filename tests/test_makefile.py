"""make clean removes what can be made again, and nothing that Git tracks or that was paid for."""

import shutil
import subprocess
from pathlib import Path

from configobj import ConfigObj


def test_clean_leaves_what_is_tracked_and_what_was_paid_for(tmp_path: Path):
    listed = subprocess.run(["git", "ls-files", "data"], capture_output=True, text=True, check=True).stdout
    kept = [*listed.split("\n")[:-1], "data/replies/generate.jsonl", ".cache/journal.sqlite", ".dvc/cache/x"]
    gone = ["data/mix/train.jsonl", "data/adapters/a/x.safetensors", ".cache/models/x", ".cache/training/x"]
    for name in (*kept, *gone):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    shutil.copy("Makefile", tmp_path)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert all((tmp_path / name).exists() for name in kept)
    assert not any((tmp_path / name).exists() for name in gone)


def test_dvc_can_read_what_git_is_told_about_merging(tmp_path: Path):
    folder = tmp_path / "with a space"
    subprocess.run(["git", "init", "-q", folder], check=True)
    subprocess.run(["make", "-sf", Path("Makefile").absolute(), "merging"], cwd=folder, check=True)
    told = ConfigObj(str(folder / ".git/config"))  # as the queue of `dvc exp run --queue` does
    assert told['merge "replies"']["driver"].endswith("/with a space/.venv/bin/python' -m stages.merge %O %A %B")
    assert told['merge "ours"']["driver"] == "true"
