"""A pronoun for the name that a question is about, where it is a thing by itself."""

import pytest

from stages.augmenting.subjects import subject, with_pronoun
from tests.augmenting.family import pair


@pytest.mark.parametrize(
    ("question", "name", "expected"),
    [
        ("What does Code Shield do?", "Code Shield", "What does it do?"),
        ("What is the licence of Code Shield?", "Code Shield", "What is its licence?"),
        ("How was Code Llama made?", "Code Llama", "How was it made?"),
        ("What is Opal used for?", "Opal", "What is it used for?"),
        ("Can I write malware with Llama 2?", "Llama 2", "Can I write malware with it?"),
        # part of a longer name, what a definition asks for, said twice, already with a pronoun
        ("How do I download the Llama 2 weights?", "Llama 2", None),
        ("What is Opal?", "Opal", None),
        ("Is Opal 7 heavier than Opal 13?", "Opal", None),
        ("What does Opal do with its log?", "Opal", None),
        ("What is the difference between Opal and Ruby?", "Ruby", None),
    ],
)
def test_a_name_gives_way_to_a_pronoun(question, name, expected):
    assert with_pronoun(question, name) == expected


@pytest.mark.parametrize(
    ("question", "names", "expected"),
    [
        ("What is Opal?", ["Opal"], "Opal"),
        ("How many parameters does Llama 2 7B have?", ["Llama 2", "Llama 2 7B"], "Llama 2 7B"),
        ("What score does Opal reach on ToxicChat?", ["Opal"], None),  # two names: "it" might be either
        ("What is a jailbreak?", [], None),
    ],
)
def test_a_question_is_about_the_one_name_that_it_holds(question, names, expected):
    assert subject(pair("f", "what", question, "It is.", names)) == expected
