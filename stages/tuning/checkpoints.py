"""Checkpoints of a training that may be killed: in a folder keyed by everything that its result depends on."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import msgspec

from stages import disk, settings
from stages.records import Row
from stages.scoring import likelihood
from stages.tuning import models
from stages.tuning.recipe import Engine, Recipe

STATE = "trainer_state.json"  # what the Trainer writes last
_PACKAGES = ("torch", "transformers", "peft", "accelerate", "bitsandbytes")
_OLD = 14 * 24 * 3600  # seconds after which what a killed training left is given up


def data_digest(rows: Sequence[Row]) -> str:
    """Return the SHA-256 of rows."""
    return hashlib.sha256(b"\n".join(msgspec.json.encode(row) for row in rows)).hexdigest()


def key(recipe: Recipe, engine: Engine, training: Sequence[Row], evaluation: Sequence[Row], processes: int) -> str:
    """Return the hash of all that the bytes of an adapter depend on: rows, recipe, model, packages, machine."""
    import torch

    code = [*sorted(Path(__file__).parent.glob("*.py")), Path(likelihood.__file__)]
    machine = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    parts: list[bytes | str] = [
        machine,
        msgspec.json.encode(recipe),
        json.dumps([engine.micro_batch, engine.checkpointing, engine.attention, processes, settings.threads()]),
        models.fingerprint(recipe.student, models.resolved(recipe.student, recipe.revision)),
        data_digest(training),
        data_digest(evaluation),
        *(f"{name} {version(name)}" for name in _PACKAGES),
        *(models.file_digest(file) for file in code),
    ]
    return hashlib.sha256(b"\0".join(p if isinstance(p, bytes) else p.encode() for p in parts)).hexdigest()[:32]


def last(folder: Path) -> Path | None:
    """Return the newest complete checkpoint of a folder, or None; incomplete ones are removed."""
    found = []
    for checkpoint in folder.glob("checkpoint-*"):
        try:
            found.append((json.loads((checkpoint / STATE).read_text())["global_step"], checkpoint))
        except (OSError, ValueError, KeyError):  # killed, or no space left, in the midst of writing it
            shutil.rmtree(checkpoint, ignore_errors=True)
    return max(found)[1] if found else None


def forget(folder: Path) -> None:
    """Remove the checkpoints of a training that is over, and what others left that were killed long ago."""
    shutil.rmtree(folder, ignore_errors=True)
    disk.prune(folder.parent, _OLD)
