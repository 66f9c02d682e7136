import os
import time
from pathlib import Path

import msgspec

from stages.tuning import checkpoints, training
from tests.tuning.examples import some_rows


def test_the_key_follows_all_that_the_result_depends_on(tiny_llama: Path, monkeypatch):
    recipe, engine, rows = training.Recipe(student=str(tiny_llama)), training.Engine(), some_rows(3)

    def key(recipe=recipe, engine=engine, rows=rows, evaluation=(), processes=1):
        return checkpoints.key(recipe, engine, rows, evaluation, processes)

    made = [
        key(),
        key(recipe=msgspec.structs.replace(recipe, seed=1)),
        key(recipe=msgspec.structs.replace(recipe, learning_rate=1e-4)),
        key(engine=training.Engine(micro_batch=1)),
        key(rows=rows[:2]),
        key(evaluation=rows),
        key(processes=2),
    ]
    monkeypatch.setenv("FAQTUNE_THREADS", "7")
    made.append(key())
    monkeypatch.undo()
    assert len(set(made)) == len(made)
    monkeypatch.setenv("FAQTUNE_THREADS", "1")
    assert key() == key(engine=training.Engine(save_steps=1, report_to="tensorboard"))


def test_the_last_complete_checkpoint_counts_and_the_others_go(tmp_path: Path):
    assert checkpoints.last(tmp_path) is None
    for step, text in ((9, '{"global_step": 9}'), (10, '{"global_step": 10}'), (11, '{"global_st'), (12, None)):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        if text:
            (folder / checkpoints.STATE).write_text(text)
    assert checkpoints.last(tmp_path) == tmp_path / "checkpoint-10"
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["checkpoint-10", "checkpoint-9"]


def test_a_finished_training_is_forgotten_and_so_is_what_nobody_resumed_for_weeks(tmp_path: Path):
    for name in ("old", "new"):
        (tmp_path / name / "checkpoint-1").mkdir(parents=True)
        (tmp_path / f"{name}.0.lock").touch()
    for stale in (tmp_path / "old", tmp_path / "old.0.lock"):
        os.utime(stale, (time.time() - 30 * 24 * 3600,) * 2)
    (tmp_path / "over").mkdir()
    checkpoints.forget(tmp_path / "over")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "new.0.lock"]
