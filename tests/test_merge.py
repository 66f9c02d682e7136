"""Merging two people's runs: dvc.lock is merged stage by stage, no reply is lost, and what lacks is said."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from stages import disk, merge
from stages.llm.replies import Replies, Reply

LEDGER = "data/replies/generate.jsonl"


def ledger(*keys: str) -> list[Reply]:
    return [Reply(id=key, value=f"of {key}") for key in keys]


class Person:
    """A clone with a pipeline of one stage, whose ledger is what she was answered."""

    def __init__(self, folder: Path):
        self.folder = folder

    def run(self, command: str, check: bool = True) -> str:
        environment = os.environ | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(Path.cwd()),
            "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org", "DVC_NO_ANALYTICS": "1",
            "FAQTUNE_CACHE": ".cache",
        }  # fmt: skip
        done = subprocess.run(command, shell=True, cwd=self.folder, env=environment, capture_output=True, text=True)
        assert not check or done.returncode == 0, f"{command} exited {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def asks(self, *keys: str) -> None:
        """Run the pipeline by hand: the replies become the ledger of its stage."""
        (self.folder / LEDGER).unlink(missing_ok=True)
        disk.write(self.folder / LEDGER, ledger(*keys))
        (self.folder / "asked").write_text(" ".join(keys))
        for name in ("metrics/generate.json", "seconds.json", "speed/generate.csv"):
            (self.folder / "data" / name).parent.mkdir(exist_ok=True)
            (self.folder / "data" / name).write_text(str(keys))
        self.run("dvc commit -q -f && git add -A && git commit -qm asked")

    def knows(self, key: str) -> bool:
        return Replies(self.folder / "none", self.folder / ".cache/journal.sqlite").peek(key) == f"of {key}"


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which both have asked after the same version, and Anna's replies are not pushed yet."""
    folder = tmp_path_factory.mktemp("people")
    anna, ben = Person(folder / "anna"), Person(folder / "ben")
    anna.folder.mkdir()
    anna.run("git init -qb main . && dvc init -q && dvc remote add -q -d storage ../remote")
    outs = {"generate": {"cmd": "true", "deps": ["asked"], "outs": [{LEDGER: {"persist": True}}]}}
    (anna.folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": outs}))
    shutil.copy(".gitattributes", anna.folder)
    (anna.folder / ".gitignore").write_text("/data/replies\n/.cache\n/asked\n")
    anna.asks("first")
    anna.run("dvc push -q && git clone -q . ../ben")
    ben.run("dvc pull -q && git remote set-url origin ../anna")
    for person in (anna, ben):
        person.run(f"make -f {Path.cwd() / 'Makefile'} merging BIN={Path(sys.executable).parent}")
    ben.asks("first", "ben's")
    anna.asks("anna's", "first")
    return folder


@pytest.fixture
def people(pushed: Path, tmp_path: Path) -> tuple[Person, Person]:
    shutil.copytree(pushed, tmp_path / "people", symlinks=True)
    return Person(tmp_path / "people/anna"), Person(tmp_path / "people/ben")


def test_git_takes_the_replies_of_both(people):
    anna, ben = people
    anna.run("dvc push -q")
    ours = (ben.folder / "dvc.lock").read_bytes()
    output = ben.run("git pull -q --no-rebase --no-edit origin main")
    assert "1 of their 2 replies are new here" in output
    assert ben.knows("anna's") and ben.knows("first")
    assert (ben.folder / "dvc.lock").read_bytes() == ours, "the one stage was run by both"
    assert ben.run("git status --short") == ""


def test_a_ledger_that_was_not_pushed_is_a_conflict_which_can_be_ended(people):
    anna, ben = people
    output = ben.run("git pull -q --no-rebase --no-edit origin main", check=False)
    assert f"{LEDGER} of theirs: neither in DVC's cache nor on the remote" in output and "dvc push" in output
    assert "UU dvc.lock" in ben.run("git status --short")
    anna.run("dvc push -q")
    assert "1 of their 2 replies are new here" in ben.run("python -m stages.merge")
    assert ben.knows("anna's")
    ben.run("git add dvc.lock && git commit -qm merged && dvc status")


def test_without_the_drivers_the_conflict_is_ended_by_hand_as_the_readme_says(people):
    anna, ben = people
    anna.run("dvc push -q")
    ben.run("git config --remove-section merge.replies && git config --remove-section merge.ours")
    ben.run("git pull -q --no-rebase --no-edit origin main", check=False)
    assert "<<<<<<<" in (ben.folder / "dvc.lock").read_text()
    assert "UU data/metrics/generate.json" in ben.run("git status --short")
    commands = Path("README.md").read_text().split("python -m stages.merge   ")[1].split("```")[0]
    ben.run("set -e\npython -m stages.merge" + commands)
    assert ben.run("git status --short") == "" and ben.knows("anna's")
    assert (ben.folder / "data/metrics/generate.json").read_text() == str(("first", "ben's"))
    assert "changed" not in ben.run("dvc status")


def test_a_damaged_ledger_is_named_in_one_line(people):
    anna, ben = people
    stages = yaml.safe_load((anna.folder / "dvc.lock").read_text())["stages"]
    digest = stages["generate"]["outs"][0]["md5"]
    kept = ben.folder / ".dvc/cache/files/md5" / digest[:2] / digest[2:]
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("half a li")
    output = ben.run("git pull -q --no-rebase --no-edit origin main", check=False)
    assert "line 1: expected a Reply" in output and "Traceback" not in output
    assert "UU dvc.lock" in ben.run("git status --short")


def test_outside_of_a_merge_it_says_so(people):
    _, ben = people
    assert "dvc.lock has no conflict here" in ben.run("python -m stages.merge", check=False)


def test_two_files_are_one_too_few(tmp_path):
    done = CliRunner().invoke(merge.main, ["a", "b"])
    assert done.exit_code == 2 and "BASE OURS THEIRS" in done.output
