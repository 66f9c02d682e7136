"""Curate: every gate names its reason, and every score is kept."""

import json

import msgspec
import pytest
from click.testing import CliRunner

from stages import records
from stages.curate import main
from stages.records import Chunk, Evidence, Fact, Pair

QUOTE = "Llama 2 was trained on 2 trillion tokens of public data by Meta."
TOPIC = "Llama 2 overview > Training"


def pair(identity, question="How many tokens was Llama 2 trained on?", answer=QUOTE, **scores):
    return Pair(
        id=identity, question=question, answer=answer, facts=["f1"], source="s", topic=TOPIC, origin="generated",
        evidence=[Evidence(document="d", quote=QUOTE, span=(0, len(QUOTE)))], scores=scores,
    )  # fmt: skip


def run(folder, pairs, *options, fact=None):
    records.write(folder / "pairs.jsonl", pairs)
    chunk = Chunk(id="c1", document="d", source="s", heading=["Training"], header=f"{TOPIC} > a guide", text=QUOTE,
                  span=(0, len(QUOTE)), tokens=20)  # fmt: skip
    fact = fact or Fact(id="f1", chunk="c1", document="d", source="s", topic=TOPIC, quote=QUOTE, span=(0, len(QUOTE)))
    records.write(folder / "chunk" / "chunks.jsonl", [chunk])
    records.write(folder / "chunk" / "facts.jsonl", [fact])
    args = [str(folder / name) for name in ("pairs.jsonl", "chunk", "out", "metrics/curate.json")]
    result = CliRunner().invoke(main, [*args, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "metrics" / "curate.json").read_text())
    assert metrics["in"] == metrics["kept"] + sum(metrics["rejected"].values())
    kept = records.read(folder / "out" / "pairs.jsonl", Pair)
    return kept, records.read(folder / "out" / "rejected.jsonl", records.Reject)


def test_a_good_pair_is_kept_with_all_its_scores(tmp_path):
    kept, rejected = run(tmp_path, [pair("a", gain=3.0)])
    assert rejected == [] and kept[0].decision.kept
    assert kept[0].scores["gain"] == 3.0 and kept[0].scores["coverage"] == 1.0
    assert set(kept[0].scores) >= {"dangling", "gives_away", "unsupported", "foreign", "on_topic", "personal_data"}


def test_what_a_fact_says_is_grounded_though_its_row_puts_head_and_value_apart(tmp_path):
    quote, head = "| 7B | 45.3 |", "| Llama 2 | MMLU |"
    fact = Fact(id="f1", chunk="c1", document="d", source="s", topic=TOPIC, quote=quote, span=(0, len(quote)),
                statement="Llama 2 7B: MMLU 45.3.",
                support=[Evidence(document="d", quote=head, span=(20, 20 + len(head)))])  # fmt: skip
    row = Pair(id="r", question="What is the MMLU value of Llama 2 7B?", answer=fact.says, facts=["f1"], source="s",
               topic=TOPIC, origin="generated", evidence=records.evidence([fact]))  # fmt: skip
    kept, _ = run(tmp_path, [row], fact=fact)
    assert [one.id for one in kept] == ["r"]
    other = msgspec.structs.replace(fact, statement="Llama 2 7B: MMLU 45.3 with NO_SHARD.")
    kept, rejected = run(tmp_path, [msgspec.structs.replace(row, answer=other.says)], fact=other)
    assert kept == [] and rejected[0].reason == "ungrounded", "a name that its words do not hold"
    made_up = msgspec.structs.replace(row, answer="Llama 2 7B: MMLU 54.3.")
    kept, rejected = run(tmp_path, [made_up], fact=fact)
    assert kept == [] and rejected[0].reason == "ungrounded"


@pytest.mark.parametrize(
    ("given", "reason", "value"),
    [
        (pair("a", "Llama 2 has many tokens."), "not_a_question", 0.0),
        (pair("a", "How many tokens does the passage name for Llama 2?"), "dangling", "the passage"),
        (pair("a", "Why do bananas grow so quickly?"), "off_topic", 0.0),
        (pair("a", "Was Llama 2 trained on 2 trillion tokens of public data by Meta?"), "gives_away", 1.0),
        (pair("a", answer="word " * 61), "answer_too_long", 61.0),
        (pair("a", answer="Llama 2 was trained on 3 trillion tokens of public data."), "ungrounded", "3 trillion"),
        (pair("a", answer="Cakes need butter and sugar."), "ungrounded", 0.0),
        (pair("a", rank=-1.5), "low_rank", -1.5),
        (pair("a", "How many tokens was Falcon 40B trained on?"), "foreign_name", "40B, Falcon"),
    ],
)
def test_each_gate_names_its_reason(tmp_path, given, reason, value):
    kept, rejected = run(tmp_path, [given])
    assert kept == [] and [(r.reason, r.value) for r in rejected] == [(reason, value)]
    assert rejected[0].record["scores"]["answer_words"] and rejected[0].record["decision"]["reason"] == reason


def test_another_language_and_personal_data_are_rejected(tmp_path, monkeypatch):
    from stages.quality import language, privacy

    monkeypatch.setattr(language, "detect", lambda text: ("fr", 0.9))
    assert run(tmp_path / "a", [pair("a")])[1][0].reason == "wrong_language"
    assert run(tmp_path / "b", [pair("a")], "--language", "any")[1] == []
    monkeypatch.setattr(language, "detect", lambda text: ("en", 0.9))
    monkeypatch.setattr(privacy, "find", lambda text: [privacy.Hit(kind="email", start=0, end=1)])
    assert [(r.reason, r.value) for r in run(tmp_path / "c", [pair("a")])[1]] == [("personal_data", "email")]


def test_a_contact_that_stands_in_the_evidence_is_public(tmp_path):
    quote = "Violations of the Llama 2 policy can be reported to LlamaUseReport@meta.com."
    evidence = [Evidence(document="d", quote=quote, span=(0, len(quote)))]
    question = "Where can violations of the Llama 2 policy be reported?"
    public = msgspec.structs.replace(pair("a", question, quote), evidence=evidence)
    asked = "Can violations of the Llama 2 policy be reported to Report@meta.com?"
    private = msgspec.structs.replace(public, id="b", question=asked)
    kept, rejected = run(tmp_path, [public, private], "--max-gives-away", "1")
    assert [(p.id, p.scores["personal_data"]) for p in kept] == [("a", 0.0)]
    assert [(r.id, r.reason, r.value) for r in rejected] == [("b", "personal_data", "EMAIL")]


def test_thresholds_are_options(tmp_path):
    assert run(tmp_path, [pair("a", rank=-1.5)], "--min-rank", "-2")[1] == []
