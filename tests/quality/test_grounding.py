"""Grounding: what an answer may say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality import grounding, mentions

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


def test_an_invented_name_is_foreign_but_a_common_acronym_is_not():
    fact = "An A100 with 80 GB is enough to tune Llama 2 7B."
    assert grounding.foreign("Which GPU can tune Llama 2 7B?", fact) == []
    assert grounding.foreign("Which Nvidia card can tune Llama 2 13B?", fact) == ["13B", "Nvidia"]


@pytest.mark.parametrize(
    ("statement", "stands"),
    [
        ("Falcon 7B: MMLU 27.8.", True),
        ("The steps are: (1) open Falcon; (2) close it.", True),
        ("Falcon 7B: MMLU 28.7.", False),
        ("FULL_SHARD keeps Falcon 7B.", False),
        ("Falcon 7B: the score is 27.8.", True),
    ],
)
def test_a_rows_statement_stands_where_each_name_and_number_does(statement, stands):
    known = "| 7B | 27.8 |\n| Falcon | MMLU |\nopen Falcon, close it"
    assert grounding.stands_on(statement, known) == stands


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        ("It has 5,000,000 rows.", "It has 5 million rows."),
        ("It weighs 480 grams.", "It weighs 480 g."),
        ("It draws 0.5 watts.", "It draws 0.5 W."),
        ("It holds 16 gigabytes.", "It holds 16 GB."),
        ("It saves three quarters.", "It saves 75 %."),
        ("It grows 23-fold.", "It grows by 23x."),
    ],
)
def test_units_and_large_numbers_in_other_words_are_supported(answer, evidence):
    assert grounding.unsupported(answer, evidence) == []


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        ("It weighs 480 kg.", "It weighs 480 g."),
        ("It reaches 2 m.", "It reaches 2 km outdoors."),
        ("It has 5 billion rows.", "It has 5,000,000 rows."),
    ],
)
def test_another_unit_is_not(answer, evidence):
    assert grounding.unsupported(answer, evidence)


PIECES = st.lists(
    st.sampled_from(["Llama", "aB", "a", "é", "2", "Use", "SDK", ".", " ", "\n", "-", "_", "/", '"', "(", "1."])
)


@given(PIECES.map("".join))
def test_texts_that_are_spared_a_pattern_hold_nothing_of_its_kind(text):
    for place in range(len(text) + 1):
        assert mentions._opens(text, place) == (mentions._SENTENCE_END.search(text[:place]) is not None)
    assert mentions.urls(text) == mentions._URL.findall(text) == []
    assert mentions.flags(text) == mentions._FLAG.findall(text)
    assert mentions._may_hold_identifier(text) or not mentions._IDENTIFIER.search(text)
    assert grounding._has_number("llama", "2", text.casefold()) == bool(
        re.search(r"llama[\s_=-]*(?:v?\d[\d.]*\D{1,5})?2(?!\d|\.\d)", text.casefold())
    )


@pytest.mark.parametrize(
    ("answer", "evidence", "missing"),
    [
        ("Rover weighs 480 kg.", "Rover has 480 parts, and weighs 90 kg.", ["480 kg"]),
        ("Rover weighs 480 kg.", "| Model | Mass (kg) |\n| Rover | 480 |", []),
        ("Rover weighs 480 kg.", "Mass, in kg: Rover 480, Opal 90.", []),
        ("Rover weighs 480 kg.", "Its mass (kg) is 480.", []),
    ],
)
def test_a_unit_apart_from_its_number_belongs_to_no_other(answer, evidence, missing):
    assert grounding.unsupported(answer, f"Rover\n{evidence}") == missing


def test_a_name_that_opens_a_question_keeps_its_number():
    assert grounding.foreign("In Opal 2, what does --fast do?", "Opal 2 > Options\n--fast: skips the check.") == []
    assert grounding.foreign("In Opal 3, what does --fast do?", "Opal 2 > Options\n--fast: skips the check.")


@pytest.mark.parametrize(
    ("answer", "evidence", "missing"),
    [
        ("Run `rover load --map last`.", "`rover load --map latest` loads the newest map.", ["last"]),
        ('Call `load("rover/small-map")`.', 'Call `load("rover/small-maps")`.', ["rover/small-map"]),
        ("Run `pip install rover-kit==1.4`.", "Install it by `pip install rover-kit==1.4`.", []),
        ("Rover costs 3 euros per minute.", "| Rover | 3 euros per hour |", ["3 euros per minute"]),
        ("Rover costs 3 euros an hour.", "Rover costs 3 euros per hour.", []),
        ("Rover answers within 40 s.", "Rover answers within 40 ms.", ["40 s"]),
    ],
)
def test_code_is_copied_and_a_rate_is_of_its_time(answer, evidence, missing):
    assert grounding.unsupported(answer, evidence) == missing
