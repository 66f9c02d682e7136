"""Duplicates by a plain threshold are those of thefuzz; linking finds records of two sources by several fields."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thefuzz import fuzz, process

from stages.quality import linkage

QUESTIONS = [
    "How much memory does Llama 2 7B need?", "How much memory does Llama 2 13B need?", "How much memory is needed?",
    "what is the limit", "What is the limit?", "What is the limit of Llama?", "Wie groß ist das Limit?", "Is it free?",
]  # fmt: skip
texts = st.lists(
    st.sampled_from(QUESTIONS) | st.text("ab7 B?ß", min_size=1).filter(lambda text: linkage.processed([text]) != [""]),
    min_size=1, max_size=12, unique=True,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(texts, st.integers(0, 100))
def test_scores_are_those_by_which_thefuzz_deduplicates(questions, threshold):
    plain = linkage.processed(questions)
    found = linkage.scores(plain, plain, threshold)
    longest = {max((questions[j] for j in range(len(plain)) if row[j] >= threshold), key=lambda text: (len(text), text))
               for row in found}  # fmt: skip
    assert longest == set(process.dedupe(questions, threshold=threshold))
    exact = linkage.scores(plain, plain, 0)
    assert [[round(score) for score in row] for row in exact.tolist()] == [
        [fuzz.token_set_ratio(one, other) for other in questions] for one in questions
    ]


@settings(max_examples=50, deadline=None)
@given(texts, st.integers(50, 100))
def test_each_question_goes_to_the_first_leader_that_it_matches(questions, threshold):
    plain = linkage.processed(questions)
    found = linkage.thefuzz_clusters(questions, threshold)
    alike = linkage.scores(plain, plain, threshold) >= threshold
    leaders: list[int] = []
    for i in range(len(questions)):
        first = next((j for j in leaders if alike[j, i]), i)
        leaders += [i] if first == i else []
        assert found[i] == first


def test_it_is_compared_in_pieces_with_the_same_result(monkeypatch):
    whole = linkage.thefuzz_clusters(QUESTIONS, 80)
    assert len(set(whole)) < len(QUESTIONS)
    monkeypatch.setattr(linkage, "CELLS", 1)
    assert linkage.thefuzz_clusters(QUESTIONS, 80) == whole


def test_without_the_package_the_error_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "recordlinkage", None)
    with pytest.raises(linkage.LinkageError, match="linkage"):
        linkage.linked_clusters(["a"], ["b"], ["c"])


def test_records_of_two_sources_are_linked_by_question_and_answer():
    pytest.importorskip("recordlinkage")
    questions = [
        "What is the limit of Llama 2?",
        "what's the limit of LLama 2",
        "What is the limit of Llama 2?",
        "Why?",
    ]
    answers = ["It is 4096 tokens.", "It is 4096 tokens", "It was released by Meta.", "It is 4096 tokens."]
    assert linkage.linked_clusters(questions, answers, ["s", "t", "t", "u"], 85) == [0, 0, 2, 3]
    assert linkage.linked_clusters(questions, answers, ["s", "s", "s", "s"], 85) == [0, 1, 2, 3]
    assert linkage.linked_clusters([], [], []) == []
    assert linkage.linked_clusters(["Why?"], ["So."], ["s"]) == [0]
