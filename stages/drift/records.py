"""What of the records is compared: a part of their fields, which needs little memory and is in older versions, too."""

from typing import Any

import msgspec

from stages.records import Decision, Record, Span


class Lean(Record, kw_only=True, forbid_unknown_fields=False):
    """A part of a record. Where a class says nothing of its own, it is the one of stages.records by that name."""


class Source(Lean, kw_only=True):
    """A collected file."""

    path: str
    sha256: str


class Text(msgspec.Struct, kw_only=True, gc=False):
    """A section or a drop of a document."""

    text: str
    reason: str = ""  # of a drop


class Document(Lean, kw_only=True):
    """A document as `chunk` reads it."""

    source: str
    sections: list[Text]
    drops: list[Text] = []

    @property
    def body(self) -> str:
        """What it says: the text without the drops."""
        return "\n\n".join(section.text for section in self.sections)


class Chunk(Lean, kw_only=True):
    """A chunk, which is only counted."""


class Fact(Lean, kw_only=True):
    """A fact."""

    source: str
    topic: str
    quote: str
    span: Span
    concepts: list[str] = []
    question: str | None = None
    statement: str | None = None

    @property
    def says(self) -> str:
        """What it says read alone; of a FAQ item with its question."""
        return f"{self.question} {self.quote}" if self.question else self.statement or self.quote


class Pair(Lean, kw_only=True):
    """A pair."""

    question: str
    answer: str
    facts: list[str]
    source: str
    topic: str = ""
    parent: str | None = None
    origin: str = ""
    decision: Decision | None = None

    @property
    def says(self) -> str:
        """Question and answer."""
        return f"{self.question} {self.answer}"


class Given(Lean, kw_only=True):
    """A hand-written question: of the FAQ, or of general ability."""

    question: str
    answer: str
    document: str | None = None
    quote: str | None = None
    answerable: bool = True


class Answer(Lean, kw_only=True):
    """What a system answered to an item."""

    item: str
    set: str
    system: str
    question: str
    reference: str


class Reject(Lean, kw_only=True):
    """Something a stage dropped; what that was is decoded where it is needed."""

    stage: str
    reason: str
    value: float | str | None = None
    record: msgspec.Raw = msgspec.Raw(b"null")

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of what was dropped; none if that is something else."""
        found = msgspec.json.decode(self.record)
        return found if isinstance(found, dict) else {}

    @property
    def said(self) -> str:
        """Who dropped it and why, with what was measured."""
        return said(self.stage, self.reason, self.value)


def said(stage: str, reason: str, value: float | str | None) -> str:
    """Return who dropped something and why, with what was measured."""
    measured = f"{value:g}" if isinstance(value, int | float) else value
    return f"{stage}: {reason}{f' ({measured})' if measured else ''}"
