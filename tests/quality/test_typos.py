"""Typing errors: what is one, and what may be another word."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality.typos import corrections


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"learning": 1, "lerning": 1}, {"lerning": "learning"}),
        ({"needed": 1, "neeeded": 3}, {"neeeded": "needed"}),
        ({"quantisation": 1, "quantistaion": 1}, {"quantistaion": "quantisation"}),
        ({"llama": 30, "lama": 1, "lllama": 2}, {"lllama": "llama"}),
        ({"model": 5, "modal": 1}, {}),
        ({"velora": 2, "velara": 1}, {}),
        ({"velora": 40, "velara": 1}, {"velara": "velora"}),
        ({"supervised": 1, "unsupervised": 1, "nonsupervised": 1}, {}),
        ({"llama2": 9, "llama3": 1}, {}),
        ({"adapter": 1, "adapters": 7, "adpaters": 1}, {"adapters": "adapter", "adpaters": "adapter"}),
        ({"class": 1, "clas": 9}, {}),
        ({"configuration": 2, "confguratoin": 1}, {"confguratoin": "configuration"}),
    ],
)
def test_what_is_misspelt_and_what_is_another_word(counts, expected):
    assert corrections(counts) == expected


@given(st.dictionaries(st.text("abelmnos", min_size=4, max_size=11), st.integers(1, 60), max_size=12))
def test_what_is_meant_is_a_word_of_the_collection_and_no_error_itself(counts):
    found = corrections(Counter(counts))
    assert found == corrections(dict(sorted(counts.items(), reverse=True)))
    assert set(found) <= set(counts) and set(found.values()) <= set(counts) and not set(found) & set(found.values())


def test_a_common_word_may_be_meant_and_is_never_mended_itself():
    assert corrections({"shoudl": 1}, {"should", "velorax"}) == {"shoudl": "should"}
