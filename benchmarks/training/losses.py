"""The held-out loss of every system's adapter, measured by one function, and what the difference to ours is worth."""

from collections.abc import Sequence
from pathlib import Path

from stages.scoring import likelihood, statistics
from stages.tuning import weights
from stages.tuning.rows import Encoded

TOKENS = 1024  # of one forward pass


def of_rows(student: str, dtype: str, adapter: Path | None, encoded: Sequence[Encoded]) -> list[float]:
    """Return the mean loss of each row's labels, in nats, with an adapter or without."""
    model = weights.load(student, dtype=dtype)
    if adapter is not None:
        model = weights.with_adapter(model, adapter, merged=False).get_base_model()
    values = [0.0] * len(encoded)
    for numbers in likelihood.by_length(encoded, TOKENS):
        some = [encoded[number] for number in numbers]
        losses = likelihood.label_losses(model, some, [one.labelled for one in some])
        for number, row in zip(numbers, losses, strict=True):
            values[number] = sum(row) / len(row)
    return values


def compared(ours: Sequence[float], theirs: Sequence[float]) -> dict[str, float | str]:
    """Return ours minus theirs with its 95 % interval, of a bootstrap over the rows, and what may be said of it."""
    found = statistics.paired(ours, theirs, range(len(ours)), higher_is_better=False)
    return {"value": round(found.value, 4), "low": round(found.low, 4), "high": round(found.high, 4)} | {
        "verdict": found.verdict
    }
