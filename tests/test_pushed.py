"""What a run hands over, by DVC and by Git: no secret of its environment, no path of its machine, and no journal."""

import copy
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
import yaml

from stages.sharing import leaving
from stages.sharing.leaving import Needle
from tests import storage
from tests.sharing_project import files_in, misnamed
from tests.workspace import SAMPLES, Workspace

SECRETS = {  # made here: what stands in this file is tracked by Git
    name: f"{uuid4().hex}{uuid4().hex}"
    for name in ("TEACHER_SECRET", "HF_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
}
NOBODY = f"user{uuid4().hex}"


@pytest.fixture(scope="module")
def pushed(built: Workspace, first_run: Workspace, tmp_path_factory: pytest.TempPathFactory):
    """Return the workspace after the teacher was asked with a key and all was pushed, and what must not be in it."""
    folder = tmp_path_factory.mktemp("pushed")
    home = folder / NOBODY
    home.mkdir()
    run, sent = copy.copy(built), bytearray()
    with storage.forwarded(int(built.teacher.url.rpartition(":")[2].split("/")[0]), sent) as port:
        run.environment = built.environment | SECRETS | {
            "FAQTUNE_ENDPOINTS__TEACHER__URL": f"http://127.0.0.1:{port}/v1",
            "FAQTUNE_ENDPOINTS__TEACHER__KEY_ENV": "TEACHER_SECRET",
            **dict.fromkeys(("USER", "LOGNAME", "USERNAME"), NOBODY),
            "HOME": str(home),
        }  # fmt: skip
        run.run("rm data/replies/generate.jsonl .cache/journal.sqlite*")  # so that everything is asked again
        asked, stages = run.asked_by("dvc repro --force --single-item generate")
    assert stages == ["generate"] and asked == SAMPLES * 24
    assert b"Bearer " + SECRETS["TEACHER_SECRET"].encode() in sent
    assert (built.folder / ".cache/journal.sqlite").exists()
    checked = run.run("dvc remote add --default storage ../store && python -m stages.remote_check")
    assert "all as dvc.lock names it" in checked and "names what exists only here" not in checked
    found = leaving.secrets(SECRETS, {}, [])
    assert len(found) == len(SECRETS)
    found += [Needle(str(one.folder), "the path of the workspace", False) for one in (built, first_run)]
    found += [Needle(path, "a path", False) for path in (sys.prefix, NOBODY, str(Path.home().resolve()) + "/")]
    return run, found


def named(workspace: Workspace) -> set[str]:
    """Return what dvc.lock names as output."""
    stages = yaml.safe_load((workspace.folder / "dvc.lock").read_text())["stages"].values()
    return {out["path"] for stage in stages for out in stage["outs"]}


def test_no_secret_and_no_path_of_the_machine_is_pushed(pushed):
    workspace, needles = pushed
    store = workspace.folder.parent / "store"
    assert len(files_in(store)) > 50 and misnamed(files_in(store)) == []
    found = {name: leaving.search(store / name, needles) for name in files_in(store)}
    assert {name: one for name, one in found.items() if one} == {}


def test_no_secret_and_no_path_of_the_machine_is_in_git(pushed):
    workspace, needles = pushed
    listed = subprocess.run(["git", "ls-files"], cwd=workspace.folder, capture_output=True, text=True, check=True)
    names = listed.stdout.splitlines()
    assert {"dvc.lock", "data/metrics/generate.json", "data/seconds.json", ".dvc/config"} <= set(names)
    found = {name: leaving.search(workspace.folder / name, needles) for name in names}
    assert {name: one for name, one in found.items() if one} == {}


def test_the_journal_stays_here_and_the_ledgers_travel(pushed):
    workspace, _ = pushed
    store = files_in(workspace.folder.parent / "store")
    assert [name for name, content in store.items() if content.startswith(b"SQLite format 3")] == []
    outs = named(workspace)
    assert {name for name in outs if not name.startswith("data/")} == set()
    ledgers = {name for name in outs if name.startswith("data/replies/")}
    assert {f"data/replies/{stage}.jsonl" for stage in ("generate", "judge", "augment", "evaluate", "grade")} == ledgers
    assert all((workspace.folder / name).read_bytes() in store.values() for name in ledgers)
    assert (workspace.folder / "data/replies/generate.jsonl").stat().st_size > 0
