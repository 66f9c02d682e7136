import errno
import json
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from safetensors.torch import load_file

from stages import settings
from stages.records import Message
from stages.tuning import checkpoints, curves, models, publish, selftest, trainer, training, weights
from tests.tuning.examples import run, same, some_rows


def full(*_):
    """Write a file to a disk that has no space left."""
    raise OSError(errno.ENOSPC, "No space left on device", "checkpoint-2/optimizer.pt")


def test_training_lowers_the_loss_and_writes_a_complete_adapter(tiny_llama: Path, tmp_path: Path):
    made = run(tiny_llama, tmp_path / "adapters" / "one", epochs=6)
    assert made.curve[0] == curves.CURVE and len(made.curve) == 1 + 18 == 1 + made.figures["steps"]
    table = [line.split(",") for line in made.curve[1:]]
    assert float(table[-1][2]) < float(table[0][2]) - 0.5
    assert [bool(cells[3]) for cells in table] == [False, False, True] * 6  # eval at the end of each epoch
    assert int(table[-1][6]) == made.figures["tokens"] == 6 * made.figures["loader"]["tokens"]
    assert len(made.speed) == len(made.curve) and all(float(line.split(",")[1]) > 0 for line in made.speed[1:])
    assert {file.name for file in (tmp_path / "adapters" / "one").iterdir()} == {
        "adapter_model.safetensors", "adapter_config.json", "tokenizer.json", "tokenizer_config.json",
        "chat_template.jinja", "training.json", "README.md",
    }  # fmt: skip
    assert [path.name for path in (tmp_path / "adapters").iterdir()] == ["one"]  # nothing temporary is left
    assert not [path for path in (settings.cache() / "training").iterdir() if path.is_dir()]  # no checkpoint either


def test_the_same_rows_and_seed_give_the_same_bytes(tiny_llama: Path, tmp_path: Path):
    first, second, other = (
        run(tiny_llama, tmp_path / name, seed=seed) for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert (first.curve, first.figures) == (second.curve, second.figures) and first.curve != other.curve
    assert same(tmp_path / "a", tmp_path / "b")


KILLED = """
import os, signal, sys
from pathlib import Path
from tests.tuning import test_training
from stages.tuning import publish, trainer

def stop(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)

moment = sys.argv[1]
if moment == "step":
    plain = trainer.Course.on_step_end
    trainer.Course.on_step_end = lambda self, args, state, control, **_: (
        stop() if state.global_step == 8 else plain(self, args, state, control))
elif moment == "checkpoint":
    plain_save = trainer.AdapterTrainer._save_optimizer_and_scheduler
    trainer.AdapterTrainer._save_optimizer_and_scheduler = lambda self, folder: (
        stop() if self.state.global_step == 6 else plain_save(self, folder))
else:
    publish.card = stop
test_training.noisy(Path(sys.argv[2]), Path(sys.argv[3]))
"""


def noisy(tiny_llama: Path, folder: Path):
    """Train with all that draws random numbers, several forward passes a step, and checkpoints amid an epoch."""
    how = {"save_steps": 2, "micro_batch": 2}
    drawn = {"dropout": 0.2, "neftune": 5.0, "keep": 1.0, "keep_texts": 8}
    return run(tiny_llama, folder, how=how, epochs=3, restore_best=True, overfit_steps=0, **drawn)


@pytest.mark.parametrize("moment", ["step", "checkpoint", "publish"])
def test_a_killed_training_goes_on_and_ends_with_the_same_bytes(tiny_llama: Path, tmp_path: Path, moment: str):
    whole = noisy(tiny_llama, tmp_path / "whole")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, moment, str(tiny_llama), str(tmp_path / "killed" / "it")], capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not (tmp_path / "killed" / "it").exists()
    steps = {file.name for folder in (settings.cache() / "training").iterdir() for file in folder.glob("checkpoint-*")}
    assert steps
    resumed = noisy(tiny_llama, tmp_path / "killed" / "it")
    assert (resumed.curve, resumed.figures) == (whole.curve, whole.figures) and len(resumed.speed) == len(whole.speed)
    assert same(tmp_path / "whole", tmp_path / "killed" / "it")


