"""Split: facts are never parted, old groups never move, and what the FAQ asks is not trained."""

import json

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from stages import disk, records
from stages.curation.splitting import part, reworded
from stages.quality import leaks
from stages.records import Evidence, Fact, Pair
from stages.split import main

FAQ = '{"id": "q1", "question": "How many GPUs are needed to fine-tune the 70B model?", "answer": "Eight."}\n'


def pair(identity, question=None, facts=None, quote=None, cluster=None, source="s", answer="a"):
    evidence = [Evidence(document="d", quote=quote, span=(0, 1))] if quote else []
    asked = question or f"What does option number {identity} change in trainer {identity}?"
    return Pair(
        id=identity, question=asked, answer=answer, facts=facts or [f"fact-{identity}"], evidence=evidence,
        cluster=cluster, source=source, origin="generated",
    )  # fmt: skip


def ledger(pairs):
    """Return the facts that the pairs stand on."""
    facts = {}
    for one in pairs:
        for name in one.facts:
            quote = one.evidence[0].quote if one.evidence else f"Sentence of {name}."
            facts.setdefault(name, Fact(
                id=name, chunk="c", document="d", source=one.source, topic="T", quote=quote, span=(0, 1)))  # fmt: skip
    return facts


def draw(pairs, share, reworded_max, seed):
    parted = part(pairs, ledger(pairs), share, seed)
    spare = reworded(parted.trained, parted, ledger(pairs), reworded_max, seed)
    return {"train": [p for p in parted.trained if p not in spare], "reworded": spare, "held_out": parted.held_out}


def run(folder, pairs, faq="", *options):
    disk.write(folder / "in.jsonl", pairs)
    disk.write(folder / "facts.jsonl", ledger(pairs).values())
    (folder / "faq.jsonl").write_text(faq)
    args = [str(folder / name) for name in ("in.jsonl", "facts.jsonl", "faq.jsonl", "out", "metrics/split.json")]
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
    pairs = [*many(40, 1)]
    held = draw(pairs, 0.3, 0, 0)["held_out"][0]
    free = next(i for i in range(99) if not draw([pair("t", source=f"t{i}")], 0.3, 0, 0)["held_out"])
    leak = pair("t", held.question.upper(), source=f"t{free}")
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
    sets = draw(pairs, share, 120, seed)
    assert sum(map(len, sets.values())) == len(pairs)

    def traits(members):
        return {t for p in members for t in [*p.facts, p.cluster, *(e.quote for e in p.evidence)]}

    assert not traits(sets["held_out"]) & traits(sets["train"] + sets["reworded"])
    assert {f for p in sets["reworded"] for f in p.facts} <= {f for p in sets["train"] for f in p.facts}


@settings(max_examples=40, deadline=None)
@given(st.sets(st.integers(0, 40)), st.sets(st.integers(41, 80)), st.integers(0, 5))
def test_new_documents_move_no_old_group(old, new, seed):
    def places(numbers):
        pairs = [pair(f"{i}-{j}", facts=[f"f{i}"], source=f"{i // 41}-{i % 9}") for i in numbers for j in range(2)]
        sets = draw(pairs, 0.3, 1000, seed)
        return {p.id: name for name, members in sets.items() for p in members}

    before, after = places(old), places(old | new)
    assert {identity: after[identity] for identity in before} == before


@given(st.lists(st.text(), max_size=5), st.lists(st.text(), max_size=5))
def test_decontamination_against_nothing_removes_nothing(questions, answers):
    assert leaks.contamination(questions, [])[0] == {}
    assert leaks.contamination(questions, [], answers[: len(questions)])[0] == {}


BENCH = "id,question,answer\nb7,How many GPUs are needed to fine-tune the 70B model?,Eight.\nb8,Why is it so?,So."


def with_bench(tmp_path, *options):
    (tmp_path / "evaluation").mkdir()
    (tmp_path / "evaluation" / "My bench-2.csv").write_text(BENCH)
    pairs = [*many(5), pair("x1", "Please tell me, how many GPUs are needed to fine-tune the 70B model?")]
    sets, rejected = run(tmp_path, pairs, "", "--held-out", "0", "--evaluation", str(tmp_path / "evaluation"), *options)
    return sets, rejected, json.loads((tmp_path / "out" / "contamination.json").read_text())["my_bench_2"]


def test_leaks_of_an_evaluation_file_are_removed(tmp_path):
    sets, rejected, report = with_bench(tmp_path)
    assert [(r.id, r.reason, r.value) for r in rejected] == [("x1", "leak_my_bench_2", "b7")]
    assert "x1" not in {p.id for p in sets["train"]}
    assert (report["items"], report["leaked"], report["rows_removed"], report["rows_flagged"]) == (2, 1, 1, 0)


def test_leaks_of_an_evaluation_file_are_flagged_if_asked_for(tmp_path):
    sets, rejected, report = with_bench(tmp_path, "--leaks", "flag")
    assert rejected == [] and (report["rows_removed"], report["rows_flagged"]) == (0, 1)
    decision = next(p.decision for p in sets["train"] if p.id == "x1")
    assert (decision.kept, decision.reason, decision.value) == (True, "leak_my_bench_2", "b7")


def test_a_pair_that_needs_both_sides_is_rejected_with_the_fact_on_the_other_side(tmp_path):
    pairs = [pair(f"{i}", facts=[f"f{i}"], quote=f"Sentence {i}.", source=f"s{i % 2}") for i in range(20)]
    sets = draw(pairs, 0.5, 0, 0)
    trained = next(p for p in sets["train"] if p.source == "s0")
    held = next(p for p in sets["held_out"] if p.source == "s1")
    both = pair("both", facts=trained.facts + held.facts)
    both.evidence, both.form = trained.evidence + held.evidence, "multi_hop"
    _, rejected = run(tmp_path, [*pairs, both], "", "--held-out", "0.5")
    assert [(r.id, r.reason, r.value) for r in rejected] == [("both", "spans_split", trained.facts[0])]


def test_the_metrics_say_how_the_sizes_were_met(tmp_path):
    run(tmp_path, many(60, 2), "", "--held-out", "0.2")
    metrics = json.loads((tmp_path / "metrics" / "split.json").read_text())
    assert metrics["units"] == {"trained": 48, "drawn": 12, "held_out": 12}
    assert metrics["held_out_share"] == {"asked": 0.2, "units": 0.2, "facts": 0.2}
    assert metrics["furthest_off"]["document"]["off"] == 0.0


def test_same_pairs_in_another_order_same_bytes(tmp_path):
    pairs = many(30, 3)
    run(tmp_path, pairs)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    (tmp_path / "again").mkdir()
    run(tmp_path / "again", pairs[::-1])
    assert before == {path.name: path.read_bytes() for path in (tmp_path / "again" / "out").iterdir()}
