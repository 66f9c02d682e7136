"""The student's weights: how they are loaded, in which precision and where, and with which adapter."""

import importlib.util
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import settings
from stages.tuning import adapter_folder
from stages.tuning.models import ModelError, locate, quiet

if TYPE_CHECKING:
    import torch
    from transformers import BitsAndBytesConfig, PreTrainedModel

DTYPES = ("auto", "float32", "bfloat16", "float16")
QUANTIZATIONS = ("none", "int8", "nf4")
ATTENTIONS = ("auto", "eager", "sdpa", "flash_attention_2")


def load(
    student: str,
    revision: str = "main",
    dtype: str = "auto",
    quantization: str = "none",
    attention: str = "auto",
    sharded: bool = False,
) -> "PreTrainedModel":
    """Return the student in evaluation mode, on the GPU where there is one; of several processes, each on its own.

    Args:
        student: `embedded`, a folder, a GGUF file, or a hub id.
        revision: of a hub id.
        dtype: one of DTYPES; `auto` is bfloat16 where the machine computes in it, else float32.
        quantization: one of QUANTIZATIONS; int8 and nf4 (with double quantisation) go through bitsandbytes.
        attention: one of ATTENTIONS, the implementation; `auto` is the choice of transformers.
        sharded: the weights will be parted among processes by FSDP, which places them itself.

    Raises ModelError if the model is not there or cannot be loaded so on this machine.
    """
    _known("quantization", quantization, QUANTIZATIONS)
    _known("attention", attention, ATTENTIONS)
    chosen = torch_dtype(dtype)
    options: dict[str, Any] = {"dtype": chosen, "trust_remote_code": False}  # a model is data, not a program
    if attention != "auto":
        _check_attention(attention, chosen)
        options["attn_implementation"] = attention
    if quantization != "none":
        options["quantization_config"] = _quantised(quantization, chosen, sharded)
    device = _device()
    if not sharded and (device != "cpu" or quantization != "none"):
        options["device_map"] = {"": device}
    folder = locate(student, revision)
    use_threads()
    from safetensors import SafetensorError
    from transformers import AutoModelForCausalLM

    try:
        with quiet():
            model = AutoModelForCausalLM.from_pretrained(folder, **options)
    except (OSError, ValueError, KeyError, ImportError, SafetensorError) as error:
        hint = "attention: auto takes what it has" if "ttention" in str(error) else "a whole chat model is needed"
        raise ModelError(
            f"{student}: the model cannot be loaded with dtype {dtype}, quantization {quantization}, attention "
            f"{attention}: {type(error).__name__}: {_line(error)}; {hint}"
        ) from error
    return model.eval()


def _known(name: str, value: str, values: tuple[str, ...]) -> None:
    if value not in values:
        raise ModelError(f"{name} {value!r}: expected one of {', '.join(values)}")


def _check_attention(attention: str, dtype: "torch.dtype") -> None:
    """Raise ModelError for an implementation of attention that this machine has not."""
    import torch

    if attention != "flash_attention_2":
        return
    instead = "or take attention: sdpa, or auto"
    if importlib.util.find_spec("flash_attn") is None:
        raise ModelError(f"attention {attention} needs the package flash-attn: pip install flash-attn, {instead}")
    if not torch.cuda.is_available():
        raise ModelError(f"attention {attention} needs a GPU, and torch sees none here: mend that, {instead}")
    if dtype not in (torch.bfloat16, torch.float16):
        raise ModelError(f"attention {attention} computes in 16 bits, not in {dtype}: take dtype bfloat16, {instead}")


def _quantised(quantization: str, dtype: "torch.dtype", sharded: bool) -> "BitsAndBytesConfig":
    """Return how bitsandbytes quantises; raises ModelError if it cannot here."""
    if importlib.util.find_spec("bitsandbytes") is None:
        raise ModelError(
            f"quantization {quantization} needs the package bitsandbytes: pip install bitsandbytes, or take "
            "quantization: none"
        )
    with quiet():
        from transformers import BitsAndBytesConfig
        from transformers.integrations import validate_bnb_backend_availability

        try:
            validate_bnb_backend_availability(raise_exception=True)
        except (RuntimeError, ImportError, OSError) as error:
            raise ModelError(
                f"quantization {quantization}: bitsandbytes does not work on this machine ({_line(error)}); see "
                "`python -m bitsandbytes`, or take quantization: none"
            ) from error
    if quantization == "int8":
        if sharded:
            raise ModelError("quantization int8 cannot be parted among processes by FSDP: take nf4, or launch: none")
        return BitsAndBytesConfig(load_in_8bit=True)
    # FSDP flattens weights of one type only, so that the 4-bit ones are stored in the type of the others
    # (huggingface.co/docs/bitsandbytes/fsdp_qlora).
    storage = {"bnb_4bit_quant_storage": dtype} if sharded else {}
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
        **storage,
    )


