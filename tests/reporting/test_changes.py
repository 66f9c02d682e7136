"""Parameters are compared by their dotted names."""

from stages.reporting.changes import Change, changes, with_intervals


def test_changed_new_and_gone_parameters_are_found():
    before = {"mix": {"refusals": 400, "old": 1}, "train": {"targets": ["q", "v"]}}
    now = {"mix": {"refusals": 500}, "train": {"targets": ["q"]}, "keep": 3.0}
    assert changes(before, now) == [
        Change("mix.refusals", "400", "500"), Change("train.targets", "['q', 'v']", "['q']"),
        Change("keep", None, "3.0"), Change("mix.old", "1", None),
    ]  # fmt: skip
    assert changes(now, now) == [] == changes(None, {})


def test_a_figure_has_its_interval_in_brackets():
    figures = {"a": {"gap": 2.5, "gap_low": 1.5, "gap_high": 3.0, "f1": 0.8, "too_low": 4}}
    assert with_intervals(figures) == {"a": {"gap": "2.5 (1.5 to 3.0)", "f1": 0.8, "too_low": 4}}
