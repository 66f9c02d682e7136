"""Mix: rows as asked for, and a planted leak stops the run."""

import json
from collections import Counter

import msgspec
import pytest
from click.testing import CliRunner

from stages import disk
from stages.llm import unanswerable
from stages.mix import main
from stages.mixing.given import Made
from stages.records import Decision, Message, Pair, Row, Source

FAQ = [{"id": "q1", "question": "How many GPUs are needed to fine-tune the 70B model?", "answer": "Eight."},
       {"id": "q2", "question": "Who founded the Llama team?", "answerable": False}]  # fmt: skip


def pair(identity, question, fact=None, **more):
    return Pair(
        id=identity, question=question, answer=f"answer {identity}", facts=[fact or f"f{identity}"],
        **({"source": "s", "origin": "generated", "split": "train"} | more),
    )  # fmt: skip


TRAIN = [
    pair("p1", "What is FSDP good for?"),
    pair("p2", "fsdp good for", origin="paraphrase", parent="p1", fact="fp1"),
]
REWORDED = [pair("e1", "Why would a team choose FSDP for training?", fact="fp1", split="reworded")]
HELD = [pair("h1", "What does the flag --use_peft switch on?", split="held_out")]


def counts_words(folder):
    """Make a student that counts words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "config.json").write_text("{}")
    return str(folder)


def run(folder, *options, train=TRAIN, refusals=("What is the price of a Llama server?",), replay=True):
    disk.write(folder / "pairs.jsonl", train)
    disk.write(folder / "split" / "train.jsonl", TRAIN)
    disk.write(folder / "split" / "reworded.jsonl", REWORDED)
    disk.write(folder / "split" / "held_out.jsonl", HELD)
    sources = folder / "sources"
    sources.mkdir(exist_ok=True)
    (sources / "faq.jsonl").write_text("".join(json.dumps(item) + "\n" for item in FAQ))
    lines = [json.dumps({"id": f"no-{i}", "question": q}) + "\n" for i, q in enumerate(refusals)]
    (sources / "unanswerable.jsonl").write_text("".join(lines))
    if replay:
        (sources / "replay.jsonl").write_text('{"id": "r1", "question": "Hello!", "answer": "Hello to you."}\n')
    args = [str(folder / name) for name in ("pairs.jsonl", "split", "sources", "out", "metrics/mix.json")]
    fixed = ["--student", counts_words(folder / "student"), "--replay-file", str(sources / "replay.jsonl")]
    return CliRunner().invoke(main, [*args, *fixed, *options])


def figures(folder):
    return json.loads((folder / "metrics" / "mix.json").read_text())


def trained(folder):
    return disk.read(folder / "out" / "train.jsonl", Row)


def test_rows_come_from_all_sources_and_the_books_balance(tmp_path):
    result = run(tmp_path, "--system", "You answer.", "--refusal", "I do not know.")
    assert result.exit_code == 0, result.output
    rows = disk.read(tmp_path / "out" / "train.jsonl", Row)
    assert sorted(row.origin for row in rows) == ["generated", "paraphrase", "refusal", "replay"]
    assert all([m.role for m in row.prompt] == ["system", "user"] for row in rows)
    refusal = next(row for row in rows if row.origin == "refusal")
    assert refusal.completion[0].content == "I do not know."
    assert [row.pair for row in disk.read(tmp_path / "out" / "eval.jsonl", Row)] == ["e1"]
    metrics = json.loads((tmp_path / "metrics" / "mix.json").read_text())
    delivered = metrics["delivered"]["replay"]
    assert (delivered["rows"], delivered["share"]) == (1, 0.25) and metrics["in"] == metrics["kept"] == 4


def test_caps_hold_and_no_system_prompt_means_none(tmp_path):
    asked = [f"What is the price of server number {i}?" for i in range(5)]
    assert run(tmp_path, "--refusals", "2", "--replay", "0", refusals=asked).exit_code == 0
    metrics = json.loads((tmp_path / "metrics" / "mix.json").read_text())
    assert metrics["rejected"] == {"over_refusal_cap": 3, "over_replay_cap": 1}
    assert all(len(row.prompt) == 1 for row in disk.read(tmp_path / "out" / "train.jsonl", Row))


def test_a_refusal_that_the_evaluation_asks_is_rejected(tmp_path):
    assert run(tmp_path, refusals=["who founded the llama team"]).exit_code == 0
    assert json.loads((tmp_path / "metrics" / "mix.json").read_text())["rejected"] == {"leak_eval": 1}


@pytest.mark.parametrize(
    ("planted", "said"),
    [
        (pair("x", "how many gpus are needed to fine-tune the 70b model"), "matches faq q1"),
        (pair("x", "I own a lab. How many GPUs are needed to fine-tune the 70B model? Thanks."), "contained"),
        (pair("x", "Could you tell me who founded the Llama team?"), "matches unanswerable q2"),
        (pair("x", "Why would a team chose FSDP for trainning?"), "matches reworded e1"),
        (pair("x", "What does the flag --use_peft switch on?"), "matches held_out h1"),
        (pair("x", "What is an adapter made of?", fact="fh1"), "teaches fact fh1"),
        (pair("x", "What is an adapter made of?", parent="h1"), "child of pair h1"),
        (pair("x", "What is an adapter made of?", parent="gone"), "child of pair gone"),
        (pair("e1", "What is an adapter made of?"), "made of pair e1"),
    ],
)
def test_a_planted_leak_stops_the_run(tmp_path, planted, said):
    result = run(tmp_path, train=[*TRAIN, planted])
    assert result.exit_code != 0 and said in result.output, result.output
    assert not (tmp_path / "out" / "train.jsonl").exists()


def test_a_row_that_reaches_an_external_file_stops_the_run_unless_it_is_flagged(tmp_path):
    (tmp_path / "sources" / "evaluation").mkdir(parents=True)
    (tmp_path / "sources" / "evaluation" / "bench.csv").write_text("question\nWhat does an adapter hold?\n")
    reaching = pair("x", "what does an adapter hold")
    result = run(tmp_path, train=[*TRAIN, reaching])
    assert result.exit_code != 0 and "matches bench 1" in result.output
    flagged = msgspec.structs.replace(reaching, decision=Decision(kept=True, reason="leak_bench", value="1"))
    assert run(tmp_path, train=[*TRAIN, flagged], refusals=["What does an adapter hold?"]).exit_code == 0
    assert json.loads((tmp_path / "metrics" / "mix.json").read_text())["rejected"] == {"leak_eval": 1}


def made(folder, *questions):
    """Write questions as stage generate makes them; return the options that mix them in."""
    items = [unanswerable.Unanswerable(id=f"m{n}", question=question, topic="Llama", about="price", subject="Llama",
                                       origin="property") for n, question in enumerate(questions)]  # fmt: skip
    disk.write(folder / "unanswerable.jsonl", items)
    return "--unanswerable", str(folder / "unanswerable.jsonl")


WRITTEN = [f"What is the price of server number {i}?" for i in range(9)]
MADE = [f"Who designed the logo of model {i}?" for i in range(9)]


def refused(folder):
    rows = disk.read(folder / "out" / "train.jsonl", Row)
    return sorted(row.pair for row in rows if row.origin == "refusal")


def test_questions_made_near_the_documents_are_at_most_half_of_the_refusals(tmp_path):
    result = run(tmp_path, "--refusals", "6", *made(tmp_path, *MADE), refusals=WRITTEN)
    assert result.exit_code == 0, result.output
    assert [one[0] for one in refused(tmp_path)] == ["m"] * 3 + ["n"] * 3
    metrics = json.loads((tmp_path / "metrics" / "mix.json").read_text())
    assert metrics["rejected"] == {"over_refusal_cap": 12} and metrics["refusals_made"] == 3
    assert metrics["in"] == metrics["kept"] + 12 == 2 + 18 + 1
    first = refused(tmp_path)
    assert run(tmp_path, "--refusals", "6", "--seed", "1", *made(tmp_path, *MADE), refusals=WRITTEN).exit_code == 0
    assert refused(tmp_path) != first, "drawn by the seed"


@pytest.mark.parametrize(
    ("most", "by_hand", "near", "expected"),
    [(6, 9, 1, (5, 1)), (6, 1, 9, (1, 3)), (5, 9, 9, (3, 2)), (1, 9, 9, (1, 0)), (0, 9, 9, (0, 0)), (9, 2, 2, (2, 2))],
)
def test_what_one_kind_leaves_the_hand_written_ones_may_take(tmp_path, most, by_hand, near, expected):
    options = made(tmp_path, *MADE[:near])
    assert run(tmp_path, "--refusals", str(most), *options, refusals=WRITTEN[:by_hand]).exit_code == 0
    found = refused(tmp_path)
    assert (sum(one[0] == "n" for one in found), sum(one[0] == "m" for one in found)) == expected


def test_a_made_question_that_the_evaluation_or_a_hand_asked_is_rejected(tmp_path):
    options = made(tmp_path, "Who founded the Llama team?", "what is the price of a Llama server", MADE[0])
    assert run(tmp_path, *options).exit_code == 0
    assert refused(tmp_path) == ["m2", "no-0"]
    metrics = json.loads((tmp_path / "metrics" / "mix.json").read_text())
    assert metrics["rejected"] == {"leak_eval": 1, "written_by_hand": 1}


def test_made_questions_are_the_records_of_stage_generate(tmp_path):
    assert Made.__struct_fields__ == unanswerable.Unanswerable.__struct_fields__
    result = run(tmp_path, "--unanswerable", str(tmp_path / "gone.jsonl"))
    assert result.exit_code == 2 and "gone.jsonl" in result.output


def test_an_absent_source_is_named(tmp_path):
    result = run(tmp_path, replay=False)
    assert result.exit_code == 1 and "replay.jsonl is absent" in result.output
    assert run(tmp_path, "--replay", "0", replay=False).exit_code == 0


def test_without_a_pair_it_stops_as_an_adapter_would_learn_refusals_only(tmp_path):
    result = run(tmp_path, train=[])
    assert result.exit_code == 1 and "holds no pair" in result.output


def test_a_bad_line_ends_in_one_line_and_no_traceback(tmp_path):
    FAQ.append({"question": "no id?"})
    try:
        result = run(tmp_path)
    finally:
        FAQ.pop()
    assert result.exit_code == 1 and "faq.jsonl, line 3" in result.output and "Traceback" not in result.output


def question(number, *, words=1, **more):
    """Return a pair that asks something of its own, answered in so many words."""
    made = pair(f"q{number}", f"What is the colour of part {number * 7}{number}?", **more)
    return msgspec.structs.replace(made, answer=" ".join([f"colour{number}"] * words))


MANY = [question(n, source="a.md", words=1 + n % 4) for n in range(12)] + [
    question(n, source="b.md", origin="seed", words=9) for n in range(12, 16)
]


def collected(folder):
    """Note two sources as stage collect does; return the option that reads them."""
    file = {"file": "f", "sha256": "0" * 64}
    disk.write(folder / "collected.jsonl", [Source(id="1", path="a.md", trust=0.5, **file),
                                            Source(id="2", path="b.md", weight=2, trust=1.0, **file)])  # fmt: skip
    return "--collected", str(folder / "collected.jsonl")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("--by origin --sampling quotas --weight seed=2 --weight generated=6", {"a.md": 12, "b.md": 4}),
        ("--by source --sampling quotas --total 9", {"a.md": 3, "b.md": 6}),
        ("--by source --sampling temperature --total 10", {"a.md": 6, "b.md": 4}),  # 12 * 1 against 4 * 2
        ("--by source --sampling temperature --temperature 2 --weight b.md=1 --total 11", {"a.md": 7, "b.md": 4}),
        ("--by trust --sampling temperature --total 10", {"a.md": 6, "b.md": 4}),  # 12 * 0.5 against 4 * 1
        ("--by source --sampling quotas", {"a.md": 8, "b.md": 8}),  # asked for 5 and 11, b.md has 4
        ("--by source --sampling quotas --max-repeats 1", {"a.md": 12, "b.md": 4}),
        ("--by source --sampling quotas --weight b.md=0", {"a.md": 12}),
        ("--by source --sampling quotas --weight b.md=0 --total 99", {"a.md": 24}),
    ],
)
def test_quotas_are_delivered_and_the_books_balance(tmp_path, options, expected):
    result = run(tmp_path, *options.split(), *collected(tmp_path), train=MANY)
    assert result.exit_code == 0, result.output
    source = {one.id: one.source for one in MANY}
    made = [row for row in trained(tmp_path) if row.pair in source]
    assert Counter(source[row.pair] for row in made) == expected
    metrics = figures(tmp_path)
    rejected = metrics["rejected"].get("over_quota", 0)
    assert len(made) - metrics["repeats"] + rejected == len(MANY)
    assert metrics["in"] == metrics["kept"] + rejected == len(MANY) + metrics["repeats"] + 2
    groups = metrics["quotas"]["groups"].values()
    assert sum(one["units"] for one in groups) == metrics["quotas"]["delivered"] == len(made)


def test_metrics_say_what_was_asked_what_was_delivered_and_what_was_capped(tmp_path):
    options = ("--by", "origin", "--sampling", "quotas", "--weight", "reviewer=1", "--unit", "tokens", "--total", "50")
    result = run(tmp_path, *options, train=MANY)
    assert result.exit_code == 0, result.output
    groups = figures(tmp_path)["quotas"]["groups"]
    assert groups["reviewer"] == {"weight": 1.0, "available": 0, "asked": 0.3333, "delivered": 0.0, "quota": 0,
                                  "units": 0, "capped": True}  # fmt: skip
    assert groups["generated"]["quota"] == groups["seed"]["quota"] == 25 and not groups["seed"]["capped"]
    assert abs(groups["seed"]["units"] - 25) <= 4 and abs(groups["generated"]["units"] - 25) <= 2
    assert "reviewer (asked 33.3%, delivered 0.0%) capped" in result.output
    tables = json.loads((tmp_path / "out" / "mixture.json").read_text())
    assert tables["origin"]["seed"]["answer_tokens"] == tables["source"]["b.md"]["answer_tokens"]
    assert tables["origin"] == figures(tmp_path)["delivered"]


def test_a_repeat_has_an_id_of_its_own_and_says_the_same(tmp_path):
    assert run(tmp_path, "--by", "source", "--sampling", "quotas", "--total", "36", train=MANY).exit_code == 0
    rows = [row for row in trained(tmp_path) if row.origin == "seed"]
    assert len(rows) == 8 and len({row.id for row in rows}) == 8 and len({row.pair for row in rows}) == 4
    assert {row.pair: row.prompt for row in rows} == {row.pair: row.prompt for row in reversed(rows)}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--by source", "sampling all takes every pair once"),
        ("--total 3", "sampling all takes every pair once"),
        ("--by source --sampling quotas --weight c.md=2", "there is no 'c.md', but a.md, b.md"),
        ("--by source --sampling quotas --weight a.md", "expected NAME=NUMBER"),
        ("--by source --sampling quotas --weight a.md=-1", "expected NAME=NUMBER"),
        ("--by source --sampling quotas --weight a.md=nan", "expected NAME=NUMBER"),
        ("--by source --sampling quotas --weight a.md=0 --weight b.md=0", "nothing to mix"),
        ("--sampling quotas --unit tokens --total 1 --seed 1", "no row at all"),
        ("--student nowhere", "neither 'embedded'"),
    ],
)
def test_what_cannot_be_mixed_is_said_in_one_line(tmp_path, options, said):
    result = run(tmp_path, *options.split(), *collected(tmp_path), train=MANY)
    assert result.exit_code == 1 and said in result.output and "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_trust_needs_to_know_the_sources(tmp_path):
    result = run(tmp_path, "--by", "trust", "--sampling", "quotas")
    assert result.exit_code == 1 and "no trust is known" in result.output


TURNS = [Message(role="user", content="Who founded the Llama team?"), Message(role="assistant", content="Somebody.")]


def test_a_follow_up_is_asked_after_its_turns(tmp_path):
    turns = [Message(role="user", content="What does FSDP mean?"), Message(role="assistant", content="A method.")]
    result = run(tmp_path, "--system", "S", train=[pair("p1", "And what is it good for in a lab?", turns=turns)])
    assert result.exit_code == 0, result.output
    row = next(row for row in trained(tmp_path) if row.pair == "p1")
    assert [(m.role, m.content) for m in row.prompt] == [
        ("system", "S"), ("user", "What does FSDP mean?"), ("assistant", "A method."),
        ("user", "And what is it good for in a lab?"),
    ]  # fmt: skip


def test_an_earlier_turn_may_not_ask_what_the_evaluation_asks(tmp_path):
    result = run(tmp_path, train=[pair("p1", "And what is it good for in a lab?", turns=TURNS)])
    assert result.exit_code == 1 and "matches unanswerable q2" in result.output


def test_a_question_that_curate_mended_is_no_child(tmp_path):
    mended = pair("x", "What is an adapter made of?", parent="its first wording", scores={"repaired": 1.0})
    assert run(tmp_path, train=[*TRAIN, mended]).exit_code == 0
    child = pair("y", "adapter made of", parent="its first wording", scores={"repaired": 1.0}, origin="paraphrase")
    result = run(tmp_path, train=[*TRAIN, child])
    assert result.exit_code == 1 and "child of pair its first wording" in result.output


def replayed(folder, *lines):
    (folder / "any.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return "--replay-file", str(folder / "any.jsonl")


def test_any_instructions_are_replayed_but_for_leaks_copies_and_long_ones(tmp_path):
    talk = [{"role": "system", "content": "Rhyme."}, {"role": "user", "content": "Say cat."},
            {"role": "assistant", "content": "Cat."}]  # fmt: skip
    again = [{"role": "user", "content": "Say hat."}, {"role": "assistant", "content": "Hat."}]
    leaky = [{"role": TURNS[0].role, "content": TURNS[0].content}, {"role": "assistant", "content": "I do not know."}]
    options = replayed(
        tmp_path, {"instruction": "Count.", "output": "One."}, {"instruction": "Count.", "output": "One."},
        {"messages": talk + again}, {"messages": leaky + again}, {"question": "Long?", "answer": "word " * 30},
    )  # fmt: skip
    result = run(tmp_path, "--system", "S", *options, "--replay-max-tokens", "20")
    assert result.exit_code == 0, result.output
    rows = [row for row in trained(tmp_path) if row.origin == "replay"]
    assert sorted([len(row.prompt), row.prompt[0].content, row.completion[0].content] for row in rows) == [
        [2, "S", "One."], [4, "Rhyme.", "Hat."],
    ]  # fmt: skip
    assert figures(tmp_path)["rejected"] == {"leak_eval": 1, "said_twice": 1, "too_long": 1}


def test_a_line_to_replay_that_has_no_known_shape_is_named(tmp_path):
    result = run(tmp_path, *replayed(tmp_path, {"question": "a", "answer": "b"}, {"text": "a b"}))
    assert result.exit_code == 1 and "any.jsonl, line 2: expected question and answer" in result.output
    assert "found text" in result.output


def test_a_shuffle_leaves_the_order_to_training_and_a_curriculum_sets_it(tmp_path):
    assert run(tmp_path, train=MANY).exit_code == 0
    assert {row.order for row in trained(tmp_path)} == {0}
    assert run(tmp_path, "--order", "curriculum", train=MANY).exit_code == 0
    rows = sorted(trained(tmp_path), key=lambda row: row.order)
    assert [row.order for row in rows] == list(range(1, len(rows) + 1))
    words = [len(row.completion[0].content.split()) for row in rows if row.pair.startswith("q")]
    assert words == sorted(words)


def test_the_same_inputs_give_the_same_bytes_whatever_their_order(tmp_path):
    for name, pairs in (("one", MANY), ("two", MANY[::-1])):
        (tmp_path / name).mkdir()
        options = ("--by", "form", "--sampling", "temperature", "--total", "9", "--order", "curriculum")
        assert run(tmp_path / name, *options, train=pairs).exit_code == 0
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name / "out").iterdir()} for name in ("one", "two")
    )
    assert one == two
