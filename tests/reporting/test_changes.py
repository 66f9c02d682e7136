"""Parameters are compared by their dotted names, figures with their intervals."""

from stages.reporting.changes import Change, changes, figures


def test_changed_new_and_gone_parameters_are_found():
    before = {"mix": {"refusals": 400, "old": 1}, "train": {"targets": ["q", "v"]}}
    now = {"mix": {"refusals": 500}, "train": {"targets": ["q"]}, "keep": 3.0}
    assert changes(before, now) == [
        Change("mix.refusals", "400", "500"), Change("train.targets", "['q', 'v']", "['q']"),
        Change("keep", None, "3.0"), Change("mix.old", "1", None),
    ]  # fmt: skip
    assert changes(now, now) == [] == changes(None, {})


def test_figures_of_adapters_have_their_intervals():
    score = {"value": 0.8, "low": 0.75, "high": 0.9, "n": 9}
    evaluated = {
        "reworded": {name: {"token_f1": score} for name in ("base", "oracle", "retrieval", "a", "a+retrieval")},
        "gap_closed": {"reworded": {"a": {"token_f1": score | {"value": None}}}},
        "differences": {"general": {"a - base": {"text_nll": {"value": 0.1, "low": 0.0, "high": 0.2}}}},
    }
    assert figures(evaluated) == {
        "a": {"token_f1_reworded": "0.80 (0.75 to 0.90)", "perplexity_ratio": "1.11 (1.00 to 1.22)"}}  # fmt: skip
    assert figures({}) == {}
