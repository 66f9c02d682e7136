"""Training pairs beside evaluation sets: removed, flagged or listed, and nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.curation.decontamination import Guarded, candidates, clean
from stages.quality.leaks import Item
from stages.quality.similarity import normalise
from stages.records import Decision, Pair

ASKED = "How many GPUs are needed to fine-tune the 70B model?"
OTHERS = ["What is FSDP good for?", "Which licence has Llama Guard?", "How many GPUs are needed for the 13B model?"]


def pair(question, answer="a", **more):
    return Pair(id=question, question=question, answer=answer, facts=["f"], source="s", origin="generated", **more)


class WordsEncoder:
    """An encoder that knows words only."""

    def encode(self, texts):
        made = np.zeros((len(texts), 512), np.float32)
        for row, text in enumerate(texts):
            for word in normalise(text):
                made[row, sum(map(ord, word)) % 512] = 1
        return made / np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1)


@given(st.permutations([ASKED, ASKED.upper(), *OTHERS]), st.booleans())
def test_what_reaches_an_item_goes_or_is_flagged_and_nothing_else(questions, flag):
    pairs = [pair(question) for question in questions]
    cleaned = clean(pairs, {"bench": Guarded([Item("b1", ASKED)], "leak_bench", flag)})
    reaching = {ASKED, ASKED.upper()}
    assert [one.question for one in cleaned.kept] == [q for q in questions if flag or q not in reaching]
    removed = {one.question: (reason, item) for one, reason, item in cleaned.removed}
    assert removed == ({} if flag else dict.fromkeys(reaching, ("leak_bench", "b1")))
    noted = {one.question: one.decision for one in cleaned.kept if one.decision}
    assert noted == (dict.fromkeys(reaching, Decision(kept=True, reason="leak_bench", value="b1")) if flag else {})
    report = cleaned.reports["bench"]
    assert (report["rows_removed"], report["rows_flagged"]) == ((0, 2) if flag else (2, 0))


@given(st.lists(st.text(max_size=30), max_size=6), st.booleans())
def test_beside_nothing_nothing_changes(questions, flag):
    pairs = [pair(question) for question in questions]
    for sets in ({}, {"bench": Guarded([], "leak_bench", flag)}):
        cleaned = clean(pairs, sets)
        assert cleaned.kept == pairs and cleaned.removed == []


def test_the_first_set_that_a_flagged_pair_reaches_is_noted():
    sets = {name: Guarded([Item(f"{name}1", ASKED)], f"leak_{name}", True) for name in ("a", "b")}
    assert clean([pair(ASKED)], sets).kept[0].decision == Decision(kept=True, reason="leak_a", value="a1")


def test_each_set_is_told_for_itself_though_another_took_the_pair():
    sets = {name: Guarded([Item(f"{name}1", ASKED)], f"leak_{name}", name == "c") for name in ("a", "b", "c")}
    cleaned = clean([pair(ASKED)], sets)
    assert cleaned.kept == [] and [(reason, item) for _, reason, item in cleaned.removed] == [("leak_a", "a1")]
    assert [cleaned.reports[name]["leaked"] for name in sets] == [1, 1, 1]


def test_near_questions_are_listed_the_nearest_first_and_never_those_with_another_number():
    pairs = [pair("What does the flag --use_peft switch on?"), pair("What does --use_peft turn on?"),
             pair("How many GPUs does the 13B model need?")]  # fmt: skip
    sets = {"faq": [("q1", "What does --use_peft switch on?")], "bench": [Item("b1", "How many GPUs does 7B need?")]}
    found = candidates(pairs, sets, WordsEncoder(), 0.6)
    assert {(one.set, one.item, one.pair) for one in found} == {("faq", "q1", pairs[0].id), ("faq", "q1", pairs[1].id)}
    assert [one.cosine for one in found] == sorted((one.cosine for one in found), reverse=True)
