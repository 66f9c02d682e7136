"""Plots are specifications that leave out what cannot be drawn, and never more than can be seen."""

from stages.reporting import plots
from stages.reporting.evaluation import Score
from stages.reporting.page import smoothed
from stages.reporting.plots import Curve

COLOURS = {"base": "var(--base)", "tuned": "var(--a)"}


def test_an_interval_that_is_not_known_is_left_out_and_the_scale_holds_all_others():
    scores = {"faq": {"base": Score(None, None, None, 0), "tuned": Score(1.2, 0.9, 1.5, 40)}}
    spec = plots.intervals("Gain", scores, COLOURS)
    assert [row["system"] for row in spec["data"]["values"]] == ["tuned"]
    assert spec["layer"][1]["encoding"]["x"]["scale"]["domain"] == [0.0, 1.5]
    assert spec["encoding"]["color"]["scale"] == {"domain": ["tuned"], "range": ["var(--a)"]}


def test_curves_leave_out_what_is_not_finite():
    points = [(1.0, 0.5), (2.0, float("inf")), (3.0, float("nan")), (4.0, 0.25)]
    spec = plots.curves("Loss", [Curve("base", points)], COLOURS)
    assert [row["epoch"] for row in spec["data"]["values"]] == [1, 4]
    assert plots.curves("Loss", [Curve("base", [])], COLOURS)["data"]["values"] == []


def test_an_outlier_does_not_flatten_a_curve_but_held_out_losses_fit_in_whole():
    rough = [(float(n), 1.0 if n else 900.0) for n in range(100)]
    assert plots.curves("Loss", [Curve("base", rough)], COLOURS)["encoding"]["y"]["scale"]["domain"][1] == 1.05
    dashed = Curve("base", [(1.0, 30.0)], dashed=True)
    assert plots.curves("Loss", [Curve("base", rough), dashed], COLOURS)["encoding"]["y"]["scale"]["domain"][1] == 31.5


def test_long_curves_are_thinned():
    points = plots.thinned(range(1, 10_001), [1.0] * 10_000)
    assert len(points) <= plots.MOST_POINTS and {value for _, value in points} == {1.0}


def test_a_smoothed_curve_has_as_many_points_an_epoch_whatever_the_batches():
    few, many = ([step / an_epoch for step in range(1, 6 * an_epoch + 1)] for an_epoch in (100, 1000))
    points = [smoothed(epochs, [1.0] * len(epochs)) for epochs in (few, many)]
    assert abs(len(points[0]) - len(points[1])) <= 7 and len(points[1]) == 72
