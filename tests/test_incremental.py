"""No call is paid twice: the whole pipeline on a tiny model and a teacher that counts what it is asked."""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import yaml

from tests.endpoint import Endpoint, serving
from tests.workspace import SAMPLES, Workspace, question


def test_a_second_repro_does_nothing(built):
    assert built.asked_by("dvc repro") == (0, [])
    assert "up to date" in built.run("dvc repro")


def test_the_page_is_written(built):
    assert "<html" in (built.folder / "data/report/index.html").read_text()
    assert "reworded" in built.run("python -m stages.summary data")


def test_one_more_epoch_of_one_adapter_runs_its_training_evaluation_and_report_only(built):
    asked, stages = built.asked_by("dvc exp run -S adapters.all-linear.epochs=2")
    assert asked == 0
    assert stages == ["train@all-linear", "evaluate", "grade", "report"]
    built.run("git checkout -q . && dvc checkout -q --force")


def test_an_edited_sentence_asks_only_about_itself(built):
    built.edit("data/sources/documents/two.md", "weighs 22 grams", "weighs 23 grams")
    asked, stages = built.asked_by("dvc repro")
    assert asked == SAMPLES, "the one fact that changed, not its document"
    assert stages[:6] == ["collect", "parse", "filter", "refine", "chunk", "generate"]
    built.edit("data/sources/documents/two.md", "weighs 23 grams", "weighs 22 grams")
    assert built.asked_by("dvc repro")[0] == 0, "changed back, all is in the journal"


def test_a_changed_threshold_asks_nothing_and_runs_nothing_before_it(built):
    asked, stages = built.asked_by("dvc exp run -S decide.max-answer-words=59")
    assert asked == 0 and stages[0] == "decide"
    built.run("git checkout -q . && dvc checkout -q --force")


def test_same_ledgers_same_bytes_and_same_lock(built):
    # How fast it went is on the page, where it is known; it is no function of the inputs.
    without_speeds = "rm -rf data/speed data/seconds.json data/usage.json && dvc repro --force --single-item report"
    built.run(f"dvc repro && {without_speeds}")
    digests, lock = built.digests(), (built.folder / "dvc.lock").read_bytes()
    shutil.rmtree(built.folder / ".cache")
    asked, stages = built.asked_by("dvc repro --force")
    assert asked == 0 and len(stages) == 19
    built.run(without_speeds)
    again = built.digests()
    assert sorted(again) == sorted(digests)
    assert [name for name in digests if digests[name] != again[name]] == []
    assert (built.folder / "dvc.lock").read_bytes() == lock


def test_a_planted_leak_stops_the_run(built):
    built.run("dvc repro")
    path = built.folder / "data/augment/pairs.jsonl"
    clean = path.read_text()
    evaluated = (built.folder / "data/split/reworded.jsonl").read_text().splitlines()[0]
    before = (built.folder / "data/mix/train.jsonl").read_bytes()
    path.unlink()  # it may be a link into the cache
    path.write_text(clean + evaluated.replace('"split":"reworded"', '"split":"train"') + "\n")
    command = yaml.safe_load((built.folder / "dvc.lock").read_text())["stages"]["mix"]["cmd"]
    output = built.run(f"{command}; echo exit $?")
    assert "exit 1" in output and "leaks of evaluation items" in output and "reworded" in output
    assert (built.folder / "data/mix/train.jsonl").read_bytes() == before, "nothing is written"
    path.write_text(clean)


def test_a_kill_during_generate_loses_no_reply(tmp_path, tiny_llama):
    def slow(messages, sample):
        time.sleep(0.05)
        return question(messages, sample)

    with serving(Endpoint(slow)) as teacher:
        workspace = Workspace(tmp_path, tiny_llama, teacher)
        workspace.run("dvc repro chunk")
        running = subprocess.Popen(
            ["dvc", "repro", "generate"], cwd=workspace.folder, env=workspace.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        limit = time.monotonic() + 60
        while teacher.asked < 10 and time.monotonic() < limit:
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        time.sleep(0.3)
        arrived = len(rows(workspace.folder / ".cache/journal.sqlite"))
        assert 0 < arrived < SAMPLES * 24, "killed in the middle"
        assert workspace.asked_by("dvc repro generate")[0] == SAMPLES * 24 - arrived


def rows(journal: Path) -> list:
    with sqlite3.connect(journal) as connection:
        return connection.execute("SELECT key FROM replies").fetchall()
