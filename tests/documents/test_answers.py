import pytest

from stages.documents import answers, chunker, facts
from stages.records import Document, Section

QUESTION = "Does Acme support Windows?"


@pytest.mark.parametrize(
    ("heading", "text", "asked"),
    [
        (QUESTION, "Yes, on all versions.", True),
        (QUESTION, "No. It runs on Linux only.", True),
        (QUESTION, "Yes, see here.", False),
        (QUESTION, "Yes, we do.", False),
        (QUESTION, "Yes.", False),
        (QUESTION, "Yes, as follows:\n\n- all", False),
        (QUESTION, "Yes, " + "on all versions " * 30, False),
        ("Does it run?", "Yes, on all versions.", False),
        ("Does this tool support Windows?", "Yes, on all versions.", False),
        ("Windows", "Yes, on all versions.", False),
        ("Windows, now or later?", "Yes, on all versions.", False),
    ],
)
def test_a_heading_that_asks_is_the_question_of_an_answer_that_needs_it(heading, text, asked):
    section = Section(heading=[heading], text=text, span=(0, len(text)))
    assert answers.question(section) == (heading if asked else None)


def test_an_answer_of_sentences_that_stand_alone_is_taken_apart_and_another_is_one_fact():
    texts = ["Yes, on all versions.", "The Acme tool supports Windows 11. Yes, that too."]
    sections = [
        Section(heading=[QUESTION], text=texts[0], span=(0, 21)),
        Section(heading=[QUESTION], text=texts[1], span=(23, 23 + len(texts[1]))),
    ]
    document = Document(id="d", source="a.html", sha256="0", title="FAQ", sections=sections)
    kept, dropped = facts.extract(document, chunker.chunks(document, 9, lambda text: len(text.split())))
    assert [(fact.question, fact.quote) for fact in kept] == [
        (QUESTION, "Yes, on all versions."),
        (None, "The Acme tool supports Windows 11."),
    ]
    assert [drop.reason for drop in dropped] == ["too_short"]
