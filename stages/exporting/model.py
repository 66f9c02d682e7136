"""A tuned model in the formats that servers take."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import disk
from stages.exporting import accompanying, guide, modelfile
from stages.exporting.wanted import ADAPTER_GGUF, FORMATS, MERGED_GGUF, Wanted, Written
from stages.tuning import adapter_folder, gguf_adapter, gguf_merged, gguf_model, gguf_tokenizer, merging, models

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Of the card that `stages.tuning.publish` writes: what tells nothing to who has the export only.
_ASKED = '"content": "What is this about?"'
_ELSEWHERE = " How well it does, with intervals, is in `data/metrics/evaluate.json` of the project that made it."
_NOT_COPIED = (".*", "checkpoint-*", "runs", "*.pt", "*.pth", "training_args.bin", "trainer_state.json")
_IMPOSSIBLE = (
    gguf_adapter.AdapterError, gguf_merged.GGUFModelError, gguf_tokenizer.TokenizerError, merging.MergeError
)  # fmt: skip


class ExportError(ValueError):
    """A format that was asked for cannot be written; the message says which and why."""


def write(wanted: Wanted, folder: Path) -> Written:
    """Write the formats into an empty folder, with a Modelfile, SERVING.md and a manifest.

    Raises ModelError if student or adapter cannot be loaded, ExportError if a format that was asked for cannot be had,
    ModelfileError if the system message cannot stand in a Modelfile.
    """
    config = adapter_folder.config(wanted.adapter)
    adapter_folder.check(wanted.adapter, models.fingerprint(wanted.student, wanted.revision))
    tokenizer = models.load_tokenizer(wanted.student, wanted.revision)
    made = _record(wanted.adapter)
    done = Written(formats=[], notes=[], system=made.get("system") or wanted.system, model=None)
    if (quantised := made.get("recipe", {}).get("quantization", "none")) != "none":
        done.notes.append(
            f"trained beside {quantised} weights, but merged into those in full precision: answers may differ a little"
        )
    if not wanted.formats or {"gguf", "gguf-adapter"} & set(wanted.formats):
        modelfile.quoted(done.system)  # before anything takes time
    dtype = wanted.dtype if wanted.dtype != "student" else merging.dtype_of(wanted.student, wanted.revision)

    def merged() -> "PreTrainedModel":
        if done.model is None:
            done.model = merging.merged(wanted.student, wanted.revision, dtype, wanted.adapter)
        return done.model

    steps: dict[str, Callable[[], None]] = {
        "adapter": lambda: _adapter(wanted, tokenizer, folder / "adapter"),
        "merged": lambda: merging.save(merged(), tokenizer, models.public_name(wanted.student), folder / "merged"),
        "gguf-adapter": lambda: gguf_adapter.write(
            wanted.adapter, models.locate(wanted.student, wanted.revision), folder / ADAPTER_GGUF, wanted.adapter_dtype
        ),
        "gguf": lambda: gguf_merged.write(
            merged(), folder / MERGED_GGUF, wanted.gguf, wanted.name, _header(wanted, tokenizer)
        ),
    }
    for name in FORMATS:
        if wanted.formats and name not in wanted.formats:
            continue
        try:
            steps[name]()
        except _IMPOSSIBLE as error:
            if wanted.formats:
                raise ExportError(f"{name}: {error}") from error
            done.notes.append(f"not written: {name}: {_public(str(error), wanted)}")
        else:
            done.formats.append(name)
    if "adapter" in done.formats:
        done.notes += accompanying.base_notes(wanted)
    accompanying.texts(wanted, done, tokenizer, config, folder)
    accompanying.manifest(wanted, done, config, dtype, folder)
    return done


def _public(message: str, wanted: Wanted) -> str:
    """Return a message for others: at its start the name of what it is about, and no path of this machine."""
    student = models.locate(wanted.student, wanted.revision)
    for path, name in ((wanted.adapter, wanted.name), (student, models.public_name(wanted.student))):
        if message.startswith(f"{path}: "):
            return name + message.removeprefix(str(path))
    return message


def _record(adapter: Path) -> dict[str, Any]:
    """Return what an adapter was made of, as far as its folder tells."""
    file = adapter / adapter_folder.RECORD
    return json.loads(file.read_text()) if file.exists() else {}


def _adapter(wanted: Wanted, tokenizer: "PreTrainedTokenizerBase", folder: Path) -> None:
    """Copy an adapter's folder, but nothing hidden or of its training; one without a tokenizer gets the student's."""
    shutil.copytree(wanted.adapter, folder, ignore=shutil.ignore_patterns(*_NOT_COPIED))
    for copy in [folder, *folder.rglob("*")]:  # what DVC links to its cache is read-only
        copy.chmod(0o755 if copy.is_dir() else 0o644)
    if not (folder / "tokenizer_config.json").exists():
        tokenizer.save_pretrained(folder)
    card = folder / "README.md"
    if card.exists():
        asked = json.dumps(guide.shown(wanted.question), ensure_ascii=False)
        does = f" How well it does:\n\n{wanted.figures.rstrip()}" if wanted.figures else ""
        text = card.read_text(encoding="utf-8", errors="surrogateescape")
        text = text.replace(_ASKED, f'"content": {asked}').replace(_ELSEWHERE, does)
        disk.write_bytes(card, text.encode(errors="surrogateescape"))


def _header(wanted: Wanted, tokenizer: "PreTrainedTokenizerBase") -> "Callable[[GGUFWriter], None]":
    """Return what adds the tokenizer to a header: that of the student's own GGUF file, if it is one."""
    if file := wanted.gguf_file():
        return lambda writer: gguf_tokenizer.copy(gguf_model.opened(file), writer)
    size = json.loads((models.locate(wanted.student, wanted.revision) / "config.json").read_text())["vocab_size"]
    return lambda writer: gguf_tokenizer.add(writer, tokenizer, size)
