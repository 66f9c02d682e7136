"""Every character that a reader hands over is in a section, a heading or a drop, and every span points at its text."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents import chunker
from stages.documents.blocks import Builder, ReadError
from stages.documents.layout import from_parsed, pieces, with_pieces, with_text
from stages.documents.readers import document
from stages.records import Document, Drop, Section, Source

WORDS = st.lists(st.text(alphabet="abcXYZ09-|`#.", min_size=1, max_size=6), min_size=1, max_size=6).map(" ".join)
STEPS = st.one_of(
    st.tuples(st.just("heading"), st.integers(1, 4), WORDS),
    st.tuples(st.just("add"), st.just(0), WORDS),
    st.tuples(st.just("drop"), st.just(0), WORDS),
    st.tuples(st.just("close"), st.integers(1, 4), st.just("")),
    st.tuples(st.just("page"), st.integers(1, 9), st.just("")),
)


def built(steps):
    builder = Builder()
    for kind, number, text in steps:
        if kind == "heading":
            builder.heading(number, text)
        elif kind == "add":
            builder.add(text)
        elif kind == "drop":
            builder.drop("navigation", text)
        elif kind == "close":
            builder.close(number)
        else:
            builder.page = number
    return builder.parsed()


def laid_out(parsed, title="A title of its own"):
    sections, drops = from_parsed(parsed, title)
    return Document(id="d", source="a.md", sha256="0", title=title, sections=sections, drops=drops)


def assert_whole(document):
    """Assert that sections and drops tile the text, and that the chunks tile each section."""
    text, position = document.text, 0
    for piece in pieces(document):
        assert piece.span == (position, position + len(piece.text))
        assert text[slice(*piece.span)] == piece.text
        position = piece.span[1] + 2
    assert position == len(text) + 2 or not pieces(document)
    chunks = chunker.chunks(document, 12, lambda words: len(words.split()), overlap=1)
    for section in document.sections:
        low, high = section.span
        mine = [chunk for chunk in chunks if low <= chunk.span[0] and chunk.span[1] <= high]
        assert "".join(chunk.text[chunk.overlap :] for chunk in mine) == section.text
    assert all(text[slice(*chunk.span)] == chunk.text[chunk.overlap :] for chunk in chunks)


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_what_a_reader_hands_over_is_in_a_section_a_heading_or_a_drop(steps):
    made = laid_out(built(steps))
    assert_whole(made)
    found = {kind: [text for k, _, text in steps if k == kind] for kind in ("heading", "add", "drop")}
    assert [block for section in made.sections for block in section.text.split("\n\n") if block] == found["add"]
    assert [drop.text for drop in made.drops if drop.reason == "navigation"] == found["drop"]
    own = {drop.text for drop in made.drops if drop.reason == "own_title"}
    assert set(found["heading"]) == {part for section in made.sections for part in section.heading} | own


@given(st.lists(STEPS, max_size=20))
def test_a_block_keeps_the_page_on_which_it_begins(steps):
    expected, page = [], None
    for kind, number, _ in steps:
        page = number if kind == "page" else page
        if kind == "add":
            expected.append(page)
    found = []
    for section in laid_out(built(steps)).sections:
        offset = 0
        for block in section.text.split("\n\n") if section.text else []:
            found.append(section.page_at(offset))
            offset += len(block) + 2
    assert found == expected


def test_a_heading_under_which_nothing_stands_is_kept():
    steps = [("heading", 1, "One"), ("heading", 2, "Empty"), ("heading", 2, "Two"), ("add", 0, "Text.")]
    made = laid_out(built(steps), "One")
    assert [(section.heading, section.text) for section in made.sections] == [
        (["Empty"], ""),
        (["Two"], "Text."),
    ]


def test_a_drop_inside_a_section_does_not_tear_it_apart():
    made = laid_out(built([("add", 0, "One."), ("drop", 0, "Page 1"), ("add", 0, "Two.")]))
    assert [section.text for section in made.sections] == ["One.\n\nTwo."]
    assert made.text == "One.\n\nTwo.\n\nPage 1" and made.body == "One.\n\nTwo."


def test_a_heading_that_repeats_the_title_is_left_out_of_the_path():
    parsed = built([("heading", 1, "Guide"), ("heading", 2, "Part"), ("add", 0, "Text.")])
    assert laid_out(parsed, "guide").sections[0].heading == ["Part"]
    assert laid_out(parsed, "Given title").sections[0].heading == ["Part"]  # the only top heading is the own title


def test_another_text_moves_the_pages_with_their_blocks():
    section = Section(heading=[], text="One two.\n\nThree.\n\nFour.", span=(0, 23), pages=[(0, 1), (18, 2)])
    changed = with_text(section, "One.\n\nThree and more.\n\nFour.")
    assert [(changed.text[offset:].split()[0], page) for offset, page in changed.pages] == [("One.", 1), ("Four.", 2)]


def test_pieces_can_be_replaced():
    made = laid_out(built([("heading", 1, "A"), ("add", 0, "One."), ("heading", 1, "B"), ("add", 0, "Two.")]))
    first, second = pieces(made)
    gone = Drop(reason="mirrored", text=first.text, span=(0, 0))
    changed = with_pieces(made, [gone, with_text(second, "Two and a half.")], flags={"x": 1})
    assert_whole(changed)
    assert changed.text == "One.\n\nTwo and a half." and changed.body == "Two and a half." and changed.flags == {"x": 1}


SAMPLES = [path for path in sorted(Path("data/sources/documents").iterdir()) if path.suffix != ".yaml"]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_sample_documents_are_whole_from_text_to_chunk(path):
    source = Source(id="s", path=path.name, file=path.name, sha256="0")
    try:
        made = document(source, path.read_bytes(), path.suffix)
    except ReadError:
        assert path.name == "broken-benchmarks.pdf"
        return
    assert_whole(made)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Document) == made


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        ("https://example.org/a.md", None, "https://example.org/a.md"),
        ("https://github.com/o/r/blob/HEAD/a.md", "https://github.com/o/r/blob/1f/a.md", "https://github.com/o/r/blob/1f/a.md"),
        ("https://git.example/r@HEAD:a.md", None, None),
    ],
)  # fmt: skip
def test_relative_links_lead_to_where_the_document_stands_and_nowhere_if_that_is_not_known(path, base, expected):
    source = Source(id="s", path=path, file="f", sha256="0" * 64, base=base)
    made = document(source, b"# A\n\nSee [b](b.md).", ".md")
    assert made.base == expected
