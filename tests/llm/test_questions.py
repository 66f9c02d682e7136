"""Questions for a fact: cleaned, judged by their form, ranked by what they add, and kept when they differ."""

from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.documents.subjects import Places
from stages.llm.gain import Score
from stages.llm.gateway import Model
from stages.llm.prompts import Example, Prompt
from stages.llm.questions import Asker, Candidate, choose, clean, judge_form, requests, select
from stages.records import Chunk
from tests.teacher import PLAN as DEFAULT
from tests.teacher import fact

FLAG = fact("The flag --enable_fsdp turns on fully sharded data parallelism.", "Training > Flags", "f1")
PLAN = msgspec.structs.replace(
    DEFAULT,
    keep=2,
    rank_offset=0.0,
    gain_weight=1.0,
    nll_penalty=1.0,
    rule_bonus=1.0,
    teacher_bonus=0.0,
    diversity=0.0,
    max_alike=0.75,
)


def candidates(*questions, of=FLAG, **options):
    return [Candidate(fact=of, question=q, sample=n, **options) for n, q in enumerate(questions)]


def scored(*ranked: tuple[str, float], of=FLAG):
    found = candidates(*(question for question, _ in ranked), of=of)
    for candidate, (_, gain) in zip(found, ranked, strict=True):
        candidate.score = Score(gain=gain, question_nll=0.0)
    return found


def reason(question, of=FLAG, **options):
    (found,) = candidates(question, of=of, **options)
    judge_form([found], PLAN)
    return found.reason


@pytest.mark.parametrize(
    "reply",
    ["What is it for?", "Question: What is it for?", ' "What is it for?" ', "\n\nWhat is it for?\nAnswer: nothing"],
)
def test_labels_quotes_and_what_follows_are_cut(reply):
    assert clean(reply) == "What is it for?"


@given(st.text())
def test_any_reply_becomes_one_line(text):
    assert "\n" not in clean(text)


# ---- gates


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("What does the flag --enable_fsdp do?", None),
        ("The flag --enable_fsdp.", "not_a_question"),
        ("What does this flag of the passage do?", "dangling"),
        ("What does the flag --enable_ddp of PyTorch 3 do?", "foreign_name"),
        ("Is --enable_fsdp the only way to turn on fully sharded data parallelism?", "gives_away"),
        ("Does --enable_fsdp turn on data parallelism?", "yes_no"),
        ("Why does the flag --enable_fsdp exist?", "other_form"),
        ("Who turns on --enable_fsdp?", "other_form"),
        ("When is --enable_fsdp on?", "other_form"),
        ("How many flags turn on sharded data parallelism?", "other_form"),
        ("What happens when a garden hose meets --enable_fsdp?", "drifts"),
        ("What garden hose meets --enable_fsdp?", "drifts"),
    ],
)
def test_a_question_that_no_answer_could_save_says_why(question, why):
    assert reason(question) == why


@pytest.mark.parametrize(
    ("says", "question"),
    [
        ("The cache of Aster is off because it costs memory.", "Why is the cache of Aster off?"),
        ("Aster was released in July 2023.", "When was Aster released?"),
        ("The weights of Aster are stored in the models folder.", "Where are the weights of Aster stored?"),
        ("A cluster of Aster has 12 nodes.", "How many nodes does a cluster of Aster have?"),
        ("Aster is maintained by developers in Oslo.", "Who maintains Aster in Oslo?"),
    ],
)
def test_a_question_for_something_is_kept_where_the_fact_holds_something_of_that_kind(says, question):
    assert reason(question, of=fact(says)) is None
    bare = fact("Aster cache weights nodes in Oslo of models: they maintain a released cluster, off.")
    assert reason(question, of=bare) == "other_form"


ROW = fact("NO_SHARD – What is sharded: nothing; Use: same as DDP.", "Training > Sharding", "f2")


@pytest.mark.parametrize(
    ("question", "of", "expected"),
    [
        ("What is sharded in training?", ROW, "in_doubt"),
        ("What is sharded with NO_SHARD?", ROW, None),
        ("What is Redis reading from the disk?", fact("Redis reads its keys from the disk."), "in_doubt"),
        ("What does Redis require?", fact("Redis requires a disk."), "in_doubt"),
    ],
)
def test_a_models_question_is_about_the_facts_row_and_neither_broad_nor_odd(question, of, expected):
    assert reason(question, of=of) == expected
    assert reason(question, of=of, form="rule") is None, "rules see to it themselves"


