import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stages.documents import chunker, facts, markup, sentences
from stages.records import Document, Link, Section


def count(text):
    return len(text.split())


def document(*texts, headings=None, links=(), **fields):
    sections, start = [], 0
    for number, text in enumerate(texts):
        heading = headings[number] if headings else ["Part"]
        sections.append(Section(heading=heading, text=text, span=(start, start + len(text)), links=list(links)))
        start += len(text) + 2
    return Document(id="d", source="a.md", sha256="0", title="Guide", sections=sections, **fields)


def texts(text, budget):
    return [chunk.text for chunk in chunker.chunks(document(text), budget, count)]


def split(text):
    return [text[start:end] for start, end in sentences.spans(text)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Use tools, e.g. wget or curl.", "Then start."),
        ("It is fast, i.e. Llama 2 answers at once.", "Good."),
        ("Compare 7B vs. 13B models.", "Both work."),
        ("See Fig. 3 and Sec. 4.2 for results.", "The rest follows."),
        ("It was made in the U.S. Army labs.", "Not here."),
        ("It was made in the U.S.", "The rest was not."),
        ("Meta Platforms, Inc. released it.", "It is free."),
        ("Version 4.31.0 of Transformers is needed.", "Version 5 works."),
        ("Run download.sh now.", "download.sh asks for a URL."),
        ("Read https://ai.meta.com/llama. It helps.", None),
        ("Wait... then go on.", "Done."),
        ("It costs 3.5 hours.", "2 GPUs are enough."),
        ('Press "I Accept."', "Then wait."),
        ("It works (mostly. Not always.) on Linux.", "Try it."),
        ("Is it free?", "Yes!"),
        ("Set the flag.", "--use_peft turns PEFT on."),
        ("The loader is vLLM.", "llama.cpp is smaller."),
        ("Written by J. Smith and A. Jones.", "Read it."),
        ("No. 5 is alive.", "So is no. 6."),
        ("これは文です。", "もう一つ。"),
    ],
)
def test_sentences_end_where_a_reader_says(first, second):
    if second is None:
        assert split(first) == ["Read https://ai.meta.com/llama.", "It helps."]
    else:
        assert split(f"{first} {second}") == [first, second]


def test_blocks():
    text = "One line.\n\n- a\n- b\n  more b\n\n| h |\n| --- |\n| c |\n\n```\ncode\n\n- no item\n```\n\nLast."
    assert [(block.kind, text[block.start : block.end]) for block in markup.blocks(text)] == [
        ("paragraph", "One line."),
        ("list", "- a\n- b\n  more b"),
        ("table", "| h |\n| --- |\n| c |"),
        ("code", "```\ncode\n\n- no item\n```"),
        ("paragraph", "Last."),
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("A.\n\n````\n```\nx\n```\n\ny", "paragraph paragraph code paragraph"),  # it is never closed
        ("```bash npm npm i x ```\n\nText.", "paragraph paragraph"),
        ("``` opens a fence.\n\nOne.\n\n```\nx\n```\n\nTwo.", "paragraph paragraph code paragraph"),
        ("```\n\nOne.\n\n````\n```\nx\n````", "paragraph paragraph code"),
        ("| is a pipe.\n\n| a | b |\n\nText.", "paragraph table paragraph"),
    ],
)
def test_a_paragraph_that_begins_with_marks_of_code_or_a_table_is_a_paragraph(text, kinds):
    assert " ".join(block.kind for block in markup.blocks(text)) == kinds


def test_what_fits_is_one_chunk():
    assert texts("A b c.\n\n- d\n- e", 10) == ["A b c.\n\n- d\n- e"]


def test_a_long_paragraph_is_cut_between_sentences():
    found = texts("One two three. Four five six. Seven eight nine.", 6)
    assert all(chunk.rstrip().endswith(".") and count(chunk) <= 6 for chunk in found)
    assert "".join(found) == "One two three. Four five six. Seven eight nine."


def test_a_long_list_is_cut_between_items_and_a_table_between_rows():
    assert all(chunk.startswith("- ") for chunk in texts("\n".join(f"- item {n} is here" for n in range(9)), 12))
    rows = texts("| a | b |\n| --- | --- |\n" + "\n".join(f"| {n} | x |" for n in range(9)), 16)
    assert rows[0].startswith("| a | b |\n| --- | --- |\n| 0")
    assert all(chunk.startswith("| a | b |\n| --- | --- |\n| ") and chunk.rstrip().endswith(" |") for chunk in rows)


