import pytest

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


def test_scores_of_an_answer_without_keys_have_no_key_match():
    assert set(metrics.score("What colour?", "It is blue.", "blue")) == {"token_f1", "rouge_l", "refusal"}
