"""A judge's reply gives marks or nothing; rewordings that change the fact are told."""

import json
import re

import msgspec
import pytest

from stages.llm import judging, multi_hop, rewording, unanswerable
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
        ("judge_pair", judging.Marks), ("judge_answer", judging.Verdict), ("paraphrase", rewording.Questions),
        ("multi_hop", multi_hop.Written), ("unanswerable", unanswerable.Reply),
    ],
)  # fmt: skip
def test_the_form_that_a_prompt_shows_is_the_one_that_is_read(name: str, kind: type):
    line = next(line for line in Prompt(name).path.read_text().splitlines() if "of exactly this form: " in line)
    msgspec.json.decode(re.sub(r".*of exactly this form: ", "", line), type=kind)


def test_marks_become_scores_and_the_lowest_decides():
    marks, problem = judging.read({"text": f"```json\n{json.dumps(GOOD)}\n```"}, judging.Marks)
    assert problem is None and marks
    assert marks.scores() == {
        "judge_accuracy": 1.0, "judge_relevance": 1.0, "judge_clarity": 0.75, "judge_usefulness": 0.25, "judge": 0.25
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "5 of 5!", json.dumps(GOOD | {"accuracy": 9}), json.dumps({"reason": "x"})])
def test_a_reply_without_all_marks_in_range_is_no_opinion(text: str):
    assert judging.read({"text": text}, judging.Marks)[0] is None
    assert judging.read({"error": "timeout"}, judging.Marks) == (None, "no_reply")


def test_a_verdict_is_one_of_four_words_and_not_a_part_of_a_text():
    assert judging.read({"text": '{"reason": "ok", "verdict": "partly"}'}, judging.Verdict)[0].verdict == "partly"
    assert judging.read({"text": '{"reason": "ok", "verdict": "not correct"}'}, judging.Verdict)[0] is None
    assert judging.read({"text": "This is CORRECT."}, judging.Verdict)[0] is None


def test_requests_hold_what_is_judged_and_are_greedy():
    (of_pair,) = judging.of_pairs([PAIR], Prompt("judge_pair"))
    (of_answer,) = judging.of_answers([("Q?", "said", "reference", "words")], Prompt("judge_answer"))
    assert QUOTE in of_pair.messages[-1][1] and of_pair.temperature == 0 and of_pair.schema == judging.MARKS_SCHEMA
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
