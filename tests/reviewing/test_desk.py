"""What is asked in which order, what is shown of it, and what a decision does in the next run."""

import pytest

from stages import review
from stages.curation import gates
from stages.curation.people import Ruling
from stages.records import RecordError
from stages.reviewing import words
from stages.reviewing.desk import Refusal
from tests.reviewing.folder import (
    LINES,
    MEMORY,
    PLACE,
    TOKENS,
    WRONG,
    decided,
    document,
    kept,
    made,
    opinion,
    pair,
    pairs,
    written,
)

RIVAL = "rival"


def desk(data, who="ann"):
    return review.desk(data, data / "decisions.jsonl", data / "params.yaml", who)


def left(one):
    return {queue["key"]: queue["left"] for queue in one.state()["queues"]}


def test_the_doubtful_come_first_then_all_others(tmp_path):
    one = desk(made(tmp_path))
    assert one.queue("doubt") == {"ids": [MEMORY, TOKENS, PLACE, WRONG], "total": 4}
    assert one.queue("gain")["ids"] == [WRONG, PLACE, TOKENS, MEMORY]
    assert one.queue("kept")["ids"] == [MEMORY, TOKENS, PLACE] and one.queue("rejected")["ids"] == [WRONG]
    assert one.queue("concept:2,048 tokens")["ids"] == [TOKENS] and one.queue("reason:ungrounded")["ids"] == [WRONG]
    assert one.groups("concept")[0] == ("Falcon", 3, 3) and one.groups("reason") == [("ungrounded", 1, 1)]


def test_words_are_searched_in_question_and_answer_whatever_their_case(tmp_path):
    one = desk(made(tmp_path))
    assert one.queue("doubt", "ABU dhabi ")["ids"] == [PLACE] and one.queue("doubt", "how many")["ids"] == [TOKENS]
    assert one.queue("rejected", "Abu")["ids"] == [] and one.queue("doubt", "nowhere")["ids"] == []


def test_a_judge_and_the_gates_disagree_by_how_much(tmp_path):
    opinions = [opinion(MEMORY, 0.25), opinion(PLACE, 0.75), opinion(TOKENS, 0.0), opinion(WRONG, 0.75)]
    one = desk(made(tmp_path, opinions=opinions))
    assert one.queue("disagree")["ids"] == [TOKENS, MEMORY, WRONG], "the mark of the other agrees with the gates"
    assert ("judge", 0.25) in [score[:2] for score in one.show(MEMORY)["scores"]]


def test_a_pair_is_shown_with_its_evidence_and_what_the_gates_say(tmp_path):
    one = desk(made(tmp_path)).show(WRONG)
    assert one["outcome"] == {
        "kept": False, "reason": "ungrounded", "value": "15 GB", "means": words.REASONS["ungrounded"],
    }  # fmt: skip
    assert (LINES[0], True) in one["passages"][0].pieces and one["found"]["unsupported"] == "15 GB"
    assert [score[0] for score in one["scores"]][:2] == ["rank", "gain"] and one["doubt"] is None
    place = desk(tmp_path).show(PLACE)
    assert place["statements"] == ["The model Falcon was made in Abu Dhabi."] and place["outcome"]["kept"]
    assert place["doubt"][0] == "rank" and not (place["own"] or place["others"] or place["hidden"])


def test_a_conflict_is_shown_with_the_other_answer(tmp_path):
    rival = pair(RIVAL, "How much memory does Falcon need?", "Falcon was made in Abu Dhabi.", LINES[1])
    one = desk(made(tmp_path, [*pairs(), rival]))
    assert one.show(MEMORY)["rivals"] == [rival.answer] and one.queue("doubt")["ids"][:2] == [MEMORY, RIVAL]


def test_what_was_decided_does_not_come_again_and_is_found_among_the_decided(tmp_path):
    one = desk(made(tmp_path))
    one.decide(MEMORY, "accept")
    one.decide(WRONG, "reject", why=" no such number ")
    assert one.queue("doubt") == {"ids": [TOKENS, PLACE], "total": 4}
    assert one.queue("decided")["ids"] == [WRONG, MEMORY], "the latest first"
    assert written(tmp_path) == [
        {"id": MEMORY, "decision": "accept", "who": "ann"},
        {"id": WRONG, "decision": "reject", "who": "ann", "why": "no such number"},
    ]
    assert one.undo() == WRONG and one.queue("rejected")["ids"] == [WRONG] and one.state()["undo"] == 1
    again = desk(tmp_path)
    assert again.undo() == MEMORY and written(tmp_path) == []
    with pytest.raises(Refusal, match="nothing to undo"):
        again.undo()


