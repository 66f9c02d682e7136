"""A stretch of a section that might be a fact, before it is judged."""

import msgspec

from stages.documents.gates import Verdict
from stages.records import Span


class Candidate(msgspec.Struct, frozen=True):
    """A stretch of a text that might be a fact: text[start:end]."""

    kind: str  # paragraph, list, table, code; made: a statement that was put together, in the form it should have
    start: int
    end: int
    statement: str | None = None  # what it says read alone, where that is not what it is
    support: tuple[Span, ...] = ()  # of the further words that the statement stands on
    verdict: Verdict | None = None  # why it is no fact, where that is known already
    about: str | None = None  # in what words concepts are looked for, if not in the statement


class Lead(msgspec.Struct, frozen=True):
    """The sentence before a list or a command that says what they are."""

    says: str = ""  # read alone, with its colon; "" if it cannot be read alone
    support: tuple[Span, ...] = ()  # where it stands
    negative: bool = False  # what follows it means the contrary without it
    colon: bool = False  # it ends with a colon
    count: int | None = None  # of the items that it announces without a colon
