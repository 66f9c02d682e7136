"""The question writer: an adapter that teaches a small model to turn (topic, statement, kind) into one question.

Only prompted, a model of 135M parameters writes few usable questions; taught on worked examples it writes far better
ones (measured in the closing note of the change that brought this). A capable teacher needs none of it.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages.llm.prompts import Example, Prompt
from stages.tuning import gguf_adapter

ADAPTER = "adapter.gguf"  # beside the files of peft: what the embedded server loads
CARD = "writer.json"  # what it was taught from
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


class WriterError(RuntimeError):
    """The writer cannot be used; the message says what to do."""


class Card(msgspec.Struct, kw_only=True):
    """What a question writer is made of, beside its weights."""

    model: str  # fingerprint of the embedded model
    prompt: str  # hash of the template that it was taught with
    examples: dict[str, str]  # SHA-256 of the hand-written examples (own) and of those of SQuAD files (squad)
    recipe: dict[str, Any]
    figures: dict[str, Any]  # rows and losses


def digest(examples: Sequence[Example]) -> str:
    """Return the SHA-256 of the examples, whatever their order."""
    encoded = sorted(msgspec.json.encode(example) for example in examples)
    return hashlib.sha256(b"\n".join(encoded)).hexdigest()


def take(carried: Path, output: Path, prompt: Prompt) -> Card:
    """Copy the writer that the repository carries and write its GGUF form beside it; return its card.

    Raises WriterError if there is none, or if it was made for another model or another prompt.
    """
    from stages.tuning import models

    if not (carried / CARD).exists():
        raise WriterError(f"{carried}: expected the question writer there ({CARD}); set teach.writer: taught")
    card = msgspec.json.decode((carried / CARD).read_bytes(), type=Card)
    if card.model != models.fingerprint(models.EMBEDDED):
        raise WriterError(f"{carried}: made for another model than the embedded one; set teach.writer: taught")
    if card.prompt != prompt.hash:
        raise WriterError(f"{carried}: taught with another prompts/{prompt.name}.jinja; set teach.writer: taught")
    temporary = Path(tempfile.mkdtemp(dir=_parent(output), prefix=f".{output.name}."))
    try:
        for name in (CONFIG, WEIGHTS, CARD):
            shutil.copyfile(carried / name, temporary / name)
        gguf_adapter.write(temporary, models.locate(models.EMBEDDED), temporary / ADAPTER)
        _replace(output, temporary)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return card


def leave_out(output: Path) -> None:
    """Write a folder that says that there is no question writer."""
    temporary = Path(tempfile.mkdtemp(dir=_parent(output), prefix=f".{output.name}."))
    _replace(output, temporary)


def known(folder: Path) -> Path | None:
    """Return the file of the writer that the embedded server loads, None if the folder has no writer."""
    return folder / ADAPTER if (folder / CARD).exists() else None


def _parent(folder: Path) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    return folder.parent


def _replace(output: Path, temporary: Path) -> None:
    temporary.chmod(0o755)
    shutil.rmtree(output, ignore_errors=True)
    temporary.rename(output)
