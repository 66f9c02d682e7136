"""A Llama of transformers as one GGUF file, for llama.cpp and what is built on it.

The layout is that of llama.cpp's convert_hf_to_gguf.py for LlamaForCausalLM. One tensor at a time is converted.
"""

import math
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import tally
from stages.tuning import gguf_adapter

if TYPE_CHECKING:
    import numpy
    import torch
    from gguf import GGUFWriter
    from transformers import PreTrainedModel

KINDS = ("f16", "f32", "bf16", "q8_0")
_FILE_TYPES = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "bf16": "MOSTLY_BF16", "q8_0": "MOSTLY_Q8_0"}
_LARGEST = 65504.0  # of float16
_ROPES = ("default", "linear", "llama3")  # rotary embeddings whose frequencies do not depend on the text


class GGUFModelError(ValueError):
    """A model cannot be written as GGUF; the message says why."""


def write(
    model: "PreTrainedModel",
    file: Path,
    kind: str,
    name: str,
    add_tokenizer: Callable[["GGUFWriter"], None],
    progress: Callable[[Iterable[str], str, int], Iterable[str]] = tally.progress,
) -> None:
    """Write a model as a GGUF file, atomically.

    Args:
        model: a Llama, not quantised.
        file: what is written.
        kind: one of KINDS, the type of its matrices; norms and biases stay float32.
        name: of the model, as servers show it.
        add_tokenizer: adds the tokenizer to the header, see `gguf_tokenizer`.
        progress: shows how far it is.

    Raises GGUFModelError for a model that llama.cpp's `llama` is not.
    """
    import gguf
    import numpy

    check(model.config)
    tensors = _tensors(model)
    factors = _rope_factors(model)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        writer = gguf.GGUFWriter(temporary, "llama")
        _header(writer, model.config, kind, name)
        add_tokenizer(writer)
        if factors is not None:
            writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
        for at, tensor in tensors.items():
            kept = _kind(tensor, kind)
            size = _bytes(tensor.shape, kept)
            writer.add_tensor_info(at, tuple(tensor.shape), numpy.dtype("float32"), size, raw_dtype=kept)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        if factors is not None:
            writer.write_tensor_data(factors)
        for at in progress(list(tensors), file.name, len(tensors)):
            writer.write_tensor_data(_values(at, tensors[at], model.config, _kind(tensors[at], kind)))
        writer.close()
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def check(config: Any) -> None:
    """Raise GGUFModelError unless a model of this configuration is what llama.cpp calls `llama`."""
    rope = (getattr(config, "rope_parameters", None) or {}).get("rope_type", "default")
    if config.model_type != "llama":
        raise GGUFModelError(f"its architecture is {config.model_type}; only llama's can be written as GGUF")
    if config.hidden_act != "silu":
        raise GGUFModelError(f"its activation is {config.hidden_act}; llama.cpp's llama has silu")
    if rope not in _ROPES:
        raise GGUFModelError(f"its rotary embedding is of type {rope}; known here are {', '.join(_ROPES)}")


def _header(writer: "GGUFWriter", config: Any, kind: str, name: str) -> None:
    import gguf

    head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    writer.add_type(gguf.GGUFType.MODEL)
    writer.add_name(name)
    writer.add_file_type(gguf.LlamaFileType[_FILE_TYPES[kind]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_vocab_size(config.vocab_size)


def _tensors(model: "PreTrainedModel") -> dict[str, "torch.Tensor"]:
    """Return the tensors by llama.cpp's names."""
    import gguf

    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, model.config.num_hidden_layers)
    found = {}
    for name, tensor in model.state_dict().items():
        if name == "lm_head.weight" and model.config.tie_word_embeddings:
            continue  # the embedding's
        at = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if at is None:
            raise GGUFModelError(f"llama.cpp has no place for {name}")
        found[at] = tensor
    return found


def _rope_factors(model: "PreTrainedModel") -> "numpy.ndarray | None":
    """Return by what the rotary embedding's frequencies are divided, as Llama 3.1 and later do; None: by nothing."""
    import torch

    used = model.model.rotary_emb.inv_freq.float().cpu()
    plain = model.config.rope_parameters["rope_theta"] ** -(torch.arange(len(used)).double() / len(used))
    factors = (plain / used.double()).float()
    return None if torch.allclose(factors, torch.ones_like(factors), rtol=1e-5) else factors.numpy()


def _kind(tensor: "torch.Tensor", kind: str) -> Any:
    """Return the type in which a tensor is kept: float32 for vectors, float16 for rows that make no whole blocks."""
    import gguf

    kept = gguf.GGMLQuantizationType[kind.upper()]
    if tensor.dim() == 1:
        return gguf.GGMLQuantizationType.F32
    if tensor.shape[-1] % gguf.GGML_QUANT_SIZES[kept][0]:
        return gguf.GGMLQuantizationType.F16
    return kept


def _bytes(shape: Iterable[int], kept: Any) -> int:
    import gguf

    block, size = gguf.GGML_QUANT_SIZES[kept]
    return math.prod(shape) // block * size


def _values(at: str, tensor: "torch.Tensor", config: Any, kept: Any) -> "numpy.ndarray":
    import gguf

    if ".attn_q." in at:
        tensor = gguf_adapter.permuted(tensor, config.num_attention_heads)
    elif ".attn_k." in at:
        tensor = gguf_adapter.permuted(tensor, config.num_key_value_heads)
    values = tensor.detach().float().cpu().contiguous().numpy()
    if kept == gguf.GGMLQuantizationType.F16 and abs(values).max() > _LARGEST:
        raise GGUFModelError(f"a weight of {at} is too large for f16: take bf16 or f32")
    return gguf.quants.quantize(values, kept)
