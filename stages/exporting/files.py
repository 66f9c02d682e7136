"""A folder of exported files, which appears whole or not at all, and says what is in it."""

import contextlib
import hashlib
import io
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stages import disk
from stages.sources.errors import printable

SUMS = "SHA256SUMS"  # as `sha256sum --check` reads it; by it an earlier export is known
FEW = 3  # names shown of many


class FolderError(ValueError):
    """The folder may not be written; the message says why, and what to do."""


def jsonl(path: Path, records: Sequence[dict[str, Any]]) -> None:
    """Write records as JSON Lines, in their order."""
    encoder = msgspec.json.Encoder()
    disk.write_parts(path, (encoder.encode(record) + b"\n" for record in records))


def parquet(path: Path, records: Sequence[dict[str, Any]], columns: pa.Schema) -> None:
    """Write records as Parquet, in their order."""
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(records), schema=columns), out)
    disk.write_bytes(path, out.getvalue())


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def names(folder: Path) -> list[str]:
    """Return the files below a folder, as relative paths with slashes."""
    found = (path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
    return sorted(path.relative_to(folder).as_posix() for path in found)


def check(folder: Path, force: bool, data: Path, exported: Sequence[Path] = ()) -> None:
    """Raise FolderError if a folder holds something that is no earlier export, unless by `force`.

    Args:
        folder: what will be replaced.
        force: may anything in it be lost? Never the data of the run, nor what is exported, nor the folder we are in.
        data: the folder of the run.
        exported: further files and folders that the export is made of.
    """
    here, run = folder.resolve(), data.resolve()
    if run.is_relative_to(here) or here.is_relative_to(run) or Path.cwd().is_relative_to(here):
        raise FolderError(f"{folder} holds the run or the folder we are in, or is part of the run: name a new folder")
    for one in exported:
        if one.resolve().is_relative_to(here) or here.is_relative_to(one.resolve()):
            raise FolderError(f"{folder} holds {one}, which is exported, or is part of it: name a new folder")
    if force or not here.exists() or not any(here.iterdir()):
        return
    strange = strangers(here)
    if strange:
        more = f" and {len(strange) - FEW} more" if len(strange) > FEW else ""
        raise FolderError(
            f"{folder} is not empty, and no export as it was written: {printable(', '.join(strange[:FEW]))}{more} "
            "would be lost; name another folder, or have it replaced with --force"
        )


def strangers(folder: Path) -> list[str]:
    """Return the files of a folder that an export did not write, or that were changed since."""
    sums = folder / SUMS
    lines = sums.read_text(encoding="utf-8", errors="replace").splitlines() if sums.is_file() else []
    known = {line[66:]: line[:64] for line in lines if re.match(r"[0-9a-f]{64}  ", line)}
    return [
        name for name in names(folder) if name != SUMS or not known
        if name not in known or digest(folder / name) != known[name]
    ]  # fmt: skip


@contextlib.contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Yield a new folder beside this one, which takes its place at the end, with a file of checksums."""
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    try:
        new, old = temporary / "new", temporary / "old"
        new.mkdir()
        yield new
        lines = [f"{digest(new / name)}  {name}\n" for name in names(new)]
        disk.write_bytes(new / SUMS, "".join(lines).encode())
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
