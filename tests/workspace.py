"""A copy of the repository with two small documents, a tiny student and a teacher that counts what it is asked."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from stages.llm import judging
from tests.endpoint import Endpoint
from tests.teacher import asked, counts_with

SAMPLES = 2
LABELS = 10  # labelled pairs that are kept
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
    """A perfect teacher: another question about the statement for each of the two kinds that are asked for.

    As a judge it marks everything best, and never knows an answer.
    """
    task = messages[0]["content"]
    if task.startswith("You judge"):
        return json.dumps({"reason": "Good."} | dict.fromkeys(judging.PARTS, 5))
    if task.startswith("You answer"):
        return "I do not know."
    _, statement, kind = asked(messages)
    number = int(kind != "what")
    word = statement.split()[2].removeprefix("--").removesuffix("-limit") if "--" in statement else statement.split()[1]
    if "--" in statement:
        return [f"What limit does the flag --{word}-limit set?", f"To how many units is the limit of the {word} set?"][
            number
        ]
    return [f"What does the {word} of the Aster machine weigh?", f"How many grams does the {word} of Aster weigh?"][
        number
    ]


class Workspace:
    """A copy of the repository in a folder of its own, with two small documents and a tiny student."""

    def __init__(self, folder: Path, student: Path, teacher: Endpoint, new: bool = True):
        """Make a workspace in a folder, which is emptied, or take one that is there if it need not be `new`."""
        self.folder, self.teacher = folder, teacher
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
        if new:
            self._fill(student)

    def _fill(self, student: Path) -> None:
        folder = self.folder
        shutil.rmtree(folder, ignore_errors=True)
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], capture_output=True, check=True)
        for name in listed.stdout.decode().splitlines():
            if Path(name).is_file() and not name.startswith(("data/sources/documents/", "data/metrics/", "dvc.lock")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(name, folder / name)
        documents = folder / "data/sources/documents"
        documents.mkdir(parents=True)
        (documents / "one.md").write_text(page("Aster manual", PARTS[:6], 1))
        (documents / "two.md").write_text(page("Aster handbook", PARTS[6:], 7))
        labels = folder / "data/sources/judge_labels.jsonl"
        labels.write_bytes(b"".join(labels.read_bytes().splitlines(keepends=True)[:LABELS]))
        shutil.copytree(student, folder / "models/tiny")
        counts_with(student, folder / ".cache")
        (folder / "data/sources/writer").mkdir(exist_ok=True)  # no writer is needed
        (folder / ".gitignore").open("a").write("models/\n")
        params = yaml.safe_load((folder / "params.yaml").read_text())
        params["teacher"] = {"model": "m", "revision": "1", "endpoint": "teacher", "scorer": "models/tiny"}
        params["generate"] |= {
            "samples": SAMPLES,
            "rules": False,
            "top-up": 0,
            "enough": -1000.0,
            "multi-hop": 0,
            "unanswerable": 0,
            "max-drift": 0.8,
            "max-alike": 1.0,
            "max-gives-away": 1.0,
        }
        params["decide"] |= {"min-rank": -1000.0, "min-coverage": 0.1, "max-gives-away": 1.0}
        params["split"] |= {"held-out": 0.2}
        params["student"] |= {"student": "models/tiny", "dtype": "float32"}
        params["training"] |= {"max-length": 512, "overfit-steps": 0}  # random weights of rank 2 learn nothing by heart
        for adapter in params["adapters"].values():
            adapter |= {"epochs": 1, "rank": 2}
        params["mix"] |= {"refusals": 40, "replay": 20}
        params["training"]["keep-texts"] = 8
        params["evaluate"] |= {"max-new-tokens": 4, "trained-max": 4, "draws": 100}
        (folder / "params.yaml").write_text(yaml.safe_dump(params, sort_keys=False))
        for command in (
            "git init -q .", "git config user.email a@example.org", "git config user.name A", "git add -A",
            "git commit -qm start",
        ):  # fmt: skip
            self.run(command)

    def at(self, folder: Path) -> "Workspace":
        """Return this workspace as copied to another folder, with the same teacher."""
        other = copy.copy(self)
        other.folder = folder
        return other

    def run(self, command: str, check: bool = True, said: bool = True) -> str:
        """Run a command and return what it printed, on stderr only if that is wanted."""
        done = subprocess.run(
            command, shell=True, cwd=self.folder, env=self.environment, capture_output=True, text=True
        )
        output = done.stdout + done.stderr
        assert not check or done.returncode == 0, f"{command} exited {done.returncode}:\n{output[-6000:]}"
        return output if said else done.stdout

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
        skip = ("sources", "speed", "seconds.json", "usage.json", ".gitignore", ".seconds.lock", ".usage.lock")
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in files
            if not any(part in skip for part in path.relative_to(self.folder / "data").parts)
        }
