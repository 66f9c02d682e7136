"""A judge's reply gives marks or nothing; rewordings that change the fact are told."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.llm import comparing, gateway, judging, multi_hop, rewording, unanswerable
from stages.llm.prompts import Prompt
from stages.records import Evidence, Pair

QUOTE = "Rover drives at 5 km/h with the flag --fast."
PAIR = Pair(
    id="p", question="How fast does Rover drive with --fast?", answer=QUOTE, facts=["f"], source="r.md", topic="Rover",
    evidence=[Evidence(document="d", quote=QUOTE, span=(0, 9))], origin="generated",
)  # fmt: skip
GOOD = {"reason": "All of it is there.", "accuracy": 5, "relevance": 5, "clarity": 4, "usefulness": 2}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("judge_answer", judging.Verdict), ("judge_two", comparing.Better), ("paraphrase", rewording.Questions),
        ("multi_hop", multi_hop.Written), ("unanswerable", unanswerable.Reply),
    ],
)  # fmt: skip
def test_the_form_that_a_prompt_shows_is_the_one_that_is_read(name: str, kind: type):
    shown = form(Prompt(name).path.read_text()).replace("{{ verdicts[0] }}", "correct")
    msgspec.json.decode(shown, type=kind)


def form(text: str) -> str:
    line = next(line for line in text.splitlines() if "of exactly this form: " in line)
    return re.sub(r".*of exactly this form: ", "", line)


def test_each_sample_sees_the_rubric_and_the_quotes_in_an_order_of_its_own():
    second = Evidence(document="d", quote="Rover has six wheels.", span=(20, 30))
    pair = msgspec.structs.replace(PAIR, evidence=[*PAIR.evidence, second])
    asked = judging.of_pairs([PAIR, pair], Prompt("judge_pair"), samples=3)
    assert [one.sample for one in asked] == [0, 1, 2] * 2 and len({judging_key(one) for one in asked}) == 6
    systems = [one.messages[0][1] for one in asked]
    assert systems[:3] == systems[3:] and len(set(systems)) == 3, "a server evaluates each rubric once"
    for one in asked:
        shown = list(msgspec.json.decode(form(one.messages[0][1])))
        assert shown == list(one.schema["properties"]) and shown[0] == "reason" and set(shown[1:]) == set(judging.PARTS)
        msgspec.json.decode(form(one.messages[0][1]), type=judging.Marks)
    users = [one.messages[-1][1] for one in asked[3:]]
    assert users[0].index(QUOTE) < users[0].index(second.quote) and users[1].index(second.quote) < users[1].index(QUOTE)
    other = judging.of_pairs([PAIR], Prompt("judge_pair"), samples=3, seed=1)
    assert [one.messages[0] for one in other] != [one.messages[0] for one in asked[:3]]


def judging_key(request: gateway.Request) -> str:
    return gateway.request_key(gateway.Model(name="m", revision="1"), request)


def test_marks_become_scores_and_the_lowest_mean_decides():
    scores, said, problem = judging.opinion([{"text": f"```json\n{json.dumps(GOOD)}\n```"}])
    assert problem is None and said == "usefulness: All of it is there."
    assert scores == {
        "judge_accuracy": 1.0, "judge_relevance": 1.0, "judge_clarity": 0.75, "judge_usefulness": 0.25, "judge": 0.25,
        "judge_spread": 0.0, "judge_samples": 1.0,
    }  # fmt: skip
    other = GOOD | {"usefulness": 4, "reason": "Some would."}
    scores, said, _ = judging.opinion([{"text": json.dumps(other)}, {"text": "no"}, {"text": json.dumps(GOOD)}])
    assert (scores["judge"], scores["judge_spread"], scores["judge_samples"]) == (0.5, 0.5, 2.0)
    assert said == "usefulness: All of it is there.", "the reason of the sample with the lowest mark"


def test_no_readable_sample_is_no_opinion():
    assert judging.opinion([{"error": "timeout"}, {"text": "5 of 5!"}]) == ({}, "", "no_reply")
    assert judging.opinion([{"text": "5 of 5!"}])[::2] == ({}, "not_json")


@pytest.mark.parametrize("text", ["", "5 of 5!", json.dumps(GOOD | {"accuracy": 9}), json.dumps({"reason": "x"})])
def test_a_reply_without_all_marks_in_range_is_no_opinion(text: str):
    assert judging.read({"text": text}, judging.Marks)[0] is None
    assert judging.read({"error": "timeout"}, judging.Marks) == (None, "no_reply")


def test_a_verdict_is_one_of_four_words_and_not_a_part_of_a_text():
    assert judging.read({"text": '{"reason": "ok", "verdict": "partly"}'}, judging.Verdict)[0].verdict == "partly"
    assert judging.read({"text": '{"reason": "ok", "verdict": "not correct"}'}, judging.Verdict)[0] is None
    assert judging.read({"text": "This is CORRECT."}, judging.Verdict)[0] is None


VERDICT = '{"reason": "It says so.", "verdict": "correct"}'


@pytest.mark.parametrize("text", [VERDICT, f" {VERDICT}\n", f"```json\n{VERDICT}\n```", f"```\n{VERDICT}```"])
def test_a_reply_that_is_the_object_asked_for_is_an_opinion(text):
    assert judging.exactly({"text": text}, judging.Verdict)[0].verdict == "correct"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"), ("YES", "not_json"), ("correct", "not_json"), ("The verdict is correct", "not_json"),
        ('"verdict": correct, I think', "not_json"), ("Reason: It says so.\nVerdict: correct", "not_json"),
        (f"Not at all: {VERDICT}", "not_json"), (f"{VERDICT} would be too much.", "not_json"),
        (f"{VERDICT}{VERDICT}", "not_json"), (f"[{VERDICT}]", "wrong_fields"), ('"correct"', "wrong_fields"),
        (VERDICT[:-1], "not_json"), ('{"verdict": "correct"}', "wrong_fields"),
        ('{"reason": "x", "verdict": "Correct"}', "wrong_fields"),
        ('{"reason": 1, "verdict": "correct"}', "wrong_fields"),
        ('{"reason": "x", "verdict": "correct", "sure": true}', "wrong_fields"),
        ('{"reason": "x", "verdict": "wrong", "verdict": "correct"}', "wrong_fields"),
        ("{'reason': 'x', 'verdict': 'correct'}", "not_json"), ("[" * 100_000, "not_json"),
    ],
)  # fmt: skip
def test_a_verdict_is_never_read_out_of_anything_else(text, problem):
    assert judging.exactly({"text": text}, judging.Verdict) == (None, problem)


def test_a_reply_that_is_cut_off_or_never_came_is_no_opinion():
    assert judging.exactly({"text": VERDICT[:-9], "finish": "length"}, judging.Verdict) == (None, "cut_off")
    assert judging.exactly({"error": "timeout"}, judging.Verdict) == (None, "no_reply")


@given(st.text() | st.text('{}[]":,` \\\n\ud800reasonvdictw'))
def test_whatever_a_judge_says_reading_it_ends_and_gives_a_verdict_or_none(text):
    for kind in (judging.Verdict, comparing.Better):
        for said in (text, VERDICT.replace("It says so.", text), VERDICT + text, text + VERDICT):
            found, problem = judging.exactly({"text": said}, kind)
            assert (found is None) == (problem is not None)
            if found is not None:
                assert msgspec.json.decode(msgspec.json.encode(found), type=kind) == found, "it can be written"
                assert said.strip().strip("`").removeprefix("json").strip().startswith("{")


def test_each_sample_of_an_answer_sees_verdicts_and_evidence_in_an_order_of_its_own():
    cases = [("Q?", "said", "reference", "one\ntwo"), ("P?", "said", "reference", "")]
    asked = judging.of_answers(cases, Prompt("judge_answer"), samples=3, temperature=0.5)
    assert [one.sample for one in asked] == [0, 1, 2] * 2 and len({judging_key(one) for one in asked}) == 6
    systems = [one.messages[0][1] for one in asked]
    assert systems[:3] == systems[3:] and len(set(systems)) == 3, "a server evaluates each once"
    for system in systems:
        assert msgspec.json.decode(form(system), type=judging.Verdict)
        assert {line.split(":")[0] for line in system.splitlines()} >= set(judging.VERDICTS)
    users = [one.messages[-1][1] for one in asked]
    assert users[0].index("one") < users[0].index("two") < users[0].index("<reference>")
    assert users[1].index("<reference>") < users[1].index("two") < users[1].index("one")
    assert "evidence" not in users[3]


def test_requests_hold_what_is_judged_and_are_greedy():
    (of_pair,) = judging.of_pairs([PAIR], Prompt("judge_pair"))
    (of_answer,) = judging.of_answers([("Q?", "said", "reference", "words")], Prompt("judge_answer"))
    assert (
        QUOTE in of_pair.messages[-1][1]
        and of_pair.temperature == 0
        and list(of_pair.schema["properties"])[0] == "reason"
    )
    assert "<reference>\nreference\n" in of_answer.messages[-1][1] and of_answer.schema == judging.VERDICT_SCHEMA


def test_an_answer_is_rewritten_only_with_what_the_evidence_says():
    (request,) = rewording.rewrites([PAIR], Prompt("rewrite_answer"), "English")
    assert QUOTE in request.messages[-1][1] and request.schema is None
    assert rewording.answer({"text": 'Answer: "With --fast, Rover drives at 5 km/h."'}, PAIR)[0] is not None
    for text, reason in (
        ("Rover drives at 9 km/h.", "unsupported"), ("", "empty"), ("Rover drives. " * 40, "too_long"),
    ):  # fmt: skip
        assert rewording.answer({"text": text}, PAIR)[:2] == (None, reason)
    assert rewording.answer({"text": "Rover drives at", "finish": "length"}, PAIR)[1] == "cut_off"


def test_paraphrases_keep_names_numbers_and_flags():
    (request,) = rewording.paraphrases([PAIR], 3, Prompt("paraphrase"), "English")
    assert request.messages[-1][1].endswith("Write exactly 3 questions.")
    written = [
        "At what speed does Rover drive with --fast?", "At what speed does Rover drive?",
        "How quick is Opal with --fast?", PAIR.question, "How fast is it with --fast?",
    ]  # fmt: skip
    kept, lost = rewording.questions({"text": json.dumps({"questions": written})}, PAIR, 3)
    assert kept == written[:1]
    assert [reason for reason, _ in lost] == ["changed", "changed", "same_again", "not_a_question"]
    assert rewording.questions({"text": "no"}, PAIR, 3) == ([], [("not_json", "no")])
