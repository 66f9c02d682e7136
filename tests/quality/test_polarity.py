"""Polarity: what an answer turns round, and what it only says in other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality import polarity


@pytest.mark.parametrize(
    ("answer", "evidence", "word"),
    [
        ("The port is not open by default.", "The port is open by default.", "not"),
        ("Keys can be shared.", "Keys must not be shared.", "without not"),
        ("Yes, keys can be shared.", "Keys must not be shared.", "without not"),
        ("The cache is disabled.", "The cache is enabled.", "disabled"),
        ("Restart it before the update.", "Restart it after the update.", "before"),
        ("The minimum is 4.", "The maximum is 4.", "minimum"),
        ("Major versions can be skipped.", "Minor versions can be skipped, but major versions must not be skipped.",
         "without not"),
    ],
)  # fmt: skip
def test_the_opposite_of_the_evidence_is_told_by_its_word(answer, evidence, word):
    assert polarity.opposed(answer, evidence) == word


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        ("No, it is not open.", "The port is not open by default."),
        ("It is impossible to share keys.", "Keys cannot be shared."),
        ("It works without a key.", "No key is required."),
        ("The cache is off.", "The cache is not enabled."),
        ("After the update, restart it.", "Restart it after the update."),
        ("Update it before you restart it.", "Restart it after the update."),
        ("Llama 13B has a rate of 3.", "Llama 13B: attention no, rate 3."),
        ("Vela speaks English and German.", "Vela speaks English and German; Japanese is not supported."),
        ("A holds no more than 4 GB.", "A holds at most 4 GB."),
        ("The author is Ann.", "Written by Ann in 2020."),
        ("It costs never more than 20 euros.", "It costs 20 euros at most."),
        ("Nothing but the cloth may be used.", "Only the cloth may be used."),
        ("It keeps cold if nobody opens the door.", "It keeps cold if the door remains closed."),
    ],
)
def test_other_words_are_no_opposite(answer, evidence):
    assert polarity.opposed(answer, evidence) is None


TABLE = "| Model | Memory |\n| --- | --- |\n| Kite-S | 14 GB |\n| Kite-L | 26 GB |"


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        ("Kite needs 26 GB.", "Kite needs 14 GB and Heron needs 26 GB."),
        ("Free accounts send 900 a day.", "Free accounts send 50 a day, while Team accounts send 900."),
        ("Kite-S needs 26 GB.", TABLE),
        ("Heron Ltd bought Kite Inc.", "Kite Inc bought Heron Ltd."),
        ("The primary pulls the log from the replica daily.", "The replica pulls the log from the primary daily."),
    ],
)
def test_what_belongs_to_another_is_told(answer, evidence):
    assert polarity.swapped(answer, evidence)


@pytest.mark.parametrize(
    ("answer", "evidence"),
    [
        ("Heron needs 26 GB.", "Kite needs 14 GB and Heron needs 26 GB."),
        ("Kite needs 14 GB and Heron 26 GB.", "Kite needs 14 GB and Heron needs 26 GB."),
        ("Heron needs 26 GB.", "Kite and Heron need 14 and 26 GB, respectively."),
        ("Kite-L needs 26 GB.", TABLE),
        ("Kite-S needs 14 GB, Kite-L needs 26 GB.", TABLE),
        ("Heron Ltd was bought by Kite Inc.", "Kite Inc bought Heron Ltd."),
    ],
)
def test_what_belongs_together_is_left(answer, evidence):
    assert polarity.swapped(answer, evidence) is None


@given(
    st.lists(st.sampled_from([*"no not can't cannot can isn't longer than more only : | . Yes A".split(), " ", "\n"]))
)
def test_texts_that_are_spared_a_pattern_are_read_the_same(pieces):
    text = "".join(pieces)
    read = polarity._BEHIND.sub("", polarity._CELL.sub(r"\1", text)).casefold()
    read = polarity._NOT.sub(r"\1 not", polarity._CANNOT.sub("can not", read))
    assert list(polarity._words(text)) == polarity._WORD.findall(polarity._BOUND.sub(" ", read))
