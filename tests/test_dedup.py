"""Dedup: one pair of each cluster stays, the best one; disagreement is shown."""

import json
import sys

import msgspec
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages.curation import people
from stages.curation.repetition import Cluster
from stages.dedup import Conflict, main
from stages.records import Decision, Pair

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


def test_what_another_method_drops_and_the_guard_would_keep_is_counted(tmp_path):
    pairs = [pair(str(i), question) for i, question in enumerate([*QUESTIONS[:2], *QUESTIONS[3:5]])]
    kept, _ = run(tmp_path, pairs, "--method", "thefuzz")
    metrics = json.loads((tmp_path / "metrics" / "dedup.json").read_text())
    assert len(kept) == 2 and (metrics["guard_would_keep"], metrics["merged"], metrics["clusters"]) == (1, 2, 2)


def test_more_of_a_cluster_stay_if_asked_for_or_all_at_a_lower_weight(tmp_path):
    pairs = [pair(str(i), question, gain=i) for i, question in enumerate(QUESTIONS[:3])]
    assert [p.id for p in run(tmp_path / "two", pairs, "--keep-per-cluster", "2")[0]] == ["1", "2"]
    kept, rejected = run(tmp_path / "all", pairs, "--surplus", "down-weight")
    assert [(p.weight, p.cluster) for p in kept] == [(0.333333, "2")] * 3 and rejected == []


def test_what_the_removal_costs_is_written(tmp_path):
    run(tmp_path, [pair("a", QUESTIONS[0]), pair("b", QUESTIONS[2], facts=["f", "g"], gain=0), pair("c", QUESTIONS[3])])
    [cluster] = disk.read(tmp_path / "out" / "clusters.jsonl", Cluster)
    assert [(one.id, one.kept) for one in cluster.pairs] == [("a", True), ("b", False)] and cluster.carried == ["g"]
    assert (tmp_path / "out" / "review.jsonl").read_bytes() == b""


def test_accepted_pairs_stay_beside_each_other(tmp_path):
    accepted = Decision(kept=True, reason=people.note(people.Ruling(id="a", decision="accept", who="ann")))
    pairs = [msgspec.structs.replace(pair(name, QUESTIONS[0]), decision=accepted) for name in ("a", "b")]
    kept, rejected = run(tmp_path, [*pairs, pair("c", QUESTIONS[1], gain=9)])
    assert [p.id for p in kept] == ["a", "b"] and [(r.id, r.value) for r in rejected] == [("c", "a")]


def test_what_is_not_installed_or_no_encoder_is_said_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "recordlinkage", None)
    disk.write(tmp_path / "in.jsonl", [pair("a", QUESTIONS[0])])
    args = [str(tmp_path / name) for name in ("in.jsonl", "out", "dedup.json")]
    for option, said in (("--method=recordlinkage", "[linkage]"), ("--semantic=embedded", "config.json")):
        result = CliRunner().invoke(main, [*args, option])
        assert result.exit_code == 1 and said in result.output and result.output.count("\n") == 1


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
