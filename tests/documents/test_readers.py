"""The readers: heading path, links, tables and code of each format, and text one can quote from."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import ReadError, clean, fence, join_lines, table
from stages.documents.formats import FORMATS
from stages.documents.layout import from_parsed
from stages.documents.readers import read


@pytest.mark.parametrize(
    ("lines", "words", "joined"),
    [
        (["a para-", "graph"], set(), "a paragraph"),
        (["inter\u2010", "nationalization"], set(), "internationalization"),
        (["non-", "transferable"], set(), "non-transferable"),
        (["a time-", "line"], {"time-line"}, "a time-line"),
        (["is fine-", "tuned"], {"fine", "tuned"}, "is fine-tuned"),
        (["see https://example.", "org/a/b here"], set(), "see https://example.org/a/b here"),
        (["see https://example.org/a.", "This is"], set(), "see https://example.org/a. This is"),
    ],
)
def test_lines_are_joined(lines, words, joined):
    assert join_lines(lines, words) == joined


@given(st.lists(st.text(st.sampled_from("ab-/. h"), max_size=8).map(str.strip), max_size=6))
def test_joined_lines_hold_the_letters_of_their_lines(lines):
    letters = "".join(character for line in lines for character in line if character.isalpha())
    assert "".join(character for character in join_lines(lines, set()) if character.isalpha()) == letters


def test_a_book_that_is_one_paragraph_is_joined():  # looked through as a whole for each line it would take hours
    line = "words that are followed by others"
    assert join_lines([line] * 30_000, set()) == " ".join([line] * 30_000)


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".rst"])
def test_a_word_without_end_is_read(suffix):
    (part,) = read(b"The word is " + b"a" * 500_000 + b" indeed.", suffix).parts
    assert part.blocks == ["The word is " + "a" * 500_000 + " indeed."]


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_rubbish_is_a_read_error_and_nothing_else(suffix):
    for data in (b"", b"%PDF-1.7 rubbish", b"PK\x03\x04 rubbish", b"\x00\xff\x00", b"<<<>>>&&&\xff"):
        try:
            read(data, suffix)
        except ReadError as error:
            assert error.reason


def test_code_with_fences_and_cells_with_pipes_stay_whole():
    assert fence("```\na\n```").startswith("````\n")
    assert table([["a|b", "c"], ["d"]]) == "| a\\|b | c |\n| --- | --- |\n| d |  |"


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="# ab\n-*`|<>/p[](1).\té\x00", max_size=120))
def test_text_is_normalised_whatever_the_markdown(text):
    try:
        parsed = read(text.encode(), ".md")
    except ReadError:
        return
    for section in from_parsed(parsed, "A title of its own")[0]:
        assert all(clean(line) == line for line in section.text.split("\n") if "`" not in section.text)
