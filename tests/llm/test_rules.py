"""Questions made by rule keep the words and the sense of the sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.llm.rules import made_by_rule


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The corpus of Llama 2 contains 2 trillion tokens from public sources.",
         "How many tokens does the corpus of Llama 2 contain?"),
        ("The default prompt was dropped because it caused refusals.", "Why was the default prompt dropped?"),
        ("The flag --use_peft enables LoRA.", "What does the flag --use_peft do?"),
        ("The flag --use_peft enables LoRA.", "Which flag enables LoRA?"),
        ("Gradient clipping is a guard against exploding gradients.", "What is Gradient clipping?"),
        ("The weights are stored in the folder models.", "Where are the weights stored?"),
        ("Use --quantization to load the model in 8 bit.", "How do I load the model in 8 bit?"),
        ("To resume a run, pass the checkpoint folder.", "How do I resume a run?"),
        ("Pretraining the family took 3.3 million hours on A100 cards.",
         "How many hours did pretraining the family take?"),
        ("The link expires after 24 hours.", "When does the link expire?"),
        ("Code Shield filters insecure code.", "What can you tell me about Code Shield?"),
    ],
)  # fmt: skip
def test_a_sentence_gives_the_question_that_it_answers(sentence, question):
    assert question in [made for _, made in made_by_rule(sentence)]


@pytest.mark.parametrize(
    "sentence",
    [
        "If the link has expired, a new one is requested.",  # a subject we cannot see
        "The updated scripts sanitise prompts.",  # a participle is no verb
        "Devices that lack memory, which many do, cannot run it.",
        "Code models are not tuned for chat.",
        "A heading",
    ],
)
def test_a_sentence_of_another_form_gives_none(sentence):
    assert made_by_rule(sentence) == []


@given(st.text())
def test_any_text_is_survived(text):
    for rule, question in made_by_rule(text):
        assert rule and question.endswith("?")


def test_what_has_no_name_is_not_asked_about():
    made = made_by_rule("The fine-tuned model answers questions on various topics.")
    assert "about" not in [rule for rule, _ in made]
