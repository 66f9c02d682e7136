"""Augment: children know their parent, pass its gates, and never ask what an evaluation item asks."""

import json
import subprocess
import sys

import msgspec
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages.augment import DEFAULT, main
from stages.augmenting import written
from stages.records import Pair
from tests.augmenting.family import CHUNKS, FACTS, PAIRS

KEEP = ("terse", "polite", "casual", "reordered", "restated", "reversed", "followup")  # the parent's answer


def arguments(folder, train, evaluated=(), faq="", held_out=()):
    disk.write(folder / "split" / "train.jsonl", train)
    disk.write(folder / "split" / "reworded.jsonl", evaluated)
    disk.write(folder / "split" / "held_out.jsonl", held_out)
    disk.write(folder / "chunk" / "facts.jsonl", FACTS)
    disk.write(folder / "chunk" / "chunks.jsonl", CHUNKS)
    (folder / "faq.jsonl").write_text(faq)
    names = ("split", "chunk", "faq.jsonl", "teach", "out", "replies/augment.jsonl", "metrics/augment.json")
    beside = ("--evaluation", str(folder / "evaluation"), "--wordings", str(folder / "wordings.jsonl"))
    return [*(str(folder / name) for name in names), *beside, "--share", "1"]


def run(folder, train, evaluated=(), *options, faq="", held_out=()):
    given = arguments(folder, train, evaluated, faq, held_out)
    result = CliRunner().invoke(main, [*given, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "metrics" / "augment.json").read_text())
    assert metrics["in"] == metrics["kept"] + sum(metrics["rejected"].values())
    assert all(of["made"] == of["kept"] + sum(of["rejected"].values()) for of in metrics["yields"].values())
    kept = disk.read(folder / "out" / "pairs.jsonl", Pair)
    children = [one for one in kept if one.id.startswith("p-") is False]
    assert metrics["children"] == {form: sum(one.form == form for one in children) for form in metrics["yields"]}
    return kept, disk.read(folder / "out" / "rejected.jsonl", records.Reject)


def children(kept, form=None):
    return [one for one in kept if not one.id.startswith("p-") and form in (None, one.form)]


@settings(max_examples=25, deadline=None)
@given(
    st.sets(st.sampled_from(PAIRS).map(lambda one: one.id)),
    st.integers(0, 10),
    st.integers(0, 3),
    st.sets(st.sampled_from(DEFAULT), min_size=1),
)
def test_every_row_reaches_its_parent_and_stands_on_facts_of_training(tmp_path_factory, chosen, per_pair, seed, forms):
    folder = tmp_path_factory.mktemp("augment")
    train = [one for one in PAIRS if one.id in chosen]
    options = [word for form in sorted(forms) for word in ("--forms", form)]
    kept, _ = run(folder, train, (), "--per-pair", str(per_pair), "--seed", str(seed), *options)
    parents = {one.id: one for one in kept if one.parent is None}
    assert set(parents) == chosen
    trained = {fact: one for one in train for fact in one.facts}
    for child in children(kept):
        parent = parents[child.parent]
        assert child.origin == "paraphrase" and child.form in forms and child.split == "train"
        assert child.question != parent.question and child.facts[0] == parent.facts[0]
        assert set(child.facts) <= set(trained) and child.evidence[: len(parent.evidence)] == parent.evidence
        if child.form in KEEP:
            assert (child.answer, child.facts) == (parent.answer, parent.facts)
        else:
            assert len(child.facts) == 2 and len(child.answer.split()) <= 60
        if child.form == "followup":
            asked, said = child.turns
            assert (asked.role, said.role) == ("user", "assistant")
            assert (asked.content, said.content) in {(one.question, one.answer) for one in train}
        else:
            assert child.turns == []
    for parent in train:
        own = [one for one in children(kept) if one.parent == parent.id]
        assert len(own) <= per_pair
        texts = [" ".join(one.question.casefold().split()) for one in own if not one.turns]
        assert len(set(texts)) == len(texts) and len({one.form for one in own}) == len(own)


