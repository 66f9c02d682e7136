"""Generate: with a perfect teacher all is covered, with a bad one all is accounted for, and nothing is asked twice."""

import json
import shutil
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from stages import chunk, collect, disk, filter, parse, refine
from stages.llm import forms, generation, prompts
from stages.llm.unanswerable import Unanswerable
from stages.quality.similarity import same
from stages.records import Chunk, Fact, Link, Pair, Reject
from tests import teacher
from tests.endpoint import Endpoint, Fault, serving
from tests.teacher import Stage, asked, fact, likely, perfect

DOCUMENTS = ("code-llama.html", "custom-datasets.md", "prompt-format.md", "support-questions.csv")
PUMPS = [
    fact("The pump of Aster moves 12 litres of water in a minute because its rotor is wide.", "Aster > Pump", "f1",
         concepts=["pump", "Aster"]),
    fact("The flag --dry-run of Aster prints all steps without starting the motor.", "Aster > Flags", "f2",
         concepts=["--dry-run", "Aster"]),
    fact("A sensor of Aster is stored in the cellar below the main hall.", "Aster > Sensor", "f3", chunk="c2",
         concepts=["sensor", "Aster"]),
]  # fmt: skip


@pytest.fixture(scope="module")
def sample_chunks(tmp_path_factory: pytest.TempPathFactory, tiny_llama: Path) -> Path:
    """Return the chunks and facts of real sample documents, made by the stages before."""
    folder = tmp_path_factory.mktemp("samples")
    (folder / "documents").mkdir()
    for name in DOCUMENTS:
        shutil.copy(Path("data/sources/documents") / name, folder / "documents" / name)
    sources = Path("data/sources")
    for main, *words in (
        (collect.main, "collect", "--sources", "documents"),
        (parse.main, "collect", "parse"),
        (filter.main, "parse/documents.jsonl", "filter"),
        (refine.main, "filter/documents.jsonl", "refine", "--history", str(sources / "refine.json"), "--corrections",
         str(sources / "corrections.csv")),
        (chunk.main, "refine/documents.jsonl", "chunk", "--student", str(tiny_llama), "--max-tokens", "600"),
    ):  # fmt: skip
        paths = [word if word.startswith(("-", "data/", "/")) or word.isdigit() else str(folder / word)
                 for word in words]  # fmt: skip
        place = next((at for at, word in enumerate(paths) if word.startswith("--")), len(paths))
        metrics = str(folder / "metrics" / f"{main.name}.json")
        done = CliRunner().invoke(main, [*paths[:place], metrics, *paths[place:]])
        assert done.exit_code == 0, f"{main.name}: {done.output} {done.exception}"
    return folder / "chunk"


@pytest.fixture
def endpoint():
    with serving(Endpoint(perfect)) as server:
        yield server


@pytest.fixture
def stage(tmp_path: Path, tiny_llama: Path, endpoint: Endpoint) -> Stage:
    made = Stage(tmp_path, tiny_llama, endpoint.url)
    made.facts(PUMPS)
    return made


def test_a_perfect_teacher_covers_every_fact_chunk_and_concept_of_real_documents(stage, endpoint, sample_chunks):
    shutil.rmtree(stage.folder / "chunk")
    shutil.copytree(sample_chunks, stage.folder / "chunk")
    stage.process("--min-pairs-per-fact", "3", "--min-pairs-per-concept", "3", "--top-up", "2", "--unanswerable", "5")
    facts = disk.read(sample_chunks / "facts.jsonl", Fact)
    pairs = stage.read("pairs", Pair)
    of_fact, of_concept = defaultdict(list), Counter()
    for pair in pairs:
        of_fact[pair.facts[0]].append(pair)
        of_concept.update(set(pair.concepts))
    teaching = [one for one in facts if one.question is None]
    assert len(teaching) > 40 and {one.source for one in teaching} == {*DOCUMENTS} - {"support-questions.csv"}
    assert of_fact.keys() == {one.id for one in facts}, "every fact"
    assert {one.chunk for one in facts if one.id in of_fact} == {one.chunk for one in facts}, "no chunk starved"
    assert {len(of_fact[one.id]) for one in teaching} == {4}, "questions per fact"
    assert min(of_concept[concept] for one in teaching for concept in one.concepts) >= 3
    for group in of_fact.values():
        texts = [pair.question for pair in group]
        assert not any(same(one, other) for n, one in enumerate(texts) for other in texts[:n]), texts
    metrics = stage.metrics
    assert (metrics["facts_covered"], metrics["facts"]) == (len(facts), len(facts))
    assert metrics["seeds"] == len(facts) - len(teaching) and metrics["rejected"] == {}
    assert stage.read("uncovered", Reject) == []
    assert endpoint.asked == 4 * len(teaching), "and nothing had to be asked again"
    refused = {one.question for one in stage.read("unanswerable", Unanswerable)}
    assert len(refused) == 5 and refused.isdisjoint(pair.question for pair in pairs)


