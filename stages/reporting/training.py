"""Training: the curves of each adapter by step, its figures, and rows as the model saw them."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from stages.reporting.gather import GatherError, metrics, needed


class Example(msgspec.Struct, frozen=True):
    """A row as the model saw it: its decoded tokens in three parts.

    Attributes:
        id: of the row.
        tokens: how many it has.
        masked: the prompt, on which there is no loss.
        labels: the answer and its end token, which are learnt.
        after: what else follows.
    """

    id: str
    tokens: int
    masked: str
    labels: str
    after: str


@dataclass(frozen=True)
class Adapter:
    """One training: its curves by step, its figures and rows that it saw."""

    name: str
    steps: list[int]
    epochs: list[float]
    train: list[float]
    evaluated: list[tuple[int, float]]  # step, held-out loss
    learning_rate: list[float]
    grad_norm: list[float]
    speed: list[float]  # tokens a second; empty if they were not measured here
    figures: dict[str, Any]
    examples: tuple[Example, ...]

    @property
    def kept(self) -> int | None:
        """The step whose adapter was kept, if it is not the last one."""
        step = self.figures.get("kept_step")
        return step if step in self.steps[:-1] else None


def adapters(data: Path, names: Iterable[str]) -> list[Adapter]:
    """Return the curves, figures and examples of the adapters."""
    return [_adapter(data, name) for name in names]


def by_examples(trained: Sequence[Adapter]) -> list[tuple[list[str], tuple[Example, ...]]]:
    """Return the examples with the names of the adapters that saw them: often all saw the same."""
    seen: dict[tuple[Example, ...], list[str]] = {}
    for one in trained:
        seen.setdefault(one.examples, []).append(one.name)
    return [(names, examples) for examples, names in seen.items()]


def _adapter(data: Path, name: str) -> Adapter:
    stage = f"train@{name}"
    path = needed(data / "loss" / f"{name}.csv", stage)
    figures = metrics(data, f"train-{name}", stage)
    try:
        lines = _lines(path)
        steps, tokens = ([int(line[key]) for line in lines] for key in ("step", "tokens"))
        curve = {key: _column(lines, key) for key in ("epoch", "train", "learning_rate", "grad_norm")}
        evaluated = [(step, float(line["eval"])) for step, line in zip(steps, lines, strict=True) if line["eval"]]
    except (KeyError, TypeError, ValueError) as error:
        raise GatherError(
            f"{path}: expected the columns step, epoch, train, eval, learning_rate, grad_norm and tokens with numbers "
            f"({error!r}); run `dvc repro {stage}` again"
        ) from error
    return Adapter(
        name=name,
        steps=steps,
        epochs=curve["epoch"],
        train=curve["train"],
        evaluated=evaluated,
        learning_rate=curve["learning_rate"],
        grad_norm=curve["grad_norm"],
        speed=_speed(data / "speed" / f"{name}.csv", tokens),
        figures=figures,
        examples=_examples(data / "loss" / f"{name}.json", stage),
    )


def _lines(path: Path) -> list[dict[str, str]]:
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _column(lines: list[dict[str, str]], name: str) -> list[float]:
    return [float(line[name]) for line in lines]


def _speed(path: Path, tokens: list[int]) -> list[float]:
    """Return the tokens a second of each step.

    They are no output of a stage: none where nobody trained, or where they are of another run than the losses, whose
    `tokens` are all up to each step.
    """
    if not path.exists():
        return []
    try:
        lines = _lines(path)
        measured = _column(lines, "tokens_per_second")
        of_this_run = list(accumulate(int(line["tokens"]) for line in lines)) == tokens
    except (KeyError, TypeError, ValueError) as error:
        raise GatherError(
            f"{path}: expected the columns tokens and tokens_per_second with numbers ({error!r}); remove the file, "
            "the report goes without it"
        ) from error
    return measured if of_this_run else []


def _examples(path: Path, stage: str) -> tuple[Example, ...]:
    try:
        return tuple(msgspec.json.decode(needed(path, stage).read_bytes(), type=list[Example]))
    except msgspec.MsgspecError as error:
        raise GatherError(
            f"{path}: expected a JSON list of rows with id, tokens, masked, labels and after ({error}); "
            f"run `dvc repro {stage}` again"
        ) from error
