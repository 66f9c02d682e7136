"""Two answers to one question: they agree, they are both true, or a person has to choose."""

import pytest

from stages.curation.conflicts import contradict, is_open
from stages.records import Pair


def pair(question, answer):
    return Pair(id=answer, question=question, answer=answer, facts=[], source="s", origin="generated")


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("What is Opal?", "Opal is a serverless platform.", "Opal runs models on a network of GPUs."),
        ("What is Opal used for?", "Opal is used for building LLM applications.", "Opal is a tool for RAG."),
        ("What does Opal do?", "Opal checks prompts.", "Opal is a classifier with 7B parameters."),
        ("What kind of model is Opal?", "Opal is a new model with guardrails.", "Opal is a 7B safeguard."),
        ("How large is Opal?", "Opal has 7B parameters.", "Opal has 7B parameters."),
    ],
)
def test_other_definitions_of_a_thing_are_no_conflict(question, one, other):
    assert not contradict(pair(question, one), pair(question, other))
    assert not contradict(pair(question, other), pair(question, one))


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("What is Opal?", "Opal is a model with 7B parameters.", "Opal is a model with 13B parameters."),
        ("What is Opal?", "Opal is a model made by Quarz.", "Opal is a model made by Basalt."),
        ("What does Opal do?", "Opal stores prompts.", "Opal does not store prompts."),
        ("What is the licence of Opal?", "It is permissive.", "It is a community licence."),
        ("What is Opal licensed under?", "Its licence is permissive.", "A community drew it up."),
        ("Who made Opal?", "A company made it.", "Volunteers did."),
        ("How large is Opal?", "It is small.", "It is huge."),
    ],
)
def test_answers_that_cannot_both_be_true_are_a_conflict(question, one, other):
    assert contradict(pair(question, one), pair(question, other))
    assert contradict(pair(question, other), pair(question, one))


def test_a_question_for_a_property_has_one_answer():
    asked = ["What is Llama's size?", "What is its limit?", "What is the default?", "What is Opal 2 called?",
             "What is the best kind of model?", "What is Opal?"]  # fmt: skip
    assert [is_open(question) for question in asked] == [False] * 5 + [True]
