"""Edits are found by place and words, each text in one couple at most."""

from hypothesis import given
from hypothesis import strategies as st

from stages.drift.matching import edits

SENTENCES = st.lists(
    st.lists(st.sampled_from("a b c d e f g h".split()), min_size=1, max_size=6).map(" ".join), max_size=8
)


def couples(gone: list[str], new: list[str], least: float = 0.5, place=lambda one: 0) -> list[tuple[str, str]]:
    return edits(gone, new, place, str, least)


def test_the_likest_ones_are_couples():
    gone, new = ["the pump holds 3 litres", "the fan turns left"], ["the fan turns right", "the pump holds 4 litres"]
    assert sorted(couples(gone, new)) == [(gone[1], new[0]), (gone[0], new[1])]


def test_texts_in_different_places_or_of_other_words_are_none():
    assert not couples(["a b c x"], ["a b c y"], place=lambda one: one[-1])
    assert not couples(["the pump holds 3 litres"], ["every fan turns left when seen from there"])


@given(SENTENCES, SENTENCES)
def test_none_is_in_two_couples_and_all_are_alike(gone, new):
    gone, new = (
        [(number, text) for number, text in enumerate(gone)],
        [(number, text) for number, text in enumerate(new)],
    )
    found = edits(gone, new, lambda one: 0, lambda one: one[1], 0.5)
    for side in zip(*found, strict=True):
        assert len(set(side)) == len(side)
    assert all(set(one[1].split()) & set(other[1].split()) for one, other in found)


def test_far_more_texts_than_are_looked_at_find_their_own():
    gone = [f"the part {number} weighs {number} grams" for number in range(500)]
    new = [f"the part {number} weighs {number} kilograms" for number in range(500)]
    assert couples(gone, new) == list(zip(gone, new, strict=True))
