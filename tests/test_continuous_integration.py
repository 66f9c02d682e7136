"""What runs on a pull request and before a commit: the steps of the workflow and the hooks, run here."""

import json
import os
import sys
from pathlib import Path

import pytest
import yaml

WORKFLOW = yaml.safe_load(Path(".github/workflows/pipeline.yml").read_text())
HOOKS = yaml.safe_load(Path(".pre-commit-config.yaml").read_text())


def step(name: str) -> dict:
    return next(step for step in WORKFLOW["jobs"]["changes"]["steps"] if step.get("name") == name)


@pytest.fixture(scope="module")
def proposed(built):
    """A clone of a pull request: the run is committed, its data lie elsewhere, and a parameter was changed since."""
    built.run("git clone -q . ../proposed")
    clone = built.at(built.folder.parent / "proposed")
    clone.run("git config user.email b@example.org && git config user.name B")
    metrics = clone.folder / "data/metrics/headline.json"
    headline = json.loads(metrics.read_text())
    headline["proposed"] = 0.5
    metrics.write_text(json.dumps(headline))
    clone.edit("params.yaml", "review: 100", "review: 99")
    clone.run("git commit -qam proposed")
    return clone


def comment(clone, monkeypatch, base: str) -> str:
    monkeypatch.setitem(clone.environment, "BASE", base)
    monkeypatch.setitem(clone.environment, "GITHUB_STEP_SUMMARY", str(clone.folder / "summary.md"))
    (clone.folder / "steps.sh").write_text(step("What changes")["run"])
    clone.run("bash -eo pipefail steps.sh")  # as GitHub runs it
    return (clone.folder / "comment.md").read_text()


def test_the_comment_says_which_metrics_change_and_which_stages_are_out_of_date(proposed, monkeypatch):
    said = comment(proposed, monkeypatch, "HEAD~1")
    assert "| data/metrics/headline.json | proposed" in said
    assert "From decide on." in said
    assert said in (proposed.folder / "summary.md").read_text()


def test_a_commit_that_changes_nothing_is_said_to(proposed, monkeypatch):
    proposed.run("git checkout -q HEAD~1")
    said = comment(proposed, monkeypatch, "HEAD")
    assert said.count("No change.") == 2 and "None: dvc.lock is of this commit." in said
    proposed.run("git checkout -q -")


def test_a_pipeline_that_cannot_be_read_fails_the_job(proposed, monkeypatch):
    (proposed.folder / "dvc.yaml").write_text("stages: [")
    with pytest.raises(AssertionError, match="dvc.yaml"):
        comment(proposed, monkeypatch, "HEAD")
    proposed.run("git checkout -q dvc.yaml")


def test_only_the_commenting_job_may_write_and_no_text_of_a_pull_request_reaches_a_shell():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert [name for name, job in WORKFLOW["jobs"].items() if "permissions" in job] == ["changes"]
    for job in WORKFLOW["jobs"].values():
        for each in job["steps"]:
            assert "${{" not in each.get("run", ""), "values come from the environment, which no shell expands twice"
            assert "secrets." not in json.dumps(each)
    assert "pull_request_target" not in WORKFLOW[True], "`on` is true in YAML 1.1"


def test_the_tests_run_as_they_do_here():
    assert ".ci/run" in [each.get("run") for each in WORKFLOW["jobs"]["test"]["steps"]]


@pytest.fixture
def hooked(proposed, monkeypatch, tmp_path):
    monkeypatch.setitem(proposed.environment, "PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    monkeypatch.setitem(
        proposed.environment, "PATH", f"{Path(sys.executable).parent}{os.pathsep}{proposed.environment['PATH']}"
    )
    proposed.run("git checkout -q . && pre-commit install")
    yield proposed
    proposed.run("pre-commit uninstall && git checkout -q . && git clean -fdq stages")


def test_a_commit_with_an_error_of_style_is_stopped(hooked):
    (hooked.folder / "stages/extra.py").write_text("import os\n")
    said = hooked.run("git add stages/extra.py && git commit -qm extra", check=False)
    assert "ruff check" in said and "F401" in said
    assert "extra" not in hooked.run("git log -1 --format=%s")
    hooked.run("git rm -qf --cached stages/extra.py")


def test_a_file_over_a_megabyte_is_stopped(hooked):
    (hooked.folder / "stages/large.bin").write_bytes(bytes(1_100_000))
    said = hooked.run("git add -f stages/large.bin && git commit -qm large", check=False)
    assert "large.bin (1075 KB) exceeds 1000 KB" in said
    hooked.run("git rm -qf --cached stages/large.bin")


def test_a_clean_commit_passes_and_is_told_what_is_out_of_date(hooked):
    said = hooked.run("git commit --allow-empty -m clean")
    assert "decide" in said and "Failed" not in said


def test_a_push_takes_the_data_along_where_there_is_a_remote(built, hooked):
    built.environment["PRE_COMMIT_HOME"] = hooked.environment["PRE_COMMIT_HOME"]
    built.run("pre-commit install && git init -q --bare ../upstream && git remote add origin ../upstream")
    assert "up to date" not in built.run("git push origin HEAD:without")
    built.run("dvc remote add -q -d storage ../pushed && git add .dvc/config && git commit -qm remote")
    assert "files pushed" in built.run("git push origin HEAD:main")
    assert any(path.is_file() for path in (built.folder.parent / "pushed").rglob("*"))
    built.run("pre-commit uninstall")


def test_each_hook_is_a_program_of_the_environment():
    hooks = HOOKS["repos"][0]["hooks"]
    assert {hook["language"] for hook in hooks} == {"system"}, "one version of each tool, that of `make setup`"
    for hook in hooks:
        name = hook["entry"].split()[0]
        assert name == "bash" or (Path(sys.executable).parent / name).exists(), name
