"""Wording: which questions stand alone, and which give their answer away."""

import pytest

from stages.quality import wording


@pytest.mark.parametrize(
    "text",
    [
        "What is the context length of Llama 2?",
        "Explain how quantisation saves memory?",
        "Up to what date does Llama 2 know about the world?",
        "In which file are the training parameters stored?",
        "If I have one GPU, which model can I tune?",
        "Does Llama 2 run on a Mac?",
        "What does `f(x` print?",
        'What does "port" mean in Redis (the database)?',
        "What is the data store that Redis is?",
        "What did the port of Redis use to be?",
    ],
)
def test_questions_are_recognised(text):
    assert wording.is_question(text)


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
        "What does is the port of Redis?",
        "How does the cache of Redis is?",
        "What is the port of the?",
        "Which flag of Redis turns on and?",
        "What is the port (of Redis?",
        'What is the "port of Redis?',
        "What does `redis-server do?",
        "",
    ],
)
def test_what_is_no_single_plain_question_is_refused(text):
    assert not wording.is_question(text)


def test_a_question_that_repeats_its_answer_gives_it_away():
    answer = "Llama 2 can run on commodity hardware with the llama.cpp project."
    topic = "Running inference with Llama 2"
    assert wording.gives_away("Can Llama 2 run on commodity hardware with llama.cpp project?", answer, topic) == 1.0
    assert wording.gives_away("Which project runs Llama 2 on commodity hardware?", answer, topic) == 0.0


def test_a_question_whose_answer_is_one_flag_does_not_give_it_away():
    answer = "The flag `--use_auditnlg` turns on the AuditNLG safety checker in the inference script."
    assert wording.gives_away("Which flag turns on the AuditNLG safety checker in the inference script?", answer) <= 0.5


def test_the_words_that_questions_are_asked_with_are_no_drift():
    known = "Redis is a store for sessions."
    assert wording.drift("What is the purpose of Redis?", known) == 0.0
    assert wording.drift("What is the price of Redis?", known) == 0.5


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("What is Redis?", 1),
        ("What are Redis and Valkey used for?", 1),
        ("When and where was Redis made?", 1),
        ("Which of Redis and Valkey is faster?", 1),
        ("If Redis is full, what does it do?", 1),
        ("What is Redis and how do I install it?", 2),
        ("What is Redis? Who made it?", 2),
        ("When was Redis made, and by whom?", 2),
        ("Explain what Redis is and tell me how to start it.", 2),
        ("Was ist Redis und wie wird es gestartet?", 2),
    ],
)
def test_how_many_questions_a_text_asks(question, count):
    assert wording.asked(question) == count


def test_a_yes_or_no_is_no_give_away_but_a_repetition_is():
    assert wording.gives_away("How many owners can a value have?", "A value can have only one.") == 0.0
    assert wording.gives_away("Does Redis keep keys in memory?", "Redis keeps keys in memory.") == 1.0
