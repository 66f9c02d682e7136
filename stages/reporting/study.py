"""Settings that were tried before one became the default: a table that `benchmarks/studying/settings.py` writes."""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """One setting with its figures, as text."""

    setting: str
    default: bool
    figures: dict[str, str]


@dataclass(frozen=True)
class Study:
    """All of them, and the names of the figures in their order."""

    columns: list[str]
    rows: list[Setting]


def study(data: Path) -> Study | None:
    """Return the settings of data/study.csv, None if there is no such file."""
    file = data / "study.csv"
    if not file.exists():
        return None
    with file.open(newline="", encoding="utf-8") as opened:
        found = csv.DictReader(opened)
        columns = [name for name in found.fieldnames or [] if name not in ("setting", "default")]
        rows = [
            Setting(row["setting"], row["default"] == "yes", {name: row[name] or "–" for name in columns})
            for row in found
        ]
    return Study(columns, rows) if rows else None
