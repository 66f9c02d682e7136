"""Mix delivers its quotas: what is drawn, counted again, is what was asked for."""

from collections import Counter

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stages.mixing import account, drawing, rows
from stages.mixing.drawing import Mixture
from stages.records import Pair, Source

SOURCES = {
    name: Source(id=name, path=name, file=name, sha256="0" * 64, weight=weight, trust=trust)
    for name, weight, trust in (("a.md", 1.0, 0.5), ("b.md", 2.0, 0.8), ("c.md", 0.5, 0.8))
}
SAID = st.tuples(
    st.sampled_from(sorted(SOURCES)), st.sampled_from(drawing.ORIGINS), st.sampled_from([None, "what", "terse"]),
    st.integers(1, 60),
)  # fmt: skip
MIXTURES = st.builds(
    Mixture, by=st.sampled_from(["none", "source", "origin", "form", "trust"]),
    sampling=st.sampled_from(["quotas", "temperature"]), temperature=st.floats(0.5, 8), total=st.integers(0, 300),
    unit=st.sampled_from(["rows", "tokens"]), max_repeats=st.integers(1, 4), seed=st.integers(0, 3),
)  # fmt: skip


def pairs_of(said):
    return [
        Pair(id=f"p{n}", question=f"What is {n}?", answer="word " * words, facts=[], source=source, origin=origin,
             form=form)
        for n, (source, origin, form, words) in enumerate(said)
    ]  # fmt: skip


def words(texts):
    return [len(text.split()) for text in texts]


def drawn_by(pairs, mixture):
    return drawing.draw(pairs, mixture, SOURCES, {pair.id: len(pair.answer.split()) for pair in pairs})


@given(st.lists(SAID, min_size=1, max_size=60), MIXTURES)
def test_mix_delivers_its_quotas(said, mixture):
    pairs = pairs_of(said)
    try:
        drawn = drawn_by(pairs, mixture)
    except drawing.MixtureError as error:
        assert "no row at all" in str(error)
        return
    made = [rows.of_pair(pair, "", repeat) for pair, repeat in drawn.taken]
    assert len({row.id for row in made}) == len(made)
    units = account.delivered(drawn, made, account.lengths(made, words), mixture.unit)
    drawing.verify(drawn, units)
    for name, quota in drawn.quotas.items():
        longest = max((drawn.costs[pair.id] for pair in pairs if drawn.groups[pair.id] == name), default=0)
        assert abs(units[name] - quota.units) <= (0 if mixture.unit == "rows" else longest / 2)
    times = Counter(pair.id for pair, _ in drawn.taken)
    assert all(times[pair.id] <= mixture.max_repeats for pair in pairs)
    for name in drawn.quotas:
        counts = {times[pair.id] for pair in pairs if drawn.groups[pair.id] == name}
        assert not counts or max(counts) - min(counts) <= 1, "a pair is repeated before all were taken"
    assert {pair.id for pair, _ in drawn.left} == {pair.id for pair in pairs} - set(times), "lost in silence"
    repeats = sum(repeat > 0 for _, repeat in drawn.taken)
    assert len(pairs) == len(drawn.taken) - repeats + len(drawn.left)


@given(st.lists(SAID, min_size=1, max_size=40), MIXTURES)
def test_the_order_of_the_pairs_makes_no_difference(said, mixture):
    pairs = pairs_of(said)
    mixture = msgspec.structs.replace(mixture, total=4 * mixture.total)
    assume(mixture.total == 0 or mixture.total > 240)  # or it may be too small for a row in any of four groups
    one, two = drawn_by(pairs, mixture), drawn_by(pairs[::-1], mixture)
    assert one.quotas == two.quotas and sorted(p.id for p, _ in one.taken) == sorted(p.id for p, _ in two.taken)


@given(st.integers(2, 60), st.integers(0, 60), st.integers(0, 3))
def test_a_further_pair_displaces_at_most_one(count, total, seed):
    pairs = pairs_of([("a.md", "seed", None, 3)] * (count + 1))
    mixture = Mixture(sampling="quotas", total=min(total, count) or 1, seed=seed)
    before, after = ({pair.id for pair, _ in drawn_by(some, mixture).taken} for some in (pairs[:-1], pairs))
    assert len(before - after) <= 1 and after - before <= {pairs[-1].id}


def test_another_seed_draws_others():
    pairs = pairs_of([("a.md", "seed", None, 3)] * 40)
    one, two = (drawn_by(pairs, Mixture(sampling="quotas", total=9, seed=seed)).taken for seed in (0, 1))
    assert len(one) == len(two) == 9 and one != two


def test_all_takes_every_pair_once():
    pairs = pairs_of([("a.md", "seed", None, 3), ("z.md", "generated", "what", 5)])
    assert drawn_by(pairs, Mixture()) == ([(pair, 0) for pair in pairs], [], {}, {"p0": "all", "p1": "all"},
                                          {"p0": 1, "p1": 1}, 2)  # fmt: skip


def test_a_source_weighs_what_its_manifest_says_unless_told_otherwise():
    pairs = pairs_of([("a.md", "seed", None, 1), ("b.md", "seed", None, 1)])
    mixture = Mixture(by="source", sampling="quotas", total=3, max_repeats=2)
    assert {name: quota.weight for name, quota in drawn_by(pairs, mixture).quotas.items()} == {"a.md": 1, "b.md": 2}
    mixture = msgspec.structs.replace(mixture, weights=("b.md=4", "c.md=1"))
    assert {name: quota.weight for name, quota in drawn_by(pairs, mixture).quotas.items()} == {
        "a.md": 1, "b.md": 4, "c.md": 1,
    }  # fmt: skip


def test_a_name_may_hold_an_equals_sign():
    pairs = pairs_of([("a.md", "seed", "x=y", 1)])
    mixture = Mixture(by="form", sampling="quotas", weights=("x=y=3",))
    assert drawn_by(pairs, mixture).quotas["x=y"].weight == 3


def test_rows_that_miss_their_quota_are_never_delivered():
    drawn = drawn_by(pairs_of([("a.md", "seed", None, 3)] * 4), Mixture(by="origin", sampling="quotas", total=3))
    with pytest.raises(RuntimeError, match="seed was to get 3 and got 2"):
        drawing.verify(drawn, {"seed": 2})
