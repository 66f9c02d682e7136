import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stages.tuning import models, weights
from stages.tuning.models import ModelError


@pytest.mark.parametrize(
    ("option", "value", "known"),
    [("dtype", "fp8", "auto, float32"), ("quantization", "int4", "none, int8"), ("attention", "fast", "auto, eager")],
)
def test_an_unknown_value_is_named(tiny_llama: Path, option: str, value: str, known: str):
    with pytest.raises(ModelError, match=f"{option} '{value}': expected one of {known}"):
        weights.load(str(tiny_llama), **{option: value})


@pytest.mark.parametrize("quantization", ["none", "int8", "nf4"])
def test_a_model_loads_in_every_quantization(tiny_llama: Path, quantization: str):
    import torch

    model = weights.load(str(tiny_llama), dtype="float32", quantization=quantization)
    kind = {"none": torch.float32, "int8": torch.int8, "nf4": torch.uint8}[quantization]
    assert model.model.layers[0].mlp.up_proj.weight.dtype == kind
    assert not model.training


def test_weights_to_be_sharded_are_stored_in_one_type_and_are_the_same(tiny_llama: Path):
    import torch

    ids = torch.arange(3, 40)[None]
    whole = weights.load(str(tiny_llama), dtype="float32", quantization="nf4")
    parted = weights.load(str(tiny_llama), dtype="float32", quantization="nf4", sharded=True)
    assert {weight.dtype for weight in parted.parameters()} == {torch.float32}
    assert {weight.dtype for weight in whole.parameters()} == {torch.float32, torch.uint8}
    with torch.inference_mode():
        torch.testing.assert_close(parted(ids).logits, whole(ids).logits)
    with pytest.raises(ModelError, match="int8 cannot be parted .* take nf4"):
        weights.load(str(tiny_llama), quantization="int8", sharded=True)


@pytest.mark.parametrize("attention", ["auto", "eager", "sdpa"])
def test_attention_is_computed_as_asked_and_gives_the_same(tiny_llama: Path, attention: str):
    import torch

    model = weights.load(str(tiny_llama), dtype="float32", attention=attention)
    assert model.config._attn_implementation == {"auto": "sdpa"}.get(attention, attention)
    ids = torch.arange(3, 40)[None]
    with torch.inference_mode():
        torch.testing.assert_close(model(ids).logits, weights.load(str(tiny_llama), dtype="float32")(ids).logits)


def present(monkeypatch: pytest.MonkeyPatch, **packages: bool) -> None:
    """Make packages seem to be installed, or not."""
    import importlib.util

    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *rest: ("there" if packages[name] else None) if name in packages else found(name, *rest),
    )


def gpus(monkeypatch: pytest.MonkeyPatch, count: int) -> list[int]:
    """Make torch see GPUs, or none; return the list that will hold the ones made current."""
    import torch

    chosen: list[int] = []
    monkeypatch.setattr(torch.cuda, "is_available", lambda: count > 0)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    monkeypatch.setattr(torch.cuda, "set_device", chosen.append)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda **_: True)
    return chosen


def test_flash_attention_says_what_it_lacks(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch):
    def refusal(dtype: str = "float32") -> str:
        with pytest.raises(ModelError) as refused:
            weights.load(str(tiny_llama), dtype=dtype, attention="flash_attention_2")
        return str(refused.value)

    present(monkeypatch, flash_attn=False)
    assert "needs the package flash-attn: pip install flash-attn, or take attention: sdpa, or auto" in refusal()
    present(monkeypatch, flash_attn=True)
    gpus(monkeypatch, 0)
    assert "needs a GPU, and torch sees none here" in refusal("bfloat16")
    gpus(monkeypatch, 1)
    assert "computes in 16 bits, not in torch.float32: take dtype bfloat16" in refusal()


def test_an_attention_that_the_model_has_not_is_named(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch):
    from transformers import LlamaForCausalLM

    monkeypatch.setattr(LlamaForCausalLM, "_supports_sdpa", False)
    with pytest.raises(ModelError, match="with dtype float32, .* attention sdpa: ValueError: .*attention: auto takes"):
        weights.load(str(tiny_llama), dtype="float32", attention="sdpa")


