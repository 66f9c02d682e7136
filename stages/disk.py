"""What is on disk: records as JSON Lines, JSON and bytes, each written whole or not at all."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

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
    return (record for _, record in located(path, kind))


def located(path: str | Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    """Yield the records of a JSON Lines file one by one, each with the place of its line in bytes; see `read`."""
    decoder, place = msgspec.json.Decoder(kind), 0
    with open(path, "rb") as file:
        for number, line in enumerate(file, 1):
            start, place = place, place + len(line)
            if not line.strip():
                continue
            try:
                yield start, decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:  # ValidationError is a DecodeError
                raise RecordError(f"{path}, line {number}: expected a {kind.__name__}: {error}") from error


def lines_at(path: str | Path, places: Iterable[int]) -> Iterator[bytes]:
    """Yield the lines of a file that begin at these places, in this order."""
    with open(path, "rb") as file:
        for place in places:
            file.seek(place)
            yield file.readline()


def lines(records: Iterable[Record]) -> bytes:
    """Return the records as JSON Lines, sorted by id."""
    return b"".join(_lines(records))


def _lines(records: Iterable[Record]) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    for record in sorted(records, key=lambda record: record.id):
        yield encoder.encode(record) + b"\n"


def write(path: str | Path, records: Iterable[Record]) -> None:
    """Write the records as JSON Lines, sorted by id, atomically. Raises ValueError if two have one id."""
    records = list(records)
    _unique(path, sorted(record.id for record in records))
    write_parts(path, _lines(records))


def write_sorted(path: str | Path, rows: Iterable[tuple[str, bytes]]) -> None:
    """Write encoded records, each given with its id, as `write` does; only ids and places are held in memory."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path.parent) as unsorted:
        places, place = [], 0
        for identity, line in rows:
            unsorted.write(line)
            places.append((identity, place, len(line)))
            place += len(line)
        places.sort()
        _unique(path, [identity for identity, _, _ in places])

        def in_order() -> Iterator[bytes]:
            for _, start, size in places:
                unsorted.seek(start)
                yield unsorted.read(size)

        write_parts(path, in_order())


def _unique(path: str | Path, ordered: Sequence[str]) -> None:
    twice = next((one for one, other in pairwise(ordered) if one == other), None)
    if twice is not None:
        raise ValueError(f"{path}: two records have the id {twice}; ids must be unique in a file")


def write_bytes(path: str | Path, data: bytes) -> None:
    """Write a file atomically: into a temporary file beside it, then renamed."""
    write_parts(path, [data])


def write_parts(path: str | Path, parts: Iterable[bytes]) -> None:
    """Write a file of these parts atomically; see `write_bytes`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(parts)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def prune(folder: Path, age: float) -> None:
    """Remove what lies in a cache folder and was not changed for so many seconds."""
    for stale in folder.glob("*"):
        with contextlib.suppress(OSError):  # another process may be removing it
            if time.time() - stale.stat().st_mtime > age:
                shutil.rmtree(stale) if stale.is_dir() else stale.unlink()


@contextlib.contextmanager
def locked(lock: Path) -> Iterator[None]:
    """Hold a lock file, which is made if need be, against other processes; wait while one of them holds it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def read_json(path: str | Path) -> Any:
    """Return the value of a JSON file; raises ValueError, which names the file, if it is none."""
    try:
        return msgspec.json.decode(Path(path).read_bytes())
    except msgspec.DecodeError as error:
        raise ValueError(f"{path}: expected JSON: {error}") from error


def write_json(path: str | Path, value: object) -> None:
    """Write a value as indented JSON with sorted keys, atomically."""
    data = msgspec.json.encode(value, order="sorted")
    write_bytes(path, msgspec.json.format(data, indent=2) + b"\n")
