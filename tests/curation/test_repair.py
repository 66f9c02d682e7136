"""Repair: the subject of title and headings, where a single pointer stands for it."""

import pytest

from stages.curation import repair
from stages.records import Pair


def pair(question, answer="A."):
    return Pair(id="a", question=question, answer=answer, facts=["f"], source="s", origin="generated")


@pytest.mark.parametrize(
    ("question", "subject", "mended"),
    [
        ("What does it need?", "Llama 2", "What does Llama 2 need?"),
        ("What is its context length?", "Llama 2", "What is Llama 2's context length?"),
        ("How large is this model?", "Falcon-7B", "How large is Falcon-7B?"),
        ("What can the Notes API be used for?", "Quillbase", "In Quillbase, what can the Notes API be used for?"),
        ("Does the Readers or Writers API need an LLM?", "Quillbase",
         "In Quillbase, does the Readers or Writers API need an LLM?"),
    ],
)  # fmt: skip
def test_the_subject_is_put_in(question, subject, mended):
    one = repair.repaired(pair(question), subject)
    assert one.question == mended and one.parent == "a" and one.id != "a"


def test_a_part_in_the_answer_tells_of_no_whole_either():
    one = repair.repaired(pair("How can I take notes?", "The Notes API takes notes."), "Quillbase")
    assert one.question == "In Quillbase, how can I take notes?"
    assert repair.repaired(pair("How can I take notes?", "The Notes API of Quillbase does."), "Quillbase") is None
    assert repair.repaired(pair("How can I take notes in Inkwell?", "The Notes API takes them."), "Quillbase") is None


@pytest.mark.parametrize(
    "question",
    [
        "What does the passage say about Llama 2?",
        "How do they differ?",
        "What does this script remove?",
        "Was braucht es?",
        "What does the Quillbase API need?",
        "What does the Notes API of Inkwell 3 need?",
        "Which API is the fastest?",
    ],
)
def test_what_the_subject_does_not_mend_is_left(question):
    assert repair.repaired(pair(question), "Quillbase", "de" if question.startswith("Was") else "en") is None