def test_quantization_without_bitsandbytes_says_so(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch):
    present(monkeypatch, bitsandbytes=False)
    with pytest.raises(ModelError, match="nf4 needs the package bitsandbytes: pip install bitsandbytes, or take"):
        weights.load(str(tiny_llama), quantization="nf4")


def test_quantization_on_hardware_that_bitsandbytes_does_not_know_says_so(tiny_llama: Path, monkeypatch):
    import bitsandbytes

    monkeypatch.setattr(bitsandbytes, "supported_torch_devices", {"abacus"})
    with pytest.raises(
        ModelError, match="int8: bitsandbytes does not work on this machine .*abacus.* quantization: none"
    ):
        weights.load(str(tiny_llama), quantization="int8")


def test_every_process_has_a_gpu_of_its_own(tiny_llama: Path, monkeypatch: pytest.MonkeyPatch):
    from transformers import AutoModelForCausalLM, LlamaForCausalLM

    asked: list[object] = []

    def from_pretrained(folder: Path, **options: object):
        asked.append(options.get("device_map"))
        return LlamaForCausalLM.from_pretrained(folder)

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", from_pretrained)
    chosen = gpus(monkeypatch, 4)
    for rank in (None, 0, 3):
        if rank is not None:
            monkeypatch.setenv("LOCAL_RANK", str(rank))
        weights.load(str(tiny_llama))
        weights.load(str(tiny_llama), sharded=True)
    assert asked == [{"": 0}, None, {"": 0}, None, {"": 3}, None] and chosen == [0, 0, 0, 0, 3, 3]
    monkeypatch.setenv("LOCAL_RANK", "4")
    with pytest.raises(ModelError, match="process 4 .* has no GPU, there are 4: start at most 4 processes"):
        weights.load(str(tiny_llama))
    gpus(monkeypatch, 0)
    weights.load(str(tiny_llama))
    assert asked[-1] is None


@pytest.mark.parametrize("broken", ["cut", "none", "no model type", "a program"])
def test_a_folder_that_holds_no_whole_model_is_named(tiny_llama: Path, tmp_path: Path, broken: str):
    folder = shutil.copytree(tiny_llama, tmp_path / "odd")
    data, config = (folder / "model.safetensors").read_bytes(), json.loads((folder / "config.json").read_text())
    if broken == "cut":
        (folder / "model.safetensors").write_bytes(data[:1000])
    elif broken == "none":
        (folder / "model.safetensors").unlink()
    else:
        config["model_type"] = "nonesuch"
        if broken == "a program":
            config["auto_map"] = {"AutoConfig": "program.Config", "AutoModelForCausalLM": "program.Model"}
            (folder / "program.py").write_text("raise SystemExit('ran')")
        (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match="odd: the model cannot be loaded with dtype float32"):
        weights.load(str(folder), dtype="float32")


def adapter(student: Path, folder: Path, fingerprint: str = "") -> Path:
    """Save an adapter as `train` does, with the record of its base."""
    from peft import LoraConfig, get_peft_model

    with models.quiet():
        config = LoraConfig(task_type="CAUSAL_LM", r=4, target_modules=["q_proj", "up_proj"])
        tuned = get_peft_model(weights.load(str(student), dtype="float32"), config)
        tuned.save_pretrained(folder, save_embedding_layers=False)
    base = {"name": student.name, "revision": "x", "fingerprint": fingerprint or models.fingerprint(str(student))}
    (folder / "training.json").write_text(json.dumps({"base": base}))
    return folder


@pytest.mark.parametrize("merged", [True, False])
def test_an_adapter_of_this_base_is_taken_with_or_without_its_record(tiny_llama: Path, tmp_path: Path, merged: bool):
    import torch

    folder, base = adapter(tiny_llama, tmp_path / "adapters/x"), models.fingerprint(str(tiny_llama))
    plain = weights.load(str(tiny_llama), dtype="float32")
    tuned = weights.with_adapter(weights.load(str(tiny_llama), dtype="float32"), folder, merged, base)
    assert any("lora" in name for name, _ in tuned.named_parameters()) != merged
    ids = torch.arange(3, 40)[None]
    with torch.inference_mode():
        torch.testing.assert_close(tuned(ids).logits, plain(ids).logits)  # B is zero
    (folder / "training.json").unlink()
    weights.with_adapter(plain, folder, merged, base)


