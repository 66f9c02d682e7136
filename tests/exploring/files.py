"""JSON Lines for tests of the explorer, and a database on them."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stages.exploring.dataset import Dataset, opened


def written(path: Path, rows: Sequence[Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@contextmanager
def asked(folder: Path, rows: Sequence[Any], **more: Any) -> Iterator[Dataset]:
    with opened([written(folder / "rows.jsonl", rows)], **more) as dataset:
        yield dataset
