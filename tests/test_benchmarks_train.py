"""The benchmark of training: its rows, what it counts, and what it prints without the trainers it compares with."""

import importlib
import json
import math
import sys
from types import SimpleNamespace

import msgspec
import pytest

MODULES = ("flops", "llama", "losses", "material", "measured", "qlora")


@pytest.fixture(scope="module")
def bench(request):
    """The benchmark with its modules, found as a script finds them."""
    folder = str(request.config.rootpath / "benchmarks")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    found = {name: importlib.import_module(f"training.{name}") for name in MODULES}
    yield SimpleNamespace(main=importlib.import_module("train"), root=request.config.rootpath, **found)
    sys.path.remove(folder)
    for name in set(sys.modules) - before:
        if name == "train" or name.startswith("training."):
            del sys.modules[name]


@pytest.fixture
def alone(bench, monkeypatch, tmp_path):
    """The benchmark where TRL is not installed."""
    known = bench.measured.interpreter
    monkeypatch.setattr(
        bench.measured, "interpreter", lambda system: tmp_path / "none" if "trl" in system else known(system)
    )
    monkeypatch.chdir(bench.root)
    return bench


def job(bench, **changed):
    usual = {
        "model": "m", "student": "m", "mix": "mix", "encoded": "e", "rows": 10, "tokens": 500, "dtype": "bfloat16",
        "max_length": 64, "epochs": 2, "batch": 4, "micro": 4, "learning_rate": 1e-3, "seed": 0, "threads": 1,
    }  # fmt: skip
    return bench.measured.Job(**usual | changed)


def a_run(bench, second, peak=1000.0, loss=1.0):
    return bench.measured.Run(
        seconds=[second] * 6, cpu=[second] * 6, losses=[9.0] * 3 + [loss] * 3, padding=0.1, precision="x", peak_mb=peak
    )


def printed(capsys):
    out = capsys.readouterr().out
    return out, json.loads(out.splitlines()[-1])


def test_without_a_run_of_the_pipeline_rows_are_made_of_the_worked_examples(bench):
    rows, source = bench.material.read(None, bench.root / bench.main.EXAMPLES, bench.root / bench.main.PARAMS)
    assert source.endswith("examples.jsonl") and len(rows) > bench.main.MOST
    assert [message.role for message in rows[0].prompt] == ["system", "user"] and rows[0].completion[0].content
    training, held_out = bench.material.parted(rows, 50)
    assert len(training) == 45 and len(held_out) == 5
    assert not {row.id for row in training} & {row.id for row in held_out}
    assert bench.material.parted(list(reversed(rows)), 50) == (training, held_out), "by content, not by place"


def test_the_rates_are_those_of_the_fastest_round_and_the_loss_that_of_the_last_epoch(bench):
    runs = [a_run(bench, 2.0, 900), a_run(bench, 1.0, 1100)]
    found = bench.main.flat(runs, job(bench), [1.0, 2.0], [1.5, 2.5])
    assert found["rows_per_second"] == round(20 / 6, 3) and found["tokens_per_second"] == round(1000 / 6, 1)
    assert found["seconds_by_round"] == [12.0, 6.0] and found["peak_mb"] == 1100
    assert found["train_loss"] == 1.0 and found["held_out_loss"] == 1.5
    assert found["ours_minus_theirs"]["value"] == 0.5


def test_speed_is_held_against_the_faster_trl_and_memory_against_the_smallest(bench):
    figures = {
        name: {"rows_per_second": speed, "peak_mb": peak}
        for name, speed, peak in (
            ("faqtune", 6.0, 900), ("trainer", 3.0, 1500), ("trl", 1.0, 1000), ("trl without checkpointing", 2.0, 2000)
        )
    }  # fmt: skip
    found = bench.main.overall(figures, job(bench))
    assert (found["rows_ratio_trl"], found["rows_ratio_trainer"]) == (3.0, 2.0)
    assert (found["memory_ratio"], found["fastest"], found["memory_ratio_fastest"]) == (0.9, "trainer", 0.6)
    found = bench.main.overall({"faqtune": figures["faqtune"]}, job(bench))
    assert found["rows_ratio_trl"] is found["rows_ratio_trainer"] is found["memory_ratio"] is None


def test_another_system_that_fails_is_left_out_and_ours_that_fails_stops(bench, monkeypatch, tmp_path, capsys):
    def run(system, asked, folder):
        if system == "trl" or asked.seed:
            raise bench.measured.TrainerError("no memory")
        return a_run(bench, 1.0)

    monkeypatch.setattr(bench.measured, "run", run)
    asked = {name: (name, job(bench)) for name in ("faqtune", "trl")}
    found = bench.main.by_turns(asked, tmp_path, 2)
    assert {name: len(runs) for name, runs in found.items()} == {"faqtune": 2}
    assert capsys.readouterr().out.count("trl: no memory") == 1
    with pytest.raises(SystemExit, match="faqtune, again: no memory"):
        bench.main.by_turns({"faqtune, again": ("faqtune", job(bench, seed=1))}, tmp_path, 1)