def test_a_pair_carries_its_fact_as_answer_its_evidence_and_who_asked(stage):
    stage.run()
    (known,) = [one for one in PUMPS if one.id == "f2"]
    pairs = [pair for pair in stage.read("pairs", Pair) if pair.facts == ["f2"]]
    assert {pair.answer for pair in pairs} == {known.says} and len(pairs) == 4
    assert all(pair.evidence[0].quote == known.quote and pair.model == "m@1" and pair.prompt for pair in pairs)
    assert all({"gain", "question_nll", "rank"} <= pair.scores.keys() for pair in pairs)


def test_the_samples_of_a_fact_go_over_the_forms_that_it_can_answer(stage, endpoint):
    stage.run()
    kinds = defaultdict(set)
    for body in endpoint.bodies:
        _, statement, kind = asked(body["messages"])
        kinds[statement].add(kind)
    assert kinds == {one.says: set(forms.of_statement(one.says, 4)) for one in PUMPS}


def test_every_request_shows_the_worked_examples_that_it_was_told_to(stage, endpoint):
    stage.run("--shots", "3")
    assert {len(body["messages"]) for body in endpoint.bodies} == {2 + 2 * 3}
    assert len({json.dumps(body["messages"][:-1]) for body in endpoint.bodies}) == 1, "shared: one prefix for all"
    endpoint.bodies.clear()
    stage.run("--shots", "3", "--shots-by", "near")
    assert len({json.dumps(body["messages"][:-1]) for body in endpoint.bodies}) > 1


# ---- question first


class Writer:
    """A perfect teacher of the other strategy: a pair a fact of the passage that it has not yet asked about.

    Args:
        facts: what there is to be found in the passages.
        spoil: number of the reply -> what becomes of its text.
    """

    def __init__(self, facts: list[Fact], spoil=lambda number, text: text):
        self.facts, self.spoil, self.replies = facts, spoil, 0

    def __call__(self, messages: list[dict], sample: int) -> str:
        self.replies += 1
        passage = messages[-1]["content"]
        made: list[dict] = []
        for _ in range(teacher.ENOUGH):  # one of each fact, then another of each
            for one in (one for one in self.facts if one.quote in passage):
                for question in teacher.questions_for(one.topic, one.says, "what"):
                    if question not in passage and not any(same(question, pair["question"]) for pair in made):
                        made.append({"question": question, "answer": one.says, "links": []})
                        break
        count = int(passage.split("exactly ")[1].split()[0])
        return self.spoil(self.replies, json.dumps({"pairs": made[:count]}))