def test_the_next_run_honours_what_was_decided(tmp_path):
    one = desk(made(tmp_path))
    one.decide(WRONG, "accept")
    one.decide(TOKENS, "reject")
    one.decide(MEMORY, "edit", question=" How much RAM does Falcon need? ", answer=LINES[0])
    assert written(tmp_path)[0]["question"] == "How much RAM does Falcon need?" and "answer" not in written(tmp_path)[0]
    found = kept(decided(tmp_path))
    [edited] = [one for one in found.values() if one.parent == MEMORY]
    assert edited.origin == "reviewer" and edited.question == "How much RAM does Falcon need?"
    assert found.keys() == {WRONG, PLACE, edited.id}
    after = desk(tmp_path)
    assert len(after.cases) == 4 and edited.id not in after.cases
    shown = after.show(MEMORY)
    assert shown["question"] == "How much memory does Falcon need?" and shown["own"].question == edited.question
    assert shown["scores"] and after.queue("doubt")["ids"] == [PLACE]
    after.take_back(MEMORY)
    assert MEMORY in kept(decided(tmp_path)) and desk(tmp_path).undo() == MEMORY


def test_an_edit_that_changes_nothing_or_says_what_another_pair_says_is_refused(tmp_path):
    one = desk(made(tmp_path))
    for texts, told in (
        ({"question": "How much memory does Falcon need? "}, "Nothing was changed"),
        ({"answer": "  "}, "needs a question and an answer"),
        ({"question": "Where was Falcon made?", "answer": LINES[1]}, f"The pair {PLACE} says just this"),
    ):
        with pytest.raises(Refusal, match=told):
            one.decide(MEMORY, "edit", **texts)
    one.decide(MEMORY, "edit", question="What?", answer="That.")
    one.decide(MEMORY, "edit", question="What now?", answer="That.")
    with pytest.raises(Refusal, match=f"The pair {MEMORY} says just this"):
        desk(tmp_path, "bo").decide(TOKENS, "edit", question="What now?", answer="That.")
    with pytest.raises(Refusal, match="Only an edit"):
        one.decide(TOKENS, "accept", answer="Other words.")
    assert len(written(tmp_path)) == 1
    decided(tmp_path)


def test_a_second_reviewer_decides_without_knowing_what_the_first_said(tmp_path):
    desk(made(tmp_path)).decide(MEMORY, "reject", why="trivial")
    decided(tmp_path)  # which now says so, too
    bo = desk(tmp_path, "bo")
    assert bo.queue("second")["ids"] == [MEMORY] and MEMORY not in bo.queue("doubt")["ids"]
    shown = bo.show(MEMORY)
    assert (shown["outcome"], shown["others"], shown["hidden"]) == (None, [], 1)
    assert bo.groups("reason") == [("ungrounded", 1, 1)]
    bo.decide(MEMORY, "accept")
    shown = bo.show(MEMORY)
    assert [one.why for one in shown["others"]] == ["trivial"] and shown["hidden"] == 0
    assert left(bo)["second"] == 0 and left(bo)["disputed"] == 1 and bo.queue("disputed")["ids"] == [MEMORY]
    assert bo.state()["agreement"]["disputed"] == 1
    decided(tmp_path)
    first = desk(tmp_path).show(MEMORY)
    assert first["doubt"][0] == "reviewers" and first["outcome"]["kept"], "as if nobody had decided"
    bo.decide(MEMORY, "reject")
    assert left(bo)["disputed"] == 0 and bo.state()["agreement"]["agree"] == 1
    assert MEMORY not in kept(decided(tmp_path))


def test_a_decision_on_what_a_pair_was_mended_from_is_found_and_changed_where_it_stands(tmp_path):
    mended = pair("mended", "Where was Falcon made?", LINES[1], LINES[1], parent="before")
    one = desk(made(tmp_path, [mended], rulings=[Ruling(id="before", decision="reject", who="ann")]))
    assert one.queue("decided")["ids"] == ["mended"] and one.show("mended")["own"].decision == "reject"
    one.decide("mended", "accept")
    assert written(tmp_path) == [{"id": "before", "decision": "accept", "who": "ann"}]
    assert one.undo() == "mended"


def test_a_decision_on_a_pair_that_is_gone_stays_and_is_not_in_the_way(tmp_path):
    one = desk(made(tmp_path, rulings=[Ruling(id="gone", decision="accept", who="ann")]))
    one.decide(MEMORY, "accept")
    assert left(one)["decided"] == 1 and [line["id"] for line in written(tmp_path)] == ["gone", MEMORY]
    with pytest.raises(LookupError, match="no pair gone"):
        one.decide("gone", "accept")


def test_evidence_that_moved_is_told(tmp_path):
    made(tmp_path, known=document(("Another text.",)))
    assert desk(tmp_path).show(MEMORY)["passages"][0].moved


@pytest.mark.parametrize("file", ["decide/pairs.jsonl", "decide/rejected.jsonl", "decide/queue.jsonl",
                                  "refine/documents.jsonl", "chunk/facts.jsonl"])  # fmt: skip
def test_a_missing_file_names_the_stage_to_run(tmp_path, file):
    (made(tmp_path) / file).unlink()
    with pytest.raises(RecordError, match=f"{file.split('/')[1]} is missing: run `dvc repro {file.split('/')[0]}`"):
        desk(tmp_path)


def test_every_reason_of_a_gate_is_explained():
    assert gates.GATES.keys() <= words.REASONS.keys()