def test_every_form_made_by_rule_is_made_and_right(tmp_path):
    kept, _ = run(tmp_path, PAIRS, (), "--per-pair", "9")
    asked = {form: {one.question for one in children(kept, form)} for form in DEFAULT}
    assert "what should i do if the battery of opal is hot" in asked["casual"]
    assert "Could you tell me what the weight of Opal 7 is?" in asked["polite"]
    assert "where log Opal stored" in asked["terse"]
    assert "If the battery of Opal is hot, what should I do?" in asked["reordered"]
    assert "What is the purpose of Opal?" in asked["restated"]
    assert {"Which flag turns off the beeper of Opal 7?", "Which model has a weight of 12 kg?"} <= asked["reversed"]
    assert any(question.endswith("bout Opal 13?") for question in asked["followup"])
    assert "How do Opal 7 and Opal 13 compare on Weight?" in asked["comparison"]
    assert any(question.startswith("What is Opal, and ") for question in asked["composed"])


def test_the_same_seed_makes_the_same_bytes_and_another_one_others(tmp_path):
    for name, seed in (("a", "0"), ("b", "0"), ("c", "1")):
        run(tmp_path / name, PAIRS[:: 1 if name != "b" else -1], (), "--seed", seed)
    read = [(tmp_path / name / "out" / "pairs.jsonl").read_bytes() for name in "abc"]
    assert read[0] == read[1] != read[2]


def test_a_child_that_asks_what_an_evaluation_item_asks_is_rejected_with_the_item(tmp_path):
    evaluated = [msgspec.structs.replace(PAIRS[6], id="e", question="What weight does Opal 7 have?", split="reworded")]
    kept, rejected = run(tmp_path / "a", PAIRS[6:7], evaluated, "--forms", "restated")
    assert children(kept) == [] and [(r.reason, r.value) for r in rejected] == []
    item = {"id": "q1", "question": "If the battery of Opal is hot, what should I do?", "answer": "Wait."}
    kept, rejected = run(tmp_path / "b", PAIRS[8:9], (), "--forms", "reordered", faq=json.dumps(item) + "\n")
    assert children(kept) == [] and [(r.reason, r.value) for r in rejected] == [("leak_eval", "faq q1, exact")]
    (tmp_path / "c" / "evaluation").mkdir(parents=True)
    (tmp_path / "c" / "evaluation" / "exam.csv").write_text("question\nWhat is the purpose of Opal?\n")
    kept, rejected = run(tmp_path / "c", PAIRS[3:4], (), "--forms", "restated")
    assert children(kept) == [] and [(r.reason, r.value) for r in rejected] == [("leak_eval", "exam 1, exact")]


def test_a_form_that_fails_a_gate_gives_way_to_the_next_one(tmp_path):
    item = {"id": "q1", "question": "If the battery of Opal is hot, what should I do?", "answer": "Wait."}
    forms = ("--forms", "reordered", "--forms", "terse")
    kept, _ = run(tmp_path, PAIRS[8:9], (), *forms, faq=json.dumps(item) + "\n")
    assert [one.form for one in children(kept)] == ["terse"]


def test_a_child_that_fits_two_answers_is_rejected(tmp_path):
    other = msgspec.structs.replace(PAIRS[9], id="p-x", question="Opal mow rain?", answer="Opal mows in the rain.")
    kept, rejected = run(tmp_path, [PAIRS[9], other], (), "--forms", "terse")
    assert children(kept) == [] and {r.reason for r in rejected} <= {"ambiguous", "already_asked"} and rejected


def test_only_the_asked_share_of_the_pairs_gets_children(tmp_path):
    train = [
        msgspec.structs.replace(PAIRS[1], id=f"p-{i}", question=f"What does the flag --dry-run-{i} do?")
        for i in range(60)
    ]
    options = ("--forms", "casual", "--forms", "polite", "--min-coverage", "0")
    args = [*arguments(tmp_path, train), "--share", "0.3", *options]
    assert CliRunner().invoke(main, args, catch_exceptions=False).exit_code == 0
    rejected = disk.read(tmp_path / "out" / "rejected.jsonl", records.Reject)
    drawn = {one.record["parent"] for one in rejected} | {
        one.parent for one in children(disk.read(tmp_path / "out" / "pairs.jsonl", Pair))
    }
    assert 6 <= len(drawn) <= 32
    assert len(run(tmp_path / "none", train, (), "--share", "0")[0]) == 60


