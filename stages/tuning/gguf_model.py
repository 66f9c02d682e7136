"""A model in a GGUF file: what its header says, and its conversion into a folder in transformers format."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gguf import GGUFReader

_INSTEAD = "use the model's folder in transformers format, or its hub id"


class GGUFError(ValueError):
    """A GGUF file cannot be a student; the message names it and says what to do."""


def text(reader: "GGUFReader", key: str) -> str:
    """Return a field of the header, or an empty text if the file has none of that name."""
    field = reader.get_field(key)
    return str(field.contents()) if field else ""


def opened(file: Path) -> "GGUFReader":
    """Return a reader of the file; raises GGUFError if it is not whole, or no GGUF file."""
    from gguf import GGUFReader

    try:
        return GGUFReader(file)
    except Exception as error:  # what a reader meets in broken bytes: many types, one thing to tell
        raise GGUFError(
            f"{file}: expected a whole GGUF file, but it cannot be read ({type(error).__name__}: {_line(error)}); "
            "fetch it again, and compare its size or SHA-256 with the ones where it comes from"
        ) from error


def check(file: Path) -> None:
    """Raise GGUFError unless the file holds a whole chat model with its tokenizer."""
    reader = opened(file)
    kind, parts = text(reader, "general.type"), text(reader, "split.count")
    if kind not in ("", "model"):
        raise GGUFError(f"{file}: expected a model, but it is of type {kind!r}; give the GGUF file of the base model")
    if parts not in ("", "0", "1"):
        raise GGUFError(
            f"{file}: is one of {parts} parts; join them with `llama-gguf-split --merge`, and give that file"
        )
    if not text(reader, "general.architecture") or reader.get_field("tokenizer.ggml.tokens") is None:
        raise GGUFError(f"{file}: expected a model with its tokenizer, but the header names none; {_INSTEAD}")
    if not text(reader, "tokenizer.chat_template").strip():
        raise GGUFError(
            f"{file}: has no chat template (tokenizer.chat_template); choose the GGUF file of a chat (instruct) model"
        )


def convert(file: Path, folder: Path) -> None:
    """Convert a GGUF file into a transformers folder of float32: into a temporary folder, then renamed.

    135M parameters take about 15 s; on disk, and in memory meanwhile, a parameter takes four bytes. Raises GGUFError.
    """
    from transformers import AutoModelForCausalLM, AutoTokenizer

    print(f"converting {file.name} once into {folder}", flush=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        # A folder of its own: a config.json or a tokenizer beside the file is not the file's.
        alone = temporary / "gguf"
        alone.mkdir()
        os.symlink(file.resolve(), alone / "model.gguf")
        model = AutoModelForCausalLM.from_pretrained(alone, gguf_file="model.gguf", dtype="float32")
        tokenizer = AutoTokenizer.from_pretrained(alone, gguf_file="model.gguf")
        if hasattr(model.config, "quantization_config"):
            # The weights are plain floats now; save_pretrained would refuse as long as the model says it is GGUF.
            del model.config.quantization_config
            model.hf_quantizer = None  # type: ignore[assignment]
        made = temporary / "made"
        model.save_pretrained(made)
        tokenizer.save_pretrained(made)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)
    except Exception as error:  # an architecture or a kind of block that transformers does not know, no space left
        raise GGUFError(
            f"{file}: transformers cannot convert it ({type(error).__name__}: {_line(error)}); {_INSTEAD}"
        ) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _line(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if str(error) else ""
