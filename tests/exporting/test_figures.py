"""Who serves an adapter reads how well it does, as the evaluation measured it."""

from stages.exporting import figures


def one(value: float) -> dict[str, float]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": 9}


def test_a_figure_has_its_interval_and_that_of_the_untuned_student_beside_it():
    evaluated = {
        "reworded": {"mine": {"token_f1": one(0.8)}, "base": {"token_f1": one(0.3)}},
        "unanswerable": {"mine": {"refusal": one(0.5) | {"value": None}}},
        "differences": {"general": {"mine - base": {"text_nll": one(0.0)}}},
    }
    assert figures.table(evaluated, "mine").splitlines()[2:] == [
        "| token F1 on facts it was trained on, asked in other words | 0.80 | 0.70 to 0.90 | 0.30 |",
        "| perplexity of general text, as a multiple of the untuned student's | 1.00 | 0.90 to 1.11 |  |",
    ]
    assert figures.table(evaluated, "other") == figures.table(evaluated, "base") == figures.table({}, "mine") == ""
