"""Abbreviations: spelled out at hand, defined somewhere, known to all, or unexplained."""

import pytest

from stages.quality import abbreviations


def test_a_glossary_has_what_the_texts_spell_out():
    texts = ["Grouped-Query Attention (GQA) is used.", "RLHF (reinforcement learning from human feedback)",
             "(SEE BELOW) and XQZ (in short)."]  # fmt: skip
    assert abbreviations.glossary(texts) == {"GQA", "RLHF"}


@pytest.mark.parametrize(
    ("text", "known", "topic"),
    [
        ("The KVX (key vector exchange) is on.", "", ""),
        ("The KVX is on.", "The key vector exchange (KVX) is on.", ""),
        ("The GPU has an API.", "", ""),
        ("What does KVX do?", "", "KVX manual > Start"),
        ("What is the KVX value?", "| Model | KVX |\n| A | 1 |", ""),
        ("Use SELECT and WHERE, `KVX` and KVX_LIMIT, or kvx.KVX.", "", ""),
    ],
)
def test_what_a_reader_can_look_up_is_explained(text, known, topic):
    assert abbreviations.unexplained(text, known, topic) == []


def test_what_stands_nowhere_is_told():
    assert abbreviations.unexplained("The KVX feeds two TPDs.", "The KVX feeds two TPDs.") == ["KVX", "TPDs"]
    assert abbreviations.unexplained("The KVX feeds two TPDs.", "", "", frozenset({"TPD"})) == ["KVX"]


def test_two_letters_are_told_by_the_pair_itself():
    known = frozenset({"QW"})
    assert abbreviations.unexplained("Can QW be done?", "quick washing (QW)", "Quick washing", known) == ["QW"]
    assert abbreviations.unexplained("Can quick washing (QW) be done?", "", "", known) == []