def test_question_first_covers_every_fact_though_one_reply_is_malformed_and_one_cut_off(stage, endpoint):
    def spoil(number: int, text: str) -> str:
        return {1: "I am sorry, here are none.", 2: text[: text.rindex("question") - 3]}.get(number, text)

    endpoint.answer = Writer(PUMPS, spoil)
    stage.run("--strategy", "question_first", "--questions-per-fact", "2", FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY="1")
    covered = Counter(one for pair in stage.read("pairs", Pair) for one in pair.facts)
    assert covered == {"f1": 2, "f2": 2, "f3": 2}
    assert stage.metrics["rejected"] == {"cut_off": 1, "not_json": 1}
    assert stage.read("uncovered", Reject) == [] and endpoint.asked == 4, "one call a chunk, and one for what lacks"
    lost = {one.reason: one.record for one in stage.read("rejected", Reject)}
    assert lost["not_json"]["raw"] == "I am sorry, here are none." and lost["cut_off"]["chunk"] in ("c", "c2")
    before = stage.written()
    stage.run("--strategy", "question_first", "--questions-per-fact", "2")
    assert endpoint.asked == 4 and stage.written() == before


def test_question_first_covers_every_fact_and_chunk_of_real_documents(stage, endpoint, sample_chunks):
    shutil.rmtree(stage.folder / "chunk")
    shutil.copytree(sample_chunks, stage.folder / "chunk")
    facts = disk.read(sample_chunks / "facts.jsonl", Fact)
    endpoint.answer = Writer([one for one in facts if one.question is None])
    stage.run("--strategy", "question_first", "--questions-per-fact", "1")
    covered = {one for pair in stage.read("pairs", Pair) for one in pair.facts}
    assert covered == {one.id for one in facts} and stage.read("uncovered", Reject) == []
    said = endpoint.bodies[0]["response_format"]["json_schema"]["schema"]
    assert "pairs" in json.dumps(said)


def test_question_first_says_why_a_fact_has_no_pair(stage, endpoint):
    endpoint.answer = lambda m, n: "Sorry." if "sensor" in m[-1]["content"] else Writer(PUMPS)(m, n)
    stage.run("--strategy", "question_first", "--questions-per-fact", "1")
    (missed,) = stage.read("uncovered", Reject)
    assert (missed.id, missed.reason) == ("f3", "not_json")
    endpoint.answer = lambda m, n: '{"pairs": []}' if "sensor" in m[-1]["content"] else Writer(PUMPS)(m, n)
    stage.run("--strategy", "question_first", "--questions-per-fact", "1", "--seed", "7")
    assert [one.reason for one in stage.read("uncovered", Reject)] == ["no_pair"]


def test_the_second_call_of_question_first_is_within_the_budget_or_not_made(stage, endpoint):
    endpoint.answer = lambda m, n: "Sorry." if "sensor" in m[-1]["content"] else Writer(PUMPS)(m, n)
    done = stage.run("--strategy", "question_first", "--questions-per-fact", "1", FAQTUNE_BUDGET__MAX_CALLS="2")
    assert endpoint.calls == 2 and "not asked again" in done.output
    assert [one.id for one in stage.read("uncovered", Reject)] == ["f3"]


# ---- asked again


def test_a_fact_without_a_good_question_is_asked_again_hotter_with_other_examples_and_further_samples(stage, endpoint):
    def late(messages, sample):
        shown = json.dumps(messages[:-1])
        first.setdefault("shown", shown)
        return perfect(messages, sample) if "sensor" not in asked(messages)[1] or shown != first["shown"] else "None."

    first: dict[str, str] = {}
    endpoint.answer = late
    stage.run("--samples", "2")
    again = [body for body in endpoint.bodies if body["temperature"] != 0.8]
    assert {body["temperature"] for body in again} == {1.0}
    assert {asked(body["messages"])[1] for body in again} == {PUMPS[2].says}, "of the others there are enough"
    shots = [{m["content"] for m in body["messages"][1:-1]} for body in (endpoint.bodies[0], again[0])]
    assert shots[0].isdisjoint(shots[1]) and len(shots[1]) == 4
    seeds = defaultdict(set)
    for body in endpoint.bodies:
        for number in range(body.get("n") or 1):
            seeds[body["temperature"]].add(body["seed"] + number)
    assert max(seeds[0.8]) < min(seeds[1.0]), "no sample number comes twice"
    assert {pair.facts[0] for pair in stage.read("pairs", Pair)} == {"f1", "f2", "f3"}
    assert stage.read("uncovered", Reject) == [] and stage.metrics["rejected"] == {"not_a_question": 2}


