"""Grounding: what an answer may say, and which questions stand alone."""

import pytest

from stages.quality import grounding

EVIDENCE = (
    "The flag --use_auditnlg turns on the AuditNLG safety checker in examples/inference.py. Llama 2 was trained on "
    "2 trillion tokens with a context of 4,096, in sizes 7B, 13B and 70B. It takes 7 to 13 GB on an A100-80GB. See "
    "https://github.com/a/b. The file train_params.yaml is read by Meta's converter with torch.float16."
)


@pytest.mark.parametrize(
    "answer",
    [
        EVIDENCE,
        "Llama 2 was trained on 2T tokens.",
        "It has 70 billion parameters.",
        "The context is 4096 tokens.",
        "It takes 7 GB or 13 GB.",
        "Set float16.",
        "Llama-2 comes in sizes.",
        "Training takes time.",
    ],
)
def test_what_the_evidence_says_is_supported(answer):
    assert grounding.unsupported(answer, EVIDENCE) == []


@pytest.mark.parametrize(
    ("answer", "missing"),
    [
        ("It has 8B parameters.", "8B"),
        ("It takes 13 TB.", "13 TB"),
        ("It was trained on 2 billion tokens.", "2 billion"),
        ("Set --use_audit to check.", "--use_audit"),
        ("Read https://github.com/a for more.", "https://github.com/a"),
        ("The file train_params is read.", "train_params"),
        ("It runs in torch.float32.", "torch.float32"),
        ("It was made by Google in one year.", "Google"),
        ("It needs an H100.", "H100"),
        ("This is Llama 3 indeed.", "Llama 3"),
        ("It comes in four sizes.", "four"),
        ("Falcon is a model.", "Falcon"),
    ],
)
def test_a_number_name_flag_or_url_of_its_own_is_found(answer, missing):
    assert missing in grounding.unsupported(answer, EVIDENCE)


def test_coverage_sees_through_inflection_and_is_one_for_nothing():
    assert grounding.coverage("Tuned models are tuning a model", "to tune the models") == 1.0
    assert grounding.coverage("the of and", "x") == 1.0
    assert grounding.coverage("bananas grow quickly", "Llama 2 was trained") == 0.0


@pytest.mark.parametrize(
    "question",
    [
        "What does the passage say about licences?",
        "What is the author's view on safety?",
        "According to the document, what is FSDP?",
        "What does the text say?",
        "Which of the following is true?",
        "What happens in this example?",
        "What does the table show?",
        "What is described in this section?",
        "What GPUs are mentioned?",
        "What are the steps listed above?",
        "What does it do?",
        "How do you install it?",
        "Which model does it use?",
        "What is the model trained on?",
        "What is this model called?",
        "What are these models used for?",
        "How can we fine-tune Llama 2?",
        "What is our licence?",
        "What is their licence?",
        "Why are they needed here?",
        "What is the difference between them?",
        "What is the purpose of this repository?",
    ],
)
def test_a_question_that_points_outside_itself_is_dangling(question):
    assert grounding.dangling(question)


@pytest.mark.parametrize(
    "question",
    [
        "How do I download the Llama 2 weights?",
        "How long does it take to tune Llama 2?",
        "Is it possible to tune a 7B model on one GPU?",
        "If Llama 2 is quantised, does it run on a laptop?",
        "What is the Llama 2 model trained on?",
        "How long can the context be with Llama 2?",
        "How can I tell from the loss curves that my Llama 2 overfits?",
        "What do developers check before they release a product?",
        "What is the text generation endpoint of TGI?",
        "What are the three benefits of quantisation?",
        "What is the purpose of the inference script?",
        "Which file stores the process settings of Azure?",
        "What does the example script of llama-recipes do?",
        "Which rules apply to those who train on outputs of Llama 2?",
    ],
)
def test_a_question_that_names_what_it_asks_about_stands_alone(question):
    assert grounding.dangling(question) == []


@pytest.mark.parametrize(
    "text",
    [
        "What is the context length of Llama 2?",
        "Explain how quantisation saves memory?",
        "Up to what date does Llama 2 know about the world?",
        "In which file are the training parameters stored?",
        "If I have one GPU, which model can I tune?",
        "Does Llama 2 run on a Mac?",
    ],
)
def test_questions_are_recognised(text):
    assert grounding.is_question(text)


@pytest.mark.parametrize(
    "text",
    [
        "What happened?",  # two words
        "Llama 2 has a context length of 4096.",
        "Llama 2 has a context length?",
        "What is Llama 2? And who made it?",
        "What is the context\nlength of Llama 2?",
        "Question: what is the context length of Llama 2?",
        "What is it? Answer: a large model?",
        "- What is the context length of Llama 2?",
        "1. What is the context length of Llama 2?",
        "What is the the context length of Llama?",
        "What is Llama 2 and what is Llama 2 about?",
        "What " + "very long " * 20 + "thing?",
        "",
    ],
)
def test_what_is_no_single_plain_question_is_refused(text):
    assert not grounding.is_question(text)


def test_a_question_that_repeats_its_answer_gives_it_away():
    answer = "Llama 2 can run on commodity hardware with the llama.cpp project."
    topic = "Running inference with Llama 2"
    assert grounding.gives_away("Can Llama 2 run on commodity hardware with llama.cpp project?", answer, topic) == 1.0
    assert grounding.gives_away("Which project runs Llama 2 on commodity hardware?", answer, topic) == 0.0


def test_a_question_whose_answer_is_one_flag_does_not_give_it_away():
    answer = "The flag `--use_auditnlg` turns on the AuditNLG safety checker in the inference script."
    assert (
        grounding.gives_away("Which flag turns on the AuditNLG safety checker in the inference script?", answer) <= 0.5
    )


def test_an_invented_name_is_foreign_but_a_common_acronym_is_not():
    fact = "An A100 with 80 GB is enough to tune Llama 2 7B."
    assert grounding.foreign("Which GPU can tune Llama 2 7B?", fact) == []
    assert grounding.foreign("Which Nvidia card can tune Llama 2 13B?", fact) == ["13B", "Nvidia"]


def test_unspaced_scripts_are_read_as_bigrams():
    assert grounding.content_tokens("大型语言模型") == ["大型", "型语", "语言", "言模", "模型"]
