"""A judge's verdicts become scores, win rates and a kappa with labels; what is no verdict is none."""

import json
from pathlib import Path

import pytest

from stages import disk
from stages.llm.prompts import Prompt
from stages.quality.leaks import read_faq
from stages.records import Answer, Item, RecordError, content_id
from stages.scoring import duels, grading, metrics
from stages.scoring import items as evaluated

LABELS = Path("data/sources/answer_labels.jsonl")
NO = {"text": "Correct!"}


def verdict(word):
    return {"text": json.dumps({"reason": f"It is {word}.", "verdict": word})}


def better(word):
    return {"text": json.dumps({"reason": "So it is.", "better": word})}


def answer(item, system, text="5 km/h", place="faq"):
    return Answer(id=content_id(item, place, system), item=item, set=place, system=system, question=f"Q {item}?",
                  reference="5 km/h", answer=text)  # fmt: skip


def items(*names, facts=()):
    return {("faq", name): Item(id=name, set="faq", question=f"Q {name}?", answer="5 km/h", evidence="Rover: 5 km/h.",
                                facts=list(facts)) for name in names}  # fmt: skip


def label(**fields):
    given = {"id": "l", "question": "Q?", "reference": "R.", "evidence": "", "answer": "A.", "verdict": "wrong",
             "why": "", "who": "ann"}  # fmt: skip
    return given | fields


@pytest.mark.parametrize(
    ("replies", "score", "correct"),
    [
        (["correct", "partly", "correct"], 0.8333, True),
        (["correct", "wrong"], 0.5, False),
        (["refused", "wrong", "partly"], 0.1667, False),
    ],
)
def test_the_score_is_the_mean_of_the_marks_and_correct_is_what_most_samples_say(replies, score, correct):
    _, [found] = grading.opinions([], [answer("a", "base")], [verdict(word) for word in replies], len(replies))
    assert (found.score, found.correct, found.said) == (score, correct, f"It is {replies[0]}.")


def test_an_abstention_is_no_low_mark_and_without_any_reply_there_is_no_score():
    replies = [NO, verdict("correct"), {"error": "timeout"}, NO, NO, NO]
    _, [one, none] = grading.opinions([], [answer("a", "base"), answer("b", "base")], replies, 3)
    assert (one.verdicts, one.score, one.correct) == ([None, "correct", None], 1.0, True)
    assert (none.verdicts, none.score, none.correct, none.problem) == ([None] * 3, None, None, "not_json")


def test_labels_and_answers_are_asked_in_the_same_way():
    [labelled] = [grading.Label(**label(question="Q a?", reference="5 km/h", evidence="Rover: 5 km/h.", answer="5"))]
    asked = grading.requests([labelled], [answer("a", "base", "5")], items("a"), Prompt("judge_answer"), samples=2)
    assert asked[:2] == asked[2:]


def test_a_judge_is_reliable_if_the_lower_end_of_its_kappa_is_high_enough():
    labels = [grading.Label(**label(id=str(n), verdict="correct" if n % 2 else "partly")) for n in range(60)]
    agreeing, _ = grading.opinions(labels, [], [verdict(one.verdict) for one in labels], 1)
    found = grading.agreement(agreeing, 0.6)
    assert found["reliable"] and found["kappa"]["value"] == 1 and found["kappa"]["n"] == 60
    assert found["label_abstentions"]["value"] == 0
    yes, _ = grading.opinions(labels, [], [verdict("correct") for _ in labels], 1)
    found = grading.agreement(yes, 0.6)
    assert not found["reliable"] and found["kappa"]["value"] == 0 and "0.0 (" in grading.told(found)
    few, _ = grading.opinions(labels[:4], [], [verdict(one.verdict) for one in labels[:4]], 1)
    assert not grading.agreement(few, 0.6)["reliable"], "four labels prove nothing"


def test_a_judge_that_says_nothing_readable_has_no_kappa():
    labels = [grading.Label(**label())]
    silent, _ = grading.opinions(labels, [], [NO, NO], 2)
    found = grading.agreement(silent, 0.0)
    assert found["kappa"] == {"value": None, "low": None, "high": None, "n": 0} and not found["reliable"]
    assert found["label_abstentions"]["value"] == 1 and "could be read" in grading.told(found)


