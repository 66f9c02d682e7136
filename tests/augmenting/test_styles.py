"""Augmentation forms: another wording, the same question."""

import pytest

from stages.augmenting import styles


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do I download the Llama 2 weights?", "download Llama 2 weights"),
        ("How many GPUs are needed to tune the 70B model?", "how many GPUs needed tune 70B model"),
        ("Can Llama 2 run without a GPU?", "Llama 2 run without GPU"),
        ("What does `--use_peft` do before tuning?", "`--use_peft` before tuning"),
        ("Does QLoRA need less memory than LoRA?", "QLoRA less memory than LoRA"),
        ("What is FSDP?", None),
    ],
)
def test_terse_keeps_what_changes_the_question(question, expected):
    assert styles.terse(question) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How do I download the weights?", "Could you tell me how to download the weights?"),
        ("How can you run a 7B model?", "Could you tell me how to run a 7B model?"),
        ("How can a 7B model be tuned on one GPU?", "Could you tell me how a 7B model can be tuned on one GPU?"),
        ("What is the context length of Llama 2?", "Could you tell me what the context length of Llama 2 is?"),
        ("Which flag turns on the checker?", "Could you tell me which flag turns on the checker?"),
        # Where the rule is not sure of the word order, the question stays as it is.
        ("What is the Llama 2 model trained on?", "Please tell me, what is the Llama 2 model trained on?"),
        ("Is Llama 2 free for commercial use?", "Please tell me, is Llama 2 free for commercial use?"),
    ],
)
def test_polite_is_grammatical(question, expected):
    assert styles.polite(question) == expected


def test_casual_is_lower_case_and_leaves_identifiers_and_numbers_alone():
    question = "Which options does `train_params.yaml` hold before --use_PEFT on Llama 2 70B?"
    for seed in range(20):
        made = styles.casual(question, str(seed))
        assert "`train_params.yaml`" in made and "--use_PEFT" in made and "llama 2 70b" in made
        assert not made.endswith("?")
    assert len({styles.casual(question, str(seed)) for seed in range(20)}) > 1
    assert styles.casual(question, "1") == styles.casual(question, "1")
