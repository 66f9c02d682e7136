"""An adapter as GGUF is the adapter of the peft folder: the same names, numbers and, served, the same words."""

import json
import shutil
from pathlib import Path

import pytest

from stages.exporting import served
from stages.tuning import gguf_adapter, merging, models, weights
from stages.tuning.gguf_adapter import AdapterError
from tests.tuning import examples, gguf_file


def adapter(model: str, folder: Path, targets: list[str] | str = "all-linear", scale: float = 0.03, **more):
    """Save an adapter with random matrices, and return the model with it; `more` is of its configuration."""
    import torch
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(0)
    with models.quiet():
        config = LoraConfig(task_type="CAUSAL_LM", r=8, lora_alpha=16, target_modules=targets, **more)
        tuned = get_peft_model(weights.load(model, dtype="float32"), config)
        with torch.no_grad():
            for name, matrix in tuned.named_parameters():
                if "lora_B" in name:
                    matrix.normal_(0, scale)
        tuned.save_pretrained(folder, save_embedding_layers=False)
    return tuned


def read(file: Path):
    import gguf

    reader = gguf.GGUFReader(file)
    return reader, {tensor.name: tensor.data.astype("float32") for tensor in reader.tensors}


def test_every_matrix_of_every_linear_layer_is_there_and_the_scale(tiny_llama, tmp_path):
    adapter(str(tiny_llama), tmp_path)
    gguf_adapter.write(tmp_path, tiny_llama, tmp_path / "adapter.gguf")
    reader, tensors = read(tmp_path / "adapter.gguf")
    layers = "attn_q attn_k attn_v attn_output ffn_gate ffn_up ffn_down".split()
    names = {f"blk.{n}.{layer}.weight.lora_{side}" for n in range(2) for layer in layers for side in "ab"}
    assert tensors.keys() == names
    assert reader.get_field("adapter.lora.alpha").contents() == 16.0
    assert reader.get_field("general.architecture").contents() == "llama"
    assert reader.get_field("general.type").contents() == "adapter"
    assert tensors["blk.0.attn_k.weight.lora_a"].shape == (8, 64)
    assert tensors["blk.0.attn_k.weight.lora_b"].shape == (32, 8), "two of four heads"


def test_rows_of_query_and_key_pair_what_the_rotary_embedding_turns_together(tiny_llama, tmp_path):
    import numpy
    from safetensors.numpy import load_file

    adapter(str(tiny_llama), tmp_path)
    gguf_adapter.write(tmp_path, tiny_llama, tmp_path / "adapter.gguf")
    _, tensors = read(tmp_path / "adapter.gguf")
    plain = load_file(tmp_path / "adapter_model.safetensors")
    for name, heads in (("q", 4), ("k", 2)):
        theirs = plain[f"base_model.model.model.layers.1.self_attn.{name}_proj.lora_B.weight"]
        ours = tensors[f"blk.1.attn_{name}.weight.lora_b"]
        size = len(theirs) // heads
        for head in range(heads):
            for pair in range(size // 2):
                at = head * size
                numpy.testing.assert_allclose(ours[at + 2 * pair], theirs[at + pair], atol=1e-4)
                numpy.testing.assert_allclose(ours[at + 2 * pair + 1], theirs[at + pair + size // 2], atol=1e-4)
    same = "blk.1.attn_v.weight.lora_b", "base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight"
    numpy.testing.assert_allclose(tensors[same[0]], plain[same[1]], atol=1e-4)


def test_the_same_adapter_is_the_same_bytes(tiny_llama, tmp_path):
    adapter(str(tiny_llama), tmp_path, ["q_proj", "up_proj"])
    for name in ("one.gguf", "two.gguf"):
        gguf_adapter.write(tmp_path, tiny_llama, tmp_path / name)
    assert (tmp_path / "one.gguf").read_bytes() == (tmp_path / "two.gguf").read_bytes()


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"use_rslora": True},
        {
            "rank_pattern": {"v_proj": 4},
            "alpha_pattern": {"layers.0.self_attn.q_proj": 5, "^model.layers.1.mlp.up_proj": 9},
        },
        {"use_rslora": True, "rank_pattern": {"layers.1.self_attn.k_proj": 2}},
    ],
)
def test_what_llama_cpp_adds_to_a_weight_is_what_peft_adds(tiny_llama, tmp_path, more):
    import numpy

    tuned = adapter(str(tiny_llama), tmp_path, **more)
    gguf_adapter.write(tmp_path, tiny_llama, tmp_path / "adapter.gguf", "float32")
    reader, tensors = read(tmp_path / "adapter.gguf")
    alpha = reader.get_field("adapter.lora.alpha").contents()
    for part in ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.up_proj"):
        for layer in range(2):
            theirs = tuned.get_submodule(f"base_model.model.model.layers.{layer}.{part}").get_delta_weight("default")
            if part[-6:] in ("q_proj", "k_proj"):
                theirs = gguf_adapter.permuted(theirs, 4 if part.endswith("q_proj") else 2)
            name = f"blk.{layer}.{gguf_adapter._NAMES[part.split('.')[1]]}.weight.lora_"
            a, b = tensors[f"{name}a"], tensors[f"{name}b"]
            scale = alpha / b.shape[1]  # llama.cpp's llama_adapter_lora_weight::get_scale
            numpy.testing.assert_allclose(scale * b @ a, theirs.detach().numpy(), atol=1e-5)