def test_items_on_one_fact_count_as_one():
    answers = [answer(name, "base") for name in "abcdefgh"]
    _, found = grading.opinions([], answers, [verdict("correct")] * 4 + [verdict("wrong")] * 4, 1)
    apart = grading.scores(found, items(*"abcdefgh"), 500, 0)["faq"]["base"]
    _, found = grading.opinions([], answers, [verdict("correct")] * 8, 1)
    one = grading.scores(found, items(*"abcdefgh", facts=["f"]), 500, 0)["faq"]["base"]
    many = grading.scores(found, items(*"abcdefgh"), 500, 0)["faq"]["base"]
    assert apart["value"] == 0.5 and apart["n"] == 8 and apart["low"] < 0.5 < apart["high"]
    assert one["low"] < many["low"] < one["value"] == 1


def test_each_adapter_is_compared_with_base_and_with_retrieval_where_both_answered():
    answers = [answer("a", system) for system in ("base", "oracle", "retrieval", "lora")] + [answer("b", "lora")]
    assert sorted((one.left.system, one.right.system) for one in duels.between(answers)) == [
        ("lora", "base"), ("lora", "retrieval"), ("retrieval", "base"),
    ]  # fmt: skip


def test_only_what_wins_in_both_orders_wins():
    pairs = duels.between([answer("a", "base", "6"), answer("a", "lora")])
    asked = duels.requests(pairs, items("a"), Prompt("judge_two"))
    left, right = "<answer-a>\n5 km/h\n</answer-a>", "<answer-b>\n5 km/h\n</answer-b>"
    assert left in asked[0].messages[-1][1] and right in asked[1].messages[-1][1]
    for words, value, flipped in (
        ("AB", 1.0, False), ("BA", 0.0, False), ("AA", 0.5, True), ("BB", 0.5, True), (["A", "tie"], 0.5, True),
        (["tie", "tie"], 0.5, False),
    ):  # fmt: skip
        [found] = duels.compared(pairs, [better(word) for word in words])
        assert (found.value, found.flipped) == (value, flipped), words
    [half] = duels.compared(pairs, [better("A"), {"text": "A is better."}])
    assert half.value is None and half.problem == "not_json" and half.said == ["left", None]


def test_the_same_answer_twice_is_a_tie_without_a_question():
    pairs = duels.between([answer("a", "base"), answer("a", "lora", "5 km/h ")])
    assert duels.requests(pairs, items("a"), Prompt("judge_two")) == []
    found = duels.compared(pairs, [])
    assert [(one.value, one.flipped, one.said) for one in found] == [(0.5, False, [])]
    rate = duels.win_rates(found, items("a"), 200, 0)["faq"]["lora - base"]
    assert rate["value"] == 0.5 and rate["low"] < 0.2 and rate["high"] > 0.8, "one tie proves nothing"


def test_an_answer_to_an_item_that_is_not_there_is_an_error():
    with pytest.raises(RecordError, match="its item, b of the set faq"):
        grading.chosen([answer("b", "base")], items("a"), ["faq"])
    assert grading.chosen([answer("b", "base", place="trained")], items("a"), ["faq"]) == []


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([label(), label(id="m", verdict="good")], "line 2: expected a Label"),
        ([label(answer=" ")], "line 1: expected a Label"),
        ([label(), label()], "two labels have the id l"),
        ([{**label(), "mood": "x"}], "line 1: expected a Label"),
    ],
)
def test_a_label_that_is_none_is_named(tmp_path, rows, says):
    path = tmp_path / "labels.jsonl"
    disk.write_bytes(path, "".join(json.dumps(row) + "\n" for row in rows).encode())
    with pytest.raises(RecordError, match=f"labels.jsonl.*{says}"):
        grading.read_labels(path)


def test_the_sets_are_those_of_evaluate():
    assert grading.SETS == evaluated.SETS


def test_neither_length_nor_shared_words_give_a_label_away():
    labels = grading.read_labels(LABELS)
    words = [one.verdict for one in labels]
    assert len(labels) >= 72 and min(words.count(word) for word in grading.MARKS) >= 8
    assert len({(one.question, one.answer) for one in labels}) == len(labels)

    def tells(measure):
        """Return how often a correct answer has more of it than a wrong one: 0.5 is chance."""
        right, wrong = ([measure(one) for one in labels if one.verdict == word] for word in ("correct", "wrong"))
        return sum((a > b) + (a == b) / 2 for a in right for b in wrong) / len(right) / len(wrong)

    assert 0.4 < tells(lambda one: len(one.answer)) < 0.6
    assert 0.4 < tells(lambda one: metrics.token_f1(one.reference, one.answer)) < 0.6


def test_the_evidence_of_the_labels_is_that_of_their_questions():
    asked = {item.question: item for item in read_faq(Path("data/sources/faq.jsonl"))}
    for one in grading.read_labels(LABELS):
        item = asked[one.question]
        assert one.reference == item.answer and one.evidence.split("\n")[0] == (item.quote or "")
