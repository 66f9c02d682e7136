"""Diff: data/ is compared with what dvc.lock names in a revision, from the cache or the remote of a DVC project."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from dvc.repo import Repo
from dvc.scm import Git

from stages import diff
from tests.drift.dataset import TOPIC, fact
from tests.drift.dataset import dataset as made

MAKE = """
for stage in collect refine chunk dedup split; do mkdir -p data/$stage; cp given/data/$stage/* data/$stage; done
"""
TEXTS, FACTS = "data/refine/documents.jsonl", "data/chunk/facts.jsonl"
OUTS = ["collect", "refine", "chunk", "dedup", "split"]
VALVE, FAN = "The valve opens at a pressure of three bar.", "The fan turns clockwise when seen from the front."
EDITED = VALVE.replace("three", "four")


class Project:
    """A repository whose one stage, `split`, copies what is given as its outputs."""

    def __init__(self, folder: Path):
        self.folder = folder

    def make(self) -> None:
        Git.init(str(self.folder)).close()
        config = Path(__file__).parents[1].joinpath(".dvc/config").read_text()
        core = "[core]\n    remote = storage"
        for name, text in {
            ".dvc/config": f"{config.replace('[core]', core)}['remote \"storage\"']\n    url = ../../storage\n",
            ".gitignore": "/data/*\n",
            ".dvc/.gitignore": "/tmp\n/cache\n",
            "make.sh": MAKE,
            "dvc.yaml": yaml.safe_dump({"stages": {"split": {
                "cmd": "sh make.sh", "deps": ["make.sh", "given"], "outs": [f"data/{name}" for name in OUTS],
            }}}),
        }.items():  # fmt: skip
            (self.folder / name).parent.mkdir(exist_ok=True)
            (self.folder / name).write_text(text)
        self.give({"a.md": [VALVE, FAN]}, 0.5)
        Repo(".").reproduce()
        self.commit("one")

    def give(self, texts: dict[str, list[str]], rank: float) -> None:
        shutil.rmtree(self.folder / "given", ignore_errors=True)
        made(self.folder / "given", texts)
        (self.folder / "params.yaml").write_text(f"decide: {{min-rank: {rank}}}\n")

    def commit(self, message: str) -> None:
        with Git(".") as git:
            git.add(["given", "params.yaml", "dvc.yaml", "dvc.lock", "make.sh", ".gitignore", ".dvc/config"])
            git.commit(message)

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(diff.main, words)

    def told(self, *words: str) -> dict:
        result = self.run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a project that was run and committed, for copies."""
    folder = tmp_path_factory.mktemp("project") / "first" / "project"
    folder.mkdir(parents=True)
    before = Path.cwd()
    os.chdir(folder)
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "A")
            patch.setenv(f"GIT_{role}_EMAIL", "a@example.org")
        try:
            Project(folder).make()
        finally:
            os.chdir(before)
    return folder


@pytest.fixture
def project(first: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "A")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "a@example.org")
    monkeypatch.setenv("DVC_SITE_CACHE_DIR", str(tmp_path / "site"))
    folder = tmp_path / "copy" / "project"
    shutil.copytree(first, folder, symlinks=True)
    monkeypatch.chdir(folder)
    return Project(folder)


def test_an_edit_is_compared_with_the_last_commit(project):
    project.give({"a.md": [EDITED, FAN]}, 0.8)
    Repo(".").reproduce()
    found = project.told()
    assert found["before"]["name"] == "HEAD" and len(found["before"]["commit"]) == 40
    assert found["after"] == {"name": "workspace", "commit": None} and found["stale"] == []
    (one,) = found["facts"]["changed"]
    assert (one["was"], one["id"]) == (fact("a.md", VALVE, TOPIC).id, fact("a.md", EDITED, TOPIC).id)
    assert found["facts"]["kept"] == 1 and not found["facts"]["added"] + found["facts"]["retired"]
    assert found["parameters"] == [{"name": "decide.min-rank", "before": "0.5", "after": "0.8"}]
    said = project.run().output
    assert "opens at a pressure of [-three-]{+four+} bar." in said and "not up to date" not in said


def test_two_revisions_are_compared_whatever_the_workspace_holds(project):
    project.give({"b.md": [FAN]}, 0.5)
    Repo(".").reproduce()
    project.commit("two")
    shutil.rmtree("data")
    found = project.told("HEAD~1", "HEAD")
    assert [one["source"] for one in found["documents"]["removed"]] == ["a.md"]
    back = project.told("HEAD", "HEAD~1")
    assert [one["source"] for one in back["documents"]["added"]] == ["a.md"]


def test_what_is_not_up_to_date_is_said(project):
    project.give({"a.md": [EDITED, FAN]}, 0.5)
    found = project.told()
    assert found["facts"]["kept"] == 2
    assert [one.partition(": file changed")[0] for one in found["stale"]] == ["split: will run"]
    assert "run `dvc repro split` first" in project.run().output


def test_what_the_cache_lacks_comes_from_the_remote_or_is_named(project):
    Repo(".").push()
    shutil.rmtree(".dvc/cache")
    assert project.told()["facts"]["kept"] == 2
    shutil.rmtree("../storage")
    shutil.rmtree(os.environ["DVC_SITE_CACHE_DIR"], ignore_errors=True)  # where DVC notes what folders hold
    result = project.run("HEAD")
    assert result.exit_code == 1 and not result.stdout
    assert "HEAD: data/collect/sources.jsonl is neither in the cache nor on the remote storage" in result.stderr
    assert "dvc push" in result.stderr and "dvc fetch" in result.stderr


def test_without_what_is_not_needed_the_rest_is_compared(project):
    hide(TEXTS)
    result = project.run("--json")
    assert json.loads(result.stdout)["facts"]["kept"] == 2
    assert f"HEAD: {TEXTS} is neither in the cache nor on the remote storage: compared without it" in result.stderr


def hide(file: str) -> None:
    """Take a file out of the cache."""
    content = Path(file).read_bytes()
    (kept,) = [path for path in Path(".dvc/cache").rglob("*") if path.is_file() and path.read_bytes() == content]
    kept.unlink()


def test_a_remote_that_cannot_be_used_is_said_with_why(project, monkeypatch):
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    config = Path(".dvc/config").read_text()
    url = "s3://bucket/path\n    endpointurl = http://127.0.0.1:1"
    Path(".dvc/config").write_text(config.replace("../../storage", url))
    project.commit("s3")
    hide(FACTS)
    result = project.run()
    assert result.exit_code == 1 and isinstance(result.exception, SystemExit)
    assert f"HEAD: {FACTS} is neither in the cache nor on the remote storage (no server answers" in result.stderr
    Path(".dvc/config").write_text(config.replace("../../storage", "gs://bucket/path"))
    project.commit("gs")
    assert "HEAD: its client is not installed" in project.run().stderr


def test_a_lock_of_a_revision_that_cannot_be_read_is_said_to(project):
    lock = Path("dvc.lock").read_text()
    Path("dvc.lock").write_text("<<<<<<< HEAD\n")
    project.commit("conflict")
    Path("dvc.lock").write_text(lock)
    result = project.run()
    assert result.exit_code == 1 and "HEAD: './dvc.lock' validation failed" in result.stderr


def test_a_page_is_written_beside_the_text_or_the_json(project):
    assert "diff: out/page.html" in project.run("--page", "out/page.html").output
    assert "2 keep their ids" in Path("out/page.html").read_text()
    assert project.told("--page", "other.html")["facts"]["kept"] == 2 and Path("other.html").exists()


def test_what_is_no_revision_or_has_no_dataset_is_one_line(project):
    for name in ("nope", "--", "HEAD~7"):
        result = project.run("--", name)
        assert result.exit_code == 1 and "there is no such revision here" in result.output
    assert "nope: there is no such revision" in project.run("HEAD", "nope").output
    Path("data/chunk/facts.jsonl").unlink()  # a link into the cache
    result = project.run()
    assert result.exit_code == 1 and "workspace: data/chunk/facts.jsonl is missing" in result.output
    Path("data/chunk/facts.jsonl").write_text('{"id": "1"}\n')
    result = project.run()
    assert result.exit_code == 1 and "workspace: data/chunk/facts.jsonl, line 1: expected a Fact" in result.output
