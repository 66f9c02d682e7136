"""A capable teacher writes pairs for a chunk; each is tied to the facts it stands on, or rejected with its reason."""

import json

import msgspec

from stages.llm import question_first
from stages.llm.prompts import Prompt
from stages.llm.question_first import Plan, Task
from stages.records import Chunk, Evidence, Fact, Link

SAYS = [
    "Rover drives at 5 km/h on sand.",
    "The battery of Rover lasts for 12 hours.",
    "Lisbon is where Rover was built in 2019.",
]
PLAN = Plan(min_pairs=1)


def chunk(name: str = "c") -> Chunk:
    return Chunk(
        id=name, document="d", source="rover.md", heading=[], header="Rover > Facts", text=" ".join(SAYS), span=(0, 90),
        links=[Link(text="Battery", url="https://r.example/battery")], url="https://r.example/", tokens=30,
    )  # fmt: skip


def facts(count: int = 3, name: str = "c") -> list[Fact]:
    return [
        Fact(
            id=f"{name}{n}", chunk=name, document="d", source="rover.md", topic="Rover", quote=says, span=(n, n + 9),
            concepts=["Rover"], support=[Evidence(document="d", quote="All figures are measured.", span=(90, 99))],
        )
        for n, says in enumerate(SAYS[:count])
    ]  # fmt: skip


TASK = Task(chunk=chunk(), facts=facts(), count=3)


def reply(*pairs: tuple[str, str], links: tuple[str, ...] = ()) -> dict:
    return {"text": json.dumps({"pairs": [{"question": q, "answer": a, "links": list(links)} for q, a in pairs]})}


GOOD = [
    ("How fast does Rover drive?", "Rover drives at 5 km/h on sand."),
    ("How long does the battery of Rover last?", "The battery of Rover lasts for 12 hours."),
    ("Where was Rover built?", "Rover was built in Lisbon."),
]


def read(answer: dict, task: Task = TASK):
    return question_first.pairs(answer, task, PLAN, "hash", "model@1")


def reasons(answer: dict) -> list[str]:
    return [lost.reason for lost in read(answer)[1]]


def test_the_form_shown_in_the_prompt_is_the_one_that_is_read():
    system = Prompt("question_first").messages(
        count=1, language="English", max_words=60, header="", passage="", links=[], concepts=[], asked=[]
    )[0][1]
    shown = system[system.index('{"pairs"') : system.index("}]}") + 3]
    assert msgspec.json.decode(shown, type=question_first.Reply).pairs[0].links == ["..."]


def test_every_chunk_with_facts_is_asked_for_pairs_by_their_number_and_no_other():
    chunks = [chunk("a"), chunk("b"), chunk("empty")]
    wanted = question_first.tasks(
        chunks, facts(1, "a") + facts(3, "b"), Plan(min_pairs=2, pairs_per_fact=1.5, max_pairs=4)
    )
    assert [(task.chunk.id, task.count) for task in wanted] == [("a", 2), ("b", 4)]


def test_a_request_holds_the_rules_the_passage_and_its_links():
    (request,) = question_first.requests([TASK], PLAN, Prompt("question_first"))
    user = request.messages[-1][1]
    assert user.endswith("Write exactly 3 pairs.") and "12 hours" in user and "https://r.example/battery" in user
    assert "at most 60 words" in request.messages[0][1] and "English" in request.messages[0][1]
    assert request.schema == question_first.SCHEMA


def test_pairs_carry_their_facts_with_quote_and_support():
    kept, lost = read(reply(*GOOD))
    assert [pair.facts for pair in kept] == [["c0"], ["c1"], ["c2"]] and not lost
    assert [evidence.quote for evidence in kept[1].evidence] == [SAYS[1], "All figures are measured."]
    assert kept[0].origin == "generated" and kept[0].prompt == "hash" and kept[0].model == "model@1"


def test_an_answer_that_joins_two_facts_stands_on_both():
    kept, _ = read(
        reply(("What is known of Rover?", "Rover drives at 5 km/h on sand, and its battery lasts for 12 hours."))
    )
    assert sorted(kept[0].facts) == ["c0", "c1"]


def test_only_links_of_the_chunk_are_kept():
    kept, _ = read(reply(GOOD[0], links=("https://evil.example/", "https://r.example/battery")))
    assert kept[0].link == "https://r.example/battery"
    kept, _ = read(reply(GOOD[0], links=("https://evil.example/",)))
    assert kept[0].link == "https://r.example/"


def test_what_cannot_be_used_is_lost_with_its_reason_and_its_words():
    invented = ("Who paid for Rover?", "A foundation of fishermen paid two billion dollars.")
    assert reasons(reply(*GOOD[:1], invented)) == ["no_fact"]
    assert read(reply(invented))[1][0].pair.answer == invented[1]
    assert reasons(reply(GOOD[0], GOOD[0])) == ["same_again"]
    assert reasons(reply((GOOD[0][0], GOOD[0][1] * 30))) == ["too_long"]
    assert reasons(reply(*GOOD, ("On what ground does Rover drive?", "Rover drives on sand."))) == ["over_count"]
    assert reasons({"error": "timeout"}) == ["no_reply"]
    kept, lost = read({"text": "I am sorry."})
    assert not kept and lost[0].reason == "not_json" and lost[0].raw == "I am sorry."


def test_pairs_before_the_cut_are_kept_and_the_missing_ones_asked_for_once():
    whole = reply(*GOOD[:2])["text"]
    kept, lost = read({"text": whole[: whole.index("How long")]})
    assert len(kept) == 1 and [one.reason for one in lost] == ["cut_off"]
    again = question_first.again(TASK, kept)
    assert again and again.count == 2 and [fact.id for fact in again.facts] == ["c1", "c2"]
    (request,) = question_first.requests([again], PLAN, Prompt("question_first"))
    assert GOOD[0][0] in request.messages[-1][1] and request.seed != PLAN.seed
    kept, lost = read(reply(GOOD[0], GOOD[1]), again)
    assert [pair.question for pair in kept] == [GOOD[1][0]] and lost[0].reason == "same_again"
    assert question_first.again(again, kept) is None


def test_all_pairs_there_nothing_is_asked_again():
    assert question_first.again(TASK, read(reply(*GOOD))[0]) is None


def test_a_perfect_teacher_covers_every_fact():
    kept, _ = read(reply(*GOOD))
    assert {fact for pair in kept for fact in pair.facts} == {fact.id for fact in TASK.facts}
