"""What is on disk: records as JSON Lines, JSON and bytes, each written whole or not at all."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from stages.records import Record, RecordError

R = TypeVar("R", bound=Record)


def read(path: str | Path, kind: type[R]) -> list[R]:
    """Return the records of a JSON Lines file, in its order.

    Raises RecordError, which names file, line and field, for a line that is no such record.
    """
    return list(stream(path, kind))


def stream(path: str | Path, kind: type[R]) -> Iterator[R]:
    """Yield the records of a JSON Lines file one by one; see `read`."""
    decoder = msgspec.json.Decoder(kind)
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:  # ValidationError is a DecodeError
                raise RecordError(f"{path}, line {number}: expected a {kind.__name__}: {error}") from error


def lines(records: Iterable[Record]) -> bytes:
    """Return the records as JSON Lines, sorted by id."""
    encoder = msgspec.json.Encoder()
    return b"".join(encoder.encode(record) + b"\n" for record in sorted(records, key=lambda record: record.id))


def write(path: str | Path, records: Iterable[Record]) -> None:
    """Write the records as JSON Lines, sorted by id, atomically. Raises ValueError if two have one id."""
    records = list(records)
    ids = {record.id for record in records}
    if len(ids) < len(records):
        seen: set[str] = set()
        twice = next(r.id for r in records if r.id in seen or seen.add(r.id))  # type: ignore[func-returns-value]
        raise ValueError(f"{path}: two records have the id {twice}; ids must be unique in a file")
    write_bytes(path, lines(records))


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file atomically: into a temporary file beside it, then renamed."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: str | Path, value: object) -> None:
    """Write a value as indented JSON with sorted keys, atomically."""
    data = msgspec.json.encode(value, order="sorted")
    write_bytes(path, msgspec.json.format(data, indent=2) + b"\n")
