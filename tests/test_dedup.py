"""Dedup: one pair of each cluster stays, the best one; disagreement is shown."""

import json

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages.dedup import Conflict, main
from stages.records import Pair

QUESTIONS = [
    "What is the context length of Llama 2?",
    "what is the context length of llama 2",
    "Could you tell me what the context length of Llama 2 is?",
    "How much memory does Llama 2 7B need?",
    "How much memory does Llama 2 13B need?",
    "How much memory does Llama 2 13B currently need?",
    "Can quantisation be used without a GPU?",
    "Can quantisation be used with a GPU?",
]


def pair(identity, question, answer="It is 4096 tokens.", gain=1.0, origin="generated", facts=("f",)):
    return Pair(
        id=identity,
        question=question,
        answer=answer,
        facts=list(facts),
        source="s",
        origin=origin,
        scores={"gain": gain},
    )


def run(folder, pairs, *options):
    disk.write(folder / "in.jsonl", pairs)
    args = [str(folder / "in.jsonl"), str(folder / "out"), str(folder / "metrics" / "dedup.json"), *options]
    result = CliRunner().invoke(main, args, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "metrics" / "dedup.json").read_text())
    assert metrics["in"] == metrics["kept"] + sum(metrics["rejected"].values())
    return disk.read(folder / "out" / "pairs.jsonl", Pair), disk.read(folder / "out" / "rejected.jsonl", records.Reject)


def test_the_pair_with_the_highest_gain_is_kept_and_named(tmp_path):
    kept, rejected = run(tmp_path, [pair("a", QUESTIONS[0], gain=1), pair("b", QUESTIONS[1], gain=2, facts=["g"])])
    assert [(p.id, p.cluster, p.facts) for p in kept] == [("b", "b", ["g", "f"])]
    assert [(r.id, r.reason, r.value) for r in rejected] == [("a", "near_duplicate", "b")]


def test_what_a_person_wrote_wins(tmp_path):
    kept, _ = run(tmp_path, [pair("a", QUESTIONS[0], origin="seed", gain=0), pair("b", QUESTIONS[1], gain=9)])
    assert [p.id for p in kept] == ["a"]


def test_disagreeing_answers_are_a_conflict(tmp_path):
    kept, rejected = run(tmp_path, [pair("a", QUESTIONS[0]), pair("b", QUESTIONS[1], answer="It is 2048 tokens.")])
    assert [p.id for p in kept] == ["a"] and [r.reason for r in rejected] == ["conflict"]
    conflicts = disk.read(tmp_path / "out" / "conflicts.jsonl", Conflict)
    assert [[p.id for p in conflict.pairs] for conflict in conflicts] == [["a", "b"]]


def test_sizes_and_negations_are_never_merged_by_the_guard_but_are_by_a_threshold(tmp_path):
    pairs = [pair(str(i), question) for i, question in enumerate(QUESTIONS[3:5] + QUESTIONS[6:])]
    assert len(run(tmp_path / "guard", pairs)[0]) == 4
    assert len(run(tmp_path / "thefuzz", pairs, "--method", "thefuzz")[0]) < 4


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(QUESTIONS), st.integers(0, 3)), max_size=10), st.randoms())
def test_dedup_is_idempotent_and_independent_of_the_order(tmp_path_factory, drawn, random):
    folder = tmp_path_factory.mktemp("dedup")
    pairs = [pair(f"p{i}", question, gain=gain) for i, (question, gain) in enumerate(drawn)]
    kept, _ = run(folder / "a", pairs)
    assert run(folder / "b", kept) == (kept, [])
    turned = pairs[:]
    random.shuffle(turned)
    (folder / "c").mkdir()
    (folder / "c" / "in.jsonl").write_bytes(b"".join(disk.lines([p]) for p in turned))
    args = [str(folder / "c" / name) for name in ("in.jsonl", "out", "dedup.json")]
    CliRunner().invoke(main, args, catch_exceptions=False)
    assert disk.read(folder / "c" / "out" / "pairs.jsonl", Pair) == kept
