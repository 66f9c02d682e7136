"""No call is paid twice: the whole pipeline on a tiny model and a teacher that counts what it is asked."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from tests.endpoint import Endpoint, serving

SAMPLES = 2
PARTS = ["pump", "valve", "filter", "sensor", "heater", "fan", "relay", "motor", "screen", "switch", "cable", "clock"]


def page(title: str, parts: list[str], first: int) -> str:
    """Return a document with two facts a part, each with a number of its own."""
    lines = [f"# {title}"]
    for number, part in enumerate(parts, first):
        lines += [
            f"\n## The {part}\n",
            f"The flag --{part}-limit sets the limit of the {part} to {number * 7} units. "
            f"The {part} of the Aster machine weighs {number * 3 + 1} grams.",
        ]
    return "\n".join(lines) + "\n"


def question(messages: list[dict], sample: int) -> str:
    """A perfect teacher: another question about the statement for each sample."""
    statement = messages[-1]["content"].split("Statement: ")[1]
    word = statement.split()[2].removeprefix("--").removesuffix("-limit") if "--" in statement else statement.split()[1]
    if "--" in statement:
        return [f"What limit does the flag --{word}-limit set?", f"To how many units is the limit of the {word} set?"][
            sample % 2
        ]
    return [f"What does the {word} of the Aster machine weigh?", f"How many grams does the {word} of Aster weigh?"][
        sample % 2
    ]


class Workspace:
    """A copy of the repository in a folder of its own, with two small documents and a tiny student."""

    def __init__(self, folder: Path, student: Path, teacher: Endpoint):
        self.folder, self.teacher = folder, teacher
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, check=True)
        for name in listed.stdout.decode().splitlines():
            if Path(name).is_file() and not name.startswith(("data/sources/documents/", "data/metrics/", "dvc.lock")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(name, folder / name)
        documents = folder / "data/sources/documents"
        documents.mkdir(parents=True)
        (documents / "one.md").write_text(page("Aster manual", PARTS[:6], 1))
        (documents / "two.md").write_text(page("Aster handbook", PARTS[6:], 7))
        shutil.copytree(student, folder / "models/tiny")
        (folder / ".gitignore").open("a").write("models/\n")
        params = yaml.safe_load((folder / "params.yaml").read_text())
        params["teacher"] = {"model": "m", "revision": "1", "endpoint": "teacher", "scorer": "models/tiny"}
        params["generate"] |= {
            "samples": SAMPLES,
            "rules": False,
            "max-drift": 0.8,
            "max-alike": 1.0,
            "max-gives-away": 1.0,
        }
        params["curate"] |= {"min-rank": -1000.0, "min-coverage": 0.1, "max-gives-away": 1.0}
        params["split"] |= {"held-out": 0.2}
        params["student"] |= {"student": "models/tiny", "dtype": "float32"}
        params["training"] |= {"max-length": 512}
        for adapter in params["adapters"].values():
            adapter |= {"epochs": 1, "rank": 2}
        params["evaluate"] |= {"max-new-tokens": 4, "trained-max": 4, "draws": 100}
        (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "FAQTUNE_", "GIT_"))},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "FAQTUNE_ENDPOINTS__TEACHER__URL": teacher.url,
            "FAQTUNE_ENDPOINTS__TEACHER__RETRIES": "0",
            "FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY": "2",
            "FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL": str(SAMPLES),
            "FAQTUNE_THREADS": "1",
            "OMP_NUM_THREADS": "1",
            "DVC_NO_ANALYTICS": "1",
        }
        for command in (
            "git init -q .", "git config user.email a@example.org", "git config user.name A", "git add -A",
            "git commit -qm start",
        ):  # fmt: skip
            self.run(command)

    def run(self, command: str, check: bool = True) -> str:
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        output = done.stdout + done.stderr
        assert not check or done.returncode == 0, f"{command} exited {done.returncode}:\n{output[-6000:]}"
        return output

    def asked_by(self, command: str) -> tuple[int, list[str]]:
        """Run a command; return how many samples the teacher was asked for and which stages ran."""
        before = self.teacher.asked
        output = self.run(command)
        stages = [line.split("'")[1] for line in output.splitlines() if line.startswith("Running stage '")]
        return self.teacher.asked - before, stages

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / name
        text = path.read_text()
        assert text.count(old) == 1
        path.write_text(text.replace(old, new))

    def digests(self) -> dict[str, bytes]:
        files = sorted(path for path in (self.folder / "data").rglob("*") if path.is_file())
        skip = ("sources", "seconds.json", ".gitignore", ".seconds.lock")
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in files
            if not any(part in skip for part in path.relative_to(self.folder / "data").parts)
        }


@pytest.fixture(scope="module")
def workspace(tmp_path_factory, tiny_llama):
    with serving(Endpoint(question)) as teacher:
        yield Workspace(tmp_path_factory.mktemp("workspace"), tiny_llama, teacher)


@pytest.fixture(scope="module")
def built(workspace):
    """The workspace after its first whole run, committed."""
    asked, stages = workspace.asked_by("dvc repro")
    assert asked == SAMPLES * 24, "two facts a part, twelve parts"
    assert stages[0] == "collect" and stages[-1] == "report" and len(stages) == 14
    workspace.run("git add -A && git commit -qm built")
    return workspace


def test_a_second_repro_does_nothing(built):
    assert built.asked_by("dvc repro") == (0, [])
    assert "up to date" in built.run("dvc repro")


def test_the_page_is_written(built):
    assert "<html" in (built.folder / "data/report/index.html").read_text()
    assert "reworded" in built.run("python -m stages.summary data")


def test_one_more_epoch_of_one_adapter_runs_its_training_evaluation_and_report_only(built):
    asked, stages = built.asked_by("dvc exp run -S adapters.all-linear.epochs=2")
    assert asked == 0
    assert stages == ["train@all-linear", "evaluate", "report"]
    built.run("git checkout -q . && dvc checkout -q --force")


def test_an_edited_sentence_asks_only_about_itself(built):
    built.edit("data/sources/documents/two.md", "weighs 22 grams", "weighs 23 grams")
    asked, stages = built.asked_by("dvc repro")
    assert asked == SAMPLES, "the one fact that changed, not its document"
    assert stages[:5] == ["collect", "parse", "filter", "chunk", "generate"]
    built.edit("data/sources/documents/two.md", "weighs 23 grams", "weighs 22 grams")
    assert built.asked_by("dvc repro")[0] == 0, "changed back, all is in the journal"


def test_a_changed_threshold_asks_nothing_and_runs_nothing_before_it(built):
    asked, stages = built.asked_by("dvc exp run -S curate.max-answer-words=59")
    assert asked == 0 and stages[0] == "curate"
    built.run("git checkout -q . && dvc checkout -q --force")


def test_same_ledgers_same_bytes_and_same_lock(built):
    built.run("dvc repro")
    digests, lock = built.digests(), (built.folder / "dvc.lock").read_bytes()
    shutil.rmtree(built.folder / ".cache")
    asked, stages = built.asked_by("dvc repro --force")
    assert asked == 0 and len(stages) == 14
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
    import sqlite3

    with sqlite3.connect(journal) as connection:
        return connection.execute("SELECT key FROM replies").fetchall()
