"""Before the first step: what the model will really see, and whether it can learn it at all.

The well-known recipe trained on single letters and nobody noticed, because its loss went down. So the loader is held
against the rows (`rows.check`), each batch against the loader, and eight rows must be learnt by heart.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from stages.tuning import lora
from stages.tuning.batches import Order, collate, labels_of
from stages.tuning.recipe import Recipe, TrainingError
from stages.tuning.rows import Encoded, RowsError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ROWS = 8  # learnt by heart
LOSS = 0.05  # nats a label below which they are
_RATE = 1e-3  # of the check: its question is whether gradients reach the adapter, not whether the schedule is good


def check_batches(order: Order, encoded: Sequence[Encoded]) -> dict[str, float]:
    """Prove that the batches of the first epoch hold each row once and whole, with its labels in their places.

    Returns lengths in tokens and the share of padding; raises RowsError, which names the row.
    """
    seen: list[int] = []
    for numbers in order.batches(0):
        batch = collate([encoded[number] for number in numbers])
        seen += numbers
        for row, number in enumerate(numbers):
            one = encoded[number]
            ids, places = batch["input_ids"][row].tolist(), one.labelled
            there = [place for place, label in enumerate(batch["labels"][row].tolist()) if label >= 0]
            if ids[: len(one.ids)] != one.ids:
                raise RowsError(f"training row {one.id}: its batch holds other tokens than the row")
            if there != list(places) or labels_of(batch, row) != one.ids[places.start : places.stop]:
                raise RowsError(f"training row {one.id}: the labels in its batch are not its answer and end token")
    if sorted(seen) != list(range(len(encoded))):
        raise RowsError(f"an epoch has {len(seen)} rows, {len(set(seen))} of them different, of {len(encoded)}")
    lengths = sorted(order.lengths)
    return {
        "shortest": lengths[0],
        "median_length": median(lengths),
        "p95_length": lengths[math.ceil(0.95 * len(lengths)) - 1],
        "padding_share": round(order.padding(), 4),
    }


def examples(
    tokenizer: "PreTrainedTokenizerBase", encoded: Sequence[Encoded], lengths: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the shortest, the middle and the longest row as the model sees them: decoded, the labels apart."""
    ranked = sorted(range(len(lengths)), key=lambda number: (lengths[number], number))
    chosen = dict.fromkeys((ranked[0], ranked[len(ranked) // 2], ranked[-1]))
    shown = []
    for one in (encoded[number] for number in chosen):
        parts = (one.ids[: one.start], one.ids[one.start : one.labelled.stop], one.ids[one.labelled.stop :])
        prompt, label, rest = (str(tokenizer.decode(part)) for part in parts)
        shown.append({"id": one.id, "tokens": len(one.ids), "masked": prompt, "labels": label, "after": rest})
    return shown


def overfit(
    model: Any, encoded: Sequence[Encoded], recipe: Recipe,
    progress: Callable[[Iterable[int], str, int], Iterable[int]],
) -> dict[str, float]:  # fmt: skip
    """Learn a few rows by heart with the adapter as configured, then put its weights back; return steps and loss.

    Raises TrainingError if their loss does not fall below LOSS within `recipe.overfit_steps`: then something between
    rows and adapter is broken, however well the loss of a whole training looks.
    """
    import torch

    some = _different(encoded)
    start = lora.weights_of(model)
    device = next(model.parameters()).device
    batch = {k: v.to(device) if isinstance(v, torch.Tensor) else v for k, v in collate(some).items()}
    batch["weights"] = torch.ones_like(batch["weights"])
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=max(_RATE, recipe.learning_rate), weight_decay=0.0)
    model.train()
    first = lowest = float("inf")
    steps = 0
    for steps in progress(
        range(1, recipe.overfit_steps + 1), f"self-test: {len(some)} rows by heart", recipe.overfit_steps
    ):
        loss = model(**batch)["loss"]
        value = float(loss.detach())
        first, lowest = (value if steps == 1 else first), min(lowest, value)
        if lowest < LOSS:
            break
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    lora.restore(model, start)
    optimizer.zero_grad(set_to_none=True)
    if not lowest < LOSS:
        raise TrainingError(
            f"self-test: {len(some)} rows could not be learnt by heart: in {recipe.overfit_steps} steps their loss "
            f"went from {first:.3f} to {lowest:.3f} at best, {LOSS} was expected. Are these rows right ("
            f"{', '.join(one.id for one in some[:3])}, ...)? If so, raise --rank (now {recipe.rank}), add --targets "
            f"(now {' '.join(recipe.targets)}), or raise --overfit-steps; 0 goes without this check"
        )
    return {"rows": len(some), "steps": steps, "first_loss": round(first, 4), "loss": round(lowest, 4)}


def _different(encoded: Sequence[Encoded]) -> list[Encoded]:
    """Return the first rows whose prompts differ: one question with two answers cannot be learnt by heart."""
    chosen: dict[tuple[int, ...], Encoded] = {}
    for one in encoded:
        chosen.setdefault(tuple(one.ids[: one.start]), one)
        if len(chosen) == ROWS:
            break
    return list(chosen.values())
