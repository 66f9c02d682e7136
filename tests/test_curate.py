"""Curate: every pair is measured, none is lost, and what points outside is mended where its headings name it."""

import json

import msgspec
import pytest
from click.testing import CliRunner

from stages import disk, records
from stages.curate import main
from stages.curation import gates, rows
from stages.curation.scored import Labelled, Scored
from stages.records import Chunk, Evidence, Fact, Link, Pair

QUOTE = "Llama 2 was trained on 2 trillion tokens of public data by Meta."
TOPIC = "Llama 2 overview > Training"


def pair(identity, question="How many tokens was Llama 2 trained on?", answer=QUOTE, **scores):
    return Pair(
        id=identity, question=question, answer=answer, facts=["f1"], source="s", topic=TOPIC, origin="generated",
        evidence=[Evidence(document="d", quote=QUOTE, span=(0, len(QUOTE)))], scores=scores,
    )  # fmt: skip


def run(folder, pairs, *options, fact=None, text=QUOTE, links=(), labels=()):
    disk.write(folder / "pairs.jsonl", pairs)
    disk.write(folder / "labels.jsonl", labels)
    chunk = Chunk(id="c1", document="d", source="s", heading=["Training"], header=f"{TOPIC} > a guide", text=text,
                  span=(0, len(text)), tokens=20, links=[Link(text="x", url=url) for url in links])  # fmt: skip
    fact = fact or Fact(id="f1", chunk="c1", document="d", source="s", topic=TOPIC, quote=QUOTE, span=(0, len(QUOTE)))
    disk.write(folder / "chunk" / "chunks.jsonl", [chunk])
    disk.write(folder / "chunk" / "facts.jsonl", [fact])
    args = [str(folder / name) for name in ("pairs.jsonl", "chunk", "labels.jsonl", "out", "metrics/curate.json")]
    result = CliRunner().invoke(main, [*args, *options], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    metrics = json.loads((folder / "metrics" / "curate.json").read_text())
    assert metrics["in"] == metrics["kept"] == len(pairs) and metrics["rejected"] == {}
    return disk.read(folder / "out" / "pairs.jsonl", Scored), metrics


def verdicts(scored, **limits):
    return gates.failed(scored, gates.Thresholds(**limits))


def test_a_good_pair_passes_with_all_its_scores(tmp_path):
    [scored], _ = run(tmp_path, [pair("a", gain=3.0)])
    assert verdicts(scored) == [] and scored.found == {}
    assert scored.scores["gain"] == 3.0 and scored.scores["coverage"] == 1.0
    assert set(scored.scores) >= {"dangling", "gives_away", "unsupported", "foreign", "on_topic", "personal_data",
                                  "negated", "swapped", "cut_off", "links", "abbreviation", "questions"}  # fmt: skip


def test_what_a_fact_says_is_grounded_though_its_row_puts_head_and_value_apart(tmp_path):
    quote, head = "| 7B | 45.3 |", "| Llama 2 | MMLU |"
    fact = Fact(id="f1", chunk="c1", document="d", source="s", topic=TOPIC, quote=quote, span=(0, len(quote)),
                statement="Llama 2 7B: MMLU 45.3.",
                support=[Evidence(document="d", quote=head, span=(20, 20 + len(head)))])  # fmt: skip
    row = Pair(id="r", question="What is the MMLU value of Llama 2 7B?", answer=fact.says, facts=["f1"], source="s",
               topic=TOPIC, origin="generated", evidence=records.evidence([fact]))  # fmt: skip
    assert verdicts(run(tmp_path, [row], fact=fact)[0][0]) == []
    other = msgspec.structs.replace(fact, statement="Llama 2 7B: MMLU 45.3 with NO_SHARD.")
    [scored], _ = run(tmp_path, [msgspec.structs.replace(row, answer=other.says)], fact=other)
    assert verdicts(scored)[0][0] == "ungrounded", "a name that its words do not hold"
    made_up = msgspec.structs.replace(row, answer="Llama 2 7B: MMLU 54.3.")
    assert verdicts(run(tmp_path, [made_up], fact=fact)[0][0])[0][0] == "ungrounded"


@pytest.mark.parametrize(
    ("given", "reason", "value"),
    [
        (pair("a", "Llama 2 has many tokens."), "not_a_question", 0.0),
        (pair("a", "What is Llama 2 and how many tokens was it trained on?"), "two_questions", 2.0),
        (pair("a", "How many tokens does the passage name for Llama 2?"), "dangling", "the passage"),
        (pair("a", "Why do bananas grow so quickly?"), "off_topic", 0.0),
        (pair("a", "By whom was Llama 2 trained on 2 trillion tokens of public data by Meta?"), "gives_away", 1.0),
        (pair("a", answer="Llama 2 was trained on 2 trillion tokens. " * 9), "answer_too_long", 72.0),
        (pair("a", answer="Llama 2 was trained on 2 trillion tokens of"), "cut_off", "trillion tokens of"),
        (pair("a", answer="Llama 2 was trained on public data, such as:"), "dangling_list", "such as:"),
        (pair("a", answer="Llama 2 was trained on 3 trillion tokens of public data."), "ungrounded", "3 trillion"),
        (pair("a", answer="Llama 2 was not trained on 2 trillion tokens of public data."), "negated", "not"),
        (pair("a", answer="Llama 2 was trained on 2 trillion tokens, see https://example.org/x."), "bad_link",
         "https://example.org/x"),
        (pair("a", answer="Llama 2 was trained on 2 trillion tokens of public data by Meta with KVX."),
         "ungrounded", "KVX"),
        (pair("a", rank=-1.5), "low_rank", -1.5),
        (pair("a", "How many tokens was Falcon 40B trained on?"), "foreign_name", "40B, Falcon"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found_and_told(tmp_path, given, reason, value):
    [scored], _ = run(tmp_path, [given])
    assert verdicts(scored)[0] == (reason, value)


def test_another_language_and_personal_data_are_rejected(tmp_path, monkeypatch):
    from stages.quality import language, privacy

    monkeypatch.setattr(language, "detect", lambda text: ("fr", 0.9))
    assert verdicts(run(tmp_path / "a", [pair("a")])[0][0]) == [("wrong_language", "fr")]
    assert verdicts(run(tmp_path / "b", [pair("a")], "--language", "any")[0][0]) == []
    monkeypatch.setattr(language, "detect", lambda text: ("en", 0.9))
    monkeypatch.setattr(privacy, "find", lambda text: [privacy.Hit(kind="email", start=0, end=1)])
    assert verdicts(run(tmp_path / "c", [pair("a")])[0][0]) == [("personal_data", "email")]


def test_a_contact_that_stands_in_the_evidence_is_public(tmp_path):
    quote = "Violations of the Llama 2 policy can be reported to LlamaUseReport@meta.com."
    evidence = [Evidence(document="d", quote=quote, span=(0, len(quote)))]
    question = "Where can violations of the Llama 2 policy be reported?"
    public = msgspec.structs.replace(pair("a", question, quote), evidence=evidence)
    asked = "Can violations of the Llama 2 policy be reported to Report@meta.com?"
    private = msgspec.structs.replace(public, id="b", question=asked)
    one, other = run(tmp_path, [public, private])[0]
    assert verdicts(one) == []
    assert ("personal_data", "EMAIL") in verdicts(other)


def test_a_link_of_the_document_may_be_given(tmp_path):
    answer = "Llama 2 was trained on 2 trillion tokens of public data, see https://example.org/data"
    url = "https://example.org/data"
    assert verdicts(run(tmp_path, [pair("a", answer=answer)], links=[url])[0][0]) == []
    assert ("bad_link", url) in verdicts(run(tmp_path, [pair("a", answer=answer)])[0][0])


def test_an_abbreviation_may_be_spelled_out_anywhere_in_the_documents_or_be_known(tmp_path):
    asked = pair("a", "How many tokens was Llama 2 trained on with KVX?", f"{QUOTE} With KVX.")
    asked.evidence[0].quote = f"{QUOTE} With KVX."
    fact = Fact(id="f1", chunk="c1", document="d", source="s", topic=TOPIC, quote=asked.evidence[0].quote, span=(0, 9))
    assert verdicts(run(tmp_path, [asked], fact=fact)[0][0]) == [("abbreviation", "KVX")]
    assert verdicts(run(tmp_path, [asked], "--abbreviations", "KVX", fact=fact)[0][0]) == []
    spelled = "The key vector exchange (KVX) is part of the training."
    assert verdicts(run(tmp_path, [asked], fact=fact, text=spelled)[0][0]) == []


def test_a_pointer_is_mended_by_the_subject_of_the_headings_once(tmp_path):
    [scored], metrics = run(tmp_path, [pair("a", "How many tokens was it trained on?")])
    assert scored.question == "How many tokens was Llama 2 trained on?" and verdicts(scored) == []
    assert scored.parent == "a" and scored.id != "a" and scored.scores["repaired"] == 1.0
    assert (metrics["dangling_before"], metrics["dangling_after_repair"], metrics["repaired"]) == (1, 0, 1)


def test_what_mending_would_make_a_second_time_stays_as_it_was(tmp_path):
    twins = [pair("a", "How many tokens was it trained on?"), pair("b", "How many tokens was this model trained on?")]
    scored, metrics = run(tmp_path, twins)
    assert sorted(one.parent or one.id for one in scored) == ["a", "b"]
    assert (metrics["dangling_before"], metrics["dangling_after_repair"]) == (2, 1)
    assert sorted(bool(verdicts(one)) for one in scored) == [False, True]


def test_what_mending_would_make_a_pair_that_is_there_stays_as_it_was(tmp_path):
    asked = pair("a", "How many tokens was it trained on?")
    mended = run(tmp_path / "one", [asked])[0][0]
    there = msgspec.structs.replace(pair("b", mended.question), id=mended.id)
    scored, metrics = run(tmp_path / "two", [asked, there])
    assert {one.id: one.question for one in scored} == {"a": asked.question, there.id: there.question}
    assert (metrics["dangling_before"], metrics["dangling_after_repair"], metrics["repaired"]) == (1, 1, 0)


def test_pairs_of_a_fact_are_measured_one_behind_the_other_and_share_what_they_are_held_against(tmp_path, monkeypatch):
    seen = []
    whole = rows.measured

    def measured(given):
        seen.extend((json.loads(line)["facts"], context) for line, context, _ in given)
        return whole(given)

    monkeypatch.setattr(rows, "measured", measured)
    pairs = [pair(f"{n}", f"How many tokens was Llama 2 trained on in {n}?") for n in range(6)]
    for n, one in enumerate(pairs):
        one.facts = [f"f{n % 2}"]
    run(tmp_path, pairs)
    assert [facts for facts, _ in seen] == [["f0"]] * 3 + [["f1"]] * 3
    assert len({id(context) for _, context in seen}) == 2


def test_same_pairs_same_bytes(tmp_path):
    pairs = [pair("a"), pair("b", "What was Llama 2 trained on?")]
    run(tmp_path / "one", pairs)
    run(tmp_path / "two", pairs[::-1])
    assert (tmp_path / "one/out/pairs.jsonl").read_bytes() == (tmp_path / "two/out/pairs.jsonl").read_bytes()


def test_thresholds_are_applied_to_scores_alone(tmp_path):
    [scored], _ = run(tmp_path, [pair("a", rank=-1.5)])
    assert verdicts(scored, min_rank=-2.0) == []


def test_a_labelled_pair_is_measured_as_it_is(tmp_path):
    asked = pair("l", "How many tokens was it trained on?", rank=0.5)
    label = Labelled(
        **{name: getattr(asked, name) for name in Pair.__struct_fields__}, valid=False, who="ann", why="it"
    )
    run(tmp_path, [asked], labels=[label])
    [found] = disk.read(tmp_path / "out" / "labels.jsonl", Labelled)
    assert (found.id, found.question, found.valid, found.who) == ("l", label.question, False, "ann")
    assert found.scores["dangling"] == 1 and found.found["dangling"] == "it" and found.scores["rank"] == 0.5


def test_a_heading_denies_nothing(tmp_path):
    quote = "Broadcast frames are never acknowledged."
    fact = Fact(id="f1", chunk="c1", document="d", source="s", topic="Radio > No broadcast", quote=quote,
                span=(0, len(quote)))  # fmt: skip
    one = Pair(id="a", question="Are broadcast frames acknowledged?", answer="Broadcast frames are acknowledged.",
               facts=["f1"], source="s", topic="Radio > Broadcast frames are acknowledged", origin="generated",
               evidence=records.evidence([fact]))  # fmt: skip
    assert ("negated", "without never") in verdicts(run(tmp_path, [one], fact=fact, text=quote)[0][0])