@pytest.mark.parametrize("rounds", [0, 1, 3])
def test_it_is_asked_again_as_often_as_said_and_what_stays_uncovered_is_listed_with_the_reason(stage, endpoint, rounds):
    def never(messages, sample):
        return "Does it of the cellar?" if "sensor" in asked(messages)[1] else perfect(messages, sample)

    endpoint.answer = never
    stage.run("--samples", "2", "--top-up", str(rounds))
    assert endpoint.asked == 2 * 3 + 2 * rounds
    (missed,) = stage.read("uncovered", Reject)
    assert (missed.id, missed.record["quote"]) == ("f3", PUMPS[2].quote)
    assert missed.reason == ("dangling" if rounds == 0 else "same_again"), "the same question each time"
    assert stage.metrics["facts_covered"] == 2


def test_the_budget_ends_asking_again_and_what_was_made_is_kept(stage, endpoint):
    endpoint.answer = lambda m, n: "None." if "sensor" in asked(m)[1] else perfect(m, n)
    limit = {"FAQTUNE_BUDGET__MAX_CALLS": "7", "FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL": "1"}
    done = stage.run("--samples", "2", "--top-up", "5", **limit)
    assert endpoint.calls == 6, "another round would be two more"
    assert "not asked again" in done.stderr and len(stage.read("pairs", Pair)) == 4
    assert [one.id for one in stage.read("uncovered", Reject)] == ["f3"]
    endpoint.calls = 0
    shutil.rmtree(stage.folder / "cache" / "journal.sqlite", ignore_errors=True)
    stage.run("--samples", "2", "--top-up", "5", **limit | {"FAQTUNE_BUDGET__MAX_CALLS": "4"})
    assert endpoint.calls == 4, "what is known costs nothing: two rounds of two calls, and no third"


def test_a_concept_below_its_quota_has_its_facts_asked_again(stage, endpoint):
    only = {one.says: [] for one in PUMPS}

    def meagre(messages, sample):
        _, statement, kind = asked(messages)
        first = not only[statement]
        only[statement].append(kind)
        return perfect(messages, sample) if first or len(only[statement]) > 2 else "None."

    endpoint.answer = meagre
    stage.run("--samples", "2", "--min-pairs-per-concept", "2", FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY="1")
    assert endpoint.asked == 12 and stage.metrics["concepts_short"] == 0, "each name stands in one fact, with one pair"
    assert all(count >= 2 for count in Counter(p.facts[0] for p in stage.read("pairs", Pair)).values())


# ---- nothing twice


def test_a_second_run_asks_nothing_and_writes_the_same_bytes(stage, endpoint):
    endpoint.answer = lambda m, n: "None." if "sensor" in asked(m)[1] else perfect(m, n)
    stage.run("--multi-hop", "0")
    before, calls = stage.written(), endpoint.calls
    again = stage.run()
    assert (endpoint.calls, stage.written()) == (calls, before) and "nothing to ask" in again.stderr
    (stage.folder / "cache" / "journal.sqlite").unlink()
    stage.run()
    assert (endpoint.calls, stage.written()) == (calls, before), "the ledger is enough"
    (stage.folder / "ledger.jsonl").unlink()
    stage.run()
    assert endpoint.calls == 2 * calls and stage.written().keys() == before.keys()


def test_a_run_with_nothing_to_ask_loads_no_model(stage):
    stage.run()
    code = (
        "import sys; from stages.generate import main; main(sys.argv[1:], standalone_mode=False); "
        "assert not {'torch', 'openai'} & set(sys.modules), sorted(sys.modules)"
    )
    stage.process(module=code)


@pytest.mark.parametrize(
    "options", [("--enough", "-2000"), ("--nll-penalty", "0.5"), ("--diversity", "3"), ("--questions-per-fact", "2")]
)
def test_another_threshold_asks_nothing(stage, endpoint, options):
    stage.run()
    calls = endpoint.calls
    stage.run(*options)
    assert endpoint.calls == calls
    assert set(Counter(p.facts[0] for p in stage.read("pairs", Pair)).values()) == {2 if "2" in options else 4}


