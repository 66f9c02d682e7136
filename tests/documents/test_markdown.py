"""Markdown: headings with their anchors, links, tables and code; and the encodings of text files."""

import re
from collections import Counter
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from stages.documents.blocks import Dropped, Parsed, ReadError, clean, decode
from stages.documents.layout import from_parsed
from stages.documents.readers import read

SAMPLES = Path(__file__).parents[2] / "data/sources/documents"
MARKDOWN = """---
title: Guide
author: Somebody
---
# Guide

Welcome to the **guide** of `tool`,
see the [manual](manual.html).

## Setup

- one *item*
- two

| Name | Size |
|---|---|
| small | 1 GB |

```bash
pip install tool

tool --help
```

<details><summary>Is it free?</summary>

Yes, it is.

</details>

After the details.
"""


def markdown(text: str, base: str | None = None) -> Parsed:
    return read(text.encode(), ".md", base)


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    sections, _ = from_parsed(parsed, parsed.title or "")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def links(parsed: Parsed) -> list[tuple[str, str]]:
    return [(link.text, link.url) for part in parsed.parts for link in part.links]


def anchors(text: str) -> list[str | None]:
    return [part.anchor for part in markdown(text).parts]


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[^\W_]+", clean(text)))


# --- what stands in a file ------------------------------------------------------------------------------------


def test_markdown_keeps_headings_lists_tables_code_and_links():
    parsed = markdown(MARKDOWN, "https://example.org/docs/guide.md")
    assert parsed.title == "Guide"
    assert shape(parsed) == [
        ([], ["Welcome to the guide of tool, see the manual."]),
        (
            ["Setup"],
            [
                "- one item\n- two",
                "| Name | Size |\n| --- | --- |\n| small | 1 GB |",
                "```\npip install tool",
                "tool --help\n```",
            ],
        ),
        (["Setup", "Is it free?"], ["Yes, it is."]),
        (["Setup"], ["After the details."]),
    ]
    assert links(parsed) == [("manual", "https://example.org/docs/manual.html")]
    assert Dropped("front_matter", "title: Guide\nauthor: Somebody") in parsed.pieces


@pytest.mark.parametrize("text", [MARKDOWN, *(p.read_text() for p in sorted(SAMPLES.glob("*.md")))])
def test_every_word_of_a_file_is_text_heading_or_drop(text):
    parsed = markdown(text)
    headings: list[str] = [heading for part in parsed.parts for heading in part.heading]
    drops = [piece.text for piece in parsed.pieces if isinstance(piece, Dropped)]
    found = words("\n".join([*headings, *drops, *(block for part in parsed.parts for block in part.blocks)]))
    page = MarkdownIt("commonmark", {"html": True}).enable(["table"]).render(text)
    assert words(BeautifulSoup(page, "lxml").get_text(" ")) - found == Counter()


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="w# -*>`|[]()!<>/=1.\n \n", max_size=80))
def test_no_markup_loses_a_word(text):
    counter = iter(range(1000))
    text = re.sub("w", lambda _: f"q{next(counter)}z", text)
    page = BeautifulSoup(MarkdownIt("commonmark", {"html": True}).enable("table").render(text), "lxml").get_text(" ")
    try:
        parsed = markdown(text)
    except ReadError as error:
        assert error.reason in ("no_text", "empty")
        return
    found = " ".join(" ".join([*part.heading, *part.blocks]) for part in parsed.parts)
    found += " ".join(piece.text for piece in parsed.pieces if isinstance(piece, Dropped))
    assert set(re.findall(r"q\d+z", page)) - set(re.findall(r"q\d+z", found)) == set()


def test_a_numbered_list_of_questions_becomes_headings():
    text = "# FAQ\n\n1. Can I?\n\n    Yes.\n\n    ```\n    code\n    ```\n\n2. Do I have to?\n\n    No.\n\n"
    text += "3. It fails.\n\n    So?\n"
    assert shape(markdown(text)) == [
        (["Can I?"], ["Yes.", "```\ncode\n```"]),
        (["Do I have to?"], ["No."]),
        (["It fails."], ["So?"]),
    ]


