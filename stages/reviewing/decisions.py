"""The file of decisions: read anew for each change, so that two reviewers, or Git, may write to it meanwhile.

Beside it, in the cache folder, stands what each reviewer changed, in order, so that it can be undone.
"""

from pathlib import Path

import msgspec

from stages import disk
from stages.curation import people
from stages.curation.people import Ruling
from stages.records import RecordError, content_id


class Change(msgspec.Struct, kw_only=True):
    """What one reviewer changed about a pair."""

    id: str
    before: Ruling | None
    after: Ruling | None


class Decisions:
    """What everybody decided, as it is on disk, and changes by one person."""

    def __init__(self, path: Path, who: str, cache: Path):
        folder, place = cache / "review", str(path.resolve())
        self.path, self.who = path, who
        self.lock = folder / f"{content_id(place)}.lock"
        self.history = folder / f"{content_id(place, who)}.jsonl"

    def read(self) -> dict[str, list[Ruling]]:
        """Return the decisions by pair. Raises RecordError for a file in which they contradict themselves."""
        return people.by_pair((ruling for ruling, _ in self._lines()), str(self.path))

    def changes(self) -> list[Change]:
        """Return what this person changed and did not undo, oldest first."""
        if not self.history.exists():
            return []
        return [msgspec.json.decode(line, type=Change) for line in self.history.read_bytes().splitlines()]

    def change(self, pair: str, after: Ruling | None) -> None:
        """Put a decision of this person on a pair in the place of the one there is, if any; None takes it back."""
        with disk.locked(self.lock):
            before = self._swap(pair, after)
            if before != after:
                self._remember([*self.changes(), Change(id=pair, before=before, after=after)])

    def undo(self) -> str | None:
        """Undo this person's last change, and return the pair; None if nothing is left to undo.

        What was changed otherwise since (by hand, by Git) is not touched, and is not to be undone any more.
        """
        with disk.locked(self.lock):
            changes, undone = self.changes(), None
            now = {one.id: one for one, _ in self._lines() if one.who == self.who}
            while changes and undone is None:
                last = changes.pop()
                if now.get(last.id) == last.after:
                    self._swap(last.id, last.before)
                    undone = last.id
            self._remember(changes)
        return undone

    def _remember(self, changes: list[Change]) -> None:
        disk.write_bytes(self.history, b"".join(msgspec.json.encode(one) + b"\n" for one in changes))

    def _swap(self, pair: str, after: Ruling | None) -> Ruling | None:
        """Write a decision of this person, or none, in the place of the one there is, which is returned."""
        lines = {people.place(ruling): (ruling, line) for ruling, line in self._lines()}
        before, _ = lines.pop((pair, self.who), (None, b""))
        if after is not None:
            lines[people.place(after)] = after, msgspec.json.encode(after) + b"\n"
        if before != after:
            disk.write_bytes(self.path, b"".join(line for _, (_, line) in sorted(lines.items())))
        return before

    def _lines(self) -> list[tuple[Ruling, bytes]]:
        """Return the decisions, each with its line as it is in the file."""
        found = []
        for number, line in enumerate(self.path.read_bytes().splitlines() if self.path.exists() else [], 1):
            try:
                if line.strip():
                    found.append((msgspec.json.decode(line, type=Ruling), line + b"\n"))
            except msgspec.DecodeError as error:
                raise RecordError(f"{self.path}, line {number}: expected a Ruling: {error}") from error
        return found