def test_served_with_a_scale_of_its_own_it_says_what_transformers_says(tiny_llama, tmp_path):
    """llama.cpp divides by the rank of each layer, and knows no square root of it."""
    more = {"use_rslora": True, "rank_pattern": {"v_proj": 2}, "alpha_pattern": {"up_proj": 40}}
    adapter(str(tiny_llama), tmp_path, scale=0.2, **more)
    gguf_adapter.write(tmp_path, tiny_llama, tmp_path / "adapter.gguf")
    base = gguf_file.write(tiny_llama, tmp_path / "tiny.gguf")
    asked = "Be brief.", ["What is the context length?", "Who?", "Why?"]
    tuned = merging.merged(str(tiny_llama), "main", "float32", tmp_path)
    theirs = served.of_transformers(tuned, models.load_tokenizer(str(tiny_llama)), *asked)
    ours = served.of_llama_cpp(base, tmp_path / "adapter.gguf", *asked)
    assert ours == theirs
    assert served.of_llama_cpp(base, None, *asked).tokens != theirs.tokens


def test_an_adapter_that_starts_from_singular_values_is_a_plain_one_when_it_is_saved(tiny_llama, tmp_path):
    from stages.tuning import training

    row = examples.row("What is it?", "A llama.")
    recipe = training.Recipe(student=str(tiny_llama), dtype="float32", epochs=2, start="pissa", rank=4, overfit_steps=0)
    training.train(recipe, [row], [], tmp_path / "adapter")
    config = json.loads((tmp_path / "adapter" / "adapter_config.json").read_text())
    assert config["r"] == 8 and config["lora_alpha"] == 2 * recipe.alpha
    gguf_adapter.write(tmp_path / "adapter", tiny_llama, tmp_path / "adapter.gguf", "float32")
    assert read(tmp_path / "adapter.gguf")[1]["blk.0.attn_v.weight.lora_b"].shape == (32, 8)


def test_matrices_are_float16_or_float32(tiny_llama, tmp_path):
    adapter(str(tiny_llama), tmp_path, ["v_proj"])
    for dtype, kept in (("float16", "F16"), ("float32", "F32")):
        gguf_adapter.write(tmp_path, tiny_llama, tmp_path / "adapter.gguf", dtype)
        assert {one.tensor_type.name for one in read(tmp_path / "adapter.gguf")[0].tensors} == {kept}


def test_magnitudes_of_dora_have_no_place(tiny_llama, tmp_path):
    adapter(str(tiny_llama), tmp_path, ["q_proj"], use_dora=True)
    with pytest.raises(AdapterError, match="no DoRA adapters; merge it"):
        gguf_adapter.write(tmp_path, tiny_llama, tmp_path / "adapter.gguf")


@pytest.mark.parametrize("what", ["architecture", "layer"])
def test_what_llama_cpp_has_no_place_for_is_named_and_nothing_is_left(tiny_llama, tmp_path, what):
    folder, model = tmp_path / "adapter", tmp_path / "model"
    adapter(str(tiny_llama), folder, ["q_proj", "lm_head"] if what == "layer" else ["q_proj"])
    shutil.copytree(tiny_llama, model)
    if what == "architecture":
        config = json.loads((model / "config.json").read_text()) | {"model_type": "gpt2"}
        (model / "config.json").write_text(json.dumps(config))
    said = "architecture is gpt2" if what == "architecture" else "no place for .*lm_head"
    before = sorted(folder.iterdir())
    with pytest.raises(AdapterError, match=said):
        gguf_adapter.write(folder, model, folder / "adapter.gguf")
    assert sorted(folder.iterdir()) == before


@pytest.mark.model
def test_served_with_the_embedded_model_it_says_what_transformers_says(tmp_path, monkeypatch):
    from openai import OpenAI

    from stages.llm import embedded

    monkeypatch.setenv("FAQTUNE_EMBEDDED__SLOTS", "1")
    questions = ["How do I boil an egg?", "Name the capital of France."]
    tuned = adapter(models.EMBEDDED, tmp_path, ["q_proj", "k_proj"]).merge_and_unload().eval()
    tokenizer = models.load_tokenizer(models.EMBEDDED)

    def of_transformers(question: str) -> str:
        text = models.render(tokenizer, models.chat("Be brief.", question), add_generation_prompt=True)
        ids = tokenizer(text, return_tensors="pt", add_special_tokens=False)
        said = tuned.generate(**ids, do_sample=False, max_new_tokens=12)
        return tokenizer.decode(said[0, ids.input_ids.shape[1] :], skip_special_tokens=True)

    def of_server(file: Path | None) -> list[str]:
        with embedded.serve(file) as url:
            client = OpenAI(base_url=url, api_key="none")
            messages = [[models.to_dict(one) for one in models.chat("Be brief.", q)] for q in questions]
            return [
                client.chat.completions.create(model="m", messages=m, temperature=0, max_tokens=12)
                .choices[0]
                .message.content
                for m in messages
            ]

    gguf_adapter.write(tmp_path, models.locate(models.EMBEDDED), tmp_path / "adapter.gguf")
    with_it = of_server(tmp_path / "adapter.gguf")
    assert with_it == [of_transformers(question) for question in questions]
    assert with_it[0] != of_server(None)[0], "it changes what is said"
