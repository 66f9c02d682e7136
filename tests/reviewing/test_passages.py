"""Quotes are shown marked, in their place, and never lost."""

from hypothesis import given
from hypothesis import strategies as st

from stages.records import Evidence
from stages.reviewing.passages import AROUND, Library, pieces
from tests.reviewing.folder import LINES, document


def quotes(text, *found):
    return [Evidence(document="d", quote=one, span=(text.index(one), text.index(one) + len(one))) for one in found]


def test_two_quotes_of_one_section_are_one_passage_with_its_heading_and_address():
    one = document()
    [passage] = Library([one]).passages(quotes(one.text, LINES[2], LINES[0]))
    assert passage.heading == ["Falcon", "Needs"] and passage.url == "https://example.org/falcon#needs"
    assert [text for text, marked in passage.pieces if marked] == [LINES[0], LINES[2]]
    assert "".join(text for text, _ in passage.pieces) == one.text


def test_a_quote_that_the_document_no_longer_has_is_shown_alone_and_told():
    one = document()
    stale = Evidence(document="d", quote="Falcon needs 13 GB.", span=(0, 19))
    gone = Evidence(document="gone", quote="Lost.", span=(0, 5))
    found = Library([one]).passages([stale, gone, *quotes(one.text, LINES[1])])
    assert [(passage.moved, passage.pieces[0]) for passage in found[1:]] == [
        (True, (stale.quote, True)), (True, (gone.quote, True)),
    ]  # fmt: skip
    assert not found[0].moved and (LINES[1], True) in found[0].pieces


def test_a_long_section_is_cut_at_words_around_the_quotes():
    text = "word " * 400 + "QUOTE" + " word" * 400
    start = text.index("QUOTE")
    found = pieces(text, (0, len(text)), [(start, start + 5)])
    assert found[0] == ("… ", False) and found[-1] == (" …", False) and ("QUOTE", True) in found
    shown = "".join(piece for piece, _ in found)
    assert len(shown) < 2 * AROUND + 20 and shown.strip("… ").split()[0] == "word"


@given(st.text("ab \n", min_size=1, max_size=3000), st.data())
def test_every_quote_is_marked_whole_and_nothing_is_shown_twice(text, data):
    place = st.integers(0, len(text) - 1)
    spans = [(start, data.draw(st.integers(start + 1, len(text))))
             for start in data.draw(st.lists(place, min_size=1, max_size=4))]  # fmt: skip
    found = pieces(text, (0, len(text)), spans)
    marked = "".join(piece for piece, mark in found if mark)
    inside = {place for start, end in spans for place in range(start, end)}
    assert marked == "".join(letter for place, letter in enumerate(text) if place in inside)
    assert sum(len(piece.strip("…")) for piece, _ in found) <= len(text) + 2 * len(spans) + 2
