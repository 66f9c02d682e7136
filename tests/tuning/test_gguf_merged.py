"""A model as GGUF is the model of transformers: its header, its tensors and, served, its words."""

import json
import shutil
from pathlib import Path

import pytest

from stages.exporting import served
from stages.tuning import gguf_merged, gguf_tokenizer, models, weights
from stages.tuning.gguf_merged import GGUFModelError


def written(model, tokenizer, file: Path, kind: str = "f32") -> Path:
    gguf_merged.write(
        model, file, kind, "tiny", lambda writer: gguf_tokenizer.add(writer, tokenizer, model.config.vocab_size)
    )
    return file


def changed(model: Path, folder: Path, **config) -> Path:
    """Return a copy of a model folder with other settings; weights that no longer fit are random."""
    shutil.copytree(model, folder)
    known = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(known | config))
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_llama: Path):
    return weights.load(str(tiny_llama), dtype="float32"), models.load_tokenizer(str(tiny_llama))


def test_header_and_tensors_are_those_of_the_model(tiny, tmp_path: Path):
    import gguf
    import numpy

    model, tokenizer = tiny
    reader = gguf.GGUFReader(written(model, tokenizer, tmp_path / "tiny.gguf"))
    said = {name: field.contents() for name, field in reader.fields.items()}
    assert said["general.architecture"] == "llama" and said["general.type"] == "model"
    assert said["llama.attention.head_count"] == 4 and said["llama.attention.head_count_kv"] == 2
    assert said["llama.embedding_length"] == 64 and said["llama.feed_forward_length"] == 128
    assert said["llama.rope.freq_base"] == 10_000 and said["llama.rope.dimension_count"] == 16
    tensors = {one.name: one for one in reader.tensors}
    layer = "attn_norm attn_q attn_k attn_v attn_output ffn_norm ffn_gate ffn_up ffn_down".split()
    names = {f"blk.{n}.{part}.weight" for n in range(2) for part in layer}
    assert tensors.keys() == names | {"token_embd.weight", "output_norm.weight"}, "tied: no output matrix"
    theirs = model.state_dict()["model.layers.1.mlp.down_proj.weight"].numpy()
    numpy.testing.assert_array_equal(tensors["blk.1.ffn_down.weight"].data, theirs)
    assert list(tensors["blk.1.attn_k.weight"].shape) == [64, 32], "two of four heads"


@pytest.mark.parametrize(
    ("kind", "matrix", "within"), [("f16", "F16", 1e-3), ("bf16", "BF16", 1e-2), ("q8_0", "Q8_0", 1e-2)]
)
def test_matrices_are_of_the_type_that_was_asked_for_and_vectors_float32(tiny, tmp_path: Path, kind, matrix, within):
    import gguf
    import numpy

    model, tokenizer = tiny
    for name in ("one", "two"):
        written(model, tokenizer, tmp_path / name, kind)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    tensors = {one.name: one for one in gguf.GGUFReader(tmp_path / "one").tensors}
    assert tensors["blk.0.ffn_up.weight"].tensor_type.name == matrix
    assert tensors["blk.0.ffn_norm.weight"].tensor_type.name == "F32"
    up = tensors["blk.0.ffn_up.weight"]
    numpy.testing.assert_allclose(
        gguf.quants.dequantize(up.data, up.tensor_type),
        model.state_dict()["model.layers.0.mlp.up_proj.weight"].numpy(),
        atol=within,
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"model_type": "mistral"}, "architecture is mistral"),
        ({"hidden_act": "gelu"}, "activation is gelu"),
        ({"rope_parameters": {"rope_type": "yarn", "rope_theta": 1e4, "factor": 2.0}}, "embedding is of type yarn"),
    ],
)
def test_what_is_no_llama_is_refused_and_nothing_is_left(tiny_llama, tiny, tmp_path: Path, settings, said):
    model = weights.load(str(changed(tiny_llama, tmp_path / "model", **settings)), dtype="float32")
    with pytest.raises(GGUFModelError, match=said):
        written(model, tiny[1], tmp_path / "file.gguf")
    assert [one.name for one in tmp_path.iterdir()] == ["model"]


def test_a_weight_that_float16_cannot_hold_is_named(tiny_llama: Path, tiny, tmp_path: Path):
    import torch

    model = weights.load(str(tiny_llama), dtype="float32")
    with torch.no_grad():
        model.model.layers[1].mlp.up_proj.weight[0, 0] = 1e6
    with pytest.raises(GGUFModelError, match="blk.1.ffn_up.weight is too large for f16: take bf16 or f32"):
        written(model, tiny[1], tmp_path / "file.gguf", "f16")
    written(model, tiny[1], tmp_path / "file.gguf", "bf16")


LLAMA_3 = {
    "rope_type": "llama3", "rope_theta": 1e4, "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
    "original_max_position_embeddings": 64,
}  # fmt: skip


@pytest.mark.parametrize("rope", [None, LLAMA_3, {"rope_type": "linear", "rope_theta": 1e4, "factor": 4.0}])
def test_served_it_says_what_transformers_says(tiny_llama: Path, tiny, tmp_path: Path, rope):
    model, tokenizer = tiny
    if rope:
        folder = changed(tiny_llama, tmp_path / "model", rope_parameters=rope, tie_word_embeddings=False)
        model = weights.load(str(folder), dtype="float32")
        model.lm_head.weight.data.copy_(model.model.embed_tokens.weight.flip(0))
    file = written(model, tokenizer, tmp_path / "tiny.gguf")
    questions = ["What is the context length?", "Llama – naïve? 12345", "Who?\n\n  And  why?" * 5]
    theirs = served.of_transformers(model, tokenizer, "Be brief.", questions)
    ours = served.of_llama_cpp(file, None, "Be brief.", questions)
    assert ours == theirs
    assert len({tuple(tokens) for tokens in ours.tokens}) == 3, "it says something of its own to each"
