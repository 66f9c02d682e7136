"""The readers: heading path, links, tables and code of each format, and text one can quote from."""

import io

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from hypothesis import given, settings
from hypothesis import strategies as st
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import PageBreak, Paragraph, Preformatted, SimpleDocTemplate, Table

from stages.documents.blocks import Parsed, ReadError, clean, decode, fence, join_lines, table
from stages.documents.readers import read, sections

MARKDOWN = """---
title: Guide
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


def html(body: str, base: str | None = None, head: str = "") -> Parsed:
    return read(f"<html><head>{head}</head><body>{body}</body></html>".encode(), ".html", base)


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    return [(section.heading, section.text.split("\n\n")) for section in sections(parsed.parts, parsed.title or "")]


def links(parsed: Parsed) -> list[tuple[str, str]]:
    return [(link.text, link.url) for part in parsed.parts for link in part.links]


# --- Markdown -------------------------------------------------------------------------------------------------


def test_markdown_keeps_headings_lists_tables_code_and_links():
    parsed = read(MARKDOWN.encode(), ".md", "https://example.org/docs/guide.md")
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


def test_a_numbered_list_of_questions_becomes_headings():
    text = "# FAQ\n\n1. Can I?\n\n    Yes.\n\n    ```\n    code\n    ```\n\n2. Do I have to?\n\n    No.\n"
    assert shape(read(text.encode(), ".md")) == [(["Can I?"], ["Yes.", "```\ncode\n```"]), (["Do I have to?"], ["No."])]


def test_a_list_of_links_into_the_document_is_no_text():
    text = "# T\n\n- [One](#one)\n- [Two](#two)\n- [Three](#three)\n\n## One\n\nText.\n"
    assert shape(read(text.encode(), ".md")) == [(["One"], ["Text."])]


def test_a_bold_title_on_a_paragraphs_line_gets_a_colon():
    assert shape(read(b"**Input** Models read text.", ".md")) == [([], ["Input: Models read text."])]
    assert shape(read(b"**Llama** is a model.", ".md")) == [([], ["Llama is a model."])]


def test_other_top_headings_than_the_title_stay():
    text = "# Details\n\nA.\n\n# Use\n\nB.\n"
    assert shape(read(text.encode(), ".md")) == [([], ["A."]), (["Use"], ["B."])]


def test_bare_urls_are_links_but_not_those_in_code():
    parsed = read(b"See https://example.org/a_(b).\n\n```\ncurl https://example.org/c\n```\n", ".md")
    assert links(parsed) == [("https://example.org/a_(b)", "https://example.org/a_(b)")]


def test_raised_digits_are_not_glued_to_their_base():
    assert shape(read(b"3 x 10<sup>-4</sup> and CO<sub>2</sub>", ".md")) == [([], ["3 x 10^-4 and CO2"])]


# --- HTML -----------------------------------------------------------------------------------------------------

FAQ = {
    "details": "<details><summary>Why?</summary><p>Because.</p></details>",
    "dl": "<dl><dt>Why?</dt><dd>Because.</dd></dl>",
    "heading": "<h3>Why?</h3><div>Because.</div>",
    "button": "<button aria-expanded=false>Why is it?</button><div style='display:none'>Because.</div>",
    "bootstrap": "<h2 class=accordion-header><button class=accordion-button>Why?</button></h2><div>Because.</div>",
    "role": "<div role=button aria-controls=a>Why is it?</div><div id=a aria-hidden=true>Because.</div>",
}


@pytest.mark.parametrize("name", FAQ)
def test_every_shape_of_faq_keeps_question_and_answer(name):
    found = shape(html(f"<main><h1>FAQ</h1>{FAQ[name]}{FAQ[name].replace('Why', 'How')}</main>"))
    assert [heading[-1].split()[0].strip("?") for heading, _ in found] == ["Why", "How"]
    assert all(len(heading) == 1 and blocks == ["Because."] for heading, blocks in found)


def test_the_pages_furniture_is_left_out():
    page = html(
        "<header><a href=/>Home</a></header><nav>Menu</nav><div class='cookie-banner'>We use cookies</div>"
        "<article><h1>Title<a class=headerlink href=#t>¶</a></h1><p>Text of the page that is long enough.</p>"
        "<aside>Aside</aside><div role=complementary>More</div></article><footer>Foot</footer><script>x()</script>"
    )
    assert page.title == "Title"
    assert shape(page) == [([], ["Text of the page that is long enough."])]


def test_links_are_resolved_against_base_and_canonical():
    body = "<main><p>See <a href=b.html>B</a> and <a href='javascript:x()'>C</a>.</p></main>"
    assert links(html(body, head="<link rel=canonical href='https://a.org/x/y'>")) == [("B", "https://a.org/x/b.html")]
    assert links(html(body, "https://a.org/1/2", "<base href='/z/'>")) == [("B", "https://a.org/z/b.html")]


def test_merged_cells_are_filled_and_layout_tables_are_text():
    merged = "<table><tr><th>A<th>B</tr><tr><td rowspan=2>x<td>1</tr><tr><td>2</tr></table>"
    assert shape(html(merged)) == [([], ["| A | B |\n| --- | --- |\n| x | 1 |\n| x | 2 |"])]
    assert shape(html("<table><tr><td><p>One.</p><p>Two.</p></td></tr></table>")) == [([], ["One.", "Two."])]


def test_text_between_blocks_is_not_glued():
    assert shape(html("<div>One.<p>Two.</p>Three <b>is</b> last.</div>")) == [([], ["One.", "Two.", "Three is last."])]


# --- PDF ------------------------------------------------------------------------------------------------------


def pdf(*story: object) -> bytes:
    def rim(canvas: object, _: object) -> None:
        canvas.drawString(70, 20, "Secret footer")  # type: ignore[attr-defined]
        canvas.drawString(500, 20, f"Page {canvas.getPageNumber()}")  # type: ignore[attr-defined]

    file = io.BytesIO()
    SimpleDocTemplate(file).build(list(story), onFirstPage=rim, onLaterPages=rim)
    return file.getvalue()


STYLE = getSampleStyleSheet()
LONG = "The quick brown fox jumps over the lazy dog and then goes on to a place that is far away from here. " * 3


def test_pdf_keeps_headings_links_tables_code_and_drops_the_footer():
    parsed = read(
        pdf(
            Paragraph("Guide", STYLE["Title"]),
            Paragraph("Setup", STYLE["Heading1"]),
            Paragraph(LONG, STYLE["Normal"]),
            Paragraph("See the <a href='https://example.org/m'>whole manual</a> of the tool.", STYLE["BodyText"]),
            Preformatted("pip install \\\n    tool", STYLE["Code"]),
            Table([["Name", "Size"], ["small", "1 GB"], ["large", "70 GB"]], colWidths=120),
            PageBreak(),
            Paragraph("Use", STYLE["Heading1"]),
            Paragraph("• one thing", STYLE["Normal"]),
            Paragraph("• another thing", STYLE["Normal"]),
        ),
        ".pdf",
    )
    assert parsed.title == "Guide"
    assert shape(parsed) == [
        (
            ["Setup"],
            [
                LONG.strip(),
                "See the whole manual of the tool.",
                "```\npip install \\\n    tool\n```",
                "| Name | Size |\n| --- | --- |\n| small | 1 GB |\n| large | 70 GB |",
            ],
        ),
        (["Use"], ["- one thing\n- another thing"]),
    ]
    assert links(parsed) == [("whole manual", "https://example.org/m")]
    assert [part.page for part in parsed.parts] == [1, 2]


def test_a_paragraph_goes_on_over_the_page():
    parsed = read(pdf(*[Paragraph(LONG * 12, STYLE["BodyText"])] * 3), ".pdf")
    assert shape(parsed) == [([], [(LONG * 12).strip()] * 3)]


def test_pdf_without_text_and_locked_pdf_have_their_reasons():
    from pypdf import PdfWriter

    blank = PdfWriter()
    blank.add_blank_page(100, 100)
    locked = PdfWriter(clone_from=io.BytesIO(pdf(Paragraph("Hello", STYLE["Normal"]))))
    locked.encrypt("secret")
    for writer, reason in ((blank, "no_text"), (locked, "encrypted")):
        file = io.BytesIO()
        writer.write(file)
        with pytest.raises(ReadError) as error:
            read(file.getvalue(), ".pdf")
        assert error.value.reason == reason


# --- Word and text --------------------------------------------------------------------------------------------


def test_docx_keeps_headings_links_tables_lists_and_code():
    document = docx.Document()
    document.add_heading("Guide", 0)
    document.add_heading("Setup", 1)
    paragraph = document.add_paragraph("See the ")
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"),
        document.part.relate_to("https://example.org/m", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, True),
    )
    run = paragraph.add_run("manual")
    link.append(run._r)
    paragraph._p.append(link)
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet")
    grid = document.add_table(2, 2)
    for cell, text in zip([c for row in grid.rows for c in row.cells], ["Name", "Size", "small", "1 GB"], strict=True):
        cell.text = text
    for line in ("pip install", "tool --help"):
        document.add_paragraph().add_run(line).font.name = "Courier New"
    document.add_paragraph("First step", style="List Number")
    file = io.BytesIO()
    document.save(file)
    parsed = read(file.getvalue(), ".docx")
    assert parsed.title == "Guide"
    assert shape(parsed) == [
        (
            ["Setup"],
            [
                "See the manual",
                "- one\n- two",
                "| Name | Size |\n| --- | --- |\n| small | 1 GB |",
                "```\npip install\ntool --help\n```",
                "1. First step",
            ],
        )
    ]
    assert links(parsed) == [("manual", "https://example.org/m")]


def test_text_has_underlined_capital_and_numbered_headings():
    text = "Guide\n=====\n\nFirst line\ngoes on.\n\nSETUP\n\n- one\n- two\n  more\n\n2. Use\n\nAn in-\ntended hyphen.\n"
    assert shape(read(text.encode(), ".txt")) == [
        ([], ["First line goes on."]),
        (["SETUP"], ["- one\n- two more"]),
        (["2. Use"], ["An in-tended hyphen."]),
    ]


def test_a_heading_on_the_line_of_its_text_is_parted_from_it():
    text = "1. First Terms. If so, then yes.\n\n2. Second Terms. If not, then no.\n"
    assert shape(read(text.encode(), ".txt")) == [
        (["1. First Terms"], ["If so, then yes."]),
        (["2. Second Terms"], ["If not, then no."]),
    ]


# --- helpers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "words", "joined"),
    [
        (["a para-", "graph"], set(), "a paragraph"),
        (["non-", "transferable"], set(), "non-transferable"),
        (["a time-", "line"], {"time-line"}, "a time-line"),
        (["is fine-", "tuned"], {"fine", "tuned"}, "is fine-tuned"),
        (["see https://example.", "org/a/b here"], set(), "see https://example.org/a/b here"),
        (["see https://example.org/a.", "This is"], set(), "see https://example.org/a. This is"),
    ],
)
def test_lines_are_joined(lines, words, joined):
    assert join_lines(lines, words) == joined


def test_text_in_other_encodings_is_read_and_binary_is_not():
    assert decode("é".encode()) == decode("é".encode("cp1252")) == decode("é".encode("utf-16")) == "é"
    with pytest.raises(ReadError) as error:
        decode(b"\x00\x01\x02")
    assert error.value.reason == "bad_encoding"


@pytest.mark.parametrize("suffix", [".pdf", ".docx", ".html", ".md", ".txt"])
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
def test_spans_are_places_in_the_text_whatever_the_markdown(text):
    try:
        parsed = read(text.encode(), ".md")
    except ReadError:
        return
    found = sections(parsed.parts, parsed.title or "")
    whole = "\n\n".join(section.text for section in found)
    for section in found:
        assert whole[slice(*section.span)] == section.text != ""
        assert all(clean(line) == line for line in section.text.split("\n") if "`" not in section.text)
