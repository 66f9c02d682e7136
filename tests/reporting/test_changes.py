"""Parameters are compared by their dotted names."""

from stages.reporting.changes import Change, changes


def test_changed_new_and_gone_parameters_are_found():
    before = {"mix": {"refusals": 400, "old": 1}, "train": {"targets": ["q", "v"]}}
    now = {"mix": {"refusals": 500}, "train": {"targets": ["q"]}, "keep": 3.0}
    assert changes(before, now) == [
        Change("mix.refusals", "400", "500"), Change("train.targets", "['q', 'v']", "['q']"),
        Change("keep", None, "3.0"), Change("mix.old", "1", None),
    ]  # fmt: skip
    assert changes(now, now) == [] == changes(None, {})
