"""The benchmark on questions by which no setting was chosen."""

import importlib.util
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import yaml

from stages import disk
from stages.records import Answer, Chunk, Item, Message, Pair, Row
from stages.tuning import models, training

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "benchmarks" / "confirming" / "confirm.py"


def row(question: str) -> Row:
    answer = [Message(role="assistant", content="It has 7 layers.")]
    return Row(id=question, pair="p", origin="seed", prompt=models.chat("S", question), completion=answer)


def item(name: str, of: str, question: str, *facts: str) -> Item:
    return Item(id=name, set=of, question=question, answer="It has 7 layers.", evidence="It has 7 layers.",
                facts=list(facts))  # fmt: skip


ITEMS = [
    item("a", "reworded", "Of how many layers is Opal made?", "known"),
    item("b", "reworded", "Of how many layers is Jade made?", "held out"),
    item("c", "faq", "How many layers does Opal have?", "known"),
    item("d", "faq", "Is Opal deep?", "other"),
    item("e", "unanswerable", "Who designed Opal?"),
]
PAIR = Pair(id="p", question="How many layers has Opal?", answer="It has 7 layers.", facts=["known"], evidence=[],
            source="d.md", origin="seed", split="train")  # fmt: skip


def test_what_training_reaches_and_what_it_does_not_teach_is_left_out():
    spec = importlib.util.spec_from_file_location("confirm", SCRIPT)
    confirm = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(confirm)
    kept, left = confirm.usable(ITEMS, [row("How many layers does Opal have?")], [PAIR])
    assert [one.id for one in kept] == ["a", "d", "e"] and left == {"reached": 1, "untrained": 1}


def test_scores_have_intervals_and_differences_a_verdict(tiny_llama: Path, tmp_path: Path):
    data = tmp_path / "data"
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=1)
    training.train(recipe, [row("How many layers does Opal have?")], [], data / "adapters" / "tiny")
    disk.write(tmp_path / "items.jsonl", ITEMS)
    disk.write(data / "mix" / "train.jsonl", [row("How many layers does Opal have?")])
    disk.write(data / "split" / "train.jsonl", [PAIR])
    chunk = Chunk(id="1", document="d", source="d.md", heading=[], header="Opal", text="It has 7 layers.",
                  span=(0, 16), tokens=5)  # fmt: skip
    disk.write(data / "chunk" / "chunks.jsonl", [chunk])
    params = yaml.safe_load((ROOT / "params.yaml").read_text())
    params["student"] |= {"student": str(tiny_llama), "dtype": "float32"}
    params["evaluate"] |= {"max-new-tokens": 3, "draws": 100}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    (tmp_path / "prompts").symlink_to(ROOT / "prompts")
    command = [sys.executable, str(SCRIPT), "--items", "items.jsonl"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path,
                          env=os.environ | {"PYTHONPATH": str(ROOT)})  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "3 items; left out 1 that a training row reaches, 1 on facts that are not trained" in done.stdout
    assert all(f"| {name} | " in done.stdout for name in ("base", "oracle", "retrieval", "tiny", "tiny+retrieval"))
    assert "tiny - base, token F1 on reworded: " in done.stdout and "too few items to tell" in done.stdout
    few = json.loads(done.stdout.splitlines()[-1])["tiny"]
    assert few["refuses_unanswerable"] == 0 and "token_f1_faq" in few


def test_the_items_are_whole_and_none_is_asked_twice():
    items = disk.read(ROOT / "benchmarks" / "confirming" / "items.jsonl", Item)
    assert Counter(one.set for one in items) == {"reworded": 70, "faq": 60, "unanswerable": 60}
    assert len({one.id for one in items}) == len({one.question.casefold() for one in items}) == len(items)
    assert all(one.answer and (one.set == "unanswerable" or (one.evidence and one.facts)) for one in items)


def test_a_gain_is_told_by_how_alike_the_nearest_training_question_is(tmp_path: Path):
    asked = [item("far", "faq", "Is Opal deep?", "1"), item("near", "faq", "How many layers does Opal have?", "2"),
             item("none", "unanswerable", "Who designed Opal?")]  # fmt: skip
    said = [
        Answer(id=f"{system}-{one.id}", item=one.id, set=one.set, system=system, question=one.question,
               reference=one.answer, answer="", scores={"refusal": float(one.set == "unanswerable"), "token_f1": score})
        for system, scores in (("base", (0.25, 0.25, 0.0)), ("all-linear", (0.5, 1.0, 0.0)))
        for one, score in zip(asked, scores, strict=True)
    ]  # fmt: skip
    disk.write(tmp_path / "evaluate" / "items.jsonl", asked)
    disk.write(tmp_path / "evaluate" / "answers.jsonl", said)
    disk.write(tmp_path / "mix" / "train.jsonl", [row("Opal: how many layers does it have?")])
    command = [sys.executable, "benchmarks/confirming/likeness.py", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "faq, all: 2 items, token F1 over base +0.50 " in done.stdout
    assert "faq, below 75: 1 items, token F1 over base +0.25 " in done.stdout
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["unanswerable"]["101"] == {"n": 1, "refused": 1.0} and "65" in figures["faq"]
    other = subprocess.run([*command, "--adapter", "x"], capture_output=True, text=True, cwd=ROOT)
    assert other.returncode == 2 and "no answers of x, but of all-linear, base" in other.stderr
