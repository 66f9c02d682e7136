"""The folder of an adapter: what it must hold, and for which model it was trained."""

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from stages.tuning.models import ModelError

T = TypeVar("T")
CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
RECORD = "training.json"  # what the adapter was made of


class _Base(msgspec.Struct):
    name: str
    fingerprint: str
    revision: str = ""


class _Record(msgspec.Struct):
    base: _Base


def config(adapter: Path) -> dict[str, Any]:
    """Return peft's configuration of an adapter; raises ModelError if there is no whole adapter in its folder."""
    for name in (CONFIG, WEIGHTS):
        if not (adapter / name).is_file():
            raise ModelError(f"{adapter}: expected an adapter, but it has no {name}: {again(adapter)}")
    return _read(adapter, CONFIG, dict[str, Any])


def check(adapter: Path, base: str = "", revision: str = "") -> None:
    """Raise ModelError if an adapter is not whole, or if its record says that it was trained for another model.

    Args:
        adapter: its folder; an adapter without the record of `train` is not compared.
        base: fingerprint of the student (`models.fingerprint`); empty: not compared.
        revision: what exactly is loaded of it (`models.resolved`): a branch of the hub moves; empty: not compared.
    """
    config(adapter)
    made = _read(adapter, RECORD, _Record).base if (adapter / RECORD).exists() else None
    if base and made and made.fingerprint != base:
        raise ModelError(
            f"the adapter {adapter} was trained for {made.name} ({_short(made.fingerprint)}), the student is "
            f"{_short(base)}: {again(adapter)}, or set the student that it was trained for"
        )
    if revision and made and made.revision not in ("", revision):
        raise ModelError(
            f"the adapter {adapter} was trained for {made.name} at revision {made.revision}, which is now {revision}: "
            f"{again(adapter)}, or set the revision that it was trained for"
        )


def again(adapter: Path) -> str:
    """Return what to do about an adapter that cannot be used."""
    if adapter.parent.name != "adapters":  # not one of the pipeline
        return "make it anew for this student"
    return f"run dvc repro train@{adapter.name} (with -sf where DVC sees no change)"


def _read(adapter: Path, name: str, kind: type[T]) -> T:
    try:
        return msgspec.json.decode((adapter / name).read_bytes(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ModelError(f"{adapter / name} is broken ({error}): {again(adapter)}") from error


def _short(fingerprint: str) -> str:
    """Return a fingerprint with the first twelve digits of its hash."""
    name, _, digest = fingerprint.rpartition("@")
    return f"{name}@{digest[:12]}" if re.fullmatch(r"[0-9a-f]{40,}", digest) else fingerprint
