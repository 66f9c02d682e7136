import math
import random

import pytest

from stages.scoring import statistics


def test_the_interval_of_independent_items_is_the_normal_one():
    source = random.Random(0)
    values = [source.gauss(0.5, 0.2) for _ in range(400)]
    mean, low, high = statistics.bootstrap(values, range(400), seed=1, draws=4000)
    spread = 1.96 * math.sqrt(sum((value - mean) ** 2 for value in values) / 399 / 400)
    assert mean == pytest.approx(math.fsum(values) / 400)
    assert low == pytest.approx(mean - spread, abs=0.002) and high == pytest.approx(mean + spread, abs=0.002)


def test_items_on_one_fact_do_not_narrow_the_interval():
    source = random.Random(0)
    values = [source.random() for _ in range(50)]
    one = statistics.bootstrap(values, range(50), draws=2000)
    copied = statistics.bootstrap(values * 4, list(range(50)) * 4, draws=2000)
    naive = statistics.bootstrap(values * 4, range(200), draws=2000)
    assert copied == pytest.approx(one)
    assert naive[2] - naive[1] < 0.6 * (copied[2] - copied[1])


def test_the_bootstrap_is_a_function_of_its_seed():
    values = [0.1, 0.5, 0.9, 0.3]
    assert statistics.bootstrap(values, "abcd", 3) == statistics.bootstrap(values, "abcd", 3)
    assert all(math.isnan(figure) for figure in statistics.bootstrap([], []))


def test_no_failure_is_no_certainty():
    # 0 of 10: Wilson gives 0 to 0.278
    assert statistics.bootstrap([0.0] * 10, range(10)) == (0.0, 0.0, pytest.approx(0.2775, abs=1e-3))
    assert statistics.wilson(54 / 71, 71) == (pytest.approx(0.650, abs=1e-3), pytest.approx(0.845, abs=1e-3))


def test_54_against_53_of_71_shows_no_difference():
    left = [1.0] * 54 + [0.0] * 17
    right = [1.0] * 53 + [0.0] * 18
    difference = statistics.paired(left, right, range(71))
    assert difference.value == pytest.approx(1 / 71) and difference.low <= 0 <= difference.high
    assert difference.verdict == statistics.NO_DIFFERENCE and difference.p > 0.05


def test_a_clear_difference_is_named_by_what_is_better():
    source = random.Random(0)
    left = [0.6 + 0.2 * source.random() for _ in range(30)]
    right = [0.3 + 0.2 * source.random() for _ in range(30)]
    assert statistics.paired(left, right, range(30)).verdict == statistics.BETTER
    assert statistics.paired(right, left, range(30)).verdict == statistics.WORSE
    assert statistics.paired(left, right, range(30), higher_is_better=False).verdict == statistics.WORSE
    assert statistics.paired(left, right, range(30)).p < 0.01


def test_few_facts_are_too_few_however_many_items():
    difference = statistics.paired([1.0] * 90, [0.0] * 90, [number % 9 for number in range(90)])
    assert difference.verdict == statistics.TOO_FEW
    assert statistics.paired([], [], []).verdict == statistics.TOO_FEW


def test_kappa_is_that_of_a_textbook_and_of_cohen():
    """Two raters agree on 20 yes and 15 no of 50 (en.wikipedia.org/wiki/Cohen's_kappa)."""
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    value, low, high = statistics.kappa(pairs)
    assert value == pytest.approx(0.4) and low < 0.2 and high > 0.6
    assert low == pytest.approx(0.4 - 1.96 * 0.129, abs=0.04), "near the asymptotic interval"


def test_a_few_that_agree_are_no_certainty():
    value, low, _ = statistics.kappa([(True, True)] * 3 + [(False, False)] * 3)
    assert value == 1 and low < 0.6
    assert math.isnan(statistics.kappa([(True, True)] * 9)[0]) and math.isnan(statistics.kappa([])[0])
    assert statistics.kappa([(True, True)] * 9)[1] < 0.1, "one class tells nothing about the other"


def test_raters_who_guess_have_a_kappa_about_zero():
    guesses = [(n % 2 == 0, n % 3 == 0) for n in range(600)]
    value, low, high = statistics.kappa(guesses)
    assert abs(value) < 0.01 and low < 0 < high and statistics.kappa(guesses) == (value, low, high)
