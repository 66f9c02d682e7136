"""Repair: the subject of title and headings, where a single pointer stands for it."""

import pytest

from stages.curation import repair
from stages.records import Pair


def pair(question, topic):
    return Pair(id="a", question=question, answer="A.", facts=["f"], source="s", topic=topic, origin="generated")


@pytest.mark.parametrize(
    ("question", "topic", "mended"),
    [
        ("What does it need?", "Llama 2 model card > Hardware", "What does Llama 2 need?"),
        ("What is its context length?", "Guide > Llama 2", "What is Llama 2's context length?"),
        ("How large is this model?", "Falcon-7B > Size", "How large is Falcon-7B?"),
    ],
)
def test_the_innermost_name_is_put_in(question, topic, mended):
    one = repair.repaired(pair(question, topic))
    assert one.question == mended and one.parent == "a" and one.id != "a"


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What does it need?", "How to start > the first steps"),
        ("What does the passage say about Llama 2?", "Llama 2"),
        ("How do they differ?", "Llama 2"),
        ("What does this script remove?", "Llama 2"),
        ("Was braucht es?", "Llama 2"),
    ],
)
def test_what_no_heading_names_is_left(question, topic):
    assert repair.repaired(pair(question, topic), "de" if question.startswith("Was") else "en") is None
