"""Quotas sum to the total, respect their caps, and are within one of their exact share."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.mixing import quotas

NAMES = st.text("abcdef", min_size=1, max_size=3)
WEIGHTS = st.just(0.0) | st.floats(0.001, 100)
GROUPS = st.dictionaries(NAMES, st.tuples(st.integers(0, 500), WEIGHTS), min_size=1, max_size=8)


def asked(groups, total, repeats=2, temperature=None):
    sizes = {name: size for name, (size, _) in groups.items()}
    weights = {name: weight for name, (_, weight) in groups.items()}
    return quotas.quotas(sizes, weights, total, repeats, temperature)


def filled(shares, caps, total):
    """Return the exact shares under the caps, by bisection: one level for all that their caps do not hold down."""
    low, high = 0.0, 1e12
    for _ in range(200):
        level = (low + high) / 2
        sums = {name: min(caps[name], level * share) for name, share in shares.items()}
        low, high = (level, high) if sum(sums.values()) < total else (low, level)
    return sums


@given(GROUPS, st.integers(0, 2000), st.integers(1, 4), st.sampled_from([None, 0.5, 1.0, 2.0, 5.0]))
def test_quotas_are_as_asked_for_as_far_as_caps_allow(groups, total, repeats, temperature):
    try:
        found = asked(groups, total, repeats, temperature)
    except ValueError:
        weighed = [weight for size, weight in groups.values() if temperature is None or size]
        assert not any(weighed), "refused although there is something to mix"
        return
    caps = {name: repeats * size for name, (size, _) in groups.items()}
    shares = {name: quota.asked for name, quota in found.items()}
    assert sum(shares.values()) == 1
    assert sum(quota.units for quota in found.values()) == min(total, sum(caps[name] for name in caps if shares[name]))
    assert all(0 <= quota.units <= caps[name] for name, quota in found.items())
    assert all(quota.units == caps[name] for name, quota in found.items() if quota.capped)
    exact = filled(shares, caps, total)
    assert all(abs(found[name].units - exact[name]) < 1 + 1e-6 for name in found)
    if not any(quota.capped for quota in found.values()):
        assert all(abs(quota.units - quota.asked * total) < 1 for quota in found.values())


@given(GROUPS, st.integers(0, 300), st.integers(0, 300))
def test_the_order_of_the_groups_makes_no_difference(groups, total, more):
    if any(weight for _, weight in groups.values()):
        assert asked(groups, total) == asked(dict(reversed(groups.items())), total)


def test_largest_remainders_get_what_rounding_leaves():
    masses = {"a": Fraction(47), "b": Fraction(16), "c": Fraction(158, 10), "d": Fraction(12), "e": Fraction(92, 10)}
    caps = dict.fromkeys(masses, 1000)
    assert quotas.allotted(masses, caps, 10) == {"a": 5, "b": 2, "c": 1, "d": 1, "e": 1}
    assert quotas.allotted(dict.fromkeys("cab", Fraction(1)), dict.fromkeys("abc", 9), 4) == {"a": 2, "b": 1, "c": 1}


def test_what_a_capped_group_cannot_take_goes_to_the_others_in_proportion():
    found = asked({"few": (5, 8.0), "some": (100, 1.0), "many": (100, 1.0)}, 110)
    assert {name: quota.units for name, quota in found.items()} == {"few": 10, "some": 50, "many": 50}
    assert [name for name, quota in found.items() if quota.capped] == ["few"]
    full = asked({"a": (5, 1.0), "b": (5, 3.0)}, 100)
    assert [quota.units for quota in full.values()] == [10, 10] and all(quota.capped for quota in full.values())


@pytest.mark.parametrize(("temperature", "share"), [(1.0, 0.9), (2.0, 0.75), (5.0, 0.6081), (1e6, 0.5), (None, 0.5)])
def test_a_temperature_evens_out_natural_shares(temperature, share):
    found = asked({"big": (900, 1.0), "small": (100, 1.0)}, 1000, 9, temperature)
    assert math.isclose(found["big"].asked, share, abs_tol=1e-4)


def test_at_temperature_one_a_weight_of_two_doubles_a_share():
    found = asked({"a": (10, 2.0), "b": (20, 1.0)}, 30, 9, 1.0)
    assert [quota.units for quota in found.values()] == [15, 15]


def test_a_group_without_weight_gets_nothing_and_something_must_have_one():
    assert asked({"a": (10, 0.0), "b": (10, 1.0)}, 50)["a"].units == 0
    with pytest.raises(ValueError, match="nothing to mix"):
        asked({"a": (10, 0.0), "b": (0, 1.0)}, 5, 2, 1.0)
    with pytest.raises(ValueError, match="too large"):
        asked({"a": (10, 1e308)}, 5, 2, 1.0)
