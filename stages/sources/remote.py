"""What manifests list that is elsewhere: pages, pages of sitemaps, files of repositories; each pinned."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from stages import disk
from stages.sources import repository
from stages.sources.errors import SourcesError, Unavailable
from stages.sources.fetch import Fetcher
from stages.sources.git import Git
from stages.sources.manifest import COMMIT, Entry, Manifest, Pin, base_of, suffix_of_format
from stages.sources.media import accepted, suffix_of
from stages.sources.sitemap import select
from stages.sources.wanted import Wanted, format_of, refused


def pages(manifests: list[Manifest], fetcher: Fetcher, cache: Path) -> list[Wanted]:
    """Return the pages that manifests list, and those of their sitemaps, as they were pinned; each once.

    Raises SourcesError, with the command to run, for what has no pin.
    """
    found: dict[str, Wanted] = {}
    for manifest in manifests:
        for entry in (entry for entry in manifest.entries if entry.url):
            pin = Pin(entry.url or "", entry.sha256) if entry.sha256 else manifest.pinned.get(entry.url or "")
            if pin is None:
                raise SourcesError(_unpinned(manifest, entry))
            found[pin.url] = _page(manifest, entry, pin, fetcher, cache)
    for manifest in manifests:
        for entry in (entry for entry in manifest.entries if entry.sitemap):
            pins = {pin.url: pin for pin in manifest.pins if pin.of == entry.sitemap}
            if not pins:
                raise SourcesError(_unpinned(manifest, entry))
            for url in select(pins, entry):
                found.setdefault(url, _page(manifest, entry, pins[url], fetcher, cache))
    return list(found.values())


def files(manifests: list[Manifest], clone: Callable[[str], Git], max_bytes: int) -> Iterator[Wanted]:
    """Yield the files of the repositories that manifests list; one that cannot be had is one document that fails.

    Raises SourcesError for a revision that is no full commit, and for a glob that matches nothing.
    """
    groups: dict[tuple[str, str], list[Entry]] = {}
    for manifest in manifests:
        for entry in (entry for entry in manifest.entries if entry.git):
            if not COMMIT.fullmatch(entry.revision or ""):
                raise SourcesError(
                    f"{manifest.path}: the entry `{entry}`: revision: expected a full commit of 40 digits, found "
                    f"{entry.revision!r}; `{manifest.pin_command}` says which one it is now"
                )
            groups.setdefault((entry.git or "", entry.revision or ""), []).append(entry)
    for (url, commit), entries in groups.items():
        git = clone(url)
        try:
            blobs = repository.listed(git, commit, entries)
        except Unavailable as error:
            yield refused(f"{url}@{commit}", entries[0], error)
            continue
        for blob in blobs:
            path, web = repository.address(url, commit, blob.path)
            load = partial(_load_blob, git, blob, max_bytes)
            yield Wanted(path, blob.entry, load, base_of(blob.entry, repository.shown(blob.path)) or web)


def store(cache: Path, data: bytes) -> None:
    """Keep what was fetched, under its checksum."""
    disk.write_bytes(cache / hashlib.sha256(data).hexdigest(), data)


def _unpinned(manifest: Manifest, entry: Entry) -> str:
    return f"{manifest.path}: the entry `{entry}` has no sha256 yet; run `{manifest.pin_command}`"


def _page(manifest: Manifest, entry: Entry, pin: Pin, fetcher: Fetcher, cache: Path) -> Wanted:
    load = partial(_load_page, manifest, entry, pin, fetcher, cache)
    return Wanted(pin.url, entry, load, base_of(entry, "") or pin.base, pin.etag)


def _load_page(manifest: Manifest, entry: Entry, pin: Pin, fetcher: Fetcher, cache: Path) -> tuple[bytes, str]:
    """Return a page as it was pinned, from the cache or from its place. Raises SourcesError if it has changed."""
    known = entry.format or pin.format
    suffix = suffix_of_format(known) if known else suffix_of(pin.url)
    copy = cache / pin.sha256.lower()
    data = copy.read_bytes() if copy.is_file() else b""
    if hashlib.sha256(data).hexdigest() != pin.sha256.lower():
        answer = fetcher.get(pin.url, accepted(suffix))
        data, found = answer.data, hashlib.sha256(answer.data).hexdigest()
        if found != pin.sha256.lower():
            raise SourcesError(
                f"{pin.url} has changed since it was pinned in {manifest.path}: expected the sha256 "
                f"{pin.sha256.lower()} (ETag {pin.etag or 'none'}), found {found} (ETag {answer.etag or 'none'}); to "
                f"take what is there now: {_accept(manifest, entry)}"
            )
        store(cache, data)
    if len(data) > fetcher.max_bytes:
        raise Unavailable("too_large", f"{pin.url}: {len(data)} bytes, at most {fetcher.max_bytes} are taken")
    return data, suffix or format_of(entry, pin.url, data)


def _accept(manifest: Manifest, entry: Entry) -> str:
    return "change the sha256 of the entry" if entry.sha256 else f"{manifest.pin_command} --refresh"


def _load_blob(git: Git, blob: repository.Blob, max_bytes: int) -> tuple[bytes, str]:
    data = repository.content(git, blob, max_bytes)
    return data, format_of(blob.entry, blob.path, data)