@pytest.mark.bench
def test_quick_trains_with_the_stage_and_a_plain_trainer_and_measures_both_alike(
    alone, tiny_llama, monkeypatch, capsys
):
    monkeypatch.setattr(sys, "argv", ["train.py", "--quick", "--student", str(tiny_llama), "--batch-size", "8"])
    monkeypatch.setattr(alone.main, "ROWS", alone.root / "none")
    alone.main.main()
    out, figures = printed(capsys)
    assert "trl is not installed" in out
    assert figures["rows_ratio_trl"] is None and figures["rows_ratio_trainer"] > 0 and figures["memory_ratio"] > 0
    assert figures["rows"] == 16 and set(figures["systems"]) == {"faqtune", "trainer"}
    for system, one in figures["systems"].items():
        assert f"| {system} | " in out
        assert one["rows_per_second"] > 0 and one["peak_mb"] > 100
        assert math.isclose(one["held_out_loss"], figures["base_loss"], abs_tol=1.0)
        assert one["held_out_loss"] != figures["base_loss"], "its adapter was measured"
    assert figures["systems"]["trainer"]["padding"] > figures["systems"]["faqtune"]["padding"] > 0


def test_a_plain_trainer_gets_our_tokens_and_no_label_on_the_prompt(bench, tmp_path):
    from stages.tuning.rows import Encoded

    one = Encoded(id="1", ids=[5, 6, 7, 8], start=2, end=3, ended=True)
    bench.material.write([], [one], tmp_path)
    assert json.loads((tmp_path / "encoded.jsonl").read_text()) == {
        "input_ids": [5, 6, 7, 8],
        "labels": [-100, -100, 7, 8],
    }


def test_the_size_and_the_operations_of_llama_2_7b(bench):
    shape = bench.llama.FULL
    assert bench.flops.linear(shape) == 32 * (4 * 4096**2 + 3 * 4096 * 11008)
    whole = bench.flops.linear(shape) + 2 * 32000 * 4096 + (2 * 32 + 1) * 4096
    assert whole == 6_738_415_616, "with the embeddings and norms"
    assert bench.flops.adapter(shape, 16) == 39_976_960, "as peft counts it"
    one = bench.flops.training(shape, 16, [2048], 0) / 2048
    assert one == 4 * bench.flops.linear(shape) + 6 * 39_976_960 + 6 * 32 * 4096 * 2048
    assert bench.flops.training(shape, 16, [2048], 10) - one * 2048 == 4 * 4096 * 32000 * 10
    grouped = shape | {"num_key_value_heads": 8}
    assert bench.flops.linear(shape) - bench.flops.linear(grouped) == 32 * 2 * 4096 * 3072


@pytest.mark.parametrize(
    ("card", "peak"),
    [("NVIDIA H100 80GB HBM3", 989), ("NVIDIA H100 PCIe", 756), ("NVIDIA A100-SXM4-80GB", 312),
     ("NVIDIA L40S", 362), ("NVIDIA GeForce RTX 4090", 165), ("NVIDIA A10", 125), ("NVIDIA A10G", None), ("", None)],
)  # fmt: skip
def test_the_peak_of_a_card_is_known_by_its_name(bench, card, peak):
    assert bench.flops.peak(card) == peak


def test_utilisation_leaves_the_first_steps_out(bench):
    slow = a_run(bench, 1.0)
    run = msgspec.structs.replace(
        slow, seconds=[9.0, 9.0, *slow.seconds[2:]], gpu={"allocated": 2**30, "reserved": 2**31}
    )
    found = bench.qlora.flat(run, job(bench, rows=12, batch=2, epochs=1, tokens=600), 5e9, 1.0)
    assert found["tokens_per_second"] == 100.0 and found["mfu"] == 0.5
    assert (found["allocated_gib"], found["peak_gib"]) == (1.0, 2.0)
    assert bench.qlora.flat(run, job(bench), 5e9, None)["mfu"] is None


def test_llama_2_7b_without_a_gpu_says_what_it_needs(alone, monkeypatch):
    monkeypatch.setattr(alone.qlora, "_card", lambda: "")
    monkeypatch.setattr(sys, "argv", ["train.py", "--llama-2-7b"])
    with pytest.raises(SystemExit, match="needs a GPU, .* --tiny"):
        alone.main.main()


@pytest.mark.bench
def test_tiny_qlora_trains_the_stage_on_rows_of_the_length_asked_for(alone, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(alone.qlora, "_card", lambda: "")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    monkeypatch.setattr(sys, "argv", ["train.py", "--llama-2-7b", "--tiny", "--lengths", "128"])
    lengths, known = [], alone.llama.rows

    def rows(tokenizer, count, length):
        made = known(tokenizer, count, length)
        lengths.extend(len(one.ids) for one in made[1])
        assert all(one.ended and len(one.labelled) > length // 2 for one in made[1]), "long answers, with an end token"
        return made

    monkeypatch.setattr(alone.llama, "rows", rows)
    alone.main.main()
    out, figures = printed(capsys)
    assert len(lengths) == 6 and all(118 <= length <= 128 for length in lengths)
    ours = figures["llama_2_7b"]["128"]["faqtune"]
    assert ours["precision"] == "nf4 (bfloat16), adapter float32, autocast, gradient checkpointing"
    assert ours["tokens_per_second"] > 0 and ours["mfu"] is None and figures["tokens_ratio"] == {"128": None}
    assert "| 128 | 1 | faqtune | " in out
