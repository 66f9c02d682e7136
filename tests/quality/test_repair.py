"""Repair: the subject of title and headings, where a single pointer stands for it."""

import pytest

from stages.quality import repair
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
        ("What does --fast do?", "quill-tools", "In quill-tools, what does --fast do?"),
        ("What is note_utils.py used for?", "quill-tools", "In quill-tools, what is note_utils.py used for?"),
        ("Where do I change the width and other notes.start settings?", "quill-tools",
         "In quill-tools, where do I change the width and other notes.start settings?"),
        ("How do I run the 7B Scribe model?", "Quillbase", "In Quillbase, how do I run the 7B Scribe model?"),
        ("What does NoteParser do?", "Quillbase", "In Quillbase, what does NoteParser do?"),
        ("Is KEEP_ALL equivalent to DDP?", "quill-tools", "In quill-tools, is KEEP_ALL equivalent to DDP?"),
        ("What should I do about errors such as 404?", "Quillbase",
         "With Quillbase, what should I do about errors such as 404?"),
        ('What does "Notes" mean?', "QUILLBASE 2 NOTES AGREEMENT",
         'In the Quillbase 2 Notes Agreement, what does "Notes" mean?'),
        ("What does it forbid?", "Quillbase 2 Policy", "What does the Quillbase 2 Policy forbid?"),
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


def test_what_is_turned_on_by_a_setting_is_not_whose_setting_it_is():
    one = repair.repaired(pair("How do I enable Flash Notes?", "Set use_flash to true."), "quill-tools")
    assert one.question == "In quill-tools, how do I enable Flash Notes?"


@pytest.mark.parametrize(
    "question",
    [
        "Does it of the cellar?",
        "What does acme/notes_7b hold?",
        "What does quill_tools install with --fast?",
        "How does Inkwell use note_utils.py?",
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
    subject = "quill-tools" if "quill_tools" in question else "Quillbase"
    assert repair.repaired(pair(question), subject, "de" if question.startswith("Was") else "en") is None
