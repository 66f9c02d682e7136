"""Training pairs beside evaluation sets: removed, flagged or listed, and nothing else."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stages.curation.decontamination import candidates, clean
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


@given(st.permutations([ASKED, ASKED.upper(), *OTHERS]), st.sampled_from(["", "leak_bench"]))
def test_what_reaches_an_item_goes_or_is_flagged_and_nothing_else(questions, flag):
    pairs = [pair(question) for question in questions]
    cleaned = clean(pairs, [Item("b1", ASKED)], flag)
    reaching = {ASKED, ASKED.upper()}
    assert [one.question for one in cleaned.kept] == [q for q in questions if flag or q not in reaching]
    assert {one.question: item for one, item in cleaned.removed} == ({} if flag else dict.fromkeys(reaching, "b1"))
    noted = {one.question: one.decision for one in cleaned.kept if one.decision}
    assert noted == (dict.fromkeys(reaching, Decision(kept=True, reason="leak_bench", value="b1")) if flag else {})
    assert (cleaned.report["rows_removed"], cleaned.report["rows_flagged"]) == ((0, 2) if flag else (2, 0))


@given(st.lists(st.text(max_size=30), max_size=6), st.sampled_from(["", "leak_bench"]))
def test_beside_nothing_nothing_changes(questions, flag):
    pairs = [pair(question) for question in questions]
    cleaned = clean(pairs, [], flag)
    assert cleaned.kept == pairs and cleaned.removed == []


def test_the_first_set_that_a_flagged_pair_reaches_is_noted():
    first = clean([pair(ASKED)], [Item("a1", ASKED)], "leak_a").kept
    assert clean(first, [Item("b1", ASKED)], "leak_b").kept[0].decision.reason == "leak_a"


def test_near_questions_are_listed_the_nearest_first_and_never_those_with_another_number():
    pairs = [pair("What does the flag --use_peft switch on?"), pair("What does --use_peft switch on, and why?"),
             pair("How many GPUs does the 13B model need?")]  # fmt: skip
    sets = {"faq": [("q1", "What does --use_peft switch on?")], "bench": [Item("b1", "How many GPUs does 7B need?")]}
    found = candidates(pairs, sets, WordsEncoder(), 0.6)
    assert {(one.set, one.item, one.pair) for one in found} == {("faq", "q1", pairs[0].id), ("faq", "q1", pairs[1].id)}
    assert [one.cosine for one in found] == sorted((one.cosine for one in found), reverse=True)
