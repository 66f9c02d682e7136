"""The pairs that are reviewed, as the stage `decide` left them."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from stages import disk
from stages.curation import people
from stages.curation.review import Doubt
from stages.curation.scored import Opinion, Scored, with_opinions
from stages.records import Fact, Pair, RecordError, Reject


class Case(NamedTuple):
    """A pair and what became of it. What a person edited is shown as it was before."""

    pair: Pair
    kept: bool
    reason: str | None = None
    value: float | str | None = None
    doubt: Doubt | None = None  # if it is in the review queue

    @property
    def by_people(self) -> bool:
        """Tell whether a person decided, so that what the gates say is not known."""
        return self.reason == "rejected_by_person" or self.kept and self.reason is not None


class Rejected(Reject, kw_only=True):
    """A pair that `decide` rejected."""

    record: Scored


def needed(data: Path, stage: str, file: str) -> Path:
    """Return the path of a stage's output. Raises RecordError, which names the stage to run, if it is missing."""
    path = data / stage / file
    if not path.exists():
        raise RecordError(f"{path} is missing: run `dvc repro {stage}` first")
    return path


def cases(data: Path) -> dict[str, Case]:
    """Return all pairs of a data folder by id, in the order of their ids."""
    kept = disk.read(needed(data, "decide", "pairs.jsonl"), Pair)
    rejected = disk.read(needed(data, "decide", "rejected.jsonl"), Rejected)
    doubts = {one.id: one for one in disk.stream(needed(data, "decide", "queue.jsonl"), Doubt)}
    edited = {one.parent: _why(one) for one in kept if one.parent and one.origin == "reviewer" and people.accepted(one)}
    found = [Case(one, True, _why(one)) for one in kept if one.origin != "reviewer" or one.parent not in edited]
    found += [Case(one, True, edited[one.id]) for one in _originals(data, edited.keys())]
    found += [Case(one.record, False, one.reason, one.value) for one in rejected]
    found.sort(key=lambda one: one.pair.id)
    return {one.pair.id: one._replace(doubt=doubts.get(one.pair.id)) for one in found}


def _why(pair: Pair) -> str | None:
    return pair.decision.reason if pair.decision else None


def _originals(data: Path, edited: Collection[str | None]) -> list[Scored]:
    """Return the pairs that were edited as they were before, with their scores."""
    if not edited:
        return []
    path = needed(data, "curate", "pairs.jsonl")
    opinions = disk.read(needed(data, "judge", "pairs.jsonl"), Opinion)
    found = list(with_opinions((one for one in disk.stream(path, Scored) if one.id in edited), opinions))
    if len(found) < len(edited):
        raise RecordError(f"{path} does not have all pairs that were edited: run `dvc repro decide` first")
    return found


def statements(data: Path) -> dict[str, str]:
    """Return of each fact what its quote says read alone, where that is not the quote."""
    return {one.id: one.statement for one in disk.stream(needed(data, "chunk", "facts.jsonl"), Fact) if one.statement}
