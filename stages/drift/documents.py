"""Which documents were added, changed and removed, and which ones the pipeline rejects now or no longer."""

import msgspec

from stages.drift.records import Reject, Source, said
from stages.drift.version import NO_DOCUMENTS, SOURCES, Version


class Rejection(msgspec.Struct, frozen=True):
    """A document that a stage drops."""

    source: str
    stage: str
    reason: str
    value: float | str | None

    @property
    def why(self) -> str:
        """The same in words."""
        return f"rejected by {said(self.stage, self.reason, self.value)}"


class Change(msgspec.Struct, frozen=True):
    """A document with other content; both are SHA-256."""

    source: str
    before: str
    after: str


class Renamed(msgspec.Struct, frozen=True):
    """A document that was removed and one that was added with the same content."""

    before: str
    after: str


class Listed(msgspec.Struct, frozen=True):
    """A document that was added or removed, and what else is known of that."""

    source: str
    why: str = ""


class Documents(msgspec.Struct):
    """What became of the documents. `kept` counts those with the same content."""

    added: list[Listed]
    changed: list[Change]
    removed: list[Listed]
    renamed: list[Renamed]
    rejected: list[Rejection]  # now, and not before
    readmitted: list[Rejection]  # before, and not now
    kept: int


def compare(before: Version, after: Version) -> Documents:
    """Compare what was collected, by path."""
    old, new = _sources(before), _sources(after)
    was, now = rejected(before), rejected(after)
    at = {sha256: path for path, sha256 in new.items() if path not in old}
    both = [path for path in sorted(old) if path in new]
    changed = [Change(path, old[path], new[path]) for path in both if old[path] != new[path]]
    return Documents(
        added=[Listed(path, now[path].why if path in now else "") for path in sorted(new) if path not in old],
        changed=changed,
        removed=[Listed(path, now[path].why if path in now else "") for path in sorted(old) if path not in new],
        renamed=[Renamed(path, at[old[path]]) for path in sorted(old) if path not in new and old[path] in at],
        rejected=[now[path] for path in sorted(now) if path not in was],
        readmitted=[was[path] for path in sorted(was) if path not in now and path in new],
        kept=len(both) - len(changed),
    )


def rejected(version: Version) -> dict[str, Rejection]:
    """Return the documents that the stages before `chunk` drop, by path."""
    found = {}
    for file in NO_DOCUMENTS:
        for one in version.read(file, Reject):
            fields = one.fields
            path = fields.get("source") or fields.get("path")
            if isinstance(path, str):
                found[path] = Rejection(path, one.stage, one.reason, one.value)
    return found


def _sources(version: Version) -> dict[str, str]:
    return {one.path: one.sha256 for one in version.read(SOURCES, Source)}
