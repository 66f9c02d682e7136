"""Rows, and a training of them in a second."""

from pathlib import Path
from typing import Any

from stages.records import Message, Row, content_id
from stages.tuning import checkpoints, models, training


def row(question: str, answer: str) -> Row:
    """Return a row that is known by its question."""
    return Row(
        id=content_id(question),
        pair=content_id(answer),
        origin="generated",
        prompt=models.chat("Be brief.", question),
        completion=[Message(role="assistant", content=answer)],
    )


def some_rows(count: int) -> list[Row]:
    """Return rows that ask and answer something different."""
    return [
        row(f"What is the size of model {number}?", f"Model {number} has {number * 7} layers" + "." * (number % 5))
        for number in range(count)
    ]


def run(
    student: Path, folder: Path, *, count: int = 12, how: dict[str, Any] | None = None, **changes: Any
) -> training.Trained:
    """Train an adapter in `folder`."""
    options = {"dtype": "float32", "epochs": 2, "batch_size": 4, "learning_rate": 1e-2, "rank": 4} | changes
    recipe = training.Recipe(student=str(student), **options)
    made = training.train(recipe, some_rows(count), some_rows(count)[:4], folder, training.Engine(**(how or {})))
    checkpoints.forget(made.checkpoints)
    return made


def same(one: Path, other: Path) -> bool:
    """Say whether two folders hold the same files, byte for byte."""
    return sorted(file.name for file in one.iterdir()) == sorted(file.name for file in other.iterdir()) and all(
        file.read_bytes() == (other / file.name).read_bytes() for file in one.iterdir()
    )