def _device() -> int | str:
    """Return this process's GPU, which it also makes the current one, or `cpu`."""
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    rank, gpus = int(os.environ.get("LOCAL_RANK", 0)), torch.cuda.device_count()
    if rank >= gpus:
        raise ModelError(f"process {rank} (LOCAL_RANK) has no GPU, there are {gpus}: start at most {gpus} processes")
    torch.cuda.set_device(rank)  # where quantised weights go that FSDP will part
    return rank


def with_adapter(
    model: "PreTrainedModel", adapter: Path, merged: bool = True, base: str = "", revision: str = ""
) -> Any:
    """Return the model with an adapter of peft, merged into its weights, which are changed.

    Merged, a token takes as long as the base model's; beside the weights, twice as long for a small model. Quantised
    weights cannot take the merge without loss and should keep the adapter beside them.

    Args:
        model: the student.
        adapter: the adapter's folder.
        merged: into the weights.
        base: fingerprint of the student, see `adapter_folder.check`.
        revision: what exactly is loaded of it, likewise.

    Raises ModelError if the adapter was trained for another model, does not fit this one, or is not whole.
    """
    wrapped = _wrapped(model, adapter, base, revision)
    return (wrapped.merge_and_unload() if merged else wrapped).eval()


@contextmanager
def tuned(
    model: "PreTrainedModel", adapter: Path, merged: bool = True, base: str = "", revision: str = ""
) -> Iterator["PreTrainedModel"]:
    """Yield the model with an adapter, as `with_adapter` does; afterwards it is as before, to the bit.

    So one loading serves several adapters. Of merged weights a copy is kept in memory: taking the update off again
    would leave rounding behind.
    """
    # peft reads the model's state, for which bitsandbytes unpacks 4-bit weights that a CPU has packed, with a loss
    packed = [(weight, weight.data, copy(weight.quant_state)) for weight in _in_4bit(model)]
    wrapped = _wrapped(model, adapter, base, revision)
    if not merged:
        try:
            _restore(packed)
            yield wrapped.get_base_model().eval()
        finally:
            wrapped.unload()
            _restore(packed)
        return
    from peft.tuners.tuners_utils import BaseTunerLayer

    layers = [module.get_base_layer() for module in wrapped.modules() if isinstance(module, BaseTunerLayer)]
    before = [(weight, weight.detach().to("cpu", copy=True)) for layer in layers for weight in layer.parameters()]
    try:
        yield wrapped.merge_and_unload().eval()
    finally:
        for weight, kept in before:
            weight.data.copy_(kept)


def _in_4bit(model: Any) -> list[Any]:
    return [weight for weight in model.parameters() if getattr(weight, "quant_state", None) is not None]


def _restore(packed: Iterable[tuple[Any, "torch.Tensor", Any]]) -> None:
    for weight, data, state in packed:
        weight.data, weight.quant_state = data, copy(state)


def _wrapped(model: "PreTrainedModel", adapter: Path, base: str, revision: str) -> Any:
    """Return the model with an adapter beside its weights; see `with_adapter`."""
    adapter_folder.check(adapter, base, revision)
    with quiet():
        from peft import PeftModel, get_peft_model_state_dict
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(adapter / adapter_folder.WEIGHTS, "pt") as file:
                held = set(file.keys())
            wrapped = PeftModel.from_pretrained(model, adapter)
        except (OSError, SafetensorError, KeyError, TypeError) as error:
            again = adapter_folder.again(adapter)
            raise ModelError(f"the adapter {adapter} is broken ({_line(error)}): {again}") from error
        except (ValueError, RuntimeError) as error:
            if isinstance(error, RuntimeError) and "size mismatch" not in str(error):
                raise  # no memory, say
            raise ModelError(_misfit(adapter, _line(error, "size mismatch"))) from error
        wanted = set(get_peft_model_state_dict(wrapped, save_embedding_layers=False))
        odd = sorted(wanted - held) + sorted(name for name in held - wanted if ".lora_" in name)
        if odd:  # peft only warns of the ones, and says nothing of the others
            raise ModelError(_misfit(adapter, f"only one of the two has {odd[0]}"))
        return wrapped


def _misfit(adapter: Path, reason: str) -> str:
    return (
        f"the adapter {adapter} was trained for a model of another shape than the student ({reason}): "
        f"{adapter_folder.again(adapter)}"
    )


def torch_dtype(name: str = "auto") -> "torch.dtype":
    """Return the torch dtype of that name; see `load`."""
    _known("dtype", name, DTYPES)
    import torch

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


def _line(error: Exception, about: str = "") -> str:
    """Return the line of an error's text that is about something, or the first one."""
    lines = str(error).strip().splitlines() or [""]
    return next((line for line in lines if about and about in line), lines[0]).strip()[:300]
