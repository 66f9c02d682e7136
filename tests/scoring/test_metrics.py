from typing import Any

import pytest

from stages.records import Item
from stages.scoring import metrics


@pytest.mark.parametrize(
    ("reference", "answer", "expected"),
    [
        ("The context is 4,096 tokens.", "context is 4096 tokens", 1.0),
        ("a b c d", "c d e f", 2 * 2 / (3 + 4)),  # the article goes
        ("word", "", 0.0),
        ("the", "a", 1.0),
    ],
)
def test_token_f1_counts_words_as_squad_does(reference, answer, expected):
    assert metrics.token_f1(reference, answer) == pytest.approx(expected)


def test_rouge_l_is_the_f_measure_of_the_longest_common_subsequence():
    # police killed the gunman / police kill the gunman (Lin 2004): 3 of 4 words in order
    assert metrics.rouge_l("police killed the gunman", "police kill the gunman") == pytest.approx(0.75)
    assert metrics.rouge_l("police killed the gunman", "the gunman kill police") == pytest.approx(0.5)
    assert metrics.rouge_l("", "") == 0.0


def test_key_match_counts_what_the_question_did_not_hold():
    question, reference = "How long is the context of Llama 2?", "Llama 2 has a context of 4096 tokens."
    assert metrics.key_match(question, reference, "It is 4096 tokens.") == 1.0
    assert metrics.key_match(question, reference, "Llama 2 has a context of 2048 tokens.") == 0.0
    assert metrics.key_match("Which flag turns on FSDP?", "Use --enable_fsdp.", "--enable_fsdp does it.") == 1.0
    assert metrics.key_match("What colour is it?", "It is blue.", "Blue.") is None
    assert metrics.key_match("How large is it?", "It takes 15 GB.", "14 GB") == 0.0, "the unit alone is no match"


@pytest.mark.parametrize(
    "answer",
    [
        "I do not know: the documents do not say.",
        "I don’t know.",
        "I'm sorry, but I don't have any information about that.",
        "The documents do not mention the price.",
        "Unfortunately, there is no information on this.",
        "That is a good question. I am not sure.",
    ],
)
def test_refusals_are_recognised(answer):
    assert metrics.refuses(answer)


@pytest.mark.parametrize(
    "answer",
    ["", "If you do not know the path, run pwd.", "Llama 2 does not need a token.", "You cannot answer twice."],
)
def test_answers_are_no_refusals(answer):
    assert not metrics.refuses(answer)


def test_a_taught_refusal_is_recognised_in_any_words():
    assert metrics.refuses("Das weiß ich nicht!", "Das weiß ich nicht.")


def item(question: str, answer: str, **more: Any) -> Item:
    return Item(**({"id": "i", "set": "faq", "question": question, "answer": answer} | more))


def test_scores_of_an_answer_without_keys_have_no_key_match():
    scores = metrics.score(item("What colour?", "It is blue."), "blue")
    assert set(scores) == {"token_f1", "rouge_l", "refusal", "words", "wrong_keys"}


def test_a_key_beside_the_right_one_is_not_exact():
    asked = item("How long is the context?", "It is 4096 tokens.", evidence="4096 tokens, double the 2048 of Llama 1.")
    scores = {said: metrics.score(asked, said) for said in ("It is 4096 tokens.", "It is 4096 or 8192 tokens.")}
    assert [(one["key_match"], one["wrong_keys"], one["exact"]) for one in scores.values()] == [(1, 0, 1), (1, 1, 0)]
    assert metrics.score(asked, "4096 tokens, where Llama 1 had 2048.")["exact"] == 1, "the evidence says it too"
    assert metrics.wrong_keys("Which flag?", "Use --fsdp.", "Use --fsdp with --low_cpu.") == ["--low_cpu"]


def test_an_unanswerable_question_is_only_refused_or_not():
    assert metrics.score(item("Who?", "I do not know.", set="unanswerable"), "Meta.") == {"refusal": 0, "words": 1}


def test_a_general_question_is_right_with_one_of_its_words():
    asked = item("What is the capital of Portugal?", "Lisbon.", set="general", accept=["Lisbon", "Lisboa"])
    right = [metrics.score(asked, said)["correct"] for said in ("It is LISBON!", "Lisboa", "Lisbons", "")]
    assert right == [1, 1, 0, 0]
