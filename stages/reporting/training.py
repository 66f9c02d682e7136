"""Training: the losses of each adapter by step, and its figures."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.reporting.gather import GatherError, metrics, needed


@dataclass(frozen=True)
class Adapter:
    """One training: its losses by step, and its figures."""

    name: str
    steps: list[int]
    epochs: list[float]
    train: list[float]
    evaluated: list[tuple[int, float]]  # step, held-out loss
    figures: dict[str, Any]


def adapters(data: Path, names: Iterable[str]) -> list[Adapter]:
    """Return the losses and figures of the adapters."""
    return [_adapter(data, name) for name in names]


def _adapter(data: Path, name: str) -> Adapter:
    path = needed(data / "loss" / f"{name}.csv", f"train@{name}")
    figures = metrics(data, f"train-{name}", f"train@{name}")
    try:
        with open(path, newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        steps = [int(line["step"]) for line in lines]
        return Adapter(
            name=name,
            steps=steps,
            epochs=[float(line["epoch"]) for line in lines],
            train=[float(line["train"]) for line in lines],
            evaluated=[(step, float(line["eval"])) for step, line in zip(steps, lines, strict=True) if line["eval"]],
            figures=figures,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GatherError(
            f"{path}: expected the columns step, epoch, train and eval with numbers ({error!r}); "
            f"run `dvc repro train@{name}` again"
        ) from error
