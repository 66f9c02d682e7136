"""Passages: a pair is borne out by one that has its words and does not say otherwise."""

import pytest

from stages.importing.passages import Borne, Passages, quote
from stages.importing.reading import Given
from stages.records import Chunk

TEXTS = {
    "Pump": "The pump of Aster moves 12 litres of water in a minute. It is made of steel. The motor is not oiled.",
    "Flags": "The flag --dry-run of Aster prints all steps. See https://example.org/flags for more.",
    "Weights": "| Part | Weight |\n| --- | --- |\n| Valve | 3 kg |\n| Screen | 5 kg |",
}


def chunk(heading: str, text: str, source: str = "guide.md") -> Chunk:
    header = f"Aster guide > {heading}"
    return Chunk(id=heading, document="d", source=source, heading=[heading], header=header, text=text, span=(0, 1),
                 tokens=9)  # fmt: skip


PASSAGES = Passages([chunk(heading, text) for heading, text in TEXTS.items()])


def pair(question: str, answer: str) -> Given:
    return Given(question, answer, question, answer, None)


@pytest.mark.parametrize(
    "question, answer, place, words",
    [
        ("How much water does the pump move in a minute?", "It moves 12 litres.", "Pump", "The pump of Aster moves"),
        ("What is the pump of Aster made of?", "It is made of steel.", "Pump", "It is made of steel."),
        ("What prints all steps?", "The flag --dry-run prints them.", "Flags", "The flag --dry-run of Aster prints"),
        ("How heavy is the valve?", "The valve weighs 3 kg.", "Weights", "| Part | Weight |"),
    ],
)  # fmt: skip
def test_a_pair_is_borne_out_by_the_passage_that_says_it(question, answer, place, words):
    borne = PASSAGES.bearing(pair(question, answer))
    assert isinstance(borne, Borne)
    assert borne.place == ["Aster guide", place]
    assert borne.quote.startswith(words) and borne.quote in TEXTS[place]


@pytest.mark.parametrize(
    "question, answer, reason, value",
    [
        ("How much water does the pump move?", "It moves 15 litres a minute.", "ungrounded", "15 litres"),
        ("Which flag prints all steps?", "The flag --print-all prints them.", "ungrounded", "--print-all"),
        ("Who makes the pump of Aster?", "Borealis makes the pump.", "ungrounded", "borealis"),
        ("What does Borealis print?", "It prints all steps.", "foreign_name", "Borealis"),
        ("Where is more on flags?", "See https://example.com/other for more.", "bad_link", "https://example.com/other"),
        ("What colour is the pump?", "It is a bright shade of green.", "ungrounded", "bright, shade, green"),
        ("Is the motor oiled?", "Yes, the motor is oiled.", "negated", "without not"),
        ("Zzz?", "Qqq.", "ungrounded", "no passage has a word of it"),
    ],
)  # fmt: skip
def test_a_claim_that_no_passage_makes_is_rejected_with_what_is_missing(question, answer, reason, value):
    assert PASSAGES.bearing(pair(question, answer)) == (reason, value)


def test_how_many_of_its_words_a_passage_must_hold_can_be_chosen():
    loose = pair("How much does the pump of Aster move?", "It moves 12 litres of water quite reliably.")
    assert isinstance(PASSAGES.bearing(loose), Borne)
    assert Passages(PASSAGES.chunks, least=0.9).bearing(loose) == ("ungrounded", "quite, reliably")


def test_without_passages_nothing_is_borne_out():
    assert Passages([]).bearing(pair("Is it?", "It is a pump.")) == ("ungrounded", "no passage has a word of it")


def test_the_quote_is_the_fewest_sentences_and_of_equal_ones_those_that_are_asked_about():
    one = chunk("Pump", TEXTS["Pump"])
    assert quote(one, pair("How much?", "12 litres, through steel.")) == TEXTS["Pump"].rsplit(" The motor", 1)[0]
    assert quote(one, pair("Is the motor oiled?", "No.")) == "The motor is not oiled."
    assert quote(chunk("Pump", "12 litres"), pair("How much?", "12 litres.")) == "12 litres"
