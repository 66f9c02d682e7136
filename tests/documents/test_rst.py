"""reStructuredText: what is text stays, Sphinx's markup becomes its text, nothing is loaded or executed."""

import re
from collections import Counter

import pytest
from docutils.parsers.rst import directives, roles
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Dropped, Parsed, Part, ReadError
from stages.documents.readers import read

HEAD = "Guide\n=====\n\n"


def rst(text: str, base: str | None = None) -> Parsed:
    return read(text.encode(), ".rst", base)


def blocks(parsed: Parsed) -> list[str]:
    return [block for part in parsed.parts for block in part.blocks]


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    return [(list(part.heading[1:]), part.blocks) for part in parsed.parts]


def drops(parsed: Parsed) -> list[tuple[str, str]]:
    return [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)]


def everything(parsed: Parsed) -> str:
    lines: list[str] = []
    for piece in parsed.pieces:
        lines += [*piece.heading, *piece.blocks] if isinstance(piece, Part) else [piece.text]
    return " ".join(lines)


def test_headings_have_their_levels():
    parsed = rst("Guide\n=====\n\nOne.\n\nSetup\n-----\n\nTwo.\n\nDeep\n~~~~\n\nThree.\n\nUse\n---\n\nFour.\n")
    assert parsed.title == "Guide"
    assert [(part.heading, part.blocks) for part in parsed.parts] == [
        (("Guide",), ["One."]),
        (("Guide", "Setup"), ["Two."]),
        (("Guide", "Setup", "Deep"), ["Three."]),
        (("Guide", "Use"), ["Four."]),
    ]


def test_a_section_is_reached_by_its_label_or_its_title():
    parsed = rst("Guide\n=====\n\nOne.\n\n.. _own-label:\n\nSet up\n------\n\nTwo.\n\nUse it\n------\n\nThree.\n")
    assert [part.anchor for part in parsed.parts] == ["guide", "own-label", "use-it"]


def test_links_of_all_kinds_are_resolved():
    text = (
        "See `the manual <manual.html>`_, `Python`_, `one <https://a.org/1>`__ and `two`__.\n\n"
        "__ https://a.org/2\n.. _Python: https://python.org/\n"
    )
    parsed = rst(text, "https://a.org/docs/guide.html")
    assert [(link.text, link.url) for part in parsed.parts for link in part.links] == [
        ("the manual", "https://a.org/docs/manual.html"),
        ("Python", "https://python.org/"),
        ("one", "https://a.org/1"),
        ("two", "https://a.org/2"),
    ]
    assert blocks(parsed) == ["See the manual, Python, one and two."]


