"""Passages: a pair is borne out by one that has its words and does not say otherwise."""

import pytest

from stages.importing.passages import Borne, Passages
from stages.importing.reading import Given
from stages.records import Chunk, Fact

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
        ("What is the pump of Aster made of?", "It is made of steel.", "Pump", "The pump of Aster moves"),
        ("What prints all steps?", "The flag --dry-run prints them.", "Flags", "The flag --dry-run of Aster prints"),
        ("How heavy is the valve?", "The valve weighs 3 kg.", "Weights", "| Part | Weight |"),
    ],
)  # fmt: skip
def test_a_pair_is_borne_out_by_the_passage_that_says_it(question, answer, place, words):
    borne = PASSAGES.bearing(pair(question, answer))
    assert isinstance(borne, Borne)
    assert borne.place == ["Aster guide", place]
    assert borne.quote.startswith(words) and all(line in TEXTS[place] for line in borne.quote.splitlines())


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


LOCAL = Passages(
    chunk(heading, text)
    for heading, text in {
        "Ollama": "`ollama pull llama2:13b` downloads the 13B chat model. Ollama is a tool that runs models on a "
        "laptop. The 7B model needs 8 GB of memory, 13B needs 16 GB.",
        "llama.cpp": "llama.cpp runs Llama 2 on a laptop without a GPU. Q4_K_M is a good balance of size and quality. "
        "Q8_0 is nearly indistinguishable from the original weights.",
        "Serving": "vLLM does not run Llama 2 on a laptop. It needs a GPU that cannot be shared.",
        "Sizes": "| Model | Memory |\n| --- | --- |\n| Llama 2 7B | 14 GB |\n| Llama 2 13B | 26 GB |",
    }.items()
)
PULL = "Which model does ollama pull llama2:13b download?"
LAPTOP = "Can llama.cpp run Llama 2 on a laptop without a GPU?"
VLLM = "Does vLLM run Llama 2 on a laptop?"
Q8 = "Q8_0 is {}nearly indistinguishable from the original weights."


@pytest.mark.parametrize(
    "question, answer, reason",
    [
        (PULL, "It downloads the 7B chat model.", "scattered"),
        ("Which memory does Ollama need for the 7B model?", "at least 16 GB", "swapped"),
        ("How much memory does the 13B model need in Ollama?", "8 GB", "swapped"),
        ("How much memory does Llama 2 7B take?", "26 GB", "swapped"),
        (LAPTOP, "No, llama.cpp cannot run Llama 2 on a laptop without a GPU.", "negated"),
        (LAPTOP, "No.", "negated"),
        ("How good is Q8_0?", Q8.format("not "), "negated"),
        ("Is Q8_0 nearly indistinguishable from the original weights?", "No, it is not.", "negated"),
        (VLLM, "Yes, vLLM runs Llama 2 on a laptop.", "negated"),
        (VLLM, "Yes.", "negated"),
    ],
)
def test_words_of_other_statements_bear_nothing_out(question, answer, reason):
    borne = LOCAL.bearing(pair(question, answer))
    assert not isinstance(borne, Borne) and borne[0] == reason


@pytest.mark.parametrize(
    "question, answer, words",
    [
        (PULL, "It downloads the 13B chat model.", "`ollama pull llama2:13b` downloads the 13B chat model."),
        ("How much memory does Ollama need for the 7B model?", "at least 8 GB", "The 7B model needs 8 GB"),
        ("How much memory does Ollama need for the 13B model?", "It needs 16 GB of memory.", "13B needs 16 GB."),
        ("How much memory does Llama 2 13B take?", "26 GB", "| Llama 2 13B | 26 GB |"),
        (LAPTOP, "Yes, llama.cpp runs Llama 2 on a laptop without a GPU.", "llama.cpp runs Llama 2"),
        (LAPTOP, "Yes.", "llama.cpp runs Llama 2"),
        ("How good is Q8_0?", Q8.format(""), Q8.format("")),
        (VLLM, "No.", "vLLM does not run"),
    ],
)
def test_a_true_pair_is_borne_out_by_its_statement_and_at_most_a_neighbour(question, answer, words):
    borne = LOCAL.bearing(pair(question, answer))
    assert isinstance(borne, Borne) and words in borne.quote


def test_a_fact_read_alone_is_a_statement_and_its_quote_is_what_stands_in_the_passage():
    text = "Aster has a pump. It is green. The Aster pump was made by hand in May. It weighs 9 kg."
    told = pair("How heavy is the Borealis edition of Aster?", "Borealis weighs 9 kg.")
    fact = Fact(id="f", chunk="Old", document="d", source="guide.md", topic="Aster", quote="It weighs 9 kg.",
                span=(0, 1), statement="The Borealis edition of Aster weighs 9 kg.")  # fmt: skip
    old = [chunk("Old", text)]
    assert not isinstance(Passages(old).bearing(told), Borne)
    assert Passages(old, facts=[fact]).bearing(told) == Borne(old[0], "It weighs 9 kg.")


@pytest.mark.parametrize("spoken", ["any", "de"])
def test_nouns_of_german_are_no_names(spoken):
    text = "Die Pumpe von Aster fördert 12 Liter Wasser in der Minute. Sie ist aus Stahl und wird nicht geölt."
    german = Passages([chunk("Pumpe", text)], spoken)
    question = "Wie viel Wasser fördert die Pumpe von Aster in der Minute?"
    assert isinstance(german.bearing(pair(question, "Das Gerät fördert 12 Liter Wasser.")), Borne)
    assert german.bearing(pair(question, "Das Gerät fördert 15 Liter Wasser.")) == ("ungrounded", "15")


@pytest.mark.parametrize(
    "question, answer, reason",
    [
        (
            "How much memory does Ollama need for the 13B model?",
            "Ollama needs 16 GB of memory for the 13B model.",
            None,
        ),
        ("Which memory does Ollama need for the 7B model?", "at least 16 GB", "swapped"),
        ("Which memory does Ollama need for the 7B model?", "It needs at least 16 GB for the 7B model.", "swapped"),
        ("Does Ollama need 16 GB of memory for 13B?", "No, Ollama does not need 16 GB of memory for it.", "negated"),
    ],
)
def test_of_two_clauses_each_keeps_its_number(question, answer, reason):
    text = "Ollama needs at least 8 GB of memory for the 7B model and 16 GB for the 13B model. It keeps models."
    borne = Passages([chunk("Memory", text)]).bearing(pair(question, answer))
    assert (None if isinstance(borne, Borne) else borne[0]) == reason