def test_an_edited_fact_is_asked_about_and_no_other(stage, endpoint):
    stage.run()
    endpoint.bodies.clear()
    edited = fact(PUMPS[0].says.replace("12", "14"), PUMPS[0].topic, "f9")
    stage.facts([edited, *PUMPS[1:]])
    stage.run()
    assert {asked(body["messages"])[1] for body in endpoint.bodies} == {edited.says}
    assert {pair.facts[0] for pair in stage.read("pairs", Pair)} == {"f9", "f2", "f3"}


def test_another_seed_asks_everything_again(stage, endpoint):
    stage.run()
    asked_once = endpoint.asked
    stage.run("--seed", "1000")
    assert endpoint.asked == 2 * asked_once


def test_another_prompt_asks_everything_again_and_an_example_only_what_shows_it(stage, endpoint, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree("prompts", home / "prompts")
    monkeypatch.setattr(prompts.Prompt.__init__, "__defaults__", (home / "prompts",))
    stage.examples = tmp_path / "examples.jsonl"
    lines = Path("data/sources/examples.jsonl").read_text().splitlines(keepends=True)[:12]
    stage.examples.write_text("".join(lines))

    def run() -> int:
        before = endpoint.asked
        stage.run("--shots-by", "near")
        return endpoint.asked - before

    assert run() == 12 and run() == 0
    for name in ("multi_hop", "question_first"):
        (home / f"prompts/{name}.jinja").open("a").write("{# note #}\n")
    assert run() == 0, "prompts of other calls"
    shown = [sum(json.loads(line)["question"] in json.dumps(body["messages"][:-1], ensure_ascii=False)
                 for body in endpoint.bodies) for line in lines]  # fmt: skip
    unused = shown.index(0)
    lines[unused] = lines[unused].replace("?", " now?")
    stage.examples.write_text("".join(lines))
    assert run() == 0, "an example that no request shows"
    with (home / "prompts/answer_first.jinja").open("r+") as file:
        text = file.read().replace("one short question", "one brief question")
        file.seek(0)
        file.write(text)
    assert run() == 12


def test_a_teacher_that_gives_likelihoods_scores_its_own_questions_within_the_budget(stage, endpoint):
    endpoint.fault = lambda call, body: Fault(body=likely(body["messages"])) if "prompt_logprobs" in body else None
    stage.run("--scorer", "teacher", "--samples", "2", "--min-pairs-per-fact", "0")
    pairs = stage.read("pairs", Pair)
    assert pairs and all(pair.scores["question_nll"] == 1.0 for pair in pairs)
    spent = stage.usage
    scoring = sum("prompt_logprobs" in body for body in endpoint.bodies)
    assert scoring == 3 + 2 * 2 * 3, "each fact alone and after each of its questions, and each question"
    assert spent["actual"]["calls"] == endpoint.calls <= spent["estimate"]["calls"]
    before = endpoint.calls
    stage.run("--scorer", "teacher", "--samples", "2", "--min-pairs-per-fact", "0")
    assert endpoint.calls == before
    done = stage.run(
        "--scorer", "teacher", "--samples", "2", "--seed", "3", check=False, FAQTUNE_BUDGET__MAX_CALLS="14"
    )
    assert done.exit_code == 1 and "more than max_calls" in done.stderr and endpoint.calls == before


def test_the_embedded_teacher_is_its_own_scorer_by_another_name(stage):
    done = stage.run("--model", "embedded", "--endpoint", "embedded", "--scorer", "teacher", check=False)
    assert done.exit_code == 1 and "teacher.scorer is teacher, which is embedded: set it to embedded" in done.stderr


# ---- when it goes wrong


def test_an_endpoint_that_is_dead_for_good_fails_the_stage_and_what_arrived_is_kept(stage, endpoint):
    endpoint.fault = lambda call, body: Fault(status=500) if call > 3 else None
    one_by_one = {"FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY": "1", "FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL": "1"}
    done = stage.run(check=False, **one_by_one)
    assert done.exit_code == 1
    assert "endpoint teacher: 9 of 12 requests got no reply" in done.stderr and "the next run asks" in done.stderr
    assert not (stage.folder / "out" / "pairs.jsonl").exists(), "no data set with holes"
    endpoint.fault = lambda call, body: None
    before = endpoint.asked
    stage.run(**one_by_one)
    assert endpoint.asked - before == 9


def test_an_endpoint_where_nobody_listens_is_named(stage, endpoint):
    endpoint.down()
    done = stage.run(check=False, FAQTUNE_ENDPOINTS__TEACHER__DEADLINE="2")
    assert done.exit_code == 1
    assert "endpoint teacher" in done.stderr and endpoint.url in done.stderr


def test_an_endpoint_that_is_not_configured_is_named_before_anything_happens(stage):
    done = stage.run("--endpoint", "nowhere", check=False)
    assert done.exit_code == 1 and "endpoint nowhere is not in engine.yaml" in done.stderr
    assert "FAQTUNE_ENDPOINTS__NOWHERE__URL" in done.stderr
    done = stage.run("--endpoint", "No-where", check=False)
    assert done.exit_code == 1 and "FAQTUNE" not in done.stderr, "no shell takes such a variable"


@pytest.mark.parametrize(("model", "endpoint_name"), [("llama-70b", "embedded"), ("embedded", "teacher")])
def test_a_teacher_that_does_not_fit_its_endpoint_is_not_asked(stage, endpoint, model, endpoint_name):
    done = stage.run("--model", model, "--endpoint", endpoint_name, check=False)
    assert done.exit_code == 1 and "set both" in done.stderr
    assert endpoint.calls == 0


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("", "empty"),
        ("I cannot.", "not_a_question"),
        ("What does it do there?", "dangling"),
        ("What does Zeus 9000 of Aster do?", "foreign_name"),
        ("Is the sensor of Aster stored?", "yes_no"),
        ("Why is the sensor of Aster stored?", "other_form"),
        ("What garden hose sings opera near Aster?", "drifts"),
    ],
)
def test_a_reply_that_cannot_be_used_is_a_reject_with_its_reason(stage, endpoint, reply, reason):
    endpoint.answer = lambda m, n: reply if "sensor" in asked(m)[1] else perfect(m, n)
    stage.run("--top-up", "0", "--samples", "1")
    (lost,) = stage.read("rejected", Reject)
    if reason == "empty":
        reason = lost.reason if lost.reason in ("no_reply", "not_a_question") else "empty"
    assert (lost.reason, lost.record["fact"], lost.stage) == (reason, "f3", "generate")
    assert lost.record["question"] == reply
    assert stage.metrics["in"] == 3 and stage.metrics["rejected"] == {reason: 1}


