"""Pointers: what leans on words that are not there, in English and German."""

import pytest

from stages.quality import pointing


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
        "What does the paper propose?",
        "Which dataset does the paper use to evaluate long answers of Falcon?",
        "What did the researchers find?",
        "What is shown in Table 2?",
        "How does Figure 3 relate to the training of Falcon?",
        "What does Section 4.1 require?",
        "How does the command below start Redis?",
        "Which steps above install Redis?",
        "How is Redis started as described?",
        "Which flags of Redis are as follows?",
        "What is the above-mentioned limit of Redis?",
        "What does the tutorial install first?",
        "What does Redis do there?",
        "What do hardware requirements depend on?",
        "Should I copy the URL itself for Redis?",
    ],
)
def test_a_question_that_points_outside_itself_is_dangling(question):
    assert pointing.dangling(question)


@pytest.mark.parametrize(
    "question",
    [
        "How do I download the Llama 2 weights?",
        "Where do I report a bug of the Llama code?",
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
        "How do I find documents in a vector store?",
        "What is the table of contents of a PDF?",
        "What does the author field of package.json hold?",
        "What does Section 3 of the GPL require?",
        "What is the paper on Falcon about?",
        "How do I publish the source code of Redis?",
        "How long is the report of a Lighthouse run?",
        "Which status code does Nginx return above 100 connections?",
        "What does a researcher need to use Zenodo?",
        "How many keys of Redis are there?",
        "What is the URL of the Redis registry?",
    ],
)
def test_a_question_that_names_what_it_asks_about_stands_alone(question):
    assert pointing.dangling(question) == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What does Redis store?", "This document says that Redis stores keys."),
        ("What does Redis store?", "The authors write that Redis stores keys."),
        ("What does Redis store?", "Redis stores keys as described above."),
        ("How do I start Redis?", "Redis starts with the following command."),
        ("How do I start Redis?", "See section 3.2 for the start of Redis."),
        ("How do I start Redis?", "We start Redis with a script."),
    ],
)
def test_an_answer_that_points_outside_is_dangling(question, answer):
    assert pointing.dangling(answer, question)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("How much memory does Redis need?", "It needs 1 GB."),
        ("What does the index of passages hold?", "The passage that was read last."),
        ("How do I start Redis?", "Start Redis with the following command: `redis-server`."),
        ("What do prompt filters do?", "Prompt filters block inputs before the model sees them."),
        ("When does Redis warn?", "Redis warns above 100 connections."),
    ],
)
def test_an_answer_may_lean_on_its_question(question, answer):
    assert pointing.dangling(answer, question) == []


@pytest.mark.parametrize(
    "question",
    ["Was steht im obigen Text über Redis?", "Wie groß ist dieses Modell?", "Was zeigt Abbildung 4?", "Was macht es?",
     "Was empfiehlt der Autor?", "Wo finde ich bei Redis die URL?", "Wie wird Redis gestartet, wie oben erwähnt?"],
)  # fmt: skip
def test_german_pointers_are_known(question):
    assert pointing.dangling(question, spoken="de")


@pytest.mark.parametrize(
    "question", ["Wie groß ist das Modell Falke 7B?", "Gibt es Redis für Windows?", "Ist es möglich, Redis zu sichern?"]
)
def test_german_questions_that_stand_alone_are_left(question):
    assert pointing.dangling(question, spoken="de") == []


def test_a_language_without_a_list_is_not_judged():
    assert pointing.dangling("Que dit ce document ?", spoken="fr") == []


@pytest.mark.parametrize(
    ("question", "answer", "found"),
    [
        ("What do the scripts currently provided for training need?", "", ["the scripts currently provided"]),
        ("What does the file provided by Git hold?", "", []),
        ("When should I use full tuning?", "Use full tuning when the performance is poor.", ["the performance is"]),
        ("How good is the performance of Opal?", "Of Opal 2, the performance is good.", []),
        ("Can Opal build agents?", "Opal is a more general framework which builds agents.", ["is a more general f"]),
        ("Can Opal build agents?", "Opal is a more general framework than Beryl, and builds agents.", []),
        ("What does Opal let me do?", "Opal lets you train a much larger model.", ["a much larger m"]),
        ("Who rates replies?", "Experts rate replies by the identified risks.", ["the identified risks"]),
        ("Who rates risks of replies?", "Experts rate replies by the identified risks.", []),
        ("What is Opal meant to do?", "Opal is meant to be safer to use.", ["meant to be safer to"]),
        ("What is Opal meant to do?", "Opal is meant to be safer to use than Beryl.", []),
        ("How do Opal and Beryl compare?", "Opal is much more flexible compared to Beryl.", []),
        ("What should I do if I want the model to write a story about Paris in a certain style?", "", []),
        ("What should I do if I want the model to write a long story in a certain style?", "", ["the model"]),
        ("Which is the model to use for a long story in a certain style?", "", []),
    ],
)
def test_what_has_no_owner_or_nothing_to_be_compared_with(question, answer, found):
    if answer:
        assert pointing.dangling(answer, question) == found and pointing.dangling(question) == []
    else:
        assert pointing.dangling(question) == found
