"""The difference of two texts holds both of them, word for word."""

from hypothesis import given
from hypothesis import strategies as st

from stages.drift.words import MOST, Piece, difference


@given(st.text(alphabet="ab .,\n", max_size=30), st.text(alphabet="ab .,\n", max_size=30))
def test_both_texts_can_be_put_together_again(before, after):
    pieces = difference(before, after)
    assert "".join(text for kind, text in pieces if kind != "new") == before
    assert "".join(text for kind, text in pieces if kind != "old") == after
    assert before != after or all(kind == "same" for kind, _ in pieces)


def test_whole_words_differ_and_a_phrase_is_one_change():
    assert difference("It opens at three bar now.", "It opens at twenty four bar.") == [
        Piece("same", "It opens at "), Piece("old", "three"), Piece("new", "twenty four"), Piece("same", " bar"),
        Piece("old", " now"), Piece("same", "."),
    ]  # fmt: skip


def test_texts_without_end_are_not_compared_word_by_word():
    assert [piece.kind for piece in difference("a " * MOST, "a " * MOST + "b")] == ["old", "new"]
