"""Questions for a fact: cleaned, judged by their form, ranked by what they add, and kept when they differ."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.llm.gain import Score, information_gain
from stages.llm.questions import Candidate, Plan, choose, clean, judge_form
from stages.records import Fact

FLAG = Fact(
    id="f1", chunk="c", document="d", source="s", topic="Training > Flags", span=(0, 1),
    quote="The flag --enable_fsdp turns on fully sharded data parallelism.",
)  # fmt: skip

PLAN = Plan(
    samples=4, rules=True, keep=2, temperature=0.8, top_p=1.0, max_tokens=40, max_gives_away=0.85, max_drift=0.34,
    nll_penalty=1.0, rule_bonus=1.0, max_alike=0.75, seed=0,
)  # fmt: skip


def candidates(*questions, **options):
    return [Candidate(fact=FLAG, question=q, sample=n, **options) for n, q in enumerate(questions)]


@pytest.mark.parametrize(
    "reply",
    ["What is it for?", "Question: What is it for?", ' "What is it for?" ', "\n\nWhat is it for?\nAnswer: nothing"],
)
def test_labels_quotes_and_what_follows_are_cut(reply):
    assert clean(reply) == "What is it for?"


@given(st.text())
def test_any_reply_becomes_one_line(text):
    assert "\n" not in clean(text)


def test_a_question_that_holds_its_answer_is_dropped():
    found = candidates("Is --enable_fsdp the only way to turn on fully sharded data parallelism?")
    judge_form(found, PLAN)
    assert found[0].reason == "gives_away"


def test_the_second_of_two_equal_questions_is_dropped():
    found = candidates("What does the flag --enable_fsdp do?", "What does the --enable_fsdp flag do?")
    judge_form(found, PLAN)
    assert [c.reason for c in found] == [None, "same_again"]


def test_a_name_that_the_fact_does_not_know_is_dropped():
    found = candidates("What does the flag --enable_ddp of PyTorch 3 do?")
    judge_form(found, PLAN)
    assert found[0].reason == "foreign_name"


def test_gain_counts_only_what_the_question_does_not_hold():
    answer = "Paris has 20 districts"
    spans = [(0, 5), (5, 9), (9, 12), (12, 22)]
    alone = [(span, 3.0) for span in spans]
    asked = [0.0, 3.0, 1.0, 1.0]  # "Paris" became certain, which the question said itself
    assert information_gain("How many districts does Paris have?", answer, alone, asked) == pytest.approx((0 + 2) / 2)


def test_gain_of_a_question_that_holds_all_of_the_answer_is_none():
    assert information_gain("Is Paris big?", "Paris big", [((0, 5), 1.0), ((5, 9), 1.0)], [0.0, 0.0]) is None


def test_the_best_are_kept_the_others_say_why():
    found = candidates(
        "What does the flag --enable_fsdp do?",
        "What exactly does the flag --enable_fsdp do?",
        "Which flag turns on sharding?",
        "Why use the flag at all here?",
    )
    for candidate, gain in zip(found, [2.0, 1.5, 1.0, 0.5], strict=True):
        candidate.score = Score(gain=gain, question_nll=1.0)
    choose(found, PLAN)
    assert [c.reason for c in found] == [None, "too_alike", None, "outranked"]


def test_what_nobody_would_ask_is_marked_down():
    odd, plain = candidates("Does the sharding flag sing to whales?", "What does the flag --enable_fsdp do?")
    odd.score, plain.score = Score(gain=1.0, question_nll=5.0), Score(gain=0.8, question_nll=1.0)
    choose([odd, plain], msgspec.structs.replace(PLAN, keep=1))
    assert odd.reason == "outranked" and plain.reason is None


def test_a_question_made_of_other_words_drifts():
    found = candidates("What happens when a garden hose meets --enable_fsdp?")
    judge_form(found, PLAN)
    assert found[0].reason == "drifts"


def test_a_models_yes_no_question_is_dropped_as_its_answer_is_a_statement():
    found = candidates("Does --enable_fsdp turn on data parallelism?")
    judge_form(found, PLAN)
    assert found[0].reason == "yes_no"


def test_a_rule_keeps_the_sense_and_goes_before():
    model, rule = candidates("What does --enable_fsdp turn on?", "What does the flag --enable_fsdp do?")
    rule.form = "purpose"
    model.score = rule.score = Score(gain=1.0, question_nll=1.0)
    choose([model, rule], msgspec.structs.replace(PLAN, keep=1))
    assert rule.reason is None and model.reason == "outranked"
