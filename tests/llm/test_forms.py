"""Which kinds of question a statement can answer, and of which kind a question is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.llm import forms


@pytest.mark.parametrize(
    ("form", "yes", "no"),
    [
        ("why", "Padding is off because it wastes memory.", "Padding is off by default."),
        ("why", "Pin the version to avoid surprises.", "Pin the version first."),
        ("how_many", "The model has 7 billion parameters.", "The model has several parameters."),
        ("how_many", "The context is 4096 tokens long.", "Aster-2 has a long context."),
        ("when", "The link expires after 24 hours.", "The link is signed."),
        ("when", "Aster was published in July 2023.", "Aster was published by Borea."),
        ("where", "The weights are stored in the cache.", "The weights are large."),
        ("who", "Researchers may apply for access.", "The access is free of charge."),
        ("can", "The weights may not be sold.", "The weights are large."),
        ("command", "The flag --use_peft turns on adapters.", "An adapter is small."),
        ("command", "Run `make bench` first.", "Benchmarks come first."),
        ("error", "CUDA runs out of memory with 80 rows.", "CUDA takes 80 rows."),
        ("comparison", "Packing is faster than padding.", "Packing is fast."),
        ("definition", "Packing is a batching strategy.", "Packing joins samples."),
        ("purpose", "Packing is used to save memory.", "Packing is fast."),
        ("list", "There are three kinds: red, green and blue.", "There is one kind."),
        ("how", "Set the flag to true.", "The flag is true."),
    ],
)
def test_a_form_is_open_to_a_statement_that_has_what_it_asks_for(form, yes, no):
    assert forms.answered(form, yes) and not forms.answered(form, no)
    assert form == "who" or form in forms.of_statement(yes)
    assert form not in forms.of_statement(no)


def test_what_and_which_are_open_to_every_statement():
    for statement in ("Aster hums.", "Run `make` because 7 tests fail when it is off."):
        assert {"what", "which"} <= set(forms.of_statement(statement))
    assert forms.answered("what", "") and forms.answered("which", "")


@given(st.text(), st.integers(1, 20))
def test_any_statement_opens_known_forms_each_once_and_no_more_than_wanted(statement, most):
    found = forms.of_statement(statement, most)
    assert 1 <= len(found) <= most and len(set(found)) == len(found) and set(found) <= set(forms.FORMS)
    assert most < 2 or {"what", "which"} <= set(found)


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("What is Aster?", "what"), ("How do I start Aster?", "how"), ("How many parts has Aster?", "how_many"),
        ("For how long does the link work?", "how_many"), ("How large is the model?", "how_many"),
        ("Why is it off?", "why"), ("Which flag turns on FSDP?", "which"), ("In which folder is it?", "which"),
        ("When was it released?", "when"), ("Where are the weights?", "where"), ("Who made Aster?", "who"),
        ("Whose licence is it?", "who"), ("To whom is it open?", "who"), ("Can I sell the weights?", "can"),
        ("Does Aster hum?", "can"), ("If I have one GPU, which model fits?", "which"),
    ],
)  # fmt: skip
def test_a_question_has_the_form_of_its_interrogative(question, form):
    assert forms.of_question(question) == form
