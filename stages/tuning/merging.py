"""The student with an adapter merged into its weights, as one model."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from stages.tuning import adapter_folder, models, weights
from stages.tuning.models import ModelError

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_SHARED = ("lm_head", "embed_tokens")  # one matrix in models that tie their embeddings
_SAMPLING = ("temperature", "top_p", "top_k", "typical_p", "min_p", "max_length", "max_new_tokens")


class MergeError(ModelError):
    """An adapter cannot be merged into this student; the message says why, and what to do."""


def dtype_of(student: str, revision: str = "main") -> str:
    """Return the dtype in which the student's weights are kept; of a GGUF file they are float32 once it is unpacked."""
    config = json.loads((models.locate(student, revision) / "config.json").read_text())
    name = config.get("dtype") or config.get("torch_dtype") or "float32"
    return name if name in weights.DTYPES else "float32"


def merged(student: str, revision: str, dtype: str, adapter: Path) -> "PreTrainedModel":
    """Return the student in full precision, of this dtype, with an adapter merged into its weights.

    An adapter that was trained beside 4-bit or 8-bit weights is merged into the weights that these were made of.

    Raises ModelError if the adapter is not whole or is another model's, MergeError if it changes a matrix that two
    layers share.
    """
    from safetensors import safe_open

    base, exact = models.fingerprint(student, revision), models.resolved(student, revision)
    adapter_folder.check(adapter, base, exact)
    model = weights.load(student, revision, dtype)
    with safe_open(adapter / adapter_folder.WEIGHTS, "pt") as file:
        shared = [name for name in _SHARED if any(f".{name}." in held for held in file.keys())]  # noqa: SIM118
    if shared and model.config.tie_word_embeddings:
        raise MergeError(
            f"{adapter}: it changes {' and '.join(shared)}, and lm_head and embed_tokens are one matrix in "
            f"{models.public_name(student)}: merged, it would change both; serve the adapter beside the student instead"
        )
    return weights.with_adapter(model, adapter, base=base, revision=exact)


def save(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerBase", name: str, folder: Path) -> None:
    """Write a merged model in transformers format: safetensors, tokenizer, chat template, greedy generation.

    Args:
        model: see `merged`.
        tokenizer: the student's.
        name: of the student, for others; the files name no path of this machine.
        folder: what is written.
    """
    greedy = model.generation_config
    greedy.do_sample = False
    for knob in _SAMPLING:  # of the student's makers; the evaluation takes the most likely token
        setattr(greedy, knob, None)
    model.config._name_or_path = name
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    for file, key in (("config.json", "_name_or_path"), ("tokenizer_config.json", "name_or_path")):
        config = json.loads((folder / file).read_text())
        if key in config:
            config[key] = name
        (folder / file).write_text(json.dumps(config, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
    for saved in folder.rglob("*"):
        if saved.is_file():  # a tokenizer with several chat templates has a folder of them
            saved.chmod(0o644)
