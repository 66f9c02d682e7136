"""Plain text: lists over blank lines, code, tables, questions with answers; what is a web page is read as one."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Dropped, Part, ReadError
from stages.documents.layout import from_parsed
from stages.documents.readers import read


def shape(text: str) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    parsed = read(text.encode(), ".txt")
    sections, _ = from_parsed(parsed, parsed.title or "")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def test_numbers_that_go_on_over_blank_lines_are_a_list():
    text = "How to\n\n1. Stop it.\n\n2. Remove the\n   lock file.\n\n3. Start it.\n\nThen check.\n"
    assert shape(text) == [([], ["1. Stop it.\n2. Remove the lock file.\n3. Start it.", "Then check."])]
    assert shape("How to\n\n1. Stop.\n2. Run it.\n\n3. Restart it.\n") == [
        ([], ["1. Stop.\n2. Run it.\n3. Restart it."])
    ]


def test_numbers_with_text_between_them_are_headings():
    assert shape("Guide\n\n1. Terms\n\nText.\n\n2. Grant\n\nMore.\n") == [
        (["1. Terms"], ["Text."]),
        (["2. Grant"], ["More."]),
    ]


@pytest.mark.parametrize(
    "code",
    [
        "    make all\n      more",
        "    one = 1\n\n    two = 2",
        "\tgo run",
        "def f(x):\n    if x:\n        return 1\n    return 2",
        "$ pip install x",
        "server {\n  listen 80;\n}",
    ],
)
def test_code_keeps_its_lines(code):
    found = shape(f"Run this:\n\n{code}\n\nThat is it.\n")
    plain = "\n".join(line.replace("\t", "    ") for line in code.split("\n"))
    plain = re.sub(r"(?m)^    ", "", plain) if plain.startswith("    ") else plain
    assert "\n\n".join(found[0][1]) == f"Run this:\n\n```\n{plain}\n```\n\nThat is it."


@pytest.mark.parametrize(
    "prose",
    [
        "    This is a quotation, which is indented.",
        "                    GNU LICENSE\n                    of June",
        "1. An item.\n\n    It goes on here",
        "Name: tool\nIt is good.",
    ],
)
def test_indented_prose_is_no_code(prose):
    assert "```" not in str(shape(f"Text.\n\n{prose}\n\nMore text.\n\nThe end."))


@pytest.mark.parametrize(
    "rows",
    [
        "Name      Size\n----      ----\nfoo bar   1\nbar       22",
        "========  ====\nName      Size\n========  ====\nfoo bar   1\nbar       22\n========  ====",
        "Name      Size\n--------------\nfoo bar   1\nbar       22",
        "| Name    | Size |\n|---------|---|\n| foo bar | 1 |\n| bar     | 22 |",
    ],
)
def test_tables_keep_their_rows(rows):
    table = "| Name | Size |\n| --- | --- |\n| foo bar | 1 |\n| bar | 22 |"
    assert shape(f"Text.\n\n{rows}\n\nMore text.") == [([], ["Text.", table, "More text."])]
    assert shape(f"Text.\n\nThe sizes:\n{rows}") == [([], ["Text.", "The sizes:", table])]


def test_marked_questions_are_headings_over_their_answers():
    text = "Notes\n\nQ: What is\n   it?\nA: A tool.\nQ: Why?\nA: Because.\n\nSo it is.\n\nQ2: How?\n\nA2: Thus.\n"
    assert shape(text) == [
        (["What is it?"], ["A tool."]),
        (["Why?"], ["Because.", "So it is."]),
        (["How?"], ["Thus."]),
    ]
    assert shape("Text.\n\nQ: What is it?\n\nNo answer.") == [([], ["Text.", "Q: What is it?", "No answer."])]


def test_a_web_page_with_the_name_of_a_text_file_is_read_as_a_web_page():
    assert shape("\n<!DOCTYPE html>\n<html><body><h2>Is it?</h2><p>It <b>is</b>.</p></body></html>") == [
        (["Is it?"], ["It is."])
    ]


LINE = st.sampled_from(
    [
        *(
            "w",
            "w w.",
            "    w",
            "  w",
            "| w | w |",
            "|---|",
            "w   w",
            "---- ----",
            "-------",
            "=== ===",
            "w = w",
            "{ w;",
        ),
        *("Q: w", "A: w", "1. w", "2. W", "3. w", "$ w", "```", "- w", "W W", "", "", "\tw", "w     w  w"),
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(LINE, max_size=14))
def test_no_table_list_or_code_loses_a_word(lines):
    counter = iter(range(1000))
    text = re.sub(r"\b[wW]\b", lambda m: f"{m[0]}q{next(counter)}z", "\n".join(lines))
    try:
        parsed = read(text.encode(), ".txt")
    except ReadError as error:
        assert error.reason in ("no_text", "empty")
        return
    found = " ".join(" ".join([*p.heading, *p.blocks]) for p in parsed.pieces if isinstance(p, Part))
    found += " ".join(piece.text for piece in parsed.pieces if isinstance(piece, Dropped))
    assert re.findall(r"[wW]q\d+z", text) == re.findall(r"[wW]q\d+z", found) or sorted(
        re.findall(r"[wW]q\d+z", text)
    ) == sorted(set(re.findall(r"[wW]q\d+z", found)))