def test_an_adapter_of_another_base_is_refused_with_the_command_that_mends_it(tiny_llama: Path, tmp_path: Path):
    other = f"embedded@{'a' * 64}"
    folder = adapter(tiny_llama, tmp_path / "adapters/x", other)
    model, ours = weights.load(str(tiny_llama), dtype="float32"), models.fingerprint(str(tiny_llama))
    said = rf"/x was trained for tiny-llama \(embedded@a{{12}}\), the student is {ours[:19]}: run dvc repro train@x"
    with pytest.raises(ModelError, match=said):
        weights.with_adapter(model, folder, base=ours)
    weights.with_adapter(model, folder)  # whoever names no base answers for it


def test_an_adapter_of_another_revision_of_its_base_is_refused(tiny_llama: Path, tmp_path: Path):
    folder, ours = adapter(tiny_llama, tmp_path / "adapters/x"), models.fingerprint(str(tiny_llama))
    model = weights.load(str(tiny_llama), dtype="float32")
    with pytest.raises(
        ModelError, match="was trained for tiny-llama at revision x, which is now y: run dvc repro train@x"
    ):
        weights.with_adapter(model, folder, base=ours, revision="y")
    weights.with_adapter(model, folder, base=ours, revision="x")


def test_an_adapter_of_every_kind_of_low_rank_update_is_whole(tiny_llama: Path, tmp_path: Path):
    from peft import LoraConfig, get_peft_model

    model = weights.load(str(tiny_llama), dtype="float32")
    config = LoraConfig(task_type="CAUSAL_LM", r=4, target_modules="all-linear", use_dora=True, use_rslora=True)
    with models.quiet():
        get_peft_model(model, config).save_pretrained(tmp_path)
    weights.with_adapter(weights.load(str(tiny_llama), dtype="float32"), tmp_path)


@pytest.mark.parametrize("changed", ["hidden_size", "fewer_layers", "more_layers", "names"])
def test_an_adapter_for_a_model_of_another_shape_is_refused(tiny_llama: Path, tmp_path: Path, changed: str):
    from transformers import GPT2Config, GPT2LMHeadModel, LlamaConfig, LlamaForCausalLM

    folder = adapter(tiny_llama, tmp_path / "adapters/x")
    config = LlamaConfig.from_pretrained(tiny_llama)
    config.update({"hidden_size": {"hidden_size": 32}, "fewer_layers": {"num_hidden_layers": 1},
                   "more_layers": {"num_hidden_layers": 3}}.get(changed, {}))  # fmt: skip
    model = LlamaForCausalLM(config)
    if changed == "names":
        model = GPT2LMHeadModel(GPT2Config(vocab_size=400, n_embd=32, n_layer=1, n_head=2))
    said = "adapters/x was trained for a model of another shape than the student .*: run dvc repro train@x"
    with pytest.raises(ModelError, match=said):
        weights.with_adapter(model, folder)


@pytest.mark.parametrize(
    ("name", "how"),
    [
        (name, how)
        for name in ("adapter_config.json", "adapter_model.safetensors", "training.json")
        for how in ("missing", "empty", "cut", "another", "list")
        if (name, how) != ("training.json", "missing")  # not every adapter has a record
    ],
)
def test_an_adapter_that_is_not_whole_is_named(tiny_llama: Path, tmp_path: Path, name: str, how: str):
    folder = adapter(tiny_llama, tmp_path / "adapters/x")
    data = (folder / name).read_bytes()
    kept = {"empty": b"", "cut": data[: len(data) // 2], "another": b'{"base": {"name": 3}}', "list": b"[1]"}
    (folder / name).unlink() if how == "missing" else (folder / name).write_bytes(kept[how])
    with pytest.raises(ModelError, match="adapters/x.*: run dvc repro train@x"):
        weights.with_adapter(weights.load(str(tiny_llama), dtype="float32"), folder)


def test_an_adapter_that_is_none_of_the_pipeline_is_not_mended_by_it(tiny_llama: Path, tmp_path: Path):
    with pytest.raises(ModelError, match="it has no adapter_config.json: make it anew for this student"):
        weights.with_adapter(weights.load(str(tiny_llama), dtype="float32"), tmp_path)


def test_importing_it_imports_nothing_heavy():
    heavy = {"torch", "transformers", "peft", "huggingface_hub", "gguf"}
    code = f"import sys, stages.tuning.weights; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
