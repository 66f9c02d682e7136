"""A curriculum: easy first, children after their parents, the rest spread evenly."""

from hypothesis import given
from hypothesis import strategies as st

from stages.mixing import order
from stages.records import Row


def row(name, repeat=0):
    return Row(id=f"{name}/{repeat}", pair=name, origin="generated", prompt=[], completion=[])


@given(
    st.lists(st.tuples(st.integers(1, 40), st.none() | st.integers(0, 15), st.integers(0, 2)), max_size=16),
    st.integers(0, 5), st.integers(0, 5), st.integers(0, 3),
)  # fmt: skip
def test_a_curriculum_holds_all_rows_and_no_child_comes_before_its_parent(said, refused, replayed, seed):
    tokens = {str(n): words for n, (words, _, _) in enumerate(said)}
    parents = {str(n): None if parent is None else str(parent) for n, (_, parent, _) in enumerate(said)}
    taught = [(row(str(n), repeat), repeat) for n, (_, _, most) in enumerate(said) for repeat in range(most + 1)]
    spread = [[row(f"{kind}{n}") for n in range(count)] for kind, count in (("no", refused), ("re", replayed))]
    ladder = order.curriculum(taught, spread, parents, tokens, seed)
    assert sorted(one.id for one in ladder) == sorted(one.id for one, _ in taught) + sorted(
        one.id for kind in spread for one in kind
    )
    place = {one.id: number for number, one in enumerate(ladder)}
    for child, parent in parents.items():
        if parent in tokens and not circle(child, parents):
            assert place[f"{parent}/0"] < place[f"{child}/0"]


def circle(name, parents):
    seen = set()
    while name is not None and name not in seen:
        seen.add(name)
        name = parents.get(name)
    return name is not None


def test_short_answers_come_first_and_repeats_after_all_others():
    taught = [(row(name, repeat), repeat) for name in "cab" for repeat in (0, 1)]
    ladder = order.curriculum(taught, [], {}, {"a": 3, "b": 9, "c": 5}, 0)
    assert [one.id for one in ladder] == ["a/0", "c/0", "b/0", "a/1", "c/1", "b/1"]


def test_refusals_and_replay_are_spread_evenly():
    taught = [(row(f"p{n:02}"), 0) for n in range(12)]
    spread = [[row(f"no{n}") for n in range(4)], [row(f"re{n}") for n in range(2)]]
    ladder = order.curriculum(taught, spread, {}, {f"p{n:02}": n for n in range(12)}, 0)
    kinds = "".join(one.pair[0] for one in ladder)
    assert [kinds[place : place + 9].count("n") for place in (0, 9)] == [2, 2]
    assert [kinds[place : place + 9].count("r") for place in (0, 9)] == [1, 1]
    assert "nn" not in kinds and "rr" not in kinds
