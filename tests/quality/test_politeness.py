"""Frames and thanks around a question say nothing; a condition in front of it, or a scope behind it, does."""

import pytest

from stages.quality.normal import normalise

ASKED = "How do I merge the weights of two adapters?"


@pytest.mark.parametrize(
    "text",
    [
        "Hi all, how do I merge the weights of two adapters?",
        "Could anyone please tell me how to merge the weights of two adapters?",
        "I was hoping you could explain how I merge the weights of two adapters.",
        "Sorry to bother you, how do I merge the weights of two adapters? Many thanks in advance!",
        "would you mind telling me how one can merge the weights of two adapters",
        "By the way, how do I actually merge the weights of two adapters, if you don't mind?",
        "I'd be grateful to know how to merge the weights of two adapters, cheers",
        "Good morning! I have a quick question: how do I merge the weights of two adapters?",
    ],
)
def test_a_polite_frame_says_nothing(text):
    assert normalise(text) == normalise(ASKED)


@pytest.mark.parametrize(
    ("polite", "plain"),
    [
        ("Do you know whether I need to restart the server?", "Do I need to restart the server?"),
        ("Am I allowed to sell the weights?", "Can I sell the weights?"),
        ("I'd like you to list the flags of Velora.", "List the flags of Velora."),
        ("Could you please plot the loss of Velora?", "Plot the loss of Velora."),
        ("Excuse me, my job in Velora stopped, what now?", "My job in Velora stopped, what now?"),
        ("Any idea when I should restart it?", "When should I restart it?"),
        ("Sorry, but if the disk is full, does it stop?", "If the disk is full, does it stop?"),
    ],
)
def test_a_frame_around_another_form_says_nothing(polite, plain):
    assert normalise(polite) == normalise(plain)


@pytest.mark.parametrize(
    "text",
    [
        "In Java, how do I merge the weights of two adapters?",
        "For beginners, how do I merge the weights of two adapters?",
        "How do I merge the weights of two adapters on Windows?",
        "Do I need help to merge the weights of two adapters?",
        "If it fails, how do I merge the weights of two adapters?",
        "Who do I contact for support?",
        "Why does Llama 3 time out?",
    ],
)
def test_a_condition_a_scope_and_what_is_asked_stay(text):
    assert normalise(text) != normalise(ASKED)
    assert normalise(f"Please, {text[0].lower()}{text[1:]}") == normalise(text)


def test_conversation_alone_is_what_is_asked():
    assert normalise("Hello, how are you?") and normalise("Thank you very much!") and normalise("Please help me")
