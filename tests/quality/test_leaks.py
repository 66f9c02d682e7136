"""The final assertion: planted leaks of every kind are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.quality import leaks
from stages.records import Decision, Evidence, Message, Pair, RecordError, Row


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


LONG = "Llama 2 70B was trained on two trillion tokens of public data with grouped-query attention in Menlo Park."
EXTERNAL = {"bench": [("b1", "How many GPUs are needed to fine-tune the 70B model?")]}


def kinds(question, answer, *item):
    clean = [f"What does option number {i} change in trainer {i}?" for i in range(60)]
    found = leaks.reached([[question], *([text] for text in clean)], [answer, *("It changes." for _ in clean)], [item])
    return [kind for row, _, kind in found if row == 0]


def test_a_long_answer_to_a_question_with_a_shared_rare_word_is_a_leak():
    item = ("h1", "Where was Llama 2 70B trained, and on what?", LONG)
    assert kinds("Tell of Menlo and the 70B.", f"As is known: {LONG}", *item) == ["answer"]
    assert kinds("Tell of Menlo and the 13B.", f"As is known: {LONG}", *item) == [], "no rare word"
    assert kinds("Tell of Menlo and the 70B.", LONG.replace("70B", "13B"), *item) == [], "another number"
    assert kinds("Tell of Menlo and the 70B.", LONG.replace("trillion tokens of public data", "weeks"), *item) == []
    assert kinds("Tell of Menlo and the 70B.", LONG, *item[:2]) == [], "an item without its answer"
    assert kinds("Tell of Menlo and the 70B.", "In Menlo Park.", *item[:2], "In Menlo Park.") == [], "a short answer"


def test_a_row_is_judged_alone_as_among_all():
    """Four wordings on one command were let through by augment, which saw no rows beside them, and stopped mix."""
    item = ("h1", "Where was Llama 2 70B trained, and on what?", LONG)
    asked = [[f"Menlo, {word}: on what was the 70B trained?"] for word in ("please", "now", "tell", "quickly")]
    said = [LONG] * len(asked)
    clean = [f"What does option number {i} change in trainer {i}?" for i in range(600)]
    others = [
        Pair(id=f"c{n}", question=text, answer="It changes.", facts=[], source="s", origin="seed")
        for n, text in enumerate(clean)
    ]
    every = leaks.reached(asked + [[text] for text in clean], said + ["It changes."] * len(clean), [item])
    assert leaks.reached(asked, said, [item]) == [], "a word in each of four rows is no rare one among four"
    assert leaks.reached(asked, said, [item], others) == every == [(n, 0, "answer") for n in range(4)]


def test_answers_that_begin_alike_are_no_leak():
    opening = "You agree that you will not use, or allow others to use, Llama 2 to violate laws or rights of others"
    topics = ["terrorism", "trafficking", "defamation", "gambling", "weapons", "malware", "spam", "fraud"]
    asked = [[f"May I use Llama 2 for {topic}?"] for topic in topics]
    answers = [f"{opening}, such as {topic}." for topic in topics]
    item = ("h1", "May Llama 2 be used for arson or trafficking?", f"{opening}, such as arson.")
    assert leaks.reached(asked, answers, [item]) == []


def test_a_question_inside_an_answer_is_a_leak():
    item = ("q1", "How many GPUs are needed to fine-tune the 70B model?")
    said = "That depends on your budget. How many GPUs are needed to fine-tune the 70B model? Ask the vendor first."
    assert kinds("What should a lab ask?", said, *item) == ["contained"]


def test_a_statement_that_a_yes_or_no_question_asks_for_is_no_leak():
    item = ("q1", "Is Llama 2 intended for commercial and research use in English?")
    assert kinds("Whom is it for?", "Llama 2 is intended for commercial and research use in English.", *item) == []


def test_each_row_and_item_is_told_once_with_the_first_kind():
    question = "How many GPUs are needed to fine-tune the 70B model?"
    found = leaks.reached([[question, question]], [f"You ask: {question}"], [("q1", question, LONG)])
    assert found == [(0, 0, "exact")]


@pytest.mark.parametrize("turn", [0, 1])
def test_every_turn_of_the_user_is_looked_at(turn):
    one = row("What is FSDP?")
    one.prompt.insert(1 + turn, Message(role="user", content="How many GPUs are needed to fine-tune the 70B model?"))
    with pytest.raises(leaks.LeakError, match="matches faq q1"):
        leaks.assert_clean([one], FAQ)


def test_an_item_of_an_external_file_stops_unless_its_pair_is_flagged():
    asked = row("How many GPUs are needed to fine-tune the 70B model?")
    child = row("how many gpus are needed to fine-tune the 70b model", "p2")
    kept, flag = Decision(kept=True), Decision(kept=True, reason="leak_bench", value="b1")
    children = {"p2": pair("p2", parent="p1", split="train", decision=kept)}
    for rows, decision in (([asked], kept), ([asked], Decision(kept=False, reason="leak_bench")), ([child], kept)):
        with pytest.raises(leaks.LeakError, match="matches bench b1"):
            leaks.assert_clean(rows, {}, children | {"p1": pair("p1", decision=decision)}, {}, EXTERNAL)
    flagged = children | {"p1": pair("p1", split="train", decision=flag)}
    leaks.assert_clean([asked, child], {}, flagged, {}, EXTERNAL)
    with pytest.raises(leaks.LeakError, match="matches faq q1"):
        leaks.assert_clean([asked], FAQ, flagged, {}, EXTERNAL)


def test_a_held_out_group_stops():
    held = {"p9": pair("p9", fact="f9", split="held_out", group="g")}
    with pytest.raises(leaks.LeakError, match="in one group with held_out pair p9"):
        leaks.assert_clean([row("What is FSDP?")], {}, {"p1": pair("p1", split="train", group="g")}, held)


def test_what_supports_two_facts_does_not_stop():
    head = Evidence(document="d", quote="| Model | Size |", span=(0, 1))
    own = [Evidence(document="d", quote=quote, span=(0, 1)) for quote in ("| 7B | 1 |", "| 13B | 2 |")]
    held = {"p9": pair("p9", fact="f9", split="held_out", evidence=[own[0], head])}
    trained = {"p1": pair("p1", split="train", evidence=[own[1], head])}
    leaks.assert_clean([row("What is FSDP?")], {}, trained, held)


LEAKS = {
    "exact": "How many GPUs are needed to fine-tune the 70B model?",
    "near": "How many GPUs are neeeded to fine-tune the 70B model?",
    "contained": "I have a lab. How many GPUs are needed to fine-tune the 70B model? Money is no problem.",
}


@given(st.permutations([*LEAKS.values(), "What is FSDP good for?", "Which licence has Llama Guard?"]))
def test_what_is_found_does_not_depend_on_the_order_of_the_rows(questions):
    found = leaks.reached([[question] for question in questions], [], FAQ["faq"])
    assert {questions[index]: kind for index, _, kind in found} == {text: kind for kind, text in LEAKS.items()}
    clean = [question for question in questions if question not in LEAKS.values()]
    assert leaks.contamination(clean, FAQ["faq"])[0] == {}, "what was cleaned is clean"


def test_a_replayed_system_message_that_holds_the_question_stops():
    said = Message(role="system", content="Question: who owns Meta? Answer: its shareholders.")
    replayed = Row(
        id="r", pair="p", origin="replay", prompt=[said, Message(role="user", content="Hello")],
        completion=[Message(role="assistant", content="Hi")],
    )  # fmt: skip
    with pytest.raises(leaks.LeakError, match="unanswerable q2"):
        leaks.assert_clean([replayed], FAQ)
