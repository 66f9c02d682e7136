"""Nothing is lost in silence: what a stage took in, kept and rejected, and why."""

import fcntl
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from stages import disk
from stages.records import Reject

T = TypeVar("T")


class Tally:
    """Collects a stage's rejects and closes its books: `in == kept + rejected` is asserted.

    Args:
        stage: the stage's name, as in dvc.yaml.
        unit: what is counted, in the plural ("documents", "pairs").
    """

    def __init__(self, stage: str, unit: str):
        self.stage, self.unit = stage, unit
        self.rejects: list[Reject] = []
        self.started = time.perf_counter()

    def reject(self, identity: str, reason: str, value: float | str | None = None, record: Any = None) -> None:
        """Note that one thing is dropped. `reason` is snake_case; `record` is a record or any JSON value."""
        self.rejects.append(Reject(id=identity, stage=self.stage, reason=reason, value=value, record=record))

    def close(self, metrics: Path, rejected: Path | None, *, received: int, kept: int, **figures: Any) -> None:
        """Write the rejects and the metrics, and print the stage's summary line.

        Metrics are `in`, `kept`, `rejected` (reason: count) and the stage's own figures. How long it took is no
        function of the input and would change dvc.lock at every run, so it goes to seconds.json, next to their folder.

        Raises RuntimeError if the books do not balance.
        """
        if received != kept + len(self.rejects):
            raise RuntimeError(
                f"{self.stage}: {received} {self.unit} came in but {kept} were kept and {len(self.rejects)} rejected; "
                "something was lost or counted twice"
            )
        reasons = dict(sorted(Counter(reject.reason for reject in self.rejects).items()))
        if rejected is not None:
            disk.write(rejected, self.rejects)
        disk.write_json(metrics, {"in": received, "kept": kept, "rejected": reasons, **figures})
        seconds = time.perf_counter() - self.started
        note(metrics.parent.parent / "seconds.json", metrics.stem, round(seconds, 1))
        why = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
        print(
            f"{self.stage}: {received} {self.unit} in, {kept} kept, {len(self.rejects)} rejected"
            f"{f' ({why})' if why else ''}, {seconds:.1f} s",
            flush=True,
        )


def note(path: Path, stage: str, figures: Any) -> None:
    """Note in a JSON file what is no function of a stage's input; other stages' entries are kept, under a lock."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.with_name(f".{path.stem}.lock")
    with open(lock, "w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        known = json.loads(path.read_text()) if path.exists() else {}
        disk.write_json(path, known | {stage: figures})


def progress(things: Iterable[T], what: str, total: int | None = None) -> Iterable[T]:
    """Return the things behind a progress bar if standard error is a terminal, else as they are."""
    if not sys.stderr.isatty():
        return things
    from tqdm import tqdm  # its import takes longer than many a stage

    return tqdm(things, desc=what, total=total, leave=False)
