"""A small repository with a pipeline of one stage, whose outputs are a folder, a file and a ledger of replies."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from dvc.cli import main as dvc

from stages import remote_check

PIPELINE = """
stages:
  make:
    cmd: sh make.sh
    deps: [make.sh]
    outs: [data/folder, data/one.txt, {data/replies/generate.jsonl: {persist: true}}]
    metrics: [{data/metrics/make.json: {cache: false}}]
"""
SCRIPT = """
mkdir -p data/folder/deep data/metrics data/replies
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do seq $n 20000 > data/folder/$n.txt; done
echo deep > data/folder/deep/one.txt
echo one > data/one.txt
echo '{"id": "a", "reply": "Yes."}' > data/replies/generate.jsonl
echo '{"in": 1}' > data/metrics/make.json
"""
OUTPUTS = ("data/folder", "data/one.txt", "data/replies")
STORED = 16  # 13 files of the folder, its listing, and two files


class Project:
    """The repository in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", *words], cwd=self.folder, capture_output=True, text=True, check=True)
        return done.stdout

    def remote(self, url: object, *settings: str, local: tuple[str, ...] = ()) -> None:
        """Set the default remote, in the file that Git has and in the one that it has not."""
        lines = ["[core]", "analytics = false", "autostage = true", "remote = storage", "['remote \"storage\"']"]
        self.write(".dvc/config", "\n".join([*lines, f"url = {url}", *settings]) + "\n")
        self.write(".dvc/config.local", "\n".join(["['remote \"storage\"']", *local]) + "\n")
        self.git("commit", "-qam", "remote")

    def dvc(self, *words: str) -> int:
        """Run a DVC command here, and return its exit code."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return dvc(list(words))
        finally:
            os.chdir(before)

    def check(self, *words: str) -> Result:
        """Run remote_check here."""
        before = Path.cwd()
        os.chdir(self.folder)
        try:
            return CliRunner().invoke(remote_check.main, words)
        finally:
            os.chdir(before)

    def outputs(self) -> dict[str, bytes]:
        """Return the files of all outputs."""
        files = [path for one in OUTPUTS for path in [self.folder / one, *(self.folder / one).rglob("*")]]
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in files
            if path.is_file() and path.name != ".gitignore"
        }

    def cloned(self, folder: Path) -> "Project":
        """Clone it, as a team mate does who was told the passwords."""
        subprocess.run(["git", "clone", "-q", self.folder, folder], check=True)
        shutil.copy(self.folder / ".dvc/config.local", folder / ".dvc/config.local")
        return Project(folder)


def made(folder: Path) -> Project:
    """Return a repository whose pipeline was run and committed."""
    project = Project(folder)
    project.write("dvc.yaml", PIPELINE)
    project.write("make.sh", SCRIPT)
    project.git("init", "-q")
    project.git("config", "user.email", "a@example.org")
    project.git("config", "user.name", "A")
    assert project.dvc("init", "-q") == 0
    project.write(".dvc/config", "[core]\nanalytics = false\nautostage = true\n")
    assert project.dvc("repro", "-q") == 0
    project.git("add", "-A")
    project.git("commit", "-qm", "run")
    return project


def misnamed(objects: dict[str, bytes]) -> list[str]:
    """Return those of stored objects that are not what their name, a hash in two parts, says."""
    return [
        name
        for name, content in objects.items()
        if hashlib.md5(content).hexdigest() != "".join(name.split("/")[-2:]).removesuffix(".dir")
    ]


def files_in(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def one_line(result: Result) -> str:
    """Return the error of a command that failed as it should: one line, no traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    lines: list[Any] = [line for line in result.output.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1 and result.output.endswith(lines[0] + "\n"), result.output
    return lines[0]
