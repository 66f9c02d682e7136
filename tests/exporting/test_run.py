"""What dvc.lock says of a run."""

from pathlib import Path

import pytest

from stages.exporting import run
from stages.reporting.gather import GatherError


def test_models_and_prompts_are_named_of_the_stages_that_could_ask(tmp_path: Path):
    (tmp_path / "dvc.lock").write_text(
        """stages:
  teach: {cmd: python -m stages.teach a b --writer carried}
  generate:
    cmd: python -m stages.generate a b --model embedded --revision main --endpoint embedded --scorer embedded
    deps: [{path: prompts/b.jinja, md5: '2'}, {path: prompts/a.jinja, md5: '1'}, {path: data/chunk, md5: '3'}]
  judge: {cmd: python -m stages.judge a b --model big --revision r2 --endpoint lab, deps: []}
  augment: {cmd: python -m stages.augment a --model big --revision r2 --endpoint lab --forms paraphrase, deps: []}
"""
    )
    found = run.read(tmp_path / "dvc.lock")
    assert [(one.stage, one.revision, one.endpoint) for one in found.asked] == [
        ("generate", "main", "embedded"), ("judge", "r2", "lab"), ("augment", "r2", "lab"),
    ]  # fmt: skip
    assert "SmolLM2-135M-Instruct" in found.asked[0].model and found.asked[0].model == found.scorer
    assert list(found.prompts.items()) == [("prompts/a.jinja", "1"), ("prompts/b.jinja", "2")]
    assert (found.writer, found.allowed) == ("carried", [])


def test_a_folder_of_this_machine_is_no_name_of_a_model(tmp_path: Path):
    command = "python -m stages.generate a --model big --scorer /home/somebody/models/small"
    (tmp_path / "dvc.lock").write_text(f"stages: {{generate: {{cmd: '{command}', deps: []}}}}")
    assert run.read(tmp_path / "dvc.lock").scorer == "small"


def test_what_has_no_model_names_none(tmp_path: Path):
    (tmp_path / "dvc.lock").write_text("stages: {judge: {cmd: python -m stages.judge a --model big, deps: []}}")
    assert run.read(tmp_path / "dvc.lock").scorer == ""


def test_without_a_lock_nothing_is_said(tmp_path: Path):
    assert run.read(tmp_path / "dvc.lock") == run.Run()


@pytest.mark.parametrize("text", ["", "stages: [", "stages: {generate: {}}", 'stages: {filter: {cmd: "a \'b"}}'])
def test_a_lock_that_cannot_be_read_is_named(text: str, tmp_path: Path):
    (tmp_path / "dvc.lock").write_text(text)
    with pytest.raises(GatherError, match=r"dvc\.lock: expected what DVC writes"):
        run.read(tmp_path / "dvc.lock")
