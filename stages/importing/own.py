"""What this pipeline wrote itself: it is never imported, or a second run would learn what the first one made."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from stages.exporting.provenance import Provenance
from stages.importing.source import Imported
from stages.records import Answer, Item, Pair, Reject, Row

_KINDS: dict[str, type[msgspec.Struct]] = {
    "a pair": Pair, "a row for training": Row, "an item of the evaluation": Item, "an answer of a model": Answer,
    "a reject": Reject, "an imported pair": Imported,
}  # fmt: skip


def why(path: Path, records: Iterable[Any], sources: Path) -> str | None:
    """Return why a file is this pipeline's own, None if it is not.

    Args:
        path: of the file.
        records: what is in it.
        sources: folder of the documents.
    """
    if path.resolve().is_relative_to(sources.resolve()):
        return f"it lies in {sources}: what is there is a source already"
    names = {
        what: {field.name for field in msgspec.structs.fields(kind) if field.required} for what, kind in _KINDS.items()
    } | {"a row of an exported dataset": set(Provenance((), ()).schema.names)}
    for number, record in enumerate(records, 1):
        what = next((what for what in names if isinstance(record, dict) and names[what] <= record.keys()), None)
        if what:
            return f"record {number} is {what} that this pipeline wrote, which is made of the sources or is one already"
    return None
