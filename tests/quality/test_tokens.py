"""Tokens: what counts as a word, and which words are the same."""

from hypothesis import given
from hypothesis import strategies as st

from stages.quality import tokens


def test_inflections_meet_in_one_stem():
    assert tokens.stems("Tuned models") == tokens.stems("tuning a model") == {"tun", "model"}


def test_words_lose_thousands_commas_and_contractions():
    assert tokens.words("It doesn’t hold 4,096 of Meta's tokens") == [
        "it",
        "does",
        "hold",
        "4096",
        "of",
        "meta",
        "tokens",
    ]


def test_unspaced_scripts_are_read_as_bigrams():
    assert tokens.content_tokens("大型语言模型") == ["大型", "型语", "语言", "言模", "模型"]


@given(st.text(alphabet="aBs 1,.'-#+_d\n"))
def test_the_short_way_for_ascii_finds_the_same_words(text):
    assert [*tokens.words(text), "é"] == tokens.words(f"{text} é")