def test_what_is_left_of_a_killed_training_is_not_taken_for_another(tiny_llama: Path, tmp_path: Path):
    subprocess.run([sys.executable, "-c", KILLED, "step", str(tiny_llama), str(tmp_path / "killed")])
    other = run(tiny_llama, tmp_path / "other", epochs=3, seed=1)
    assert other.curve == run(tiny_llama, tmp_path / "again", epochs=3, seed=1).curve and len(other.curve) == 10


def contradicting(tiny_llama: Path, folder: Path, patience: int) -> training.Trained:
    """Train on rows that make the held-out ones ever less likely."""
    held_out = [
        msgspec.structs.replace(
            row, completion=[Message(role="assistant", content=row.completion[0].content.swapcase()[::-1])]
        )
        for row in some_rows(4)
    ]
    recipe = training.Recipe(
        student=str(tiny_llama), dtype="float32", learning_rate=1e-2, batch_size=4, epochs=20, eval_every=2,
        patience=patience,
    )  # fmt: skip
    return training.train(recipe, some_rows(12), held_out, folder)


def test_the_best_adapter_is_kept_and_a_training_that_gains_nothing_stops(tiny_llama: Path, tmp_path: Path):
    patient, last = (contradicting(tiny_llama, tmp_path / str(patience), patience) for patience in (2, 0))
    figures = patient.figures
    table = [line.split(",") for line in patient.curve[1:]]
    measured = {int(row[0]): float(row[3]) for row in table if row[3]}
    best = min(measured, key=lambda step: measured[step])
    assert figures["steps"] == figures["best_step"] + 4 < 60  # two evaluations, two steps each
    assert (figures["kept_step"], figures["eval_loss"]) == (best, measured[best])
    assert len(patient.speed) == len(patient.curve) == 1 + figures["steps"]
    assert last.figures["steps"] == last.figures["kept_step"] == 60
    assert last.figures["eval_loss"] > figures["eval_loss"] + 0.5
    kept, state = (
        load_file(folder / "adapter_model.safetensors")
        for folder in (tmp_path / "2", patient.checkpoints / f"checkpoint-{best}")
    )
    assert all((kept[name] == state[name]).all() for name in state)


def test_a_training_that_had_stopped_early_stops_there_again(tiny_llama: Path, tmp_path: Path, monkeypatch):
    whole = contradicting(tiny_llama, tmp_path / "whole", 3)
    checkpoints.forget(whole.checkpoints)
    with monkeypatch.context() as patched, pytest.raises(training.TrainingError):
        patched.setattr(publish, "card", full)
        contradicting(tiny_llama, tmp_path / "again", 3)
    assert whole.checkpoints.exists(), "of the training that could not be saved"
    again = contradicting(tiny_llama, tmp_path / "again", 3)
    assert (again.curve, again.figures) == (whole.curve, whole.figures)
    assert same(tmp_path / "whole", tmp_path / "again")


def test_keeping_the_best_without_held_out_rows_is_refused(tiny_llama: Path, tmp_path: Path):
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", patience=1)
    with pytest.raises(training.TrainingError, match="need held-out rows: --eval-rows"):
        training.train(recipe, some_rows(4), [], tmp_path / "adapter")


def test_a_curriculum_is_what_the_first_epoch_sees(tiny_llama: Path, tmp_path: Path, monkeypatch):
    seen: list[str] = []
    plain = trainer.collate
    monkeypatch.setattr(trainer, "collate", lambda some: seen.extend(one.id for one in some) or plain(some))
    ordered = some_rows(10)
    for place, row in enumerate(reversed(ordered), 1):
        row.order = place
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=2, batch_size=4, rank=4)
    training.train(recipe, ordered, [], tmp_path / "adapter")
    expected = [row.id for row in reversed(ordered)]
    assert seen[:10] == expected and seen[10:] != expected and sorted(seen[10:]) == sorted(expected)


