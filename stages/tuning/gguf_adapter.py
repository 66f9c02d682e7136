"""A LoRA adapter in the format of llama.cpp, which its servers load beside the model.

The layout is that of llama.cpp's convert_lora_to_gguf.py: for each adapted weight `<name>.lora_a` (rank, in) and
`<name>.lora_b` (out, rank). llama.cpp keeps the rows of the query and key projections in another order than
transformers (its rotary embedding pairs neighbours, not halves), so that their B matrices are permuted. It scales each
product by alpha / rank; what peft scales otherwise (rsLoRA, an alpha of a layer's own) is put into B.
"""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_MODULE = re.compile(r"model\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)\.lora_([AB])\.weight$")
_NAMES = {
    "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
    "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
}  # fmt: skip


class AdapterError(ValueError):
    """An adapter cannot be written for llama.cpp; the message says which part of it."""


def write(folder: Path, model: Path, file: Path, dtype: str = "float16") -> None:
    """Write the adapter of a peft folder as a GGUF file, atomically.

    Args:
        folder: of the adapter: adapter_config.json and adapter_model.safetensors.
        model: the folder of the Llama-family model it was trained on, in transformers format, for its config.json.
        file: what is written.
        dtype: of its matrices, float16 or float32.

    Raises AdapterError for another architecture than Llama's, for adapted layers that llama.cpp has no name for, and
    for DoRA, whose magnitudes it has no place for.
    """
    import gguf
    from safetensors.torch import load_file  # its numpy twin knows no bfloat16

    config = json.loads((model / "config.json").read_text())
    if config["model_type"] != "llama":
        raise AdapterError(f"{model}: its architecture is {config['model_type']}; only llama's can be written as GGUF")
    heads = {
        "q_proj": config["num_attention_heads"],
        "k_proj": config.get("num_key_value_heads") or config["num_attention_heads"],
    }
    adapter = json.loads((folder / "adapter_config.json").read_text())
    if adapter.get("use_dora"):
        raise AdapterError(f"{folder}: llama.cpp has no DoRA adapters; merge it into the model instead")
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        writer = gguf.GGUFWriter(temporary, "llama")
        writer.add_type(gguf.GGUFType.ADAPTER)
        writer.add_string(gguf.Keys.Adapter.TYPE, "lora")
        writer.add_float32(gguf.Keys.Adapter.LORA_ALPHA, float(adapter["lora_alpha"]))
        for name, tensor in sorted(load_file(folder / "adapter_model.safetensors").items()):
            match = _MODULE.search(name)
            if not match or match[2] not in _NAMES:
                raise AdapterError(f"{folder}: llama.cpp has no place for {name}")
            layer, module, side = match.groups()
            if side == "B":
                if module in heads:
                    tensor = permuted(tensor, heads[module])
                layer_name = name[: match.end(2)].removeprefix("base_model.model.")
                if (share := _share(adapter, layer_name, tensor.shape[1])) != 1:
                    tensor = tensor.float() * share
            values = tensor.float().numpy().astype(dtype)
            writer.add_tensor(f"blk.{layer}.{_NAMES[module]}.weight.lora_{side.lower()}", values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def permuted(rows: "torch.Tensor", heads: int) -> "torch.Tensor":
    """Return the output rows of a query or key projection in llama.cpp's order; see its LlamaModel.permute."""
    return rows.reshape(heads, 2, len(rows) // heads // 2, *rows.shape[1:]).swapaxes(1, 2).reshape(rows.shape)


def _share(adapter: dict[str, Any], layer: str, rank: int) -> float:
    """Return how many times the scale of llama.cpp, alpha / rank, peft's is for a layer."""
    patterns = (adapter.get("alpha_pattern") or {}).items()
    own = next((alpha for key, alpha in patterns if re.match(rf"(.*\.)?({key})$", layer)), None)  # as peft looks it up
    alpha = adapter["lora_alpha"] if own is None else own
    root = rank**0.5 if adapter.get("use_rslora") else 1.0
    return alpha / adapter["lora_alpha"] * root
