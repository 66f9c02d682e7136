"""Which rows make which step, and what the model gets of them."""

import math
import random
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from stages.tuning.rows import Encoded

if TYPE_CHECKING:
    import torch

NO_LABEL = -100
_POOL = 16  # batches among which rows of similar length are sought


class Order:
    """The order of the rows, epoch by epoch: a sampler whose consecutive `size` rows are a batch.

    Args:
        lengths: tokens of each row.
        size: rows of a batch.
        seed: of the random orders; each epoch has its own.
        curriculum: place of each row in the first epoch, or nothing.
    """

    def __init__(self, lengths: Sequence[int], size: int, seed: int, curriculum: Sequence[int] = ()) -> None:
        self.lengths, self.size, self.seed, self.curriculum = list(lengths), size, seed, list(curriculum)
        self.epoch = 0
        self._known: tuple[int, list[list[int]]] = (-1, [])

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        return (number for batch in self.batches(self.epoch) for number in batch)

    def batches(self, epoch: int) -> list[list[int]]:
        """Return the row numbers of each step of an epoch; only the last batch may be short."""
        if self._known[0] != epoch:
            self._known = epoch, self._batches(epoch)
        return self._known[1]

    def _batches(self, epoch: int) -> list[list[int]]:
        if epoch == 0 and any(self.curriculum):
            numbers = sorted(range(len(self)), key=lambda number: self.curriculum[number])
            return [numbers[place : place + self.size] for place in range(0, len(numbers), self.size)]
        return by_length(self.lengths, self.size, f"{self.seed} {epoch}")

    def batch(self, step: int) -> list[int]:
        """Return the row numbers of a step, counted from 1 over all epochs."""
        epoch, place = divmod(step - 1, self.steps())
        return self.batches(epoch)[place]

    def tokens(self, step: int) -> int:
        """Return the tokens of a step, padding aside."""
        return sum(self.lengths[number] for number in self.batch(step))

    def steps(self) -> int:
        """Return the steps of an epoch."""
        return math.ceil(len(self) / self.size)

    def padding(self) -> float:
        """Return the share of the first two epochs' tokens that is padding."""
        held = filled = 0
        for epoch in (0, 1):
            for batch in self.batches(epoch):
                held += len(batch) * max(self.lengths[number] for number in batch)
                filled += sum(self.lengths[number] for number in batch)
        return 1 - filled / held if held else 0.0


def by_length(lengths: Sequence[int], size: int, seed: str) -> list[list[int]]:
    """Return the row numbers in random batches of rows of similar length, so that little is padding."""
    source = random.Random(seed)
    order = list(range(len(lengths)))
    source.shuffle(order)
    pools = [order[place : place + _POOL * size] for place in range(0, len(order), _POOL * size)]
    order = [number for pool in pools for number in sorted(pool, key=lambda number: lengths[number])]
    batches = [order[place : place + size] for place in range(0, len(order), size)]
    short = [batches.pop()] if batches and len(batches[-1]) < size else []
    source.shuffle(batches)
    return batches + short


def collate(some: Sequence[Encoded]) -> dict[str, Any]:
    """Return a batch: `input_ids` and `labels` (rows, tokens), `weights` (rows), `shared` first tokens of all rows.

    Rows are padded on the right, where causal attention never looks: no padding mask is needed.
    """
    import torch

    from stages.scoring.likelihood import common_prefix

    longest = max(len(one.ids) for one in some)
    ids = torch.zeros((len(some), longest), dtype=torch.long)
    labels = torch.full((len(some), longest), NO_LABEL, dtype=torch.long)
    for row, one in enumerate(some):
        ids[row, : len(one.ids)] = torch.tensor(one.ids)
        places = one.labelled
        labels[row, places.start : places.stop] = torch.tensor(one.ids[places.start : places.stop])
    return {
        "input_ids": ids,
        "labels": labels,
        "weights": torch.tensor([one.weight for one in some], dtype=torch.float32),
        "shared": common_prefix([one.ids for one in some], min(one.start for one in some) - 1),
    }


def labels_of(batch: dict[str, "torch.Tensor"], row: int) -> list[int]:
    """Return the tokens of one row of a batch that are labels."""
    return [token for token in batch["labels"][row].tolist() if token != NO_LABEL]
