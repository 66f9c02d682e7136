"""The rows of the benchmark: which, how many, what is held out, and what the systems get of them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages import disk
from stages.mixing import rows as chat
from stages.mixing.given import Given
from stages.records import Row
from stages.tuning.rows import Encoded

HELD_OUT = 10  # one of so many rows


class _Example(msgspec.Struct):
    id: str
    question: str
    answer: str


def read(file: Path | None, examples: Path, params: Path) -> tuple[list[Row], str]:
    """Return chat rows and where they are from: a file of stage `mix`, else the worked examples of the question writer.

    Args:
        file: such as data/mix/train.jsonl, or None.
        examples: such as data/sources/examples.jsonl, of which each has a question and an answer.
        params: such as params.yaml, for the system message of the examples' rows.
    """
    if file is not None:
        return disk.read(file, Row), str(file)
    system = msgspec.yaml.decode(params.read_bytes())["chat"]["system"]
    found = [msgspec.json.decode(line, type=_Example) for line in examples.read_bytes().splitlines()]
    made = [chat.of_given(Given(one.id, one.question, one.answer), "seed", system) for one in found]
    return made, str(examples)


def parted(rows: Sequence[Row], most: int) -> tuple[list[Row], list[Row]]:
    """Return rows to train on and rows held out, a tenth, of at most so many; their ids decide, which are hashes."""
    chosen = sorted(rows, key=lambda row: row.id)[:most]
    held_out = max(2, len(chosen) // HELD_OUT)
    return chosen[held_out:], chosen[:held_out]


def write(rows: Sequence[Row], encoded: Sequence[Encoded], folder: Path) -> None:
    """Write a folder as stage `mix` leaves it, and beside it the tokens and labels for a plain trainer."""
    disk.write(folder / "train.jsonl", rows)
    disk.write(folder / "eval.jsonl", [])
    disk.write_json(folder / "licences.json", {})
    disk.write_bytes(folder / "encoded.jsonl", "".join(json.dumps(labelled(one)) + "\n" for one in encoded).encode())


def labelled(one: Encoded) -> dict[str, Any]:
    """Return a row's tokens, and its labels: -100 on the prompt."""
    places = one.labelled
    labels = [token if at in places else -100 for at, token in enumerate(one.ids)]
    return {"input_ids": one.ids, "labels": labels}