def test_small_forward_passes_change_nothing_but_the_rounding(tiny_llama: Path, tmp_path: Path):
    whole, parts, checkpointed = (
        run(tiny_llama, tmp_path / name, how=how)
        for name, how in (("whole", {}), ("parts", {"micro_batch": 1}), ("again", {"checkpointing": True}))
    )
    for other in (parts, checkpointed):
        for line, expected in zip(other.curve[1:], whole.curve[1:], strict=True):
            assert float(line.split(",")[2]) == pytest.approx(float(expected.split(",")[2]), abs=2e-3)


@pytest.mark.filterwarnings("ignore:Paged optimizers are not supported on CPU")
@pytest.mark.parametrize("optimizer", ["adamw-8bit", "paged-adamw-8bit"])
def test_an_optimizer_of_8_bits_learns_on_a_cpu_too(tiny_llama: Path, tmp_path: Path, optimizer: str):
    curve = run(tiny_llama, tmp_path / "adapter", optimizer=optimizer, rank=64, epochs=4).curve
    assert float(curve[-1].split(",")[2]) < 0.5 * float(curve[1].split(",")[2])


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"micro_batch": 3}, "micro_batch: 3 in engine.yaml does not divide the 4 rows"),
        ({"report_to": "wandb"}, "cannot be set up .*wandb.*report_to"),
        ({"attention": "flash_attention_2"}, "flash"),
    ],
)
def test_what_the_engine_cannot_do_is_said_before_the_first_step(tiny_llama: Path, tmp_path: Path, how, message):
    with pytest.raises((training.TrainingError, models.ModelError), match=message):
        run(tiny_llama, tmp_path / "adapter", how=how)
    assert not (tmp_path / "adapter").exists()


def test_a_loss_that_is_no_number_stops_and_saves_nothing(tiny_llama: Path, tmp_path: Path):
    rows = some_rows(12)
    rows[5].weight = 1e300  # infinite in float32
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", batch_size=4)
    with pytest.raises(
        training.TrainingError, match="the loss is inf .* at step [1-3]: nothing was saved. Lower --learning"
    ):
        training.train(recipe, rows, [], tmp_path / "adapter", training.Engine(save_steps=1))
    assert not (tmp_path / "adapter").exists()


def test_a_full_disk_ends_with_one_message_and_no_half_adapter(tiny_llama: Path, tmp_path: Path, monkeypatch):
    with monkeypatch.context() as patched, pytest.raises(training.TrainingError, match="No space left.*Make space"):
        patched.setattr(trainer.AdapterTrainer, "_save_optimizer_and_scheduler", full)
        run(tiny_llama, tmp_path / "adapters" / "one", how={"save_steps": 2})
    with monkeypatch.context() as patched, pytest.raises(training.TrainingError, match="No space left"):
        patched.setattr(publish, "card", full)
        run(tiny_llama, tmp_path / "adapters" / "one", how={"save_steps": 2})
    assert not list((tmp_path / "adapters").iterdir())
    run(tiny_llama, tmp_path / "adapters" / "one", how={"save_steps": 2})
    run(tiny_llama, tmp_path / "whole", how={"save_steps": 2})
    assert same(tmp_path / "adapters" / "one", tmp_path / "whole")


def test_a_gpu_out_of_memory_says_what_to_make_smaller(tiny_llama: Path, tmp_path: Path, monkeypatch):
    import torch

    def full(*_, **__):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    monkeypatch.setattr(trainer.AdapterTrainer, "training_step", full)
    with pytest.raises(
        training.TrainingError, match="CUDA out of memory.*micro_batch .now 4 rows. lower or checkpointing"
    ):
        run(tiny_llama, tmp_path / "adapter")
    assert not (tmp_path / "adapter").exists()


def test_any_other_error_is_not_taken_for_memory(tiny_llama: Path, tmp_path: Path, monkeypatch):
    def broken(*_, **__):
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(trainer.AdapterTrainer, "training_step", broken)
    with pytest.raises(RuntimeError, match="shapes do not match"):
        run(tiny_llama, tmp_path / "adapter")


