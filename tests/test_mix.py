"""Mix: rows as asked for, and a planted leak stops the run."""

import json

import pytest
from click.testing import CliRunner

from stages import disk
from stages.llm import unanswerable
from stages.mix import Made, main
from stages.records import Pair, Row

FAQ = [{"id": "q1", "question": "How many GPUs are needed to fine-tune the 70B model?", "answer": "Eight."},
       {"id": "q2", "question": "Who founded the Llama team?", "answerable": False}]  # fmt: skip


def pair(identity, question, fact=None, **more):
    return Pair(
        id=identity, question=question, answer=f"answer {identity}", facts=[fact or f"f{identity}"], source="s",
        **({"origin": "generated", "split": "train"} | more),
    )  # fmt: skip


TRAIN = [
    pair("p1", "What is FSDP good for?"),
    pair("p2", "fsdp good for", origin="paraphrase", parent="p1", fact="fp1"),
]
REWORDED = [pair("e1", "Why would a team choose FSDP for training?", fact="fp1", split="reworded")]
HELD = [pair("h1", "What does the flag --use_peft switch on?", split="held_out")]


def run(folder, *options, train=TRAIN, refusals=("What is the price of a Llama server?",), replay=True):
    disk.write(folder / "pairs.jsonl", train)
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
    return CliRunner().invoke(main, [*args, *options])


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
    assert metrics["delivered"]["replay"] == {"rows": 1, "share": 0.25} and metrics["in"] == metrics["kept"] == 4


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
