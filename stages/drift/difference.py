"""All that differs between two versions of the dataset."""

from collections.abc import Sequence

import msgspec

from stages.drift import coverage, documents, evaluation, facts, pairs
from stages.drift.version import NEEDED, Version
from stages.records import RecordError
from stages.reporting.changes import changes


class Named(msgspec.Struct, frozen=True):
    """A version."""

    name: str
    commit: str | None


class Parameter(msgspec.Struct, frozen=True):
    """A parameter with its values as text; None where it does not exist."""

    name: str
    before: str | None
    after: str | None


class Difference(msgspec.Struct):
    """What differs; as JSON what `stages.diff` prints."""

    before: Named
    after: Named
    stale: list[str]  # stages of the newer version that are not up to date, and why
    documents: documents.Documents
    facts: facts.Facts
    pairs: pairs.Pairs
    items: evaluation.Items
    answers: evaluation.Answers
    coverage: coverage.Coverage
    parameters: list[Parameter]


def compare(before: Version, after: Version, stale: Sequence[str] = ()) -> Difference:
    """Compare two versions.

    Raises RecordError if one lacks a file that is needed, or if a line of a file is no record.
    """
    for version in (before, after):
        for file in NEEDED:
            if not version.has(file):
                advice = "dvc.lock does not name it" if version.commit else "run `dvc checkout` or `dvc repro split`"
                raise RecordError(f"{version.name}: {file} is missing, so that there is nothing to compare: {advice}")
    differing = [Parameter(one.name, one.before, one.now) for one in changes(before.parameters, after.parameters)]
    read = documents.compare(before, after)
    stated = facts.compare(before, after, read, [one.name for one in differing])
    asked = pairs.compare(before, after, stated)
    items = evaluation.compare(before, after, asked)
    return Difference(
        before=Named(before.name, before.commit),
        after=Named(after.name, after.commit),
        stale=list(stale),
        documents=read,
        facts=stated,
        pairs=asked,
        items=items,
        answers=evaluation.answers(before, after, items, asked),
        coverage=coverage.compare(before, after),
        parameters=differing,
    )
