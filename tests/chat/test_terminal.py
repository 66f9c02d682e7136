"""What is below an answer, and that no text of others commands the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from stages.chat import terminal
from stages.chat.answerer import Answered
from stages.chat.passage import Passage

HOSTILE = "\x1b]0;title\x07 \x1b[31mred\x9b2J \u202egnihtyna\u2028 \ud800 \r over"


def passage(**changes) -> Passage:
    given = {"heading": "Guide > Parts", "source": "d.pdf", "link": "https://example.org/d.pdf", "page": 2,
             "before": "First. ", "best": "Second.", "after": "\n\nThird."}  # fmt: skip
    return Passage(**given | changes)


def answered(**changes) -> Answered:
    given = {"done": "At 5 km/h.", "adapter": "tuned", "retrieval": False, "refused": False, "cut": False,
             "left_out": 0, "passages": [passage()], "unsupported": []}  # fmt: skip
    return Answered(**given | changes)


def below(**changes) -> str:
    return "\n".join(terminal.below(answered(**changes)))


@given(st.text(st.characters(), max_size=60))
def test_only_what_is_printed_and_line_ends_are_left(text):
    shown = terminal.plain(text)
    assert all(letter.isprintable() or letter == "\n" for letter in shown) and len(shown) == len(text)
    shown.encode()  # no half of a surrogate pair
    assert not text.isprintable() or shown == text


def test_no_field_commands_the_terminal():
    bad = passage(**dict.fromkeys(("heading", "source", "link", "best", "after"), HOSTILE))
    shown = below(adapter=HOSTILE, passages=[bad], unsupported=[HOSTILE])
    assert shown.replace("\n", "").isprintable() and "red" in shown


def test_the_place_the_link_and_the_words_nearest_to_the_answer_are_shown():
    shown = below()
    assert "(tuned, closed book, from memory)" in shown and terminal.FOUND in shown
    assert "1. Guide > Parts (d.pdf, page 2)\n   https://example.org/d.pdf\n   Second. Third." in shown
    assert terminal.READ in below(retrieval=True) and "with the passages of a search" in below(retrieval=True)


def test_a_long_passage_is_cut_between_words():
    words = terminal.excerpt(passage(best="Second.", after=" word" * 200))
    assert words.endswith(" word …") and len(words) <= terminal.MOST + 2
    assert terminal.excerpt(passage(best="x" * 400, after=" word")) == f"{'x' * 400} …"


def test_a_refusal_shows_no_passage_as_if_it_stood_on_it():
    shown = below(refused=True, passages=[])
    assert "The documents do not say, as far as this model knows." in shown
    assert terminal.READ not in shown and terminal.FOUND not in shown


def test_what_is_odd_about_an_answer_is_told():
    assert "cut off" in below(cut=True)
    assert "The model says nothing." in below(done="", passages=[])
    assert "In none of these passages: 16 billion, --x" in below(unsupported=["16 billion", "--x"])