def test_code_stays_whole_however_long():
    code = "```\n" + "\n\n".join("a b c d" for _ in range(20)) + "\n```"
    assert code in [chunk.strip() for chunk in texts(f"Before it.\n\n{code}\n\nAfter it.", 10)]


def test_what_announces_a_block_stays_with_it():
    found = texts("One two three four five six. Seven.\n\nRun this command:\n\n```\ngo\n```", 9)
    assert found[-1] == "Run this command:\n\n```\ngo\n```"


def test_header_span_and_links():
    links = [Link(text="paper", url="u"), Link(text="form", url="v")]
    given = document("Read the paper now.\n\nFill the form in.", headings=[["Guide", "Setup"]], links=links)
    given.description = "how to start"
    first, second = chunker.chunks(given, 4, count)
    assert first.header == "Guide > Setup > how to start > Read the paper now."
    assert second.header == "Guide > Setup > how to start > Fill the form in."
    assert [link.url for link in first.links] == ["u"]
    assert [link.url for link in second.links] == ["v"]
    assert given.text[slice(*second.span)] == second.text
    assert (first.tokens, second.tokens) == (4, 4)


def test_equal_chunks_have_ids_of_their_own():
    found = chunker.chunks(document("Same text.", "Same text."), 9, count)
    assert found[0].id != found[1].id


def test_a_wrong_span_is_an_error():
    given = document("Some text.")
    given.sections[0].span = (0, 5)
    with pytest.raises(ValueError, match="a.md"):
        chunker.chunks(given, 9, count)


def test_an_edit_in_one_section_changes_no_other_id():
    before = chunker.chunks(document("One two.", "Three four.", headings=[["A"], ["B"]]), 9, count)
    after = chunker.chunks(document("One two, and much more.", "Three four.", headings=[["A"], ["B"]]), 9, count)
    assert before[0].id != after[0].id
    assert before[1].id == after[1].id


def test_an_edit_at_the_start_of_a_long_section_changes_few_ids():
    paragraphs = [f"Paragraph {n} says {n * 7 % 11} things about {n * n}." for n in range(120)]
    before = chunker.chunks(document("\n\n".join(paragraphs)), 30, count)
    after = chunker.chunks(document("\n\n".join(["A new one of six words.", *paragraphs])), 30, count)
    assert len({chunk.id for chunk in after} - {chunk.id for chunk in before}) <= len(before) / 4


PIECES = st.sampled_from(
    [
        "A b. C d? E!",
        "- item one\n- item two. More.\n  and on",
        "| a | b |\n| --- | --- |\n| c | d |",
        "```\nx\n\ny\n```",
        "It is:",
    ]
    + [
        "1. one\n2. two",
        "e.g. this (and. That) e.",
        "  odd\tspace ",
        "```\nopen",
        "| x",
        "-",
        "# no",
        "a\u2028b. C",
        "\r",
        "…",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=30), max_size=12).flatmap(
    lambda parts: st.sampled_from(["\n\n", "\n", " "]).map(lambda joint: joint.join(parts))
)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=3), st.integers(1, 40), st.integers(0, 2))
@example(parts=["  odd\tspace \nIt is:\n1. one\n2. two"], budget=1, overlap=0)  # steps that are longer than a chunk
def test_the_chunks_of_a_section_give_back_its_text(parts, budget, overlap):
    given_document = document(*parts)
    chunks = chunker.chunks(given_document, budget, count, overlap=overlap)
    for section in given_document.sections:
        mine = [chunk for chunk in chunks if section.span[0] <= chunk.span[0] and chunk.span[1] <= section.span[1]]
        own = [chunk.text[chunk.overlap :] for chunk in mine]
        assert "".join(own) == (section.text if section.text.strip() else "")
    for chunk in chunks:
        assert given_document.text[slice(*chunk.span)] == chunk.text[chunk.overlap :]
        assert chunk.text[: chunk.overlap].strip() in given_document.text
        assert chunk.tokens == count(chunk.text)
    assert len({chunk.id for chunk in chunks}) == len(chunks)
    kept, dropped = facts.extract(given_document, chunks, min_words=1)
    by_id = {chunk.id: chunk for chunk in chunks}
    for fact in [*kept, *(drop.fact for drop in dropped)]:
        low, high = by_id[fact.chunk].span
        assert low <= fact.span[0] < fact.span[1] <= high
        assert given_document.text[slice(*fact.span)] == fact.quote