def test_a_list_of_links_into_the_document_is_no_text_but_its_links_stay():
    parsed = markdown("# T\n\n- [One](#one)\n- [Two](#two)\n- [Three](#three)\n\n## One\n\nText.\n")
    assert shape(parsed)[-1] == (["One"], ["Text."])
    assert Dropped("contents", "One\nTwo\nThree") in parsed.pieces
    assert {url for _, url in links(parsed)} == {"#one", "#two", "#three"}


def test_a_bold_title_on_a_paragraphs_line_gets_a_colon():
    assert shape(markdown("**Input** Models read text.")) == [([], ["Input: Models read text."])]
    assert shape(markdown("**Llama** is a model.")) == [([], ["Llama is a model."])]


def test_other_top_headings_than_the_title_stay():
    assert shape(markdown("# Details\n\nA.\n\n# Use\n\nB.\n")) == [([], ["A."]), (["Use"], ["B."])]


def test_raised_digits_are_not_glued_to_their_base():
    assert shape(markdown("3 x 10<sup>-4</sup> and CO<sub>2</sub>")) == [([], ["3 x 10^-4 and CO2"])]


def test_a_comment_is_no_text():
    assert shape(markdown("One.\n\n<!-- hidden -->\n\n[comment]: <> (hidden)\n\nTwo.")) == [([], ["One.", "Two."])]


# --- links and anchors ----------------------------------------------------------------------------------------


def test_links_of_every_kind_are_kept():
    parsed = markdown(
        "[inline](a) [ref][r] [r] <https://auto.org> <mail@b.org> https://bare.org/a_(b). [![badge](p.png)](c)\n"
        "[![](p.png)](d) <a href='e'>raw</a>\n\n"
        "# [heading](f)\n\n| [cell](g) | x |\n|-|-|\n| y | z |\n\n- [item](h)\n\n[r]: i\n"
    )
    assert links(parsed)[:9] == [
        *(("inline", "a"), ("ref", "i"), ("r", "i"), ("https://auto.org", "https://auto.org")),
        *(("mail@b.org", "mailto:mail@b.org"), ("badge", "c"), ("d", "d"), ("raw", "e")),
        ("https://bare.org/a_(b)", "https://bare.org/a_(b)"),
    ]
    assert links(parsed)[9:] == [("heading", "f"), ("cell", "g"), ("item", "h")]


def test_urls_in_code_are_no_links():
    assert links(markdown("Text.\n\n```\ncurl https://example.org/c\n```\n")) == []


def test_anchors_are_those_that_github_makes():
    text = "# What's *new* in v2.0?\n\nA.\n\n## snake_case & more\n\nB.\n\n## Use\n\nC.\n\n"
    text += "## Use\n\nD.\n\nÜber\n----\n\nE.\n"
    assert anchors(text) == ["whats-new-in-v20", "snake_case--more", "use", "use-1", "über"]


def test_an_explicit_anchor_wins():
    text = '<a name="one"></a>\n# First\n\nA.\n\n## <a id="two"></a>Second\n\nB.\n\n'
    text += "## Third {#three}\n\nC.\n\n## Fourth\n\nD.\n"
    assert anchors(text) == ["one", "two", "three", "fourth"]
    assert shape(markdown(text))[2] == (["Third"], ["C."])


# --- encodings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_read_whatever_its_encoding(encoding):
    assert decode("Größe – “é”\r\nx\ry".encode(encoding)) == "Größe – “é”\nx\ny"


@pytest.mark.parametrize(
    ("data", "reason", "message"),
    [
        ("Größe ".encode() + b"\xff and on", "bad_encoding", "byte ff at offset 8"),
        ("naïve".encode()[:-3] + b" na\xc3\xafve", "bad_encoding", "byte c3 at offset 2"),
        (b"\xff\xfea", "bad_encoding", "utf-16"),
        (b"caf\x81", "bad_encoding", "offset 3"),
        (b"text\0text", "binary", "NUL byte at offset 4"),
        (b"\x01\x02\x03 text", "binary", "control characters"),
        (b"PK\x03\x04rest", "binary", "ZIP"),
        (b"%PDF-1.7 rest", "binary", "PDF"),
        (b"\x89PNG\r\n", "binary", "PNG"),
        (b"\x7fELF", "binary", "program"),
        (b"\x1f\x8b\x08", "binary", "gzip"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(data, reason, message):
    with pytest.raises(ReadError, match=message) as error:
        decode(data)
    assert error.value.reason == reason
