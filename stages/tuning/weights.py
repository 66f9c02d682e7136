"""The student's weights: how they are loaded, in which precision and where, and with which adapter."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import settings
from stages.tuning.models import ModelError, locate, quiet

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel

DTYPES = ("auto", "float32", "bfloat16", "float16")
QUANTIZATIONS = ("none", "int8", "nf4")


def load(student: str, revision: str = "main", dtype: str = "auto", quantization: str = "none") -> "PreTrainedModel":
    """Return the student in evaluation mode, on the GPU where there is one.

    Args:
        student: `embedded`, a folder, or a hub id.
        revision: of a hub id.
        dtype: one of DTYPES; `auto` is bfloat16 where the machine computes in it, else float32.
        quantization: one of QUANTIZATIONS; int8 and nf4 (with double quantisation) go through bitsandbytes.
    """
    import torch
    from transformers import AutoModelForCausalLM

    folder = locate(student, revision)
    chosen = torch_dtype(dtype)
    options: dict[str, Any] = {}
    if quantization != "none":
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = {
            "int8": lambda: BitsAndBytesConfig(load_in_8bit=True),
            "nf4": lambda: BitsAndBytesConfig(
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_use_double_quant=True,
                bnb_4bit_compute_dtype=chosen,
            ),
        }[quantization]()
    if torch.cuda.is_available() or quantization != "none":
        options["device_map"] = {"": 0 if torch.cuda.is_available() else "cpu"}
    use_threads()
    with quiet():
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=chosen, **options)
    return model.eval()


def with_adapter(model: "PreTrainedModel", adapter: Path, merged: bool = True) -> Any:
    """Return the model with an adapter of peft, merged into its weights, which are changed.

    Merged, a token takes as long as the base model's; beside the weights, twice as long for a small model. Quantised
    weights cannot take the merge without loss and should keep the adapter beside them.
    """
    with quiet():
        from peft import PeftModel

        tuned = PeftModel.from_pretrained(model, adapter)
        return (tuned.merge_and_unload() if merged else tuned).eval()


def torch_dtype(name: str = "auto") -> "torch.dtype":
    """Return the torch dtype of that name; see `load`."""
    import torch

    if name not in DTYPES:
        raise ModelError(f"dtype {name!r}: expected one of {', '.join(DTYPES)}")
    if name == "auto":
        name = "bfloat16" if _has_bfloat16() else "float32"
    return getattr(torch, name)


def _has_bfloat16() -> bool:
    """Say whether the machine computes in bfloat16; without, it is emulated and far slower than float32."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.is_bf16_supported(including_emulation=False)
    cpuinfo = Path("/proc/cpuinfo")
    flags = cpuinfo.read_text().split("flags", 1)[-1].split("\n", 1)[0].split() if cpuinfo.exists() else []
    return not {"avx512_bf16", "amx_bf16"}.isdisjoint(flags)


def use_threads() -> None:
    """Let torch use as many threads as engine.yaml says (`threads`; all cores by default)."""
    import torch

    torch.set_num_threads(settings.threads())
