"""`python -m stages.review`: says what is missing, who is asking and where the page is."""

import re
import subprocess
import urllib.error
import urllib.request

import pytest
from click.testing import CliRunner

from stages.review import main
from tests.reviewing.folder import made
from tests.web.served import reviewing


def run(data, *options):
    args = ["--data", data, "--decisions", data / "decisions.jsonl", "--params", data / "params.yaml", *options]
    return CliRunner().invoke(main, [str(one) for one in args])


@pytest.mark.parametrize("file", ["decide/pairs.jsonl", "refine/documents.jsonl", "chunk/facts.jsonl"])
def test_a_missing_file_names_the_stage_that_makes_it(tmp_path, file):
    (made(tmp_path) / file).unlink()
    done = run(tmp_path, "--who", "ann")
    assert done.exit_code == 1 and f"run `dvc repro {file.split('/')[0]}` first" in done.output


@pytest.mark.parametrize("text", [None, "other: 1", "decide: [1]", "decide: {min-mark: much}", ": ["])
def test_parameters_that_are_none_are_told(tmp_path, text):
    made(tmp_path)
    (tmp_path / "params.yaml").unlink() if text is None else (tmp_path / "params.yaml").write_text(text)
    done = run(tmp_path, "--who", "ann")
    assert done.exit_code == 1 and "params.yaml: expected the parameters of decide" in done.output
    assert "Traceback" not in done.output


def test_a_broken_file_of_decisions_is_told_at_once(tmp_path):
    made(tmp_path)
    (tmp_path / "decisions.jsonl").write_text("<<<<<<< ours\n")
    done = run(tmp_path, "--who", "ann")
    assert done.exit_code == 1 and "decisions.jsonl, line 1: expected a Ruling" in done.output


@pytest.mark.parametrize("who", ["", "  ", "ann\n", "\x1b[31m"])
def test_a_reviewer_needs_a_name(tmp_path, who):
    done = run(made(tmp_path), "--who", who)
    assert done.exit_code == 1 and "--who NAME" in done.output


def test_the_name_is_gits_unless_another_is_given(tmp_path, monkeypatch):
    made(tmp_path)
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "no-repository"))
    monkeypatch.chdir(tmp_path)
    assert "--who NAME" in run(tmp_path).output
    subprocess.run(["git", "config", "--file", str(tmp_path / "gitconfig"), "user.name", "Bo"], check=True)
    assert "--who" not in run(tmp_path, "--params", str(tmp_path / "none")).output


def test_it_serves_on_loopback_with_a_new_token_each_time_and_ends_cleanly(tmp_path):
    made(tmp_path)
    addresses = []
    for _ in range(2):
        with reviewing(tmp_path) as address:
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/review\?token=[\w-]{32}", address)
            assert b"Review" in urllib.request.urlopen(address).read()
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(address.split("?")[0])
            addresses.append(address)
    assert addresses[0].split("=")[1] != addresses[1].split("=")[1]
