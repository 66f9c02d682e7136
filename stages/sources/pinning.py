"""Pinning: what the URLs of a manifest hold now is fetched and noted by checksum."""

import hashlib
from functools import partial
from pathlib import Path

import click

from stages.sources import manifest, pins
from stages.sources.errors import Unavailable, printable
from stages.sources.fetch import Fetcher
from stages.sources.git import Git
from stages.sources.manifest import Entry, Manifest, Pin
from stages.sources.media import XML, accepted, suffix_of, told
from stages.sources.remote import store
from stages.sources.sitemap import pages

GONE = (404, 410)  # HTTP: there is nothing there any more


def advice(git: Git, entry: Entry) -> str:
    """Return what to do about a revision that is no commit."""
    try:
        commit = git.commit_of(entry.revision or "")
    except Unavailable as error:
        return f"{error.reason}: {error}"
    if commit is None:
        return f"has no branch or tag {entry.revision!r}"
    return f"{entry.revision} is at {commit}: write `revision: {commit}`"


class Pinning:
    """The pinning of one manifest.

    Counts the addresses that were `asked`, those that `changed` (or are new, or no longer listed), and what a person
    must attend to (`todo`).
    """

    def __init__(self, manifest: Manifest, fetcher: Fetcher, cache: Path, refresh: bool):
        self.manifest, self.fetcher, self.cache, self.refresh = manifest, fetcher, cache, refresh
        self.asked = self.changed = self.todo = 0

    def run(self) -> None:
        """Fetch what is to be pinned and write the pins, if they differ."""
        wanted: dict[str, tuple[Entry, str | None]] = {}
        for entry in self.manifest.entries:
            if entry.url:
                wanted[entry.url] = (entry, None)
            elif entry.sitemap:
                for url in self.listed(entry):
                    wanted.setdefault(url, (entry, entry.sitemap))
        found = [pin for url, (entry, of) in wanted.items() if (pin := self.pin(url, entry, of))]
        for url in [url for url in self.manifest.pinned if url not in wanted]:
            self.say(url, "no longer listed, its pin is gone")
            self.changed += 1
        if pins.write(self.manifest, found):
            click.echo(f"{self.manifest.path}: {len(found)} pins written")

    def say(self, what: str, message: str) -> None:
        """Report in a line what became of an address, which may come from a sitemap."""
        click.echo(printable(f"{what}: {message}"))

    def attend(self, what: str, message: str) -> None:
        """Report what could not be done."""
        self.say(what, message)
        self.todo += 1

    def listed(self, entry: Entry) -> list[str]:
        """Return the pages of a sitemap; if it cannot be had, those that are pinned."""
        get = partial(self.fetcher.get, types=XML)
        try:
            return pages(entry, lambda url: get(url).data, self.fetcher.max_bytes)
        except Unavailable as error:
            self.attend(entry.sitemap or "", f"{error.reason}: {error}")
            return [pin.url for pin in self.manifest.pins if pin.of == entry.sitemap]

    def pin(self, url: str, entry: Entry, of: str | None) -> Pin | None:
        """Return the pin of a URL, None if it has none in this block."""
        old = Pin(url, entry.sha256) if entry.sha256 else self.manifest.pinned.get(url)
        if old is not None and not self.refresh:
            return None if entry.sha256 else old
        self.asked += 1
        try:
            new = self.fetch(url, entry, of, old)
        except Unavailable as error:
            stays = f"; what was pinned stays, until its entry is taken out of {self.manifest.path}" if old else ""
            self.attend(url, f"{error.reason}: {error}{stays}")
            return None if entry.sha256 else old
        changed = old is None or new.sha256 != old.sha256.lower()
        if entry.sha256:
            if changed:
                self.attend(
                    url, f"changed: the entry says {entry.sha256.lower()}, it has {new.sha256}: change the entry"
                )
            else:
                self.say(url, "unchanged")
            return None
        was = f"changed, sha256 {old.sha256} -> {new.sha256}" if old else f"pinned, sha256 {new.sha256}"
        self.say(url, was if changed else "unchanged")
        self.changed += changed
        return new

    def fetch(self, url: str, entry: Entry, of: str | None, old: Pin | None) -> Pin:
        """Return the pin of what is at a URL now; what still has its ETag is not sent again."""
        named = entry.format or suffix_of(url)
        suffix = manifest.suffix_of_format(named) if named else None
        answer = self.fetcher.get(url, accepted(suffix), old.etag if old else None, missing=True)
        if answer.status >= 400:
            reason = "gone" if answer.status in GONE else "http_status"
            raise Unavailable(reason, f"the server answered {answer.status} at {answer.url}")
        if answer.status == 304 and old:
            return old
        if not answer.data.strip():
            raise Unavailable("empty", f"{url}: nothing in it")
        suffix = suffix or told(answer.type, answer.data)
        if suffix is None:
            raise Unavailable("unsupported_type", f"{url}: {answer.type} is no format that is read; give it a `format`")
        store(self.cache, answer.data)
        sha256 = hashlib.sha256(answer.data).hexdigest()
        base = answer.url if answer.url != url else None
        return Pin(url, sha256, answer.etag, len(answer.data), suffix.removeprefix("."), base, of)
