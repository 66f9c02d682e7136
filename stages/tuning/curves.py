"""What a training leaves in figures: its losses by step, its speed by step, and what they come to."""

from collections.abc import Sequence
from typing import Any

from stages.tuning.batches import Order
from stages.tuning.rows import Encoded

CURVE = "step,epoch,train,eval,learning_rate,grad_norm,tokens"
SPEED = "step,seconds,tokens,tokens_per_second"

History = Sequence[dict[str, Any]]  # the Trainer's log: a step's `loss`, or a measured `eval_loss`


def curve(history: History, order: Order) -> list[str]:
    """Return lines of CSV, one a step: mean loss of its labels, held-out loss where it was measured, and so on."""
    measured = {entry["step"]: f"{entry['eval_loss']:.4f}" for entry in history if "eval_loss" in entry}
    lines, tokens = [CURVE], 0
    for entry in (entry for entry in history if "loss" in entry):
        step = entry["step"]
        tokens += order.tokens(step)
        lines.append(
            f"{step},{step / order.steps():.3f},{entry['loss']:.4f},{measured.get(step, '')},"
            f"{entry['learning_rate']:.3e},{entry['grad_norm']:.4f},{tokens}"
        )
    return lines


def speed(steps: Sequence[Sequence[float]]) -> list[str]:
    """Return lines of CSV, one a step, from its seconds and its tokens."""
    return [SPEED] + [
        f"{number},{seconds:.4f},{tokens},{tokens / seconds if seconds else 0:.1f}"
        for number, (seconds, tokens) in enumerate(steps, 1)
    ]


def figures(history: History, order: Order, encoded: Sequence[Encoded], best: bool) -> dict[str, Any]:
    """Return steps, tokens and losses of a training.

    Args:
        history: its log.
        order: of its rows.
        encoded: the rows.
        best: whether the adapter of the lowest held-out loss was kept, and not the last one.
    """
    lost = [entry for entry in history if "loss" in entry]
    measured = [entry for entry in history if "eval_loss" in entry]
    lowest = min(measured, key=lambda entry: entry["eval_loss"]) if measured else None
    last_epoch = lost[-min(order.steps(), len(lost)) :]
    labels = [sum(len(encoded[number].labelled) for number in order.batch(entry["step"])) for entry in last_epoch]
    loss = sum(entry["loss"] * count for entry, count in zip(last_epoch, labels, strict=True)) / sum(labels)
    kept = lowest if best else (measured[-1] if measured else None)
    return {
        "steps": len(lost),
        "tokens": sum(order.tokens(entry["step"]) for entry in lost),
        "train_loss": round(loss, 4),
        "eval_loss": round(kept["eval_loss"], 4) if kept else None,
        "best_step": lowest["step"] if lowest else None,
        "kept_step": kept["step"] if kept and best else len(lost),
    }
