"""What reviewers struck: well-formed questions that are too broad, of a column's head, or without a name."""

import re

import pytest

from stages.llm.rules import made_by_rule
from stages.llm.transform.doubts import doubtful


@pytest.mark.parametrize(
    ("rule", "question", "statement"),
    [
        ("what", "What does calibration require?", "Calibration requires a flat table."),
        ("what", "What is needed for batch printing?", "A second tray is needed for batch printing."),
        ("what", "What is the Aster 40 capable of?", "The Aster 40 is capable of scanning film."),
        ("row", "What are the component type and licence of Tide Guard?", "Tide Guard – Component Type: filter."),
        ("purpose", "What was Tidewatch built to do?", "Tidewatch was also built to send alerts."),
        ("why", "Why does Tidewatch ask two operators?", "Tidewatch asks two operators to judge an alert."),
        ("may", "Does Tidewatch 3 use a separate form of the alarm that is defined in alarm_form()?", "It does."),
        ("what", "What does the licence of Tidewatch forbid?", "The licence of Tidewatch forbids resale."),
        ("what", "What should I use for batch printing?", "Use the large tray for batch printing."),
        ("may", "Should developers test each layer of the product?", "Developers must test each layer of the product."),
        ("what", "What requires a second tray?", "The Aster 40 with a feeder requires a second tray."),
        ("what", "What do I replace night-watch/ with?", "Replace night-watch/ with your folder."),
        ("may", "Are tuned models meant for radio-like calls?", "Tuned models are meant for radio-like calls."),
        ("what", "What does Tidewatch support?", "Tidewatch additionally supports radio."),
        (
            "which",
            "What required 40 hours of work on a ship?",
            "Building Tidewatch required 40 hours of work on a ship.",
        ),
        ("may", "Can I call load() to start all tuned models?", "You can call load() to start all tuned models."),
        ("which", "What is the only size with sliding-window alarms?", "The 70 is the only size with such alarms."),
        ("what", "What must copies of Tidewatch do?", "Copies of Tidewatch must keep a notice."),
        ("what", "What can a Tidewatch alarm not combine?", "A Tidewatch alarm cannot combine two hosts."),
        ("when", "When do Aster scanners work well?", "Aster scanners only work well when the lamp is warm."),
        ("why", "Why is packing the most efficient strategy?", "Packing is the most efficient strategy."),
        ("where", "Where is the first release of Tidewatch?", "The first release is in the v1 branch."),
    ],
)
def test_a_question_in_doubt_is_not_asked(rule, question, statement):
    assert doubtful(rule, question, statement, "Guide > Tidewatch" if re.search("models|only", question) else "Manual")


@pytest.mark.parametrize(
    ("rule", "question", "statement"),
    [
        ("why", "Why does Tidewatch ask two operators?", "Tidewatch asks two operators to avoid false alarms."),
        ("may", "Does Tidewatch support IPv6?", "Tidewatch supports IPv6."),
        ("may", "Does Tidewatch require a drive of its own?", "Tidewatch requires a drive of its own."),
        ("purpose", "What is Tidewatch used for?", "Tidewatch is used for watching hosts."),
        ("what", "What must anyone who ships Tidewatch do?", "Anyone who ships Tidewatch must keep its notice."),
        ("cell", "What is the licence of Tide Guard?", "Tide Guard – Component Type: filter; Licence: MIT."),
    ],
)
def test_a_plain_question_is(rule, question, statement):
    assert not doubtful(rule, question, statement, "Manual")


def test_a_part_is_asked_about_only_with_the_name_of_what_it_is_part_of():
    part = "Can the output of the first stage be the input of another?"
    assert doubtful("may", part, "The output of the first stage can be the input of another.", "Guide > Tidewatch")
    assert not doubtful("may", part, "The output of the first stage can be the input of another.", "Cooking")
    named = "Where does the tide-watch script read its prompt from?"
    assert not doubtful("where", named, "The tide-watch script reads its prompt from a file.", "Guide > Tidewatch")


def test_the_rules_ask_nothing_that_is_in_doubt():
    made = made_by_rule("Calibration of the Aster 40 requires a flat table.", "Aster 40 > Setup")
    assert not any(doubtful(rule, question, "Calibration of the Aster 40 requires a flat table.", "Aster 40")
                   for rule, question in made)  # fmt: skip


def test_whether_it_offers_something_is_asked_where_nothing_else_can_be():
    assert made_by_rule("Tidewatch offers a map of all tides.", "Tidewatch") == [
        ("may", "Does Tidewatch offer a map of all tides?")
    ]
    made = made_by_rule("Tidewatch is a tool that offers maps of tides.", "Tidewatch")
    assert made and "may" not in {rule for rule, _ in made}
