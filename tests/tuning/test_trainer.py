import pytest

from stages.tuning import trainer


def test_the_learning_rate_rises_and_falls():
    for schedule, middle in (("linear", 0.5), ("cosine", 0.5), ("constant", 1.0)):
        rates = [trainer.pace(step, 110, 10 / 110, schedule) for step in range(110)]
        assert rates[0] < rates[5] < rates[10] == 1.0 and rates[60] == pytest.approx(middle)
    assert trainer.pace(0, 10, 0.0, "linear") == 1.0


def test_a_held_out_loss_that_falls_no_more_is_a_stall():
    history = [{"loss": 9.0}, *({"eval_loss": loss} for loss in (3.0, 2.0, 2.5, 2.0))]
    assert not trainer.stalled(history, 3) and trainer.stalled(history, 2)
    assert not trainer.stalled(history, 0) and not trainer.stalled([], 1)
