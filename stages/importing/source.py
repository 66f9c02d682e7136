"""Imported pairs as a source: a table of questions in the folder of sources, and its entry in a manifest."""

import re
from pathlib import Path
from typing import Any

import msgspec
import yaml

from stages import disk
from stages.importing.passages import Borne
from stages.importing.reading import Given
from stages.records import Record, content_id
from stages.sources import manifest
from stages.sources.manifest import Entry, Pin

FOLDER = "imported"  # below that of the sources
MANIFEST = "imported.yaml"  # at its top
_HEAD = f"""\
# Pairs that other tools made, written by python -m stages.import_recipe. What an entry says may be edited: it stays
# when a new version of its file is imported, unless an option says otherwise. Comments do not stay.
# To take a source out, delete its entry and its file in {FOLDER}/.
"""


class Imported(Record, kw_only=True):
    """A pair in the columns of an FAQ table; those that such tables do not have are kept on record by `parse`."""

    question: str
    answer: str
    category: list[str]  # title and headings of the passage that bears it out
    evidence: str | None  # words of that passage
    document: str | None  # and of which source


def imported(given: Given, borne: Borne | None = None) -> Imported:
    """Return a pair as it is written, with the passage that bears it out, if one was looked for."""
    return Imported(
        id=content_id(given.question, given.answer),
        question=given.question,
        answer=given.answer,
        category=borne.place if borne else [],
        evidence=borne.quote if borne else None,
        document=borne.chunk.source if borne else None,
    )


def name_of(text: str) -> str:
    """Return a text as the name of a file, which is not hidden; "" if nothing of it can be one."""
    return re.sub(r"[^\w.-]+", "-", text).strip(".-")


def write(sources: Path, name: str, pairs: list[Imported], said: dict[str, Any]) -> str:
    """Write pairs and their entry, where they differ from what is there; return new, replaced or unchanged.

    Args:
        sources: folder of the documents.
        name: of the source.
        pairs: unique ones, at least one.
        said: what the entry is to say: keys of a manifest. Of one that is there the rest stays.

    Raises:
        SourcesError: the manifest that is there cannot be read.
    """
    path, listed = sources / FOLDER / f"{name}.jsonl", sources / MANIFEST
    found = manifest.read(listed) if listed.exists() else manifest.Manifest(listed, [], [])
    known = {entry.path: entry for entry in found.entries if entry.path}
    others = [entry for entry in found.entries if not entry.path]  # which somebody added
    where = f"{FOLDER}/{name}.jsonl"
    entry = known.get(where) or Entry(path=where, title=name, weight=0.5, tags=["imported"], trust=0.3)
    known[where] = msgspec.structs.replace(entry, **said)
    before = path.read_bytes() if path.exists() else None
    entries = [*(known[one] for one in sorted(known)), *others]
    changed = [_update(path, disk.lines(pairs)), _update(listed, _dump(entries, found.pins))]
    return "new" if before is None else "replaced" if any(changed) else "unchanged"


def _update(path: Path, data: bytes) -> bool:
    if path.exists() and path.read_bytes() == data:
        return False
    disk.write_bytes(path, data)
    return True


def _dump(entries: list[Entry], pins: list[Pin]) -> bytes:
    said = [{key: value for key, value in msgspec.to_builtins(entry).items() if value is not None} for entry in entries]
    pinned = {"pinned": msgspec.to_builtins(pins)} if pins else {}
    listed = yaml.safe_dump({"sources": said} | pinned, sort_keys=False, allow_unicode=True, width=10**6)
    return (_HEAD + listed).encode()
