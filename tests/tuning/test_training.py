import json
import math
from pathlib import Path

import pytest
from safetensors.torch import load_file

from stages.records import Message, Row, content_id
from stages.scoring import likelihood
from stages.tuning import models, rows, training


def some_rows(count: int) -> list[Row]:
    made = []
    for number in range(count):
        question, answer = (
            f"What is the size of model {number}?",
            f"Model {number} has {number * 7} layers" + "." * (number % 5),
        )
        made.append(
            Row(
                id=content_id(question),
                pair=content_id(number),
                origin="generated",
                prompt=models.chat("Be brief.", question),
                completion=[Message(role="assistant", content=answer)],
            )
        )
    return made


def run(tiny_llama: Path, folder: Path, *, count: int = 12, **changes: object) -> tuple[dict, list[str]]:
    lines: list[str] = []
    options = {"dtype": "float32", "epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "rank": 4} | changes
    recipe = training.Recipe(student=str(tiny_llama), **options)
    return training.train(recipe, some_rows(count), some_rows(count)[:4], folder, lines.append), lines


def test_training_lowers_the_loss_and_writes_a_complete_adapter(tiny_llama: Path, tmp_path: Path):
    figures, lines = run(tiny_llama, tmp_path / "adapter", epochs=6)
    assert lines[0] == training.LOSS_COLUMNS and len(lines) == 1 + 18 == 1 + figures["steps"]
    table = [line.split(",") for line in lines[1:]]
    assert float(table[-1][2]) < float(table[0][2]) - 0.5
    assert [bool(cells[3]) for cells in table] == [False, False, True] * 6  # eval at the end of each epoch
    assert int(table[-1][6]) == figures["tokens"] == 6 * figures["loader"]["tokens"]
    assert {file.name for file in (tmp_path / "adapter").iterdir()} >= {
        "adapter_model.safetensors", "adapter_config.json", "tokenizer.json", "chat_template.jinja", "README.md",
    }  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]  # nothing temporary is left


def test_the_same_rows_and_seed_give_the_same_bytes(tiny_llama: Path, tmp_path: Path):
    _, first = run(tiny_llama, tmp_path / "a")
    _, second = run(tiny_llama, tmp_path / "b")
    _, other = run(tiny_llama, tmp_path / "c", seed=1)
    assert first == second != other
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def test_a_curriculum_is_what_the_first_epoch_sees(tiny_llama: Path, tmp_path: Path, monkeypatch):
    seen: list[str] = []
    plain = training._loss
    monkeypatch.setattr(
        training, "_loss", lambda model, some: seen.extend(one.id for one in some) or plain(model, some)
    )
    ordered = some_rows(10)
    for place, row in enumerate(reversed(ordered), 1):
        row.order = place
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=2, batch_size=4, rank=4)
    training.train(recipe, ordered, [], tmp_path / "adapter", lambda line: None)
    expected = [row.id for row in reversed(ordered)]
    assert seen[:10] == expected and seen[10:] != expected and sorted(seen[10:]) == sorted(expected)


def test_no_path_of_this_machine_is_in_the_adapter(tiny_llama: Path, tmp_path: Path):
    run(tiny_llama, tmp_path / "adapter", epochs=1)
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny-llama"
    for file in (tmp_path / "adapter").iterdir():
        assert str(tiny_llama.parent).encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize(
    ("targets", "expected"),
    [(("attention",), {"q_proj", "k_proj"}), (("v_proj", "o_proj"), {"v_proj", "o_proj"})],
)
def test_only_the_targets_get_an_adapter(tiny_llama: Path, tmp_path: Path, targets, expected):
    run(tiny_llama, tmp_path / "adapter", epochs=1, targets=targets)
    names = {
        name.split(".lora_")[0].rsplit(".", 1)[-1]
        for name in load_file(tmp_path / "adapter" / "adapter_model.safetensors")
    }
    assert names == expected


def test_an_unknown_target_is_named(tiny_llama: Path, tmp_path: Path):
    with pytest.raises(training.TrainingError, match="--targets nothing"):
        run(tiny_llama, tmp_path / "adapter", targets=("nothing",))


