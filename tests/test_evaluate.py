import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from stages import disk
from stages.evaluate import main
from stages.quality.leaks import FaqItem
from stages.records import Answer, Evidence, Message, Pair, Row
from stages.tuning import models, training


def pair(number: int, split: str) -> Pair:
    quote = f"Model {number} has {number * 7} layers."
    return Pair(
        id=f"{split}-{number}",
        question=f"How many layers has model {number}, the {split} one?",
        answer=quote,
        facts=[f"fact-{number}"],
        evidence=[Evidence(document="d", quote=quote, span=(0, len(quote)))] if number else [],
        source="d.md",
        origin="generated",
        split=split,
    )


@pytest.fixture(scope="module")
def adapter(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapters")
    row = Row(
        id="r",
        pair="p",
        origin="seed",
        prompt=models.chat("S", "How?"),
        completion=[Message(role="assistant", content="So.")],
    )
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=1)
    training.train(recipe, [row], [], folder / "tiny")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for split, count in (("train", 12), ("reworded", 11), ("held_out", 3)):
        disk.write(tmp_path / "split" / f"{split}.jsonl", [pair(number, split) for number in range(count)])
    rows = [
        Row(id=f"{n}", pair=f"train-{n}", origin="generated", prompt=[], completion=[]) for n in range(10)
    ]  # two of the twelve were not trained
    disk.write(tmp_path / "rows.jsonl", rows)
    faq = [
        FaqItem(id="f1", question="What is the licence?", answer="It is MIT.", document="d", quote="It is MIT."),
        FaqItem(id="f2", question="What is the price?", answer="I do not know.", answerable=False),
    ]
    disk.write(tmp_path / "faq.jsonl", faq)
    return tmp_path


def arguments(data: Path, adapters: Path, tiny_llama: Path, *options: str) -> list[str]:
    fixed = [
        data / "split",
        data / "rows.jsonl",
        data / "faq.jsonl",
        adapters,
        data / "out",
        data / "replies.jsonl",
        data / "m.json",
    ]
    more = ["--student", tiny_llama, "--dtype", "float32", "--system", "S", "--max-new-tokens", "4", "--draws", "200"]
    return [str(argument) for argument in [*fixed, *more, *options]]


def test_every_system_answers_the_same_items(data: Path, adapter: Path, tiny_llama: Path):
    result = CliRunner().invoke(main, arguments(data, adapter, tiny_llama, "--trained-max", "6"))
    assert result.exit_code == 0, result.output
    figures = json.loads((data / "m.json").read_text())
    answers = disk.read(data / "out" / "answers.jsonl", Answer)
    counts = {
        name: {system: len([a for a in answers if (a.set, a.system) == (name, system)]) for system in ("base", "tiny")}
        for name in figures["differences"]
    }
    assert counts == {
        "trained": {"base": 6, "tiny": 6}, "reworded": {"base": 11, "tiny": 11}, "held_out": {"base": 3, "tiny": 3},
        "faq": {"base": 1, "tiny": 1}, "unanswerable": {"base": 1, "tiny": 1},
    }  # fmt: skip
    assert not [a for a in answers if a.system == "oracle" and a.set == "unanswerable"]
    assert not {a.item for a in answers if a.set == "trained"} & {"train-10", "train-11"}
    assert figures["in"] == figures["kept"] + sum(figures["rejected"].values()) and "no_evidence" in figures["rejected"]
    assert figures["reworded"]["base"]["token_f1"].keys() == {"value", "low", "high", "n"}
    assert figures["unanswerable"]["tiny"].keys() == {"refusal"}
    difference = figures["differences"]["reworded"]["tiny - base"]["token_f1"]
    assert difference["low"] <= difference["value"] <= difference["high"] and difference["n"] == 11
    assert figures["differences"]["held_out"]["tiny - base"]["token_f1"]["verdict"] == "too few items to tell"
    assert " 0 asked" not in result.output


def test_a_second_run_asks_nothing_loads_nothing_and_writes_the_same(data: Path, adapter: Path, tiny_llama: Path):
    assert CliRunner().invoke(main, arguments(data, adapter, tiny_llama)).exit_code == 0
    files = [data / "out" / "answers.jsonl", data / "replies.jsonl", data / "out" / "rejected.jsonl", data / "m.json"]
    before = [file.read_bytes() for file in files]
    code = (
        "import sys; from stages.evaluate import main; main(sys.argv[1:], standalone_mode=False);"
        "assert not {'torch', 'transformers'} & set(sys.modules)"
    )
    again = subprocess.run(
        [sys.executable, "-c", code, *arguments(data, adapter, tiny_llama)], capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert [file.read_bytes() for file in files] == before
    assert " 0 asked" in again.stdout


def test_an_adapter_of_another_student_is_refused(data: Path, adapter: Path, tiny_llama: Path):
    result = CliRunner().invoke(main, [*arguments(data, adapter, tiny_llama), "--student", "embedded"])
    assert result.exit_code == 1 and "trained on 'tiny-llama', the student is 'embedded'" in result.output


def test_an_incomplete_adapter_is_named(data: Path, tiny_llama: Path):
    (data / "adapters" / "half").mkdir(parents=True)
    result = CliRunner().invoke(main, arguments(data, data / "adapters", tiny_llama))
    assert result.exit_code == 1 and "it has no adapter_config.json; run the train stage again" in result.output
