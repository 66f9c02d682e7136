"""A document that is to be collected, wherever it is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from stages.records import Source, content_id
from stages.sources.errors import SourcesError, Unavailable
from stages.sources.manifest import Entry, suffix_of_format
from stages.sources.media import sniff, suffix_of


@dataclass(frozen=True)
class Wanted:
    """A document that is to be collected; `load` returns its content and suffix, or raises Unavailable."""

    path: str  # what it is called: Source.path
    entry: Entry
    load: Callable[[], tuple[bytes, str]]
    base: str | None = None
    etag: str | None = None


def refused(path: str, entry: Entry, error: Unavailable) -> Wanted:
    """Return a document of which it is known already that it cannot be had."""

    def load() -> tuple[bytes, str]:
        raise error

    return Wanted(path, entry, load)


def distinct(wanted: list[Wanted]) -> list[Wanted]:
    """Return the documents if no two have the same path, which names them; else raise SourcesError."""
    paths = [one.path for one in wanted]
    if twice := sorted({path for path in paths if paths.count(path) > 1} if len(set(paths)) < len(paths) else ()):
        raise SourcesError(f"{twice[0]} is listed twice, by two addresses of its repository or at two commits")
    return wanted


def taken(one: Wanted, licence: str) -> tuple[Source, bytes]:
    """Return a document's record and content. Raises Unavailable if it cannot be had, or is empty."""
    data, suffix = one.load()
    if not data.strip():
        raise Unavailable("empty", f"{one.path}: nothing in it")
    sha256 = hashlib.sha256(data).hexdigest()
    identity = content_id(one.path, sha256)
    entry, default = one.entry, Source(id="", path="", file="", sha256="")
    return Source(
        id=identity,
        path=one.path,
        file=f"{identity}{suffix}",
        sha256=sha256,
        etag=one.etag,
        base=one.base,
        title=entry.title,
        licence=entry.licence or licence,
        weight=default.weight if entry.weight is None else entry.weight,
        language=entry.language,
        description=entry.description,
        tags=entry.tags or [],
        trust=default.trust if entry.trust is None else entry.trust,
    ), data


def format_of(entry: Entry, path: str, data: bytes) -> str:
    """Return a document's suffix: as the manifest says, by its name, or by its content.

    Raises Unavailable (unsupported_type) if none of them tells.
    """
    said = suffix_of_format(entry.format) if entry.format else suffix_of(path) or sniff(data)
    if said is None:
        raise Unavailable(
            "unsupported_type",
            f"{path}: neither name nor content tells a format that is read; a manifest can give it a `format`",
        )
    return said