def test_a_few_requests_that_never_arrive_are_rejects_and_asked_the_next_time(stage, endpoint):
    endpoint.fault = lambda call, body: Fault(status=500) if call == 1 else None
    stage.run("--samples", "2", "--top-up", "0", FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL="1")
    assert stage.metrics["rejected"] == {"no_reply": 1} and stage.metrics["kept"] == 5
    before = endpoint.asked
    stage.run("--samples", "2", "--top-up", "0")
    assert endpoint.asked - before == 1 and stage.metrics["rejected"] == {}


# ---- the rest


def test_questions_on_two_facts_of_a_capable_teacher_are_pairs_with_both_quotes(stage, endpoint):
    facts = [
        fact("The Borea valve opens at a pressure of 4 bar.", "Aster > Valve", "h1", concepts=["Borea"], document="d1"),
        fact("Every Borea valve is cleaned with alcohol in spring.", "Care > Valves", "h2", chunk="c2", document="d2",
             concepts=["Borea"]),
    ]  # fmt: skip
    stage.facts(facts)

    def answer(messages, sample):
        if "Kind:" in messages[-1]["content"]:
            return perfect(messages, sample)
        return json.dumps({
            "question": "With what is the valve cleaned that opens at 4 bar, the Borea valve, and in which season?",
            "answer": "The Borea valve, which opens at a pressure of 4 bar, is cleaned with alcohol in spring.",
        })  # fmt: skip

    endpoint.answer = answer
    stage.run("--multi-hop", "3")
    (both,) = [pair for pair in stage.read("pairs", Pair) if len(pair.facts) == 2]
    assert {one.quote for one in both.evidence} == {one.quote for one in facts} and both.form == "multi_hop"
    assert stage.metrics["multi_hop"] == 1
    assert stage.usage["estimate"]["calls"] == endpoint.calls, "the estimate knows of these calls, too"


