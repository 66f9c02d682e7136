import pytest

from stages.quality.clustering import Cluster, clusters, fingerprint, ngram_fingerprint


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("the multi multi word test", "multi test the word"),
        (" école ÉCole ecoLe ", "ecole"),
        ("\tABC \t DEF ", "abc def"),
        ("bbb\taaa", "aaa bbb"),
        ("æø", "aeoe"),
        ("©ß", "css"),
        ("ÐðÞþǷƿ", "ddththww"),
        ("ﬀﬁﬂ", "fffifl"),
        ("Łł", "ll"),
        ("C++, C#", "c c++"),  # + is a symbol and no punctuation
        ("- a", " a"),  # as in OpenRefine, whose first word is then empty
        ("a -", "a"),
        ("\x00a\x85b", "a b"),
        ("", ""),
    ],
)
def test_fingerprints_are_those_of_openrefine(text, key):
    assert fingerprint(text) == key


@pytest.mark.parametrize(
    ("text", "size", "key"),
    [
        ("hello", 1, "ehlo"),
        ("he!llo,. world", 1, "dehlorw"),
        ("\x01a, !b-c_d\xa0d\tz\x03", 3, "abcbcdcddddz"),
        (" a,b.c d\te!f?g ", 2, "abbccddeeffg"),
        ("gfedcba", 2, "bacbdcedfegf"),
        ("écÉCec", 2, "ceec"),
        ("", 2, ""),
    ],
)
def test_ngram_fingerprints_are_those_of_openrefine(text, size, key):
    assert ngram_fingerprint(text, size) == key


def test_the_most_frequent_spelling_is_taken():
    assert clusters({"LLaMA 2": 1, "Llama2": 2, "Llama-2": 2, "Llama 2": 5}) == [
        Cluster("Llama 2", ("LLaMA 2", "Llama-2", "Llama2"))
    ]


def test_of_equally_frequent_spellings_the_first_one_is_taken():
    assert clusters({"Fine-tuning": 1, "Fine Tuning": 1, "Fine-Tuning": 1})[0].to == "Fine Tuning"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Llama 2", "Llama 3"),
        ("Llama 7B", "Llama 13B"),
        ("Llama 2.7B", "Llama 27B"),
        ("Llama 2 7B", "Llama 27B"),
        ("Version 1.2", "Version 12"),
        ("C++ guide", "C guide"),
        ("C# guide", "C guide"),
        ("LICENSE", "License"),
        ("Guard for Llama", "Llama for Guard"),  # one fingerprint
        ("Can it run", "Can it run?"),
        ("anna", "ana"),  # one unigram fingerprint, but short
    ],
)
def test_different_things_are_no_cluster(left, right):
    assert clusters({left: 9, right: 1}) == []


def test_a_doubled_letter_is_a_slip_if_it_is_rare():
    assert clusters({"Code Llama": 9, "Code Lama": 1}) == [Cluster("Code Llama", ("Code Lama",))]
    assert clusters({"Code Llama": 2, "Code Lama": 1}) == []


def test_closing_punctuation_and_accents_make_no_difference():
    assert clusters({"Résumé": 2, "Resume:": 1}) == [Cluster("Résumé", ("Resume:",))]
