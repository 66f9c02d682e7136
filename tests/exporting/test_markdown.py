"""What documents say is shown in Markdown as it stands, and does nothing."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stages.exporting.markdown import link, plain
from stages.sources.errors import printable

READER = MarkdownIt("commonmark", {"html": True}).enable("table")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_any_text_is_one_run_of_text_in_a_cell(text: str):
    inline = [one for one in READER.parse(f"| a |\n| --- |\n| x{plain(text)}x |\n") if one.type == "inline"][-1]
    assert {one.type for one in inline.children} <= {"text", "text_special", "softbreak"}
    assert "".join(one.content for one in inline.children) == f"x{printable(' '.join(text.split()))}x"


@pytest.mark.parametrize(
    "text",
    ["www://x", "www.evil.example", "(WWW.evil.example)", "https://evil.example", "![a](b)", "<img src=x>", "a|b",
     "`c`", "@all", "\x1b[31m"],
)  # fmt: skip
def test_marks_of_other_readers_are_disarmed_too(text: str):
    shown = plain(text)
    assert not re.search(r"(?i)(?<!\\)[|`@!]|(?<!\\)://|www\.|<|\x1b", shown)


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://example.org/a b>|(c)?d=1&e", "https://example.org/a%20b%3E%7C%28c%29?d=1&e"),
        ("javascript:alert(1)", None),
        ("https://[", None),
        (None, None),
    ],
)
def test_only_addresses_for_browsers_become_links(url: str | None, there: str | None):
    inline = [one for one in READER.parse(f"| a |\n| --- |\n| {link('A [title]', url)} |\n") if one.type == "inline"][
        -1
    ]
    opened = [one.attrs["href"] for one in inline.children if one.type == "link_open"]
    assert opened == ([there] if there else [])
    assert "".join(one.content for one in inline.children) == "A [title]"