def test_rules_may_ask_for_yes_or_no_and_in_any_form():
    assert reason("Does --enable_fsdp turn on data parallelism?", form="can") is None
    assert reason("When is data parallelism sharded?", form="when") is None


def test_the_second_of_two_equal_questions_is_dropped_also_of_an_earlier_round():
    found = candidates("What does the flag --enable_fsdp do?", "What does the --enable_fsdp flag do?")
    judge_form(found, PLAN)
    assert [c.reason for c in found] == [None, "same_again"]
    later = candidates("What does the flag --enable_fsdp do?")
    judge_form([*found, *later], PLAN)
    assert later[0].reason == "same_again"


def test_a_question_that_points_outside_gets_its_subject_where_its_place_names_one():
    chunk = Chunk(id="c", document=FLAG.document, source="a.md", heading=[], header="", text="We serve Opal to all.",
                  span=(0, 1), tokens=1)  # fmt: skip
    of = msgspec.structs.replace(FLAG, topic="Opal")
    first, second = candidates("How does the model turn on data parallelism?", "Why do they do so?", of=of)
    judge_form([first, second], PLAN, Places([chunk]))
    assert (first.question, first.reason) == ("How does Opal turn on data parallelism?", None)
    assert second.reason == "dangling"


def test_what_was_judged_is_not_judged_again():
    (one,) = candidates("What does the flag --enable_fsdp do?")
    judge_form([one], PLAN)
    judge_form([one], PLAN)
    assert one.reason is None


# ---- choice


def test_the_best_are_kept_the_others_say_why():
    found = scored(
        ("What does the flag --enable_fsdp do?", 2.0),
        ("What exactly does the flag --enable_fsdp do?", 1.5),
        ("Which flag turns on sharding?", 1.0),
        ("Why use the flag at all here?", 0.5),
    )
    choose(found, PLAN)
    assert [c.reason for c in found] == [None, "too_alike", None, "outranked"]


def test_with_a_price_on_likeness_a_different_question_goes_before_a_better_one():
    ranked = [
        ("What does the flag --enable_fsdp do?", 2.0),
        ("What can the flag --enable_fsdp do here?", 1.9),
        ("Which parallelism is sharded fully?", 1.2),
    ]
    alike = msgspec.structs.replace(PLAN, max_alike=1.0)
    plain, varied = scored(*ranked), scored(*ranked)
    choose(plain, alike)
    choose(varied, msgspec.structs.replace(alike, diversity=2.0))
    assert [c.reason for c in plain] == [None, None, "outranked"]
    assert [c.reason for c in varied] == [None, "outranked", None]


def test_the_choice_is_the_same_in_whatever_order_the_candidates_come():
    ranked = [(f"What does {word} of --enable_fsdp do?", 1.0) for word in ("data", "flag", "sharded", "turn", "on")]
    plan = msgspec.structs.replace(PLAN, max_alike=1.0, diversity=1.0)
    forth, back = scored(*ranked), scored(*reversed(ranked))
    choose(forth, plan)
    choose(back, plan)
    assert {c.question for c in forth if not c.reason} == {c.question for c in back if not c.reason}


def test_what_nobody_would_ask_is_marked_down():
    odd, plain = candidates("Does the sharding flag sing to whales?", "What does the flag --enable_fsdp do?")
    odd.score, plain.score = Score(gain=1.0, question_nll=5.0), Score(gain=0.8, question_nll=1.0)
    choose([odd, plain], msgspec.structs.replace(PLAN, keep=1))
    assert odd.reason == "outranked" and plain.reason is None


def test_a_rule_keeps_the_sense_and_goes_before():
    model, rule = candidates("What does --enable_fsdp turn on?", "What does the flag --enable_fsdp do?")
    rule.form = "purpose"
    model.score = rule.score = Score(gain=1.0, question_nll=1.0)
    choose([model, rule], msgspec.structs.replace(PLAN, keep=1))
    assert rule.reason is None and model.reason == "outranked"


