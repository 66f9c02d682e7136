"""The final assertion: planted leaks of every kind are found."""

import pytest

from stages.quality import leaks
from stages.records import Evidence, Message, Pair, RecordError, Row


def pair(identity, question="What is FSDP good for?", fact="f1", **more):
    return Pair(id=identity, question=question, answer="a", facts=[fact], source="s", origin="generated", **more)


def row(question, pair_id="p1"):
    return Row(
        id=f"row-{question[:9]}-{pair_id}", pair=pair_id, origin="generated",
        prompt=[Message(role="system", content="Be brief."), Message(role="user", content=question)],
        completion=[Message(role="assistant", content="a")],
    )  # fmt: skip


FAQ = {
    "faq": [("q1", "How many GPUs are needed to fine-tune the 70B model?")],
    "unanswerable": [("q2", "Who owns Meta?")],
}


@pytest.mark.parametrize(
    "question",
    [
        "How many GPUs are needed to fine-tune the 70B model?",
        "how many gpus are needed to fine-tune the 70b model",
        "Please tell me, how many GPUs are needed to fine-tune the 70B model?",
        "How many GPUs are neeeded to fine-tune the 70B model?",
        "To fine-tune the 70B model, how many GPUs are needed?",
        "I have a lab. How many GPUs are needed to fine-tune the 70B model? Money is no problem.",
        "who owns meta",
    ],
)
def test_a_leaked_question_stops(question):
    with pytest.raises(leaks.LeakError, match="matches (faq q1|unanswerable q2)"):
        leaks.assert_clean([row(question)], FAQ)


def test_a_near_miss_does_not_stop():
    leaks.assert_clean([row("How many GPUs are needed to fine-tune the 13B model?")], FAQ)


def test_a_held_out_fact_stops():
    held = {"p9": pair("p9", fact="f9", split="held_out")}
    with pytest.raises(leaks.LeakError, match="teaches fact f9 of held_out pair p9"):
        leaks.assert_clean([row("What is FSDP?")], {}, {"p1": pair("p1", fact="f9", split="train")}, held)


def test_a_held_out_sentence_under_another_fact_id_stops():
    evidence = [Evidence(document="d", quote="The same sentence.", span=(0, 1))]
    held = {"p9": pair("p9", fact="f9", split="held_out", evidence=evidence)}
    trained = {"p1": pair("p1", fact="f1", split="train", evidence=evidence)}
    with pytest.raises(leaks.LeakError, match="same sentence as held_out pair p9"):
        leaks.assert_clean([row("What is FSDP?")], {}, trained, held)


def test_a_child_of_an_evaluated_parent_stops():
    evaluated = {"p9": pair("p9", split="reworded")}
    trained = {"p1": pair("p1", parent="p9", split="train")}
    with pytest.raises(leaks.LeakError, match="child of pair p9, which is in reworded"):
        leaks.assert_clean([row("What is FSDP?")], {}, trained, evaluated)


def test_an_evaluated_pair_itself_stops():
    with pytest.raises(leaks.LeakError, match="which is in reworded"):
        leaks.assert_clean([row("Q", "p9")], {}, {}, {"p9": pair("p9", split="reworded")})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "a", "question": "Q?", "answer": "", "answerable": true}', "item 1 .a.: it has no answer"),
        ('{"id": "a", "question": " ", "answer": "x", "answerable": true}', "no question"),
        ('{"id": "a", "question": "Q?", "colour": "red"}', "line 1.*colour"),
        ('{"id": "a", "question": "Q?", "answer": "x"}\n{"id": "a", "question": "R?", "answer": "x"}', "another item"),
    ],
)
def test_a_bad_faq_item_is_named(tmp_path, line, said):
    (tmp_path / "faq.jsonl").write_text(line + "\n")
    with pytest.raises(RecordError, match=said):
        leaks.read_faq(tmp_path / "faq.jsonl")
