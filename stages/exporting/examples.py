"""What is exported: chat rows with the pairs they were made of, divided into training and evaluation."""

from pathlib import Path
from typing import NamedTuple

from stages.mixing.rows import of_pair
from stages.records import Message, Pair, Row
from stages.reporting.gather import GatherError, load

SPLITS = ("train", "reworded", "held_out")
GIVEN = ("refusal", "replay")  # origins of rows that no pair is behind


class Example(NamedTuple):
    """One row of the dataset, and the pair it was made of, if any."""

    row: Row
    split: str
    pair: Pair | None


class Said(NamedTuple):
    """What is said in a row, by its parts."""

    system: str
    turns: list[Message]
    question: str
    answer: str


def said(row: Row) -> Said:
    """Return a row's parts; an answer of several messages is one text, as in training."""
    system = row.prompt[0].content if row.prompt[0].role == "system" else ""
    *turns, asked = row.prompt[1:] if row.prompt[0].role == "system" else row.prompt
    return Said(system, turns, asked.content, "\n".join(message.content for message in row.completion))


def training(data: Path) -> list[Example]:
    """Return the rows that the adapters are trained on, in their order, and the evaluation pairs as such rows.

    Raises GatherError if a file is missing, or if files are of two runs.
    """
    pairs = {pair.id: pair for pair in load(data, "augment", "pairs.jsonl", Pair)}
    rows = sorted(load(data, "mix", "train.jsonl", Row), key=lambda row: (row.order, row.id))
    lost = next((row for row in rows if row.origin not in GIVEN and row.pair not in pairs), None)
    if lost is not None:
        raise GatherError(
            f"{data}/mix/train.jsonl: the row {lost.id} is made of the pair {lost.pair}, which is not in "
            f"{data}/augment/pairs.jsonl: they are of two runs; run `dvc repro mix`"
        )
    system = next((said(row).system for row in rows if row.pair in pairs), "")
    return _checked([Example(row, "train", pairs.get(row.pair)) for row in rows] + _evaluation(data, system), data)


def accepted(data: Path) -> list[Example]:
    """Return the accepted pairs, those for training with their further forms, without a system prompt.

    Raises GatherError as `training` does.
    """
    pairs = load(data, "augment", "pairs.jsonl", Pair)
    return _checked([Example(of_pair(pair, ""), "train", pair) for pair in pairs] + _evaluation(data, ""), data)


def _evaluation(data: Path, system: str) -> list[Example]:
    return [
        Example(of_pair(pair, system), name, pair)
        for name in SPLITS[1:]
        for pair in load(data, "split", f"{name}.jsonl", Pair)
    ]


def _checked(examples: list[Example], data: Path) -> list[Example]:
    """Return the examples. Raises GatherError if there is none to train, or if one of them is for evaluation, too."""
    trained = [one for one in examples if one.split == "train"]
    if not trained:
        raise GatherError(f"{data}: there is no row for training; see {data}/metrics for where the pairs were lost")
    known = {one.row.pair for one in trained} | {said(one.row).question.casefold() for one in trained}
    for one in examples:
        question = said(one.row).question
        if one.split != "train" and (one.row.pair in known or question.casefold() in known):
            raise GatherError(
                f"{data}/split/{one.split}.jsonl: the pair {one.row.pair} is for evaluation, but it or its question "
                "is in the rows for training, too: they are of two runs; run `dvc repro mix`"
            )
    return examples