def test_what_was_outranked_runs_again_when_more_is_known_and_other_reasons_stay():
    found = scored(("What does the flag --enable_fsdp do?", 2.0), ("Which flag turns on sharding?", 1.0))
    found += scored(("What is on?", 9.0))
    found[2].reason = "drifts"
    one = msgspec.structs.replace(PLAN, keep=1)
    select(found, one)
    assert [c.reason for c in found] == [None, "outranked", "drifts"]
    found += scored(("How is data parallelism sharded?", 3.0))
    select(found, one)
    assert [c.reason for c in found] == ["outranked", "outranked", "drifts", None]
    select(found, msgspec.structs.replace(PLAN, keep=3))
    assert [c.reason for c in found] == [None, None, "drifts", None]


ANY = st.lists(
    st.tuples(
        st.sampled_from("what how which flag turns on sharding data the of --enable_fsdp fully 8".split()).flatmap(
            lambda first: st.lists(st.sampled_from("flag data shard of the on 8 turns".split()), max_size=5).map(
                lambda rest: " ".join([first, *rest]) + "?"
            )
        )
        | st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip),
        st.floats(-10, 10),
        st.sampled_from(["model", "what"]),
        st.sampled_from(["f1", "f2", "f3"]),
    ),
    max_size=12,
)


@given(ANY, st.integers(1, 4), st.floats(0, 5), st.floats(0, 1))
def test_for_any_candidates_at_most_so_many_are_kept_and_every_other_one_says_why(drawn, keep, diversity, alike):
    plan = msgspec.structs.replace(PLAN, keep=keep, diversity=diversity, max_alike=alike)
    found = []
    for number, (question, gain, form, identity) in enumerate(drawn):
        of = fact(FLAG.quote, FLAG.topic, identity)
        found.append(Candidate(fact=of, question=question, sample=number, form=form))
        found[-1].score = Score(gain=gain, question_nll=1.0)
    judge_form(found, plan)
    judged = {id(c): c.reason for c in found if c.reason}
    select(found, plan)
    kept = Counter(c.fact.id for c in found if c.reason is None)
    assert all(count <= keep for count in kept.values())
    assert all(judged.get(id(c), c.reason) == c.reason for c in found), "the gates' reasons stay"
    assert {c.reason for c in found if id(c) not in judged} <= {None, "outranked", "too_alike"}
    assert kept.keys() == {c.fact.id for c in found if id(c) not in judged}, "one at least where any is usable"


# ---- requests

EXAMPLES = [
    Example(
        id=f"e{n:02}", topic=f"T{n}", answer=f"Thing {n} has {n} parts.", question=f"What has {n} parts?", form=form
    )
    for n, form in enumerate(["what", "how", "which", "when"] * 5)
]
ASKER = Asker(teacher=Model(name="m", revision="1"), prompt=Prompt("answer_first"), examples=EXAMPLES)


@pytest.mark.parametrize("samples", [1, 2, 3, 4, 9])
@pytest.mark.parametrize("by", ["shared", "near"])
def test_no_two_requests_of_a_fact_are_the_same_in_any_round(samples, by):
    plan = msgspec.structs.replace(PLAN, samples=samples, shots=2, shots_by=by)
    made = [request for again in range(3) for _, _, request in requests([FLAG], ASKER, plan, again)]
    drawn = {msgspec.json.encode([r.messages, r.temperature, r.seed + r.sample]) for r in made}
    assert len(made) == len(drawn) == 3 * samples


def test_asked_again_it_is_hotter_up_to_a_limit():
    plan = msgspec.structs.replace(PLAN, temperature=1.7)
    assert [requests([FLAG], ASKER, plan, again)[0][2].temperature for again in range(4)] == [1.7, 1.9, 2.0, 2.0]


def test_a_taught_writer_is_asked_without_examples():
    taught = Asker(teacher=ASKER.teacher, prompt=ASKER.prompt)
    assert {len(request.messages) for _, _, request in requests([FLAG], taught, PLAN)} == {2}
    assert {len(request.messages) for _, _, request in requests([FLAG], ASKER, PLAN)} == {2 + 2 * PLAN.shots}
