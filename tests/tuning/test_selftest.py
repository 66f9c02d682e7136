from pathlib import Path
from typing import Any

import pytest

from stages.records import Message
from stages.tuning import batches, models, rows, selftest, tokenised, training
from tests.tuning.examples import run, some_rows


def letters(made: list[Any]) -> None:
    """What iterating over the characters of a string makes: one letter in, one letter out."""
    for row, letter in zip(made, "abcdefghijkl", strict=False):
        row.prompt, row.completion = models.chat("S", letter), [Message(role="assistant", content=letter)]


def spoilt(change):
    """Return an encoder that changes each row after the right one has read it."""
    plain = rows.encode_rows

    def encode(tokenizer, some):
        encoded = plain(tokenizer, some)
        for one in encoded:
            change(one)
        return encoded

    return encode


def as_template(text: str):
    """Return a tokenizer's loader that puts another chat template in its place when rows are encoded."""
    plain = rows.render

    def render(tokenizer, messages, add_generation_prompt=False):
        return plain(tokenizer, messages, add_generation_prompt).replace("assistant", text)

    return render


@pytest.mark.parametrize(
    ("defect", "message"),
    [
        ("one letter", "ask one letter or nothing"),
        ("all masked", "has no label at all"),
        ("labels on the prompt", "its labels say|a label is on its prompt"),
        ("wrong template", "not the ones of the tokenizer's own chat template"),
        ("no end token", "no end token follows its answer"),
        ("truncated answer", "its labels say"),
        ("cut to the length", "more than --max-length"),
    ],
)
def test_every_known_defect_of_a_loader_stops_the_training_before_its_first_step(
    tiny_llama: Path, tmp_path: Path, monkeypatch, defect: str, message: str
):
    changes: dict[str, Any] = {}
    if defect == "one letter":
        monkeypatch.setattr("tests.tuning.examples.some_rows", lambda count: letters(made := some_rows(count)) or made)
    elif defect == "wrong template":
        monkeypatch.setattr(rows, "render", as_template("bot"))
    elif defect == "cut to the length":
        changes["max_length"] = 16
    else:
        change = {
            "all masked": lambda one: setattr(one, "start", one.end + 1),
            "labels on the prompt": lambda one: setattr(one, "start", one.start - 3),
            "no end token": lambda one: setattr(one, "ended", False),
            "truncated answer": lambda one: setattr(one, "end", one.end - 1),
        }[defect]
        monkeypatch.setattr(tokenised, "encode_rows", spoilt(change))
    with pytest.raises(rows.RowsError, match=message):
        run(tiny_llama, tmp_path / "adapter", **changes)
    assert not (tmp_path / "adapter").exists()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda batch: batch["labels"].fill_(batches.NO_LABEL), "labels in its batch are not its answer"),
        (lambda batch: batch["labels"].copy_(batch["input_ids"]), "labels in its batch are not its answer"),
        (lambda batch: batch["labels"].copy_(batch["labels"].roll(1, 1)), "labels in its batch are not its answer"),
        (lambda batch: batch["input_ids"].fill_(7), "its batch holds other tokens"),
    ],
)
def test_a_collator_that_loses_labels_stops_it_too(tiny_llama: Path, tmp_path: Path, monkeypatch, spoil, message):
    plain = selftest.collate

    def broken(some):
        batch = plain(some)
        spoil(batch)
        return batch

    monkeypatch.setattr(selftest, "collate", broken)
    with pytest.raises(rows.RowsError, match=message):
        run(tiny_llama, tmp_path / "adapter")


def test_an_order_that_leaves_rows_out_stops_it(tiny_llama: Path, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(batches, "by_length", lambda lengths, size, seed: [[0, 1], [1, 2]])
    with pytest.raises(rows.RowsError, match="an epoch has 4 rows, 3 of them different, of 12"):
        run(tiny_llama, tmp_path / "adapter")


def test_rows_that_cannot_be_learnt_by_heart_stop_the_training(tiny_llama: Path, tmp_path: Path):
    with pytest.raises(
        training.TrainingError, match="8 rows could not be learnt by heart: in 5 steps .*--overfit-steps"
    ):
        run(tiny_llama, tmp_path / "adapter", overfit_steps=5)
    assert not (tmp_path / "adapter").exists()


def test_gradients_that_do_not_reach_the_adapter_stop_it(tiny_llama: Path, tmp_path: Path, monkeypatch):
    import torch

    monkeypatch.setattr(torch.optim.AdamW, "step", lambda self, closure=None: None)
    with pytest.raises(training.TrainingError, match="could not be learnt by heart"):
        run(tiny_llama, tmp_path / "adapter", overfit_steps=30)


def test_learning_by_heart_leaves_no_trace(tiny_llama: Path, tmp_path: Path):
    tested, plain = (run(tiny_llama, tmp_path / name, overfit_steps=steps) for name, steps in (("a", 200), ("b", 0)))
    assert tested.figures["overfit"]["rows"] == selftest.ROWS and tested.figures["overfit"]["loss"] < selftest.LOSS
    assert tested.curve == plain.curve and "overfit" not in plain.figures
    weights = "adapter_model.safetensors"
    assert (tmp_path / "a" / weights).read_bytes() == (tmp_path / "b" / weights).read_bytes()


def test_examples_show_what_is_masked_and_what_is_a_label(tiny_llama: Path, tmp_path: Path):
    made = run(tiny_llama, tmp_path / "adapter", epochs=1)
    assert [one["tokens"] for one in made.examples] == sorted(one["tokens"] for one in made.examples)
    for shown in made.examples:
        row = next(row for row in some_rows(12) if row.id == shown["id"])
        assert shown["labels"] == row.completion[0].content + "<|im_end|>"
        assert shown["masked"].endswith("<|im_start|>assistant\n") and row.prompt[1].content in shown["masked"]
    figures = made.figures["loader"]
    assert figures["shortest"] <= figures["median_length"] <= figures["p95_length"] <= figures["longest"]
    assert 0 <= figures["padding_share"] < 0.2