def test_no_path_of_this_machine_is_in_the_adapter(tiny_llama: Path, tmp_path: Path):
    run(tiny_llama, tmp_path / "adapter", epochs=1)
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["base_model_name_or_path"] == "tiny-llama"
    for file in (tmp_path / "adapter").iterdir():
        assert str(tiny_llama.parent).encode() not in file.read_bytes(), file.name


@pytest.mark.parametrize(("quantization", "dtype"), [("int8", "float32"), ("nf4", "float32"), ("nf4", "bfloat16")])
def test_quantised_weights_are_trained_on_to_the_end(tiny_llama: Path, tmp_path: Path, quantization: str, dtype: str):
    made = run(tiny_llama, tmp_path / "adapter", quantization=quantization, dtype=dtype, epochs=8, overfit_steps=200)
    losses = [float(line.split(",")[2]) for line in made.curve[1:]]
    assert losses[-1] < losses[0] - 1 and made.figures["overfit"]["loss"] < selftest.LOSS
    loaded = weights.load(str(tiny_llama), dtype="float32", quantization=quantization)
    assert weights.with_adapter(loaded, tmp_path / "adapter", merged=False).peft_config["default"].r == 4


def test_an_adapter_loads_with_plain_peft_and_says_what_the_training_saw(tiny_llama: Path, tmp_path: Path):
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    for name, changes in {
        "plain": {},
        "pissa": {"start": "pissa"},
        "dora": {"dora": True},
        "rs": {"rslora": True},
    }.items():
        made = run(tiny_llama, tmp_path / name, epochs=12, schedule="constant", **changes)
        base = AutoModelForCausalLM.from_pretrained(tiny_llama, dtype=torch.float32)
        tuned = PeftModel.from_pretrained(base, tmp_path / name).eval()
        tokenizer = AutoTokenizer.from_pretrained(tmp_path / name)
        total = count = 0.0
        for row in some_rows(12)[:4]:
            messages = [{"role": m.role, "content": m.content} for m in (*row.prompt, *row.completion)]
            ids = tokenizer.apply_chat_template(messages, return_tensors="pt", return_dict=True)["input_ids"]
            start = len(tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True)["input_ids"])
            labels = ids.clone()
            labels[:, :start], labels[:, -1] = -100, -100  # the newline after the end token
            kept = int((labels != -100).sum())
            total, count = total + float(tuned(input_ids=ids, labels=labels).loss) * kept, count + kept
        assert total / count == pytest.approx(made.figures["eval_loss"], abs=2e-3), name


def test_an_option_changes_what_is_learnt(tiny_llama: Path, tmp_path: Path):
    plain = run(tiny_llama, tmp_path / "plain")
    for name, changes in {
        "plus": {"lora_plus": 16.0}, "noise": {"neftune": 5.0}, "rs": {"rslora": True}, "dora": {"dora": True},
        "pissa": {"start": "pissa"}, "cosine": {"schedule": "cosine"}, "keep": {"keep": 1.0, "keep_texts": 4},
    }.items():  # fmt: skip
        made = run(tiny_llama, tmp_path / name, **changes)
        assert made.curve != plain.curve and made.figures["train_loss"] < 6, name


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"targets": ("nothing",)}, "--targets nothing.*no such layer; it has .*q_proj"),
        ({"start": "pissa", "quantization": "nf4"}, "--start pissa changes the weights"),
        ({"start": "pissa", "dora": True}, "--start pissa is saved as plain LoRA"),
        ({"dora": True, "strength": 0.9}, "--strength scales a low-rank change"),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(tiny_llama: Path, tmp_path: Path, changes, message):
    with pytest.raises(training.TrainingError, match=message):
        run(tiny_llama, tmp_path / "adapter", **changes)
    assert not list((settings.cache() / "training").glob("*/checkpoint-*")) and not (tmp_path / "adapter").exists()