@pytest.mark.parametrize("quantization", ["int8", "nf4"])
def test_quantised_weights_can_be_trained_on(tiny_llama: Path, tmp_path: Path, quantization: str):
    figures, _ = run(tiny_llama, tmp_path / "adapter", quantization=quantization, epochs=3)
    assert figures["train_loss"] < figures["loader"]["rows"] and math.isfinite(figures["eval_loss"])


@pytest.mark.filterwarnings("error:.*autograd kernel was not registered:UserWarning")
def test_measuring_a_loss_leaves_the_gradients_of_quantised_weights_alone(tiny_llama: Path):
    import torch

    recipe = training.Recipe(rank=4, quantization="nf4")
    model = models.load(str(tiny_llama), dtype="float32", quantization="nf4")
    model = training._with_adapter(model, recipe).get_base_model().train()
    encoded = rows.encode_rows(models.load_tokenizer(str(tiny_llama)), some_rows(6))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    gradients = []
    for _ in range(2):
        model.zero_grad()
        training._loss(model, encoded)[0].backward()
        gradients.append([weight.grad.clone() for weight in weights])
        training.mean_loss(model, encoded)
        training._check_head(model, encoded[0])
    assert any(gradient.abs().sum() > 0 for gradient in gradients[0])
    assert all(torch.equal(one, other) for one, other in zip(*gradients, strict=True))


def test_a_loss_that_is_no_number_stops_and_saves_nothing(tiny_llama: Path, tmp_path: Path, monkeypatch):
    import torch

    monkeypatch.setattr(torch.nn.utils, "clip_grad_norm_", lambda *_: float("nan"))
    with pytest.raises(training.TrainingError, match="gradient norm nan at step 1 .*Lower --learning-rate"):
        run(tiny_llama, tmp_path / "adapter")
    assert not list(tmp_path.iterdir())


def test_weights_scale_the_loss(tiny_llama: Path):
    import torch

    tokenizer, model = models.load_tokenizer(str(tiny_llama)), models.load(str(tiny_llama), dtype="float32")
    encoded = rows.encode_rows(tokenizer, some_rows(2))
    plain, labels = training._loss(model, encoded)
    for one in encoded:
        one.weight = 0.25
    scaled, _ = training._loss(model, encoded)
    assert torch.isclose(scaled, plain / 4) and labels == sum(len(one.labelled) for one in encoded)


def test_sharing_the_system_message_changes_no_gradient(tiny_llama: Path, monkeypatch):
    import torch

    model = models.load(str(tiny_llama), dtype="float32").train()
    encoded = rows.encode_rows(models.load_tokenizer(str(tiny_llama)), some_rows(6))
    gradients = []
    for worth in (0, 10**9):  # always, never
        monkeypatch.setattr(likelihood, "_WORTH", worth)
        model.zero_grad()
        training._loss(model, encoded)[0].backward()
        gradients.append([weight.grad.clone() for weight in model.parameters()])
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(*gradients, strict=True))


def test_every_row_is_in_one_batch_and_lengths_are_alike(tiny_llama: Path):
    encoded = rows.encode_rows(models.load_tokenizer(str(tiny_llama)), some_rows(50))
    batches = training.batches_of(encoded, 8, "0 0")
    assert sorted(number for batch in batches for number in batch) == list(range(50))
    padded = sum(len(batch) * max(len(encoded[number].ids) for number in batch) for batch in batches)
    assert padded < 1.1 * sum(len(one.ids) for one in encoded)
    assert batches != training.batches_of(encoded, 8, "0 1")


def test_the_learning_rate_rises_and_falls():
    for schedule, middle in (("linear", 0.5), ("cosine", 0.5), ("constant", 1.0)):
        rates = [training.pace(step, 110, 10 / 110, schedule) for step in range(110)]
        assert rates[0] < rates[5] < rates[10] == 1.0 and rates[60] == pytest.approx(middle)
    assert training.pace(0, 10, 0.0, "linear") == 1.0
