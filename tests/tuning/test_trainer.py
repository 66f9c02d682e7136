from pathlib import Path
from types import SimpleNamespace

import pytest

from stages.tuning import trainer
from stages.tuning.batches import Order


def test_the_learning_rate_rises_and_falls():
    for schedule, middle in (("linear", 0.5), ("cosine", 0.5), ("constant", 1.0)):
        rates = [trainer.pace(step, 110, 10 / 110, schedule) for step in range(110)]
        assert rates[0] < rates[5] < rates[10] == 1.0 and rates[60] == pytest.approx(middle)
    assert trainer.pace(0, 10, 0.0, "linear") == 1.0


def test_a_held_out_loss_that_falls_no_more_is_a_stall():
    history = [{"loss": 9.0}, *({"eval_loss": loss} for loss in (3.0, 2.0, 2.5, 2.0))]
    assert not trainer.stalled(history, 3) and trainer.stalled(history, 2)
    assert not trainer.stalled(history, 0) and not trainer.stalled([], 1)


def test_a_step_ends_when_a_gpu_is_done_with_it(monkeypatch, tmp_path: Path):
    now = [0.0]
    monkeypatch.setattr(trainer.time, "perf_counter", lambda: now[0])
    monkeypatch.setattr(trainer.torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(trainer.torch.cuda, "synchronize", lambda: now.__setitem__(0, now[0] + 2.0))
    clock, state = trainer.Clock(Order([5, 6], 2, seed=0), tmp_path / "seconds.json"), SimpleNamespace(global_step=1)
    clock.on_step_begin(None, state, None)
    clock.on_step_end(None, state, None)
    assert clock.steps == [[2.0, 11]]
