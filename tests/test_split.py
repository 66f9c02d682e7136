"""Split: facts are never parted, old groups never move, and what the FAQ asks is not trained."""

import json

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages.quality import leaks
from stages.records import Evidence, Pair
from stages.split import draw, grouped, main

FAQ = '{"id": "q1", "question": "How many GPUs are needed to fine-tune the 70B model?", "answer": "Eight."}\n'


def pair(identity, question=None, facts=None, quote=None, cluster=None):
    evidence = [Evidence(document="d", quote=quote, span=(0, 1))] if quote else []
    asked = question or f"What does option number {identity} change in trainer {identity}?"
    return Pair(
        id=identity, question=asked, answer="a", facts=facts or [f"fact-{identity}"], evidence=evidence,
        cluster=cluster, source="s", origin="generated",
    )  # fmt: skip


def run(folder, pairs, faq="", *options):
    disk.write(folder / "in.jsonl", pairs)
    (folder / "faq.jsonl").write_text(faq)
    args = [str(folder / name) for name in ("in.jsonl", "faq.jsonl", "out", "metrics/split.json")]
    result = CliRunner().invoke(main, [*args, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "metrics" / "split.json").read_text())
    assert metrics["in"] == len(pairs) == metrics["kept"] + sum(metrics["rejected"].values())
    sets = {name: disk.read(folder / "out" / f"{name}.jsonl", Pair) for name in ("train", "reworded", "held_out")}
    assert all(p.split == name for name, members in sets.items() for p in members)
    return sets, disk.read(folder / "out" / "rejected.jsonl", records.Reject)


def many(count, wordings=2):
    return [
        pair(f"{i}-{j}", facts=[f"fact-{i}"], quote=f"Sentence {i}.") for i in range(count) for j in range(wordings)
    ]


def test_held_out_facts_are_whole_and_reworded_facts_are_trained(tmp_path):
    sets, rejected = run(tmp_path, many(60, 3))
    trained = {fact for p in sets["train"] for fact in p.facts}
    assert 0 < len({f for p in sets["held_out"] for f in p.facts}) < 20
    assert not trained & {fact for p in sets["held_out"] for fact in p.facts}
    assert {fact for p in sets["reworded"] for fact in p.facts} <= trained
    assert len(sets["reworded"]) == len(trained) and rejected == []


def test_the_cap_leaves_the_surplus_in_train(tmp_path):
    sets, _ = run(tmp_path, many(30), "", "--reworded-max", "4", "--held-out", "0")
    assert (len(sets["reworded"]), len(sets["train"])) == (4, 56)


def test_a_group_of_one_pair_is_trained(tmp_path):
    sets, _ = run(tmp_path, many(10, 1), "", "--held-out", "0")
    assert len(sets["train"]) == 10 and sets["reworded"] == []


def test_faq_leaks_are_removed_and_reported(tmp_path):
    planted = [
        pair("x1", "how many gpus are needed to fine-tune the 70b model"),
        pair("x2", "Could you tell me how many GPUs are needed to fine-tune the 70B model?"),
        pair("x3", "How many GPUs are needed to fine-tune the 13B model?"),
    ]
    sets, rejected = run(tmp_path, [*many(5), *planted], FAQ, "--held-out", "0")
    assert [(r.id, r.reason, r.value) for r in rejected] == [("x1", "leak_faq", "q1"), ("x2", "leak_faq", "q1")]
    report = json.loads((tmp_path / "out" / "contamination.json").read_text())
    assert (
        report["faq"]["leaked"] == 1 and report["faq"]["rows_removed"] == 2 and report["faq"]["kinds"] == {"exact": 2}
    )
    assert report["faq"]["examples"][0]["item"] == "q1"


def test_a_trained_question_that_asks_what_a_held_out_one_asks_is_removed(tmp_path):
    groups = {p.id: p for p in grouped(many(40, 1))}
    held = draw(list(groups.values()), 0.3, 0, 0)["held_out"][0]
    pairs = [*many(40, 1)]
    free = next(i for i in range(99) if not draw(grouped([pair(f"t{i}", facts=[f"t{i}"])]), 0.3, 0, 0)["held_out"])
    leak = pair(f"t{free}", held.question.upper(), facts=[f"t{free}"])
    _, rejected = run(tmp_path, [*pairs, leak], "", "--held-out", "0.3")
    assert [(r.id, r.reason, r.value) for r in rejected] == [(leak.id, "leak_eval", held.id)]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 15), st.integers(0, 6), st.integers(0, 6)), max_size=25),
    st.integers(0, 5),
    st.floats(0, 1),
)
def test_a_split_never_parts_a_held_out_fact_cluster_or_sentence(drawn, seed, share):
    pairs = [
        pair(str(i), facts=[f"f{fact}"], quote=f"Sentence {quote}.", cluster=f"c{i}" if cluster < 5 else "c")
        for i, (fact, quote, cluster) in enumerate(drawn)
    ]
    sets = draw(grouped(pairs), share, 120, seed)
    assert sum(map(len, sets.values())) == len(pairs)

    def traits(members):
        return {t for p in members for t in [*p.facts, p.cluster, *(e.quote for e in p.evidence)]}

    assert not traits(sets["held_out"]) & traits(sets["train"] + sets["reworded"])
    assert {f for p in sets["reworded"] for f in p.facts} <= {f for p in sets["train"] for f in p.facts}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 40)), st.sets(st.integers(41, 80)), st.integers(0, 5))
def test_new_documents_move_no_old_group(old, new, seed):
    def places(numbers):
        pairs = grouped([pair(f"{i}-{j}", facts=[f"f{i}"]) for i in numbers for j in range(2)])
        sets = draw(pairs, 0.3, 1000, seed)
        return {p.id: name for name, members in sets.items() for p in members}

    before, after = places(old), places(old | new)
    assert {identity: after[identity] for identity in before} == before


@given(st.lists(st.text(), max_size=5))
def test_decontamination_against_nothing_removes_nothing(questions):
    assert leaks.contamination(questions, [])[0] == {}
