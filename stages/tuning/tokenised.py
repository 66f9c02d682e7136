"""Tokenised rows, kept on disk: made and checked once for a tokenizer and its rows, then read as they are needed."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from stages import disk, settings
from stages.records import Row
from stages.tuning import models
from stages.tuning.checkpoints import data_digest
from stages.tuning.rows import Encoded, check, encode_rows

if TYPE_CHECKING:
    import datasets
    from transformers import PreTrainedTokenizerBase

_OLD = 30 * 24 * 3600  # seconds after which tokens are made again if they are wanted
# What a training needs; text and offsets only prove it right.
_FIELDS = ("id", "ids", "start", "end", "ended", "weight")


class Tokenised(Sequence[Encoded]):
    """Rows in a memory-mapped Arrow table, of which memory holds the lengths only.

    Attributes:
        lengths: tokens of each row.
        figures: what `rows.check` found.
    """

    def __init__(self, table: "datasets.Dataset", figures: dict[str, Any]) -> None:
        self._table, self.figures = table, figures
        self.lengths: list[int] = list(table["length"])

    def __len__(self) -> int:
        return len(self.lengths)

    @overload
    def __getitem__(self, place: int) -> Encoded: ...
    @overload
    def __getitem__(self, place: slice) -> list[Encoded]: ...
    def __getitem__(self, place: int | slice) -> Encoded | list[Encoded]:
        """Return one row, or some."""
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        row = self._table[place]
        return Encoded(**{field: row[field] for field in _FIELDS})


def prepared(
    tokenizer: "PreTrainedTokenizerBase", rows: Sequence[Row], student: str, revision: str, max_length: int
) -> Tokenised:
    """Return the rows tokenised and checked, from the cache if they were before.

    Args:
        tokenizer: the student's.
        rows: what is trained on.
        student: whose tokenizer and chat template it is; with its revision part of the cache's key.
        revision: of the student.
        max_length: most tokens of a row.

    Raises RowsError, which names the row, if the loader does not teach what the rows say.
    """
    from datasets import Dataset, disable_progress_bars, load_from_disk

    disable_progress_bars()  # it takes no longer than a second
    code = [models.file_digest(Path(__file__).with_name(name)) for name in ("rows.py", "tokenised.py")]
    whose = models.fingerprint(student, models.resolved(student, revision))
    parts = [whose, data_digest(rows), str(max_length), *code]
    folder = settings.cache() / "tokens" / hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    if not folder.exists():
        encoded = encode_rows(tokenizer, rows)
        figures = check(tokenizer, rows, encoded, max_length)
        columns: dict[str, list[Any]] = {field: [getattr(one, field) for one in encoded] for field in _FIELDS}
        columns["length"] = [len(one.ids) for one in encoded]
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        try:
            Dataset.from_dict(columns).save_to_disk(temporary)
            disk.write_json(temporary / "check.json", figures)
            temporary.rename(folder)
        except OSError:
            if not folder.exists():  # else another process was faster
                raise
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        disk.prune(folder.parent, _OLD)
    return Tokenised(load_from_disk(folder), json.loads((folder / "check.json").read_text()))
