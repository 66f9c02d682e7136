"""Reads the records and metrics of a data folder; what is missing or does not balance stops the page."""

import json
from pathlib import Path
from typing import Any

from stages import disk
from stages.disk import R


class GatherError(ValueError):
    """Something the report needs is missing or does not add up; the message says which stage to run."""


def needed(path: Path, stage: str) -> Path:
    """Return the path. Raises GatherError, naming the stage that makes it, if it is missing."""
    if not path.exists():
        raise GatherError(f"{path} is missing: it is made by the stage {stage}; run `dvc repro {stage}` first")
    return path


def metrics(data: Path, stage: str, dvc_name: str | None = None) -> dict[str, Any]:
    """Return the metrics of a stage, whose books are checked."""
    path = needed(data / "metrics" / f"{stage}.json", dvc_name or stage)
    try:
        figures: dict[str, Any] = json.loads(path.read_text())
        received, kept, rejected = int(figures["in"]), int(figures["kept"]), dict(figures["rejected"])
    except (ValueError, KeyError, TypeError) as error:
        raise GatherError(
            f"{path}: expected a JSON object with in, kept and rejected ({error!r}); run the stage {stage} again"
        ) from error
    if received != kept + sum(rejected.values()):
        raise GatherError(
            f"{path}: {received} came in, but {kept} were kept and {sum(rejected.values())} rejected; "
            f"the stage {stage} lost something or counted it twice"
        )
    return figures


def load(data: Path, stage: str, file: str, kind: type[R]) -> list[R]:
    """Return the records of data/<stage>/<file>."""
    return disk.read(needed(data / stage / file, stage), kind)


def adapter_names(parameters: dict[str, Any], data: Path) -> list[str]:
    """Return the adapters of params.yaml in its order; without such a section, those that have losses."""
    named = parameters.get("adapters")
    return list(named) if isinstance(named, dict) else sorted(path.stem for path in (data / "loss").glob("*.csv"))
