"""What the run took: seconds of each stage, and replies that a model gave or that were known already."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages import disk
from stages.records import Record

LEDGERS = "replies"  # folder of what models replied


class Reply(Record, kw_only=True):
    """A line of a ledger; `value` is what came, with its usage where tokens were counted."""

    value: Any

    @property
    def tokens(self) -> int:
        """Tokens of prompt and text; 0 where they were not counted."""
        usage = self.value.get("usage") if isinstance(self.value, dict) else None
        return (usage.get("prompt") or 0) + (usage.get("completion") or 0) if usage else 0


@dataclass(frozen=True)
class Spent:
    """Of one stage. What is not known here, such as on a machine that pulled the outputs, is None."""

    stage: str
    seconds: float | None  # when it last ran
    replies: int | None  # that it stands on
    calls: int | None  # made when it last ran; the other replies were known
    tokens: int | None  # of the prompts and texts of all replies: what asking everything again would take
    cost: float | None  # of these calls, US dollars, at the prices of engine.yaml


def spent(data: Path, stages: list[str]) -> list[Spent]:
    """Return what each stage took, those of which anything is known. A stage's name is that of its metrics."""
    seconds, usage = _read(data / "seconds.json"), _read(data / "usage.json")
    found = []
    for stage in stages:
        actual: dict[str, Any] = usage.get(stage, {}).get("actual", {})
        ledger = data / LEDGERS / f"{stage}.jsonl"
        replies = list(disk.stream(ledger, Reply)) if ledger.exists() else None
        tokens = sum(one.tokens for one in replies) if replies else None
        found.append(
            Spent(
                stage=stage,
                seconds=seconds.get(stage),
                replies=None if replies is None else len(replies),
                calls=actual.get("calls"),
                tokens=tokens or None,
                cost=actual.get("cost"),
            )
        )
    return [one for one in found if one.seconds is not None or one.replies is not None]


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found
