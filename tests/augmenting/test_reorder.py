"""The same question with its phrases elsewhere, or in other words: only where the grammar is certain."""

import pytest

from stages.augmenting.reorder import reordered, restated
from tests.augmenting.family import pair


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do I register new datasets in llama-recipes?", None),  # no name by its shape
        ("What AUPRC does Llama Guard reach on ToxicChat?", "On ToxicChat, what AUPRC does Llama Guard reach?"),
        ("What is the licence of Code Shield?", "For Code Shield, what is the licence?"),
        ("What should I do if the link is old?", "If the link is old, what should I do?"),
        ("What may users do before using Llama 2?", "Before using Llama 2, what may users do?"),
        ("How many examples were used to train Llama Guard?", "To train Llama Guard, how many examples were used?"),
        ("How do Llama 2 7B and Llama 2 13B differ in size?", "How do Llama 2 13B and Llama 2 7B differ in size?"),
        ("How do the flags --quiet and --dry differ?", "How do the flags --dry and --quiet differ?"),
        ("In LlamaIndex, what does RelevancyEvaluator do?", "What does RelevancyEvaluator do in LlamaIndex?"),
        # A phrase that belongs to its verb or noun stays.
        ("Where does memory growth after an FSDP checkpoint come from?", None),
        ("Which classifier is built on Llama 2?", None),
        ("What is the purpose of Code Shield?", None),
        ("What is the difference between a model and a product?", None),
        ("Does Llama Guard run on Windows 11?", None),
    ],
)  # fmt: skip
def test_a_phrase_moves_to_the_other_end(question, expected):
    assert reordered(question) == expected


@pytest.mark.parametrize(
    ("rule", "question", "expected"),
    [
        ("purpose", "What is Opal used for?", "What is the purpose of Opal?"),
        ("stands_for", "What does TGI stand for?", "What is TGI short for?"),
        ("may", "Does Opal support TLS?", None),  # yes or no: another wording may ask for another answer
        ("what", "What does Opal hold?", None),
    ],
)
def test_a_rule_says_it_in_other_words_or_not_at_all(rule, question, expected):
    assert restated(pair("f", rule, question, "It is said.", [])) == expected
