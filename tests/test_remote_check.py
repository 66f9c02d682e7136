"""The check of a remote storage, here a folder: what it finds, what it says of it, and what it leaves alone."""

import base64
import gzip
import os
import re
import shutil
from pathlib import Path

import pytest
import yaml

from stages.sharing import leaving
from tests.sharing_project import STORED, Project, files_in, made, misnamed, one_line

SECRET = "sk-a-key-of-the-tests"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return made(tmp_path_factory.mktemp("first") / "project")


@pytest.fixture
def project(first: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return a project whose remote is a folder, and nothing of it pushed yet."""
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "ann"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    shutil.copytree(first.folder, tmp_path / "project", symlinks=True)
    project = Project(tmp_path / "project")
    project.remote(tmp_path / "store")
    return project


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "store"


def of(project: Project, path: str) -> str:
    """Return the hash of an output."""
    outs = yaml.safe_load((project.folder / "dvc.lock").read_text())["stages"]["make"]["outs"]
    return next(out["md5"] for out in outs if out["path"] == path)


def at(store: Path, digest: str) -> Path:
    return store / "files" / "md5" / digest[:2] / digest[2:]


def test_it_pushes_and_leaves_the_workspace_as_it_is(project: Project, store: Path, tmp_path: Path):
    (project.folder / "data/one.txt").unlink()
    before = files_in(project.folder / "data"), project.git("status", "--porcelain")
    result = project.check()
    assert result.exit_code == 0, result.output
    assert result.output.splitlines()[0] == f"remote storage: {store}"
    assert f"pushed, as new there: {STORED}\n" in result.output
    assert "not committed" not in result.output
    assert len(files_in(store)) == STORED and misnamed(files_in(store)) == []
    assert (files_in(project.folder / "data"), project.git("status", "--porcelain")) == before
    assert os.listdir(tmp_path / "tmp") == []


def test_the_ledgers_of_replies_are_pushed_and_metrics_are_not(project: Project, store: Path):
    assert project.check().exit_code == 0
    ledger = (project.folder / "data/replies/generate.jsonl").read_bytes()
    metrics = (project.folder / "data/metrics/make.json").read_bytes()
    assert at(store, of(project, "data/replies/generate.jsonl")).read_bytes() == ledger
    assert metrics not in files_in(store).values()


def test_what_a_team_mate_would_lack_or_run_again_is_told(project: Project, store: Path):
    clean = project.check().output
    assert "nothing is at this address yet" in clean and "not committed" not in clean and "changed since" not in clean
    (project.folder / "data/sources").mkdir(parents=True)
    (project.folder / "data/sources/new.md").write_text("new\n")
    text = (project.folder / "dvc.yaml").read_text()
    (project.folder / "dvc.yaml").write_text(text.replace("cmd: ", "cmd: true && ", 1))
    said = project.check().output
    assert "nothing is at this address yet" not in said
    assert "not committed, and so not yet in what a team mate clones: data/sources/new.md" in said
    assert "changed since its last run, so that whoever clones this runs it again: make" in said


def test_what_is_checked_is_what_dvc_lock_says_now(project: Project, store: Path):
    (project.folder / "make.sh").write_text((project.folder / "make.sh").read_text().replace("echo one", "echo two"))
    assert project.dvc("repro", "-q") == 0
    result = project.check()
    assert result.exit_code == 0, result.output
    assert "not committed, and so not yet in what a team mate clones: dvc.lock" in result.output
    assert b"two\n" in files_in(store).values()


def test_a_file_that_dvc_takes_for_there_is_missed_and_uploaded_again(project: Project, store: Path):
    assert project.dvc("push", "-q") == 0
    name = next(path for path, content in files_in(store).items() if content == b"deep\n")
    (store / name).unlink()
    assert project.dvc("push", "-q") == 0 and not (store / name).exists(), "the listing is there: DVC asks no further"
    result = project.check()
    assert "data/folder/deep/one.txt (stage make) is missing" in result.output
    assert "do not come back as dvc.lock names them: 1; python -m stages.remote_check --repair" in one_line(result)
    assert project.check("--repair").exit_code == 0
    assert (store / name).read_bytes() == b"deep\n" and project.check().exit_code == 0


def test_half_a_file_is_found_by_its_hash_and_uploaded_again(project: Project, store: Path):
    assert project.dvc("push", "-q") == 0
    path = at(store, of(project, "data/one.txt"))
    path.chmod(0o644)
    path.write_bytes(b"on")
    path.chmod(0o444)  # as DVC leaves it, which then trusts its name
    assert project.dvc("push", "-q") == 0 and path.read_bytes() == b"on"
    result = project.check()
    assert "data/one.txt (stage make) has other bytes than its hash says" in result.output
    assert one_line(result)
    assert project.check("--repair").exit_code == 0 and path.read_bytes() == b"one\n"


def test_what_is_neither_there_nor_in_the_cache_has_to_be_made_again(project: Project, store: Path):
    digest = of(project, "data/one.txt")
    at(project.folder / ".dvc/cache", digest).unlink()
    result = project.check()
    assert "data/one.txt (stage make) is missing" in result.output and "--repair" not in one_line(result)
    assert "data/one.txt is not in the cache here either: dvc repro --force make" in one_line(project.check("--repair"))


@pytest.mark.parametrize("name", ["MY_API_KEY", "UNUSUAL"])
def test_nothing_is_pushed_while_a_secret_is_in_it(
    name: str, project: Project, store: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(name, SECRET)
    project.write("engine.yaml", "endpoints: {teacher: {url: http://127.0.0.1:1, key_env: UNUSUAL}}\n")
    script = (project.folder / "make.sh").read_text()
    project.write("make.sh", script.replace("echo deep", f"echo key ${name}"))
    assert project.dvc("repro", "-q") == 0
    result = project.check()
    assert "nothing was pushed" in one_line(result) and not store.exists()
    assert f"secret: data/folder/deep/one.txt: the value of {name}" in result.output and SECRET not in result.output


def test_a_secret_that_git_has_stops_it_too(project: Project, store: Path, monkeypatch: pytest.MonkeyPatch):
    project.write("notes.md", f"Our key is {SECRET}.\n")
    project.git("add", "notes.md")
    monkeypatch.setenv("HF_TOKEN", SECRET)
    result = project.check()
    assert "secret: notes.md: the value of HF_TOKEN" in result.output
    assert one_line(result) and not store.exists()


def test_what_was_not_all_searched_is_told_as_that(project: Project, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leaving, "MOST", 100)
    project.write("page.html", base64.b64encode(gzip.compress(bytes(range(200)))).decode())
    project.git("add", "page.html")
    result = project.check()
    assert "searched only in part: page.html: more than" in result.output
    assert "names what exists only here" not in result.output


def test_only_what_is_there_is_counted_as_searched_whatever_its_name(project: Project):
    before = project.check().output
    name = os.fsdecode(b"caf\xe9.md")  # no UTF-8
    project.write(name, "x")
    project.git("add", name)
    (project.folder / "make.sh").unlink()
    after = project.check().output
    assert "what a team mate clones: make.sh" not in before and "not yet in what a team mate clones" not in before
    searched = [re.search(r"searched: (\d+) files", said) for said in (before, after)]
    assert searched[0] and searched[1] and searched[0][1] == searched[1][1]


def test_a_path_of_this_machine_is_told_and_does_not_stop_it(project: Project):
    project.write("make.sh", (project.folder / "make.sh").read_text().replace("echo deep", "pwd"))
    assert project.dvc("repro", "-q") == 0
    result = project.check()
    assert result.exit_code == 0, result.output
    assert "names what exists only here: data/folder/deep/one.txt: the path of the workspace" in result.output


def test_without_a_remote_it_says_how_to_add_one(project: Project):
    project.write(".dvc/config", "[core]\nanalytics = false\n")
    project.write(".dvc/config.local", "")
    result = project.check()
    assert result.exit_code == 1 and "dvc remote add --default storage" in result.output
    assert "no such remote, of those that are known (none)" in one_line(project.check("--remote", "other"))


def test_a_remote_that_only_this_machine_knows_is_told(project: Project):
    config = (project.folder / ".dvc/config").read_text()
    project.write(".dvc/config", "[core]\nanalytics = false\n")
    project.write(".dvc/config.local", config)
    result = project.check()
    assert result.exit_code == 0 and "only known here: .dvc/config, which Git has, does not name this" in result.output


def test_no_secret_of_an_address_is_shown(project: Project):
    project.remote("https://ann:the-password@127.0.0.1:1/store?sig=the-signature")
    result = project.check()
    assert "remote storage: https://127.0.0.1:1/store\n" in result.output and one_line(result)
    assert "the-password" not in result.output and "the-signature" not in result.output


def test_a_kind_whose_client_is_missing_is_told_with_what_installs_it(project: Project):
    project.remote("gs://bucket/path")
    assert "its client is not installed: pip install" in one_line(project.check())


def test_without_a_run_there_is_nothing_to_check(project: Project):
    (project.folder / "dvc.lock").unlink()
    result = project.check()
    assert "left out, as dvc.lock has no output of it: make" in result.output
    assert "dvc.lock names nothing that could be pushed: dvc repro" in one_line(result)


def test_no_escape_sequence_reaches_the_terminal(project: Project):
    project.write("make.sh", (project.folder / "make.sh").read_text() + "pwd > 'data/folder/\x1b[31mred'\n")
    assert project.dvc("repro", "-q") == 0
    result = project.check()
    assert "?[31mred" in result.output and "\x1b" not in result.output