def test_without_paraphrases_no_model_is_loaded_and_the_ledger_is_empty(tmp_path):
    args = arguments(tmp_path, PAIRS)
    code = f"import sys; from stages.augment import main; main({args!r}, standalone_mode=False); " \
           "assert not {'torch', 'transformers', 'openai', 'xllamacpp'} & set(sys.modules)"  # fmt: skip
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert (tmp_path / "replies" / "augment.jsonl").read_bytes() == b""


def test_a_teacher_and_an_endpoint_that_do_not_fit_are_told_in_one_line(tmp_path):
    options = ("--forms", "paraphrase", "--model", "big", "--endpoint", "embedded")
    result = CliRunner().invoke(main, [*arguments(tmp_path, PAIRS), *options])
    assert result.exit_code == 1 and "set both" in result.output and "Traceback" not in result.output


def wordings(folder, *asked):
    """Write (question, quote) as wordings of the document "s"."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [{"id": f"w{i}", "question": q, "document": "s", "quote": quote} for i, (q, quote) in enumerate(asked)]
    (folder / "wordings.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))


def test_what_people_ask_is_trained_with_the_answer_of_its_fact_beside_the_drawn_forms(tmp_path):
    wordings(tmp_path, ("We are outdoors all year, and it is pouring. Will it mow?", PAIRS[9].answer),
             ("Beeper off how?", "The flag --quiet   turns off\nthe beeper"))  # fmt: skip
    kept, rejected = run(tmp_path, PAIRS, (), "--forms", "casual", "--per-pair", "0")
    asked = {one.question: one for one in children(kept, "written")}
    assert len(asked) == 2 == len(children(kept)) and rejected == []
    rain, beeper = asked["We are outdoors all year, and it is pouring. Will it mow?"], asked["Beeper off how?"]
    assert (rain.parent, rain.answer, rain.facts) == ("p-f9", PAIRS[9].answer, ["f9"])
    assert (beeper.parent, beeper.origin, beeper.split) == ("p-f2", "paraphrase", "train")


def test_what_people_ask_never_trains_a_held_out_fact_or_an_evaluation_item(tmp_path):
    item = {"id": "q1", "question": "Will Opal mow when it rains?", "answer": "Yes."}
    wordings(tmp_path, ("Will Opal mow when it rains?", PAIRS[9].answer), ("Which sensor at night?", PAIRS[10].answer),
             ("What is a gate?", "A gate is a door in a fence."), ("Rain, can Opal take it?", PAIRS[9].answer),
             ("Opal in rain?", PAIRS[9].answer))  # fmt: skip
    held_out = [msgspec.structs.replace(PAIRS[10], split="held_out")]
    options = ("--written", "2", "--per-pair", "0")
    kept, rejected = run(tmp_path, PAIRS[:10], (), *options, faq=json.dumps(item) + "\n", held_out=held_out)
    assert [one.question for one in children(kept)] == ["Rain, can Opal take it?"]
    assert {r.record["question"]: (r.reason, r.value) for r in rejected} == {
        "Will Opal mow when it rains?": ("leak_eval", "faq q1, exact"),
        "Which sensor at night?": ("held_out", PAIRS[10].answer),
        "What is a gate?": ("no_such_fact", "A gate is a door in a fence."),
        "Opal in rain?": ("over_written_cap", 2),
    }


def test_a_fact_of_which_no_pair_is_left_comes_to_training_by_what_people_ask(tmp_path):
    rain = FACTS[9]
    others = [pair for pair in PAIRS if pair.facts != ["f9"]]
    wordings(tmp_path, ("It is pouring. Will it mow?", rain.quote), ("Rain, can Opal take it?", rain.quote),
             ("Opal in rain?", rain.quote))  # fmt: skip
    kept, rejected = run(tmp_path, others, (), "--written", "2", "--per-pair", "0")
    new = [one for one in kept if one.facts == ["f9"]]
    assert {one.question for one in new} == {"It is pouring. Will it mow?", "Rain, can Opal take it?"}
    for one in new:
        assert (one.answer, one.origin, one.form, one.parent, one.split) == (
            rain.says,
            "seed",
            "written",
            None,
            "train",
        )
        assert [each.quote for each in one.evidence][:1] == [rain.quote]
    assert [r.reason for r in rejected] == ["over_written_cap"]


def test_a_fact_that_says_what_a_held_out_one_says_is_not_trained_by_them():
    night = FACTS[10]
    same = msgspec.structs.replace(night, id="fz", source="t", document="e")
    asked = written.Wording(id="w", question="Which sensor at night?", document="t", quote=night.quote)
    made, lost = written.children([asked], PAIRS[:9], [*FACTS, same], [PAIRS[10]], 3)
    assert made == [] and [why for _, why, _ in lost] == ["held_out"]
    made, lost = written.children([asked], PAIRS[:9], [*FACTS, same], [], 3)
    assert [one.facts for one, _ in made] == [["fz"]] and lost == []


def test_a_document_that_is_held_out_as_a_whole_is_not_trained_by_them():
    rain = FACTS[9]
    asked = written.Wording(id="w", question="Rain?", document="s", quote=rain.quote)
    elsewhere = [msgspec.structs.replace(pair, source="t") for pair in PAIRS[:9]]
    made, lost = written.children([asked], elsewhere, FACTS, [PAIRS[10]], 3)
    assert made == [] and [why for _, why, _ in lost] == ["held_out"]
    made, _ = written.children([asked], PAIRS[:9], FACTS, [PAIRS[10]], 3)
    assert [one.facts for one, _ in made] == [[rain.id]]


def test_a_quote_of_several_facts_trains_none_of_them_and_a_whole_one_is_its_own_fact(tmp_path):
    wordings(tmp_path, ("How heavy?", "Licence: MIT."), ("In snow?", "Opal can mow in the rain"),
             ("In rain?", "Opal can mow"), ("Weight of the small one?", "| Opal 7 | 12 kg | MIT |"))  # fmt: skip
    facts = [*FACTS, msgspec.structs.replace(FACTS[9], id="fx", quote="Opal can mow")]
    made, lost = written.children(written.read(tmp_path / "wordings.jsonl"), PAIRS, facts, (), 3)
    assert [(one.question, one.facts) for one, _ in made] == [
        ("In snow?", ["f9"]),
        ("In rain?", ["fx"]),
        ("Weight of the small one?", ["f6"]),
    ]
    assert [(one.question, why) for one, why, _ in lost] == [("How heavy?", "no_such_fact")]
    twice = [*facts, msgspec.structs.replace(FACTS[9], id="fy")]
    _, lost = written.children(written.read(tmp_path / "wordings.jsonl"), PAIRS, twice, (), 3)
    assert ("In snow?", "several_facts") in [(one.question, why) for one, why, _ in lost]


def test_a_question_that_two_people_wrote_is_trained_once_and_none_of_them_if_none_are_asked_for(tmp_path):
    wordings(tmp_path, ("Rain, can Opal take it?", PAIRS[9].answer), ("rain, can  Opal take it?", PAIRS[9].answer))
    kept, rejected = run(tmp_path, PAIRS, (), "--per-pair", "0")
    assert len(children(kept)) == 1 and [r.reason for r in rejected] == ["already_asked"]
    assert children(run(tmp_path, PAIRS, (), "--per-pair", "0", "--written", "0")[0]) == []


def test_a_wording_that_says_too_little_is_told_with_its_line(tmp_path):
    for broken, told in (({"quote": " "}, "no quote"), ({"id": "w0"}, "an id that another line has")):
        wordings(tmp_path, ("Rain?", PAIRS[9].answer))
        line = {"id": "w1", "question": "Snow?", "document": "s", "quote": PAIRS[9].answer} | broken
        with (tmp_path / "wordings.jsonl").open("a") as file:
            file.write(json.dumps(line) + "\n")
        result = CliRunner().invoke(main, arguments(tmp_path, PAIRS))
        assert result.exit_code == 1 and "line 2" in result.output and told in result.output
