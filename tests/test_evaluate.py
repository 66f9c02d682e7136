import csv
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from stages import disk
from stages.evaluate import main
from stages.llm.replies import Replies
from stages.quality.leaks import FaqItem
from stages.records import Answer, Chunk, Evidence, Item, Message, Pair, Row
from stages.scoring.items import GeneralItem
from stages.tuning import models, training, weights
from tests.endpoint import Endpoint, serving


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
    general = [GeneralItem(id="g1", kind="sense", question="Is ice cold?", answer="Yes, it is.", accept=["yes"])]
    disk.write(tmp_path / "general.jsonl", general)
    texts = [f"Model {number} has {number * 7} layers." for number in range(12)] + ["It is MIT."]
    disk.write(
        tmp_path / "chunks.jsonl", [chunk(str(n), text, "d.md" if n < 12 else "d") for n, text in enumerate(texts)]
    )
    return tmp_path


def chunk(identity: str, text: str, source: str) -> Chunk:
    return Chunk(
        id=identity, document="d", source=source, heading=[], header="Guide", text=text, span=(0, len(text)), tokens=9
    )


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
    more = [
        "--chunks",
        data / "chunks.jsonl",
        "--general",
        data / "general.jsonl",
        "--student",
        tiny_llama,
        "--dtype",
        "float32",
        "--system",
        "S",
        "--max-new-tokens",
        "4",
        "--draws",
        "200",
    ]
    return [str(argument) for argument in [*fixed, *more, *options]]


def test_every_system_answers_the_same_items(data: Path, adapter: Path, tiny_llama: Path):
    result = CliRunner().invoke(main, arguments(data, adapter, tiny_llama, "--trained-max", "6"))
    assert result.exit_code == 0, result.output
    figures = json.loads((data / "m.json").read_text())
    answers = disk.read(data / "out" / "answers.jsonl", Answer)
    assert figures["systems"] == ["base", "oracle", "tiny", "retrieval", "tiny+retrieval"]
    sizes = {"trained": 6, "reworded": 11, "held_out": 3, "faq": 1, "unanswerable": 1, "general": 1}
    for name, size in sizes.items():
        for system in figures["systems"]:
            skipped = (system == "oracle" and name in ("unanswerable", "general")) or (
                system.endswith("retrieval") and name == "general"
            )
            without = name in ("trained", "reworded", "held_out") and system == "oracle"  # pair 0 has no evidence
            asked = [one for one in answers if (one.set, one.system) == (name, system)]
            assert len(asked) in ((0,) if skipped else (size - 1, size) if without else (size,)), (name, system)
    assert not {a.item for a in answers if a.set == "trained"} & {"train-10", "train-11"}
    assert figures["in"] == figures["kept"] + sum(figures["rejected"].values()) and "no_evidence" in figures["rejected"]
    assert len(disk.read(data / "out" / "items.jsonl", Item)) == sum(sizes.values())
    assert figures["reworded"]["base"]["token_f1"].keys() == {"value", "low", "high", "n"}
    assert figures["unanswerable"]["tiny"].keys() == {"refusal", "refusal_precision", "words"}
    assert figures["general"]["tiny"].keys() == {"correct", "kept", "refusal", "words", "text_nll"}
    assert {"nll", "exact", "wrong_keys"} <= figures["reworded"]["tiny+retrieval"].keys()
    difference = figures["differences"]["reworded"]["tiny - base"]["token_f1"]
    assert difference["low"] <= difference["value"] <= difference["high"] and difference["n"] == 11
    few = figures["differences"]["held_out"]["tiny - base"]["token_f1"]
    assert few["verdict"] == "too few items to tell" and few["needed"] > 3
    assert "tiny+retrieval - tiny" in figures["differences"]["reworded"]
    assert figures["recall"]["reworded"]["10"]["n"] == 10, "pair 0 has no evidence that could be found"
    assert " 0 asked" not in result.output


def test_the_few_numbers_and_the_table_say_what_the_figures_say(data: Path, adapter: Path, tiny_llama: Path):
    assert CliRunner().invoke(main, arguments(data, adapter, tiny_llama)).exit_code == 0
    figures, few = (json.loads((data / name).read_text()) for name in ("m.json", "headline.json"))
    assert few.keys() == {"tiny"}
    assert few["tiny"]["refuses_reworded"] == figures["reworded"]["tiny"]["refusal"]["value"]
    nlls = [figures["general"][system]["text_nll"]["value"] for system in ("tiny", "base")]
    assert few["tiny"]["perplexity_ratio"] == pytest.approx(math.exp(nlls[0] - nlls[1]), abs=1e-4)
    rows = list(csv.DictReader((data / "out" / "scores.csv").open()))
    found = {(row["set"], row["system"], row["metric"]): row for row in rows}
    assert float(found["faq", "oracle", "token_f1"]["value"]) == figures["faq"]["oracle"]["token_f1"]["value"]


