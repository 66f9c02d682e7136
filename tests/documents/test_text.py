"""Plain text: headings are recognised, and no word is lost."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Parsed, Part, ReadError
from stages.documents.layout import from_parsed
from stages.documents.readers import read


def shape(text: str) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    parsed = read(text.encode(), ".txt")
    sections, _ = from_parsed(parsed, parsed.title or "")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def everything(parsed: Parsed) -> str:
    lines: list[str] = []
    for piece in parsed.pieces:
        lines += [*piece.heading, *piece.blocks] if isinstance(piece, Part) else [piece.text]
    return "\n".join(lines)


def test_text_has_underlined_capital_and_numbered_headings():
    text = "Guide\n=====\n\nFirst line\ngoes on.\n\nSETUP\n\n- one\n- two\n  more\n\n2. Use\n\nAn in-\ntended hyphen.\n"
    assert shape(text) == [
        ([], ["First line goes on."]),
        (["SETUP"], ["- one\n- two more"]),
        (["2. Use"], ["An in-tended hyphen."]),
    ]


def test_a_heading_on_the_line_of_its_text_is_parted_from_it():
    assert shape("1. First Terms. If so, then yes.\n\n2. Second Terms. If not, then no.\n") == [
        (["1. First Terms"], ["If so, then yes."]),
        (["2. Second Terms"], ["If not, then no."]),
    ]


def test_fenced_code_stays_as_it_stands():
    assert shape("Run it.\n\n```sh\nrun \\\n\n  --all\n```\n\nDone with it.\n") == [
        ([], ["Run it.", "```\nrun \\", "  --all\n```", "Done with it."])
    ]


@pytest.mark.parametrize(("data", "reason"), [(b"", "empty"), (b" \n\f", "empty"), (b"\0\1\2", "binary")])
def test_what_is_no_text_is_a_read_error(data, reason):
    with pytest.raises(ReadError) as error:
        read(data, ".txt")
    assert error.value.reason == reason


WORD = st.sampled_from(
    "alpha Beta GAMMA delta, epsilon. (zeta) eta: 1. a) 2.1 - * • half- 7 https://a.org/x/ ```".split()
)
LINE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
RULE = st.sampled_from(["====", "----", "~~~~", "\f", "***", "```"])
LINES = st.lists(st.one_of(LINE, LINE, LINE, RULE, st.just("")), min_size=1, max_size=14)


def marked(line: str, number: int) -> str:
    """The line with a letter for its number behind each word, so that no two lines have a word in common."""
    letter = "abcdefghijklmn"[number]
    return re.sub(r"\b[A-Za-z]{4,}\b(?!:/)", lambda m: m[0] + (letter.upper() if m[0].isupper() else letter), line)


@settings(max_examples=300, deadline=None)
@given(LINES)
def test_no_word_is_lost_whatever_the_lines(lines):
    text = "\n".join(marked(line, number) for number, line in enumerate(lines))
    try:
        parsed = read(text.encode(), ".txt")
    except ReadError as error:
        assert error.reason in ("empty", "no_text")
        return
    found = everything(parsed)
    for word in set(re.findall(r"[A-Za-z]{4,}", text)) - {
        "https"
    }:  # which is not marked, and one heading if alike  # "half-" at a line's end may be one word with the next line's
        assert found.count(word) >= text.count(word)
