"""HTML: titles, tables, code and marks in running text are read as what they say."""

import pytest

from stages.documents.blocks import Dropped, Parsed
from stages.documents.layout import from_parsed
from stages.documents.readers import read


def html(body: str) -> Parsed:
    return read(f"<html><body><main><h1>Guide</h1>{body}</main></body></html>".encode(), ".html")


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    sections, _ = from_parsed(parsed, "Guide")
    return [(section.heading, section.text.split("\n\n")) for section in sections]


def links(parsed: Parsed) -> list[tuple[str, str]]:
    return [(link.text, link.url) for part in parsed.parts for link in part.links]


def drops(parsed: Parsed) -> list[tuple[str, str]]:
    return [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)]


# --- titles -----------------------------------------------------------------------------------------------------


def test_a_heading_with_a_link_has_its_text_when_blocks_are_read_one_by_one():
    page = b"Guide\n=====\n\nUse of `curl <https://curl.se>`_\n--------------------------------\n\nCall it.\n\nStop.\n"
    parsed = read(page, ".rst")
    assert shape(parsed) == [(["Use of curl"], ["Call it.", "Stop."])]
    assert links(parsed) == [("curl", "https://curl.se")]


def test_a_link_in_brackets_after_a_title_is_no_part_of_it():
    parsed = html(
        "<dl><dt>run(x)<a href=run.html><span>[source]</span></a></dt><dd>Runs.</dd></dl>"
        "<h2>Part<span>[<a href=edit>edit</a>]</span></h2><p>One.</p><h2><a href=v>[1.2]</a> of May</h2><p>Two.</p>"
    )
    assert shape(parsed) == [(["run(x)"], ["Runs."]), (["Part"], ["One."]), (["[1.2] of May"], ["Two."])]
    assert links(parsed) == [("[source]", "run.html"), ("[edit]", "edit"), ("[1.2]", "v")]
    assert drops(parsed) == [("title_link", "[source]"), ("title_link", "[ edit ]")]


def test_a_type_in_brackets_is_part_of_its_title():
    parsed = html(
        "<h3>impl Default for <a href=b>Box</a>&lt;<a href=s>[T]</a>&gt;</h3><p>One.</p>"
        "<h3>Out = <a href=s>[T]</a></h3><p>2.</p>"
    )
    assert shape(parsed) == [(["impl Default for Box<[T]>"], ["One."]), (["Out = [T]"], ["2."])]


def test_a_link_to_the_contents_is_the_text_of_its_title():
    parsed = html('<h2><a class="toc-backref" href="#id1" role="doc-backlink">What is it?</a></h2><p>A tool.</p>')
    assert shape(parsed) == [(["What is it?"], ["A tool."])]


def test_a_term_has_no_colon_at_its_end_and_is_parted_from_its_type():
    parsed = html(
        "<dl><dt>Parameters<span>:</span></dt><dd><dl>"
        "<dt><strong>x</strong><span class=classifier>int</span></dt><dd>The value.</dd></dl></dd></dl>"
    )
    assert shape(parsed) == [(["Parameters", "x : int"], ["The value."])]


def test_a_box_in_the_text_with_a_title_is_no_sidebar():
    parsed = html("<aside class=sidebar><p class=sidebar-title>History</p><p>It began in 2009 as a fork.</p></aside>")
    assert shape(parsed) == [([], ["History", "It began in 2009 as a fork."])]


# --- tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        (
            "<tr><th>Name<th>What</tr><tr><td>filter<td>Such as<pre>{1}\n{2}</pre></tr>",
            "| Name | What |\n| --- | --- |\n| filter | Such as {1} {2} |",
        ),
        (
            "<thead><tr><th>Name<th>What</tr></thead><tr><td>-v<td><p>Tells all.<h4>Note</h4><p>noisy</tr>",
            "| Name | What |\n| --- | --- |\n| -v | Tells all. Note noisy |",
        ),
        (
            "<tr><td>a<td><dl><dt>b<dd>c</dl></tr><tr><td>d<td>e</tr>",
            "| a | b c |\n| --- | --- |\n| d | e |",
        ),
    ],
)
def test_a_table_of_data_stays_one_with_blocks_in_a_cell(table, lines):
    assert shape(html(f"<table>{table}</table>")) == [([], [lines])]


def test_a_table_with_blocks_and_no_titles_or_even_rows_is_layout():
    page = html("<table><tr><td>Menu<td><h2>Part</h2><p>One.</p></tr></table>")
    assert shape(page) == [([], ["Menu"]), (["Part"], ["One."])]
    long = "word " * 200
    page = html(f"<table><tr><th>Menu<th>Text</tr><tr><td>a<td><h2>Part</h2>{long}</tr></table>")
    assert [heading for heading, _ in shape(page)] == [[], ["Part"]]


# --- running text -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("the rules<sup><a href=#fn1>2</a></sup>.", "the rules[2]."),
        ("It is 10<sup><a href=#fn2>3</a></sup>.", "It is 10[3]."),
        ("It is 10<a href=notes.html#n3><sup>3</sup></a>.", "It is 10[3]."),
        ("See<a role=doc-noteref href=#n>*</a>.", "See[*]."),
        ("It is 10<sup>3</sup>, see<sup><a href=#x>[4]</a></sup>.", "It is 10^3, see[4]."),
        ("<label>One</label><label>Two</label>", "One Two"),
    ],
)
def test_references_and_labels_are_parted_from_the_words_beside_them(body, text):
    assert shape(html(f"<p>{body}</p>")) == [([], [text])]


def test_deleted_text_is_dropped():
    parsed = html("<p>The price is <del>$10</del> <ins>$8</ins> or <s>seven</s> six.</p><del><p>Gone.</p></del>")
    assert shape(parsed) == [([], ["The price is $8 or six."])]
    assert drops(parsed) == [("deleted", "$10"), ("deleted", "seven"), ("deleted", "Gone.")]


# --- code -------------------------------------------------------------------------------------------------------


def test_numbers_of_lines_are_dropped_from_code():
    number = "<span class={}>{}</span>"
    lines = [number.format(name, f" {n} ") + f"<b>call</b>({n})\n" for n, name in enumerate(("linenos", "ln"), 1)]
    parsed = html(f"<pre>{''.join(lines)}</pre><pre><span class=mi>1</span> one</pre>")
    assert shape(parsed) == [([], ["```\ncall(1)\ncall(2)\n```", "```\n1 one\n```"])]
    assert drops(parsed) == [("line_numbers", "1"), ("line_numbers", "2")]


def test_a_column_of_line_numbers_is_dropped():
    parsed = html("<table><tr><td><pre><i>1\n</i><i>2\n</i></pre><td><pre>x = 1\ny = 2</pre></tr></table>")
    assert shape(parsed) == [([], ["```\nx = 1\ny = 2\n```"])]
    assert drops(parsed) == [("line_numbers", "1\n2")]
    assert shape(html("<table><tr><td><pre>1\n2</pre></tr></table>")) == [([], ["```\n1\n2\n```"])]