def test_the_weights_are_loaded_once_for_all_adapters(
    data: Path, adapter: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
):
    both = data / "adapters"
    for name in ("one", "two"):
        shutil.copytree(adapter / "tiny", both / name)
    config = both / "two" / "adapter_config.json"
    config.write_text(config.read_text().replace('"lora_alpha": ', '"lora_alpha": 1'))
    loaded: list[str] = []
    load = weights.load
    monkeypatch.setattr(weights, "load", lambda *a, **k: loaded.append(a[0]) or load(*a, **k))
    assert CliRunner().invoke(main, arguments(data, both, tiny_llama)).exit_code == 0
    assert len(loaded) == 1
    alone = data / "alone"
    shutil.copytree(both / "two", alone / "adapters" / "two")
    for name in ("split", "rows.jsonl", "faq.jsonl", "general.jsonl", "chunks.jsonl"):
        os.symlink(data / name, alone / name)
    assert CliRunner().invoke(main, arguments(alone, alone / "adapters", tiny_llama)).exit_code == 0

    def of_two(folder: Path) -> list[Answer]:
        return [one for one in disk.read(folder / "out" / "answers.jsonl", Answer) if one.system.startswith("two")]

    assert of_two(data) == of_two(alone), "what one adapter changed is undone before the next"


def test_a_run_that_was_killed_generates_nothing_twice(
    data: Path, adapter: Path, tiny_llama: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("FAQTUNE_GENERATION__BATCH_SIZE", "4")
    kept: list[str] = []
    put = Replies.put_all

    def dying(self: Replies, values: dict) -> None:
        if len(kept) > 40:
            raise KeyboardInterrupt
        kept.extend(values)
        put(self, values)

    with monkeypatch.context() as patch:
        patch.setattr(Replies, "put_all", dying)
        assert CliRunner().invoke(main, arguments(data, adapter, tiny_llama)).exit_code == 1
    assert not (data / "m.json").exists()
    fresh: list[str] = []

    def noting(self: Replies, values: dict) -> None:
        fresh.extend(values)
        put(self, values)

    monkeypatch.setattr(Replies, "put_all", noting)
    assert CliRunner().invoke(main, arguments(data, adapter, tiny_llama)).exit_code == 0
    assert kept and fresh and not set(kept) & set(fresh)
    assert len(fresh) == len(set(fresh))


def test_an_endpoint_that_serves_the_adapter_answers_in_place_of_transformers(
    data: Path, adapter: Path, tiny_llama: Path
):
    def reply(messages: list[dict], sample: int) -> str:
        return "It is MIT."

    with serving(Endpoint(reply)) as endpoint:
        set_in = {"FAQTUNE_ENDPOINTS__SERVED__URL": endpoint.url}
        given = arguments(data, adapter, tiny_llama, "--engine", "served", "--served", "llama")
        result = CliRunner().invoke(main, given, env=set_in)
        assert result.exit_code == 0, result.output
        asked = {body["model"] for body in endpoint.bodies}
        assert asked == {"llama", "tiny"}, "an adapter is asked by its name"
        before = endpoint.calls
        assert CliRunner().invoke(main, given, env=set_in).exit_code == 0
        assert endpoint.calls == before
    figures = json.loads((data / "m.json").read_text())
    assert figures["faq"]["tiny"]["token_f1"]["value"] == 1 and "nll" not in figures["faq"]["tiny"]


def test_a_second_run_asks_nothing_loads_nothing_and_writes_the_same(data: Path, adapter: Path, tiny_llama: Path):
    assert CliRunner().invoke(main, arguments(data, adapter, tiny_llama)).exit_code == 0
    files = [data / "out" / "answers.jsonl", data / "replies.jsonl", data / "out" / "rejected.jsonl", data / "m.json",
             data / "out" / "scores.csv", data / "headline.json"]  # fmt: skip
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


def test_the_embedded_engine_answers_for_no_other_student(data: Path, adapter: Path, tiny_llama: Path):
    result = CliRunner().invoke(main, arguments(data, adapter, tiny_llama, "--engine", "embedded"))
    assert result.exit_code == 1 and "engine embedded answers with the embedded model" in result.output


def test_an_adapter_of_another_student_is_refused(data: Path, adapter: Path, tiny_llama: Path):
    result = CliRunner().invoke(main, [*arguments(data, adapter, tiny_llama), "--student", "embedded"])
    assert result.exit_code == 1 and "trained on 'tiny-llama', the student is 'embedded'" in result.output


def test_an_incomplete_adapter_is_named(data: Path, tiny_llama: Path):
    (data / "adapters" / "half").mkdir(parents=True)
    result = CliRunner().invoke(main, arguments(data, data / "adapters", tiny_llama))
    assert result.exit_code == 1 and "it has no adapter_config.json; run the train stage again" in result.output
