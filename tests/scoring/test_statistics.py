import math
import random

import numpy as np
import pytest
from scipy import stats

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


def simulated(kind: str, generator: np.random.Generator, facts: int) -> tuple[list[float], list[int], float]:
    """Return values on facts of one to three items, the fact of each, and the true mean."""
    fact = np.repeat(np.arange(facts), generator.integers(1, 4, facts))
    if kind == "skewed":  # as token F1 is
        return list(generator.beta(0.8, 1.2, facts)[fact] + generator.normal(0, 0.1, len(fact))), list(fact), 0.4
    if kind == "share":  # as refusals are, mostly the same on one fact
        same = generator.random(len(fact)) < 0.8
        own, of_fact = generator.random(len(fact)) < 0.3, generator.random(facts) < 0.3
        return list(np.where(same, of_fact[fact], own).astype(float)), list(fact), 0.3
    return list(generator.normal(0, 0.2, facts)[fact] + generator.exponential(0.1, len(fact))), list(fact), 0.1


@pytest.mark.parametrize("facts", [20, 60])
@pytest.mark.parametrize("kind", ["skewed", "share", "difference"])
def test_a_95_percent_interval_covers_93_to_97_percent_of_2000_simulated_sets(kind: str, facts: int):
    generator, covered = np.random.default_rng(5), 0
    for _ in range(2000):
        values, clusters, true = simulated(kind, generator, facts)
        _, low, high = statistics.bootstrap(values, clusters, 0, 1000)
        covered += low <= true <= high
    assert 0.93 <= covered / 2000 <= 0.97


def test_the_interval_of_the_gap_closed_covers_as_nominal():
    generator, covered = np.random.default_rng(6), 0
    for _ in range(2000):
        base = generator.beta(2, 5, 60)
        oracle = base + generator.normal(0.3, 0.2, 60)
        tuned = base + 0.8 * (oracle - base) + generator.normal(0, 0.2, 60)
        _, low, high = statistics.gap_closed(tuned, base, oracle, range(60), 0, 1000)
        covered += low <= 0.8 <= high
    assert 0.93 <= covered / 2000 <= 0.97


def test_two_systems_that_are_equally_good_show_no_difference_at_the_nominal_rate():
    generator, shown = np.random.default_rng(7), 0
    for _ in range(2000):
        facts = generator.normal(0, 0.05, 60)
        left, right = (facts + generator.normal(0, 0.1, 60) for _ in range(2))
        shown += statistics.paired(left, right, range(60), 0, 400).verdict != statistics.NO_DIFFERENCE
    assert 0.035 <= shown / 2000 <= 0.065
    assert statistics.paired(left, left, range(60)).verdict == statistics.NO_DIFFERENCE


def test_of_many_equally_good_systems_one_in_twenty_families_shows_a_difference_at_most():
    generator, shown = np.random.default_rng(8), 0
    for _ in range(400):
        base = generator.normal(0, 0.1, 40)
        found = [statistics.paired(generator.normal(0, 0.1, 40), base, range(40), 0, 400) for _ in range(8)]
        shown += any(one.verdict != statistics.NO_DIFFERENCE for one in statistics.corrected(found, [40] * 8))
    assert shown / 400 <= 0.065


def test_the_permutation_test_is_that_of_scipy():
    generator = np.random.default_rng(0)
    for size, exact in ((9, True), (40, False)):
        moved = generator.normal(0.1, 0.3, size)
        theirs = stats.permutation_test(
            (moved, np.zeros(size)), lambda a, b: (a - b).sum(), permutation_type="samples", n_resamples=20_000,
            rng=np.random.default_rng(1),
        ).pvalue  # fmt: skip
        assert statistics.permutation(moved, 0, 20_000) == pytest.approx(theirs, abs=1e-9 if exact else 0.01)


@pytest.mark.parametrize(("gained", "lost"), [(9, 2), (30, 12), (5, 5), (54 - 40, 53 - 40)])
def test_for_right_and_wrong_the_test_is_mcnemars_exact_one(gained: int, lost: int):
    left, right = [1.0] * gained + [0.0] * lost + [1.0] * 20, [0.0] * gained + [1.0] * lost + [1.0] * 20
    expected = stats.binomtest(gained, gained + lost, 0.5).pvalue
    assert statistics.paired(left, right, range(len(left))).p == pytest.approx(expected)


def test_p_values_are_corrected_after_holm():
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert statistics.holm([0.9, 0.8]) == [1.0, 1.0] and statistics.holm([]) == []


def test_the_number_of_items_needed_is_that_of_the_textbook():
    """n = (1.96 + 0.84)^2 s^2 / d^2 for the mean of paired differences (Lachin 1981)."""
    values = list(np.random.default_rng(0).normal(0, 0.4, 50))
    expected = (1.959964 + 0.841621) ** 2 * np.var(values, ddof=1) / 0.1**2
    assert statistics.items_needed(values, range(50), 0.1) == math.ceil(expected)
    difference = statistics.paired(values, [0.0] * 50, range(50))
    assert difference.verdict == statistics.TOO_FEW and difference.needed == math.ceil(expected) > 50
    copied = statistics.items_needed(values * 2, [*range(50)] * 2, 0.1)
    assert copied == pytest.approx(2 * expected, abs=1), "items on the same facts tell nothing new"


def test_no_gap_is_nothing_to_close():
    same = [0.2, 0.4, 0.6] * 10
    assert all(math.isnan(one) for one in statistics.gap_closed(same, same, same, range(30)))
    value, low, high = statistics.gap_closed([0.5] * 30, [0.0] * 30, [1.0] * 30, range(30))
    assert (value, low, high) == (0.5, 0.5, 0.5)


def test_a_ratio_without_anything_below_is_none():
    assert all(math.isnan(one) for one in statistics.ratio([0.0] * 3, [0.0] * 3, range(3)))


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