TABLES = {
    "grid": "+-------+------+\n| Name  | Size |\n+=======+======+\n| small | 1 GB |\n+-------+------+\n",
    "simple": "=====  ====\nName   Size\n=====  ====\nsmall  1 GB\n=====  ====\n",
    "list": ".. list-table::\n   :header-rows: 1\n\n   * - Name\n     - Size\n   * - small\n     - 1 GB\n",
    "csv": '.. csv-table::\n   :header: "Name", "Size"\n\n   small, 1 GB\n',
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_is_a_table(kind):
    assert blocks(rst(TABLES[kind])) == ["| Name | Size |\n| --- | --- |\n| small | 1 GB |"]


def test_a_malformed_table_stays_as_it_stands():
    parsed = rst("Before.\n\n+---+---+\n| a | b\n+---+---+\n\nAfter.\n")
    assert blocks(parsed) == ["Before.", "```\n+---+---+\n| a | b\n+---+---+\n```", "After."]


CODE = {
    "literal": "::\n\n    x = 1\n\n    y = 2\n",
    "code-block": ".. code-block:: python\n   :linenos:\n\n   x = 1\n\n   y = 2\n",
    "code": ".. code:: python\n   :number-lines:\n\n   x = 1\n\n   y = 2\n",
    "sourcecode": ".. sourcecode:: python\n\n   x = 1\n\n   y = 2\n",
}


@pytest.mark.parametrize("kind", CODE)
def test_every_kind_of_code_is_fenced(kind):
    assert blocks(rst(CODE[kind])) == ["```\nx = 1\n\ny = 2\n```"]


def test_a_doctest_is_code():
    assert blocks(rst("Try:\n\n>>> 1 + 1\n2\n\nDone.\n")) == ["Try:", "```\n>>> 1 + 1\n2\n```", "Done."]


def test_lists_fields_and_options_are_lists():
    text = "- one\n- two\n\n1. first\n2. second\n\n:Name: value\n:Size: 1 GB\n\n-a       all\n--b=N    both\n"
    assert blocks(rst(text)) == [
        "- one\n- two",
        "1. first\n2. second",
        "- Name: value\n- Size: 1 GB",
        "- -a: all\n- --b=N: both",
    ]


def test_a_definitions_term_stands_above_its_text():
    parsed = rst(HEAD + "term\n   What it is.\n\nMore.\n")
    assert [(part.heading[-1], part.blocks) for part in parsed.parts if part.blocks] == [
        ("term", ["What it is."]),
        ("Guide", ["More."]),
    ]


def test_notes_and_footnotes_are_text():
    text = HEAD + "Text [1]_.\n\n.. note:: Take care.\n\n.. warning::\n\n   Stop.\n\n.. [1] A footnote.\n"
    assert blocks(rst(text)) == ["Text [1].", "Note: Take care.", "Warning: Stop.", "[1] A footnote."]


def test_roles_become_their_text():
    text = (
        "Call :func:`foo`, see :ref:`the text <label>`, :doc:`/usage`, :py:class:`~a.b.Thing`, :kbd:`Ctrl+C`,"
        " :cpp:expr:`list<int>` and `missing`_.\n"
    )
    assert blocks(rst(text)) == ["Call foo, see the text, /usage, Thing, Ctrl+C, list<int> and missing."]


def test_unknown_directives_keep_their_content():
    text = (
        ".. tab:: Python\n\n   Inside the tab.\n\n   - item\n\n.. versionadded:: 1.2\n   The option.\n\n"
        ".. seealso:: Another page.\n\n.. py:function:: foo(a, b=1)\n\n   Does it.\n\n   :param a: the first\n"
    )
    assert blocks(rst(text)) == [
        "Python",
        "Inside the tab.",
        "- item",
        "Added in version 1.2: The option.",
        "See also: Another page.",
        "Does it.",
        "- param a: the first",
    ]


def test_a_toctree_and_comments_are_on_record():
    parsed = rst("Text.\n\n.. toctree::\n   :maxdepth: 2\n\n   first\n   second\n\n.. not yet\n\nMore.\n")
    assert blocks(parsed) == ["Text.", "More."]
    assert drops(parsed) == [("contents", ".. toctree::\n:maxdepth: 2\nfirst\nsecond"), ("comment", "not yet")]


def test_a_drop_follows_the_section_in_which_it_stands():
    pieces = rst(HEAD + "One.\n\n.. first\n\nUse\n---\n\nTwo.\n").pieces
    assert [piece.blocks if isinstance(piece, Part) else piece.text for piece in pieces] == [
        ["One."],
        "first",
        ["Two."],
    ]


@pytest.mark.parametrize(
    "directive",
    [
        ".. include:: {path}",
        ".. literalinclude:: {path}",
        ".. raw:: html\n   :file: {path}",
        ".. csv-table::\n   :file: {path}",
    ],
)
def test_no_other_file_is_read(directive, tmp_path, capfd):
    other = tmp_path / "other.txt"
    other.write_text("secret,words\n")
    parsed = rst("Text.\n\n" + directive.format(path=other) + "\n")
    assert blocks(parsed) == ["Text."]
    assert [reason for reason, _ in drops(parsed)] == ["refused_directive"]
    assert "secret" not in everything(parsed)
    assert capfd.readouterr() == ("", "")


def test_raw_markup_is_on_record_and_no_text():
    parsed = rst("Text.\n\n.. raw:: html\n\n   <b>bold</b>\n")
    assert blocks(parsed) == ["Text."]
    assert drops(parsed) == [("refused_directive", ".. raw:: html\n<b>bold</b>")]


def test_complaints_are_no_text_and_nothing_is_printed(capfd):
    parsed = rst("A *broken line and |unknown| and missing_.\n\nTitle\n==\n\n.. image::\n\nText.\n")
    assert "system" not in everything(parsed).lower() and "error" not in everything(parsed).lower()
    for word in ("*broken", "|unknown|", "missing", "Title", "Text."):
        assert word in everything(parsed)
    assert capfd.readouterr() == ("", "")


def test_a_document_leaves_docutils_as_it_was():
    before = dict(roles._roles), dict(directives._directives), directives.directive, roles.role
    rst(".. role:: own(code)\n\n.. default-role:: own\n\n:own:`x` and `y`\n")
    assert (dict(roles._roles), dict(directives._directives), directives.directive, roles.role) == before
    assert blocks(rst(":own:`a <b>`\n")) == ["a"]  # nobody knows it any more


def test_what_is_no_text_is_a_read_error():
    for data in (b"\x00\x01\x02", b"", b".. only a comment"):
        with pytest.raises(ReadError) as error:
            read(data, ".rst")
        assert error.value.reason in ("binary", "empty", "no_text")


WORDS = "alpha|beta|gamma|delta|inner|content"
LINE = st.lists(st.sampled_from(WORDS.split("|")), min_size=1, max_size=5).map(" ".join)
BLOCK = st.one_of(
    LINE,
    LINE.map(lambda line: f"{line}\n{'=' * 60}"),
    LINE.map(lambda line: f"{line}\n{'-' * 60}"),
    LINE.map(lambda line: f"- {line}\n\n  - {line} inner"),
    LINE.map(lambda line: f".. note:: {line}"),
    LINE.map(lambda line: f".. unknown:: {line}\n   :option: {line} set\n\n   {line} content"),
    LINE.map(lambda line: f".. code-block:: text\n\n   {line}"),
    LINE.map(lambda line: f".. {line}"),
    LINE.map(lambda line: f"term\n   {line}"),
    LINE.map(lambda line: f"   {line}"),
    LINE.map(lambda line: f":ref:`{line} <x>` **{line}** :sub:`{line}"),
    LINE.map(lambda line: f".. image:: x.png\n   :alt: {line}"),
    LINE.map(lambda line: f"+--\n| {line}"),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(BLOCK, min_size=1, max_size=8))
def test_no_word_is_lost_whatever_the_order_of_the_blocks(chosen):
    numbered = [re.sub(WORDS, lambda m, i=i: f"{m[0]}{i}", block) for i, block in enumerate(chosen)]
    text = "\n\n".join(numbered)
    try:
        parsed = rst(text)
    except ReadError as error:
        assert error.reason == "no_text"
        return
    words, found = (Counter(re.findall(rf"(?:{WORDS})\d", whole)) for whole in (text, everything(parsed)))
    assert words <= found


def test_a_signature_is_a_heading_over_its_content():
    text = "T\n=\n\n.. py:class:: Foo(a)\n\n   Class doc.\n\n   .. py:method:: run()\n                  run(x)\n\n"
    text += "      Run it.\n\n.. option:: --verbose\n\n   Be verbose.\n\n.. class:: special\n\nText.\n"
    assert shape(rst(text)) == [
        (["Foo(a)"], ["Class doc."]),
        (["Foo(a)", "run(), run(x)"], ["Run it."]),
        (["--verbose"], ["Be verbose."]),
        ([], ["Text."]),
    ]


def test_what_opens_at_a_click_and_a_box_with_a_question_are_questions_with_answers():
    text = "T\n=\n\n.. dropdown:: Is *it* & free?\n   :open:\n\n   Yes.\n\n   It is.\n\n"
    text += ".. admonition:: How?\n\n   So.\n\nText.\n"
    assert shape(rst(text)) == [(["Is it & free?"], ["Yes.", "It is."]), (["How?"], ["So."]), ([], ["Text."])]


def test_an_argument_that_is_markup_is_a_drop():
    parsed = rst(".. only:: html\n\n   In it.\n\n.. grid:: 2\n\n   In the grid.\n")
    assert blocks(parsed) == ["In it.", "In the grid."]
    assert [piece for piece in parsed.pieces if isinstance(piece, Dropped)] == [
        Dropped("directive_argument", "html"),
        Dropped("directive_argument", "2"),
    ]


def test_a_heading_with_a_short_underline_is_no_paragraph_as_well():
    assert shape(rst("T\n=\n\nBad section\n----\n\nText.\n\n====\nOverlined\n====\n\nMore.\n")) == [
        (["Bad section"], ["Text."]),
        (["Bad section", "Overlined"], ["More."]),
    ]


def test_a_classifier_is_set_off_from_its_term():
    assert shape(rst("T\n=\n\nOther : kind : more\n  Def.\n")) == [(["Other : kind : more"], ["Def."])]


def test_lists_without_end_are_too_deep():
    text = "".join(f"{'   ' * level}* item\n\n" for level in range(400))
    with pytest.raises(ReadError) as error:
        rst(text)
    assert error.value.reason == "too_deep"
