"""Augment: children know their parent, and never ask what an evaluation item asks."""

import json

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages.augment import main
from stages.records import Pair

QUESTIONS = [
    "What is the context length of Llama 2?",
    "How do I download the Llama 2 weights?",
    "Which flag turns on the AuditNLG safety checker?",
    "What are the three benefits of quantisation?",
    "How many GPUs are needed to tune the 70B model?",
    "Is Llama 2 free for commercial use?",
]


def pair(identity, question, answer=None, split="train"):
    return Pair(
        id=identity, question=question, answer=answer or f"answer {identity}", facts=[f"f{identity}"], source="s",
        origin="generated", split=split,
    )  # fmt: skip


def run(folder, train, evaluated=(), *options):
    disk.write(folder / "split" / "train.jsonl", train)
    disk.write(folder / "split" / "reworded.jsonl", evaluated)
    disk.write(folder / "split" / "held_out.jsonl", [])
    args = [str(folder / name) for name in ("split", "out", "metrics/augment.json")]
    result = CliRunner().invoke(main, [*args, "--share", "1", *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "metrics" / "augment.json").read_text())
    assert metrics["in"] == metrics["kept"] + sum(metrics["rejected"].values())
    return disk.read(folder / "out" / "pairs.jsonl", Pair), disk.read(folder / "out" / "rejected.jsonl", records.Reject)


@settings(max_examples=15, deadline=None)
@given(st.sets(st.sampled_from(QUESTIONS)), st.integers(0, 3), st.integers(0, 3))
def test_every_child_reaches_its_parent_and_keeps_its_answer(tmp_path_factory, questions, per_pair, seed):
    folder = tmp_path_factory.mktemp("augment")
    train = [pair(str(i), question) for i, question in enumerate(sorted(questions))]
    kept, _ = run(folder, train, (), "--per-pair", str(per_pair), "--seed", str(seed))
    parents = {p.id: p for p in kept if p.parent is None}
    assert set(parents) == {p.id for p in train}
    for child in (p for p in kept if p.parent):
        parent = parents[child.parent]
        assert (child.answer, child.facts, child.split) == (parent.answer, parent.facts, "train")
        assert child.origin == "paraphrase" and child.form in ("terse", "polite", "casual")
        assert child.question != parent.question
    assert len(kept) <= len(train) * (1 + per_pair)


def test_the_same_seed_makes_the_same_children(tmp_path):
    train = [pair(str(i), question) for i, question in enumerate(QUESTIONS)]
    first, _ = run(tmp_path / "a", train)
    assert first == run(tmp_path / "b", train)[0] and len(first) == 12
    assert first != run(tmp_path / "c", train, (), "--seed", "1")[0]


def test_a_child_that_asks_what_an_evaluation_item_asks_is_rejected(tmp_path):
    evaluated = [pair("e", "Could I download the Llama 2 weights, how?", split="reworded")]
    kept, rejected = run(tmp_path, [pair("1", QUESTIONS[1])], evaluated, "--forms", "polite")
    assert len(kept) == 1 and [r.reason for r in rejected] == ["leak_eval"]
    assert rejected[0].value == "1"


def test_a_child_that_fits_two_answers_is_rejected(tmp_path):
    train = [pair("1", "What does quantisation save in memory?"), pair("2", "Does quantisation save memory?")]
    train.append(pair("3", "Quantisation save memory?"))
    kept, rejected = run(tmp_path, train[1:], (), "--forms", "terse")
    assert {r.reason for r in rejected} <= {"ambiguous", "already_asked"} and rejected


def test_only_the_asked_share_of_the_pairs_gets_children(tmp_path):
    train = [pair(str(i), f"What does the flag --option-{i} switch on?") for i in range(60)]
    kept, _ = run(tmp_path, train, (), "--share", "0.3")
    assert 60 + 6 <= len(kept) <= 60 + 32
    assert len(run(tmp_path / "none", train, (), "--share", "0")[0]) == 60