def test_a_chunk_may_repeat_the_sentences_before_it():
    text = "One two three. Four five six. Seven eight nine.\n\nTen eleven twelve."
    found = chunker.chunks(document(text), 6, count, overlap=1)
    repeated = [chunk.text[: chunk.overlap].strip() for chunk in found]
    assert repeated == ["", "One two three.", "Four five six.", "Seven eight nine."]
    assert all(chunk.tokens <= 6 for chunk in found)


def test_what_is_repeated_never_crowds_out_what_is_new():
    found = chunker.chunks(document("One two three four five. Six seven."), 5, count, overlap=1)
    assert [chunk.overlap for chunk in found] == [0, 0]


def test_code_and_tables_are_not_repeated_as_sentences():
    found = chunker.chunks(document("```\na b c d e\n```\n\nOne two three."), 4, count, overlap=2)
    assert [chunk.overlap for chunk in found] == [0, 0]


def test_chunks_under_one_heading_are_told_apart_by_their_own_line():
    table = "| size | needs |\n| --- | --- |\n| 7B | 1 GPU |\n| 13B | 2 GPUs |"
    found = chunker.chunks(document(f"Llama 2 has sizes for all.\n\nCode Llama has even more.\n\n{table}"), 15, count)
    assert [chunk.header.split(" > ")[2] for chunk in found] == [
        "Llama 2 has sizes for all.", "7B 1 GPU", "13B 2 GPUs",
    ]  # fmt: skip
    assert chunker.chunks(document("Llama 2 has sizes."), 9, count)[0].header == "Guide > Part"


@pytest.mark.parametrize(
    ("text", "heading", "own"),
    [
        ("It also supports infilling.", ["Models", "Code Llama"], "Code Llama also supports infilling."),
        ("Its licence is open.", ["Running it on Linux"], "Guide's licence is open."),
        ("They are released under a licence.", [], "Guide are released under a licence."),
        ("It is possible to train it.", ["Code Llama"], None),
        ("This guide is short.", ["Code Llama"], None),
        ("Llama 2 is open. It also works.", ["Code Llama"], None),
    ],
)
def test_a_pronoun_that_opens_a_chunk_gets_its_subject_from_the_header(text, heading, own):
    (chunk,) = chunker.chunks(document(text, headings=[heading]), 99, count)
    assert chunk.text == text
    assert chunk.header == " > ".join(["Guide", *heading, *([own] if own else [])])


def test_a_chunk_knows_its_page_and_its_place_on_the_web():
    given = document("One two three.\n\nFour five six.")
    given.sections[0].pages, given.sections[0].anchor = [(0, 3), (16, 4)], "setup"
    assert [(chunk.page, chunk.url) for chunk in chunker.chunks(given, 3, count)] == [(3, None), (4, None)]
    given.base = "https://example.org/guide.html#top"
    assert chunker.chunks(given, 3, count)[0].url == "https://example.org/guide.html#setup"


def test_an_item_of_a_structured_faq_is_one_fact_with_its_question():
    given = document("Yes. It is.\n\n- a\n- b")
    given.sections[0].question = "Is it free?"
    chunks = chunker.chunks(given, 99, count)
    (fact,), dropped = facts.extract(given, chunks)
    assert (fact.question, fact.quote, dropped) == ("Is it free?", "Yes. It is.\n\n- a\n- b", [])
    assert chunks[0].header == "Guide > Part > Is it free?"


@given(st.text(alphabet="aB1.!?()[]\"' \n…。", max_size=60))
def test_sentences_lose_nothing(text):
    position = 0
    for start, end in sentences.spans(text):
        assert position <= start < end
        assert not text[position:start].strip()
        position = end
    assert not text[position:].strip()


def test_a_transcript_without_marks_is_cut_between_words():
    words = [f"word{number}" for number in range(1000)]
    pieces = texts(" ".join(words), 30)
    assert "".join(pieces).split() == words
    assert all(count(piece) <= 30 for piece in pieces)
    assert len(pieces) < 1.2 * 1000 / 30


def test_pieces_of_a_transcript_are_under_the_budget_with_the_blank_behind_them():
    words = " ".join(f"word{number}" for number in range(100, 300))
    assert all(chunk.tokens <= 63 for chunk in chunker.chunks(document(words), 63, len))


def test_a_sentence_somewhat_over_the_budget_stays_whole():
    sentence = " ".join(["number"] * 100) + "."
    assert texts(sentence, 30) == [sentence]