def test_each_pair_gets_the_link_that_fits_it_best():
    says = ["The battery guide says that Rover runs for 8 hours.", "Rover is red."]
    facts = [fact(text, "Rover", f"f{n}") for n, text in enumerate(says)]
    links = [Link(text="wheels", url="https://r.example/w"), Link(text="battery guide", url="https://r.example/b")]
    chunk = Chunk(id="c", document="d", source="s", heading=[], header="Rover", text="t", span=(0, 1), tokens=4,
                  url="https://r.example/", links=links)  # fmt: skip
    pairs = [generation.given(msgspec.structs.replace(one, question=f"What of Rover, {n}?"))
             for n, one in enumerate(facts)]  # fmt: skip
    chosen = msgspec.structs.replace(pairs[1], id="t", link="https://r.example/teacher")
    found = generation.linked([*pairs, chosen], facts, [chunk])
    assert [one.link for one in found] == ["https://r.example/b", "https://r.example/", chosen.link]


def test_an_item_of_a_faq_file_becomes_a_pair_without_a_question_to_the_teacher(stage, endpoint):
    url = "https://example.org/faq#free"
    item = Fact(id="f", chunk="c", document="d", source="faq.csv", topic="FAQ", quote="Yes, it is.", span=(0, 11),
                question="Is it free?")  # fmt: skip
    chunk = Chunk(id="c", document="d", source="faq.csv", heading=[], header="FAQ", text="Yes, it is.", span=(0, 11),
                  url=url, tokens=4)  # fmt: skip
    stage.facts([item])
    disk.write(stage.folder / "chunk" / "chunks.jsonl", [chunk])
    code = (
        "import sys; from stages.generate import main; main(sys.argv[1:], standalone_mode=False); "
        "assert 'torch' not in sys.modules"
    )
    stage.process(module=code)
    (pair,) = stage.read("pairs", Pair)
    assert (pair.question, pair.answer, pair.facts, pair.origin) == ("Is it free?", "Yes, it is.", ["f"], "seed")
    assert (pair.link, pair.evidence[0].span, pair.model) == (url, (0, 11), None)
    metrics = stage.metrics
    assert (metrics["in"], metrics["kept"], metrics["seeds"], metrics["facts_covered"]) == (1, 1, 1, 1)
    assert endpoint.calls == 0


def test_usage_says_what_was_expected_and_what_it_took(stage, endpoint):
    done = stage.run(FAQTUNE_ENDPOINTS__TEACHER__PRICES="{prompt: 2, completion: 10}")
    estimate, actual = stage.usage["estimate"], stage.usage["actual"]
    assert (estimate["calls"], estimate["requests"]) == (actual["calls"], actual["requests"]) == (endpoint.calls, 12)
    assert actual["prompt_tokens"] == actual["completion_tokens"] == endpoint.calls and actual["cost"] > 0
    assert f"12 replies to ask for in {endpoint.calls} calls" in done.stderr
    stage.run(FAQTUNE_ENDPOINTS__TEACHER__PRICES="{prompt: 2, completion: 10}")
    assert stage.usage["estimate"]["calls"] == stage.usage["actual"]["calls"] == stage.usage["actual"]["cost"] == 0
