"""A LoRA adapter in the format of llama.cpp, which its servers load beside the model.

The layout is that of llama.cpp's convert_lora_to_gguf.py: for each adapted weight `<name>.lora_a` (rank, in) and
`<name>.lora_b` (out, rank). llama.cpp keeps the rows of the query and key projections in another order than
transformers (its rotary embedding pairs neighbours, not halves), so that their B matrices are permuted.
"""

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_MODULE = re.compile(r"model\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)\.lora_([AB])\.weight$")
_NAMES = {
    "q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
    "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down",
}  # fmt: skip


class AdapterError(ValueError):
    """An adapter cannot be written for llama.cpp; the message says which part of it."""


def write(folder: Path, model: Path, file: Path) -> None:
    """Write the adapter of a peft folder as a GGUF file, in float16, atomically.

    Args:
        folder: of the adapter: adapter_config.json and adapter_model.safetensors.
        model: the folder of the Llama-family model it was trained on, in transformers format, for its config.json.
        file: what is written.

    Raises AdapterError for another architecture than Llama's, and for adapted layers that llama.cpp has no name for.
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
            if side == "B" and module in heads:
                tensor = _permute(tensor, heads[module])
            values = tensor.float().numpy().astype("float16")
            writer.add_tensor(f"blk.{layer}.{_NAMES[module]}.weight.lora_{side.lower()}", values)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def _permute(rows: "torch.Tensor", heads: int) -> "torch.Tensor":
    """Return the output rows of a query or key projection in llama.cpp's order; see its LlamaModel.permute."""
    out, rank = rows.shape
    return rows.reshape(heads, 2, out // heads // 2, rank).swapaxes(1, 2).reshape(out, rank)
