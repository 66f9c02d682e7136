"""What flows through the pipeline: typed records, kept as JSON Lines.

One record a line, UTF-8, keys in the order of the fields below, sorted by id, so that a diff is readable and
the bytes are a function of the content. Ids are hashes of content: the same text gets the same id everywhere.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

Span = tuple[int, int]  # [start, end) in characters


class RecordError(ValueError):
    """A line of a record file cannot be read; the message names file, line and field."""


class Record(msgspec.Struct, kw_only=True, omit_defaults=False, forbid_unknown_fields=True, gc=False):
    """What all records share: a content id, by which files are sorted."""

    id: str


class Link(msgspec.Struct, kw_only=True, gc=False):
    """A link in a text: what is shown and where it leads."""

    text: str
    url: str


class Source(Record, kw_only=True):
    """One file that was collected, before it is read."""

    path: str  # relative path in the sources folder, or the URL
    file: str  # name of the copy below the collected folder
    sha256: str
    etag: str | None = None  # of a URL, when it was pinned
    base: str | None = None  # where the document stands on the web: what its relative links are relative to
    title: str | None = None
    licence: str | None = None
    weight: float = 1.0
    language: str | None = None
    description: str | None = None
    tags: list[str] = []
    trust: float = 0.5  # 0..1: of two documents that say the same, the more trusted one is kept


class Section(msgspec.Struct, kw_only=True, gc=False):
    """A stretch of a document under one heading path, as normalised Markdown (see `documents.readers`).

    A heading below which nothing stands is a section with an empty text.
    """

    heading: list[str]
    text: str
    span: Span  # in the document's text
    links: list[Link] = []
    pages: list[tuple[int, int]] = []  # (offset in the text, page from there on, 1-based), where there are pages
    anchor: str | None = None  # nearest id at or above it, without "#"
    question: str | None = None  # of a structured FAQ file: the text is its answer
    also: list[str] = []  # further places that say the same: source#anchor

    def page_at(self, offset: int) -> int | None:
        """Return the page on which the character at the offset stands, None where the format has no pages."""
        return next((page for start, page in reversed(self.pages) if start <= offset), None)


class Drop(msgspec.Struct, kw_only=True, gc=False):
    """A stretch of a document that is no content: kept on record, taught to nobody."""

    reason: str  # navigation, page_header, page_number, contents, ...
    text: str
    span: Span  # in the document's text
    page: int | None = None


class Document(Record, kw_only=True):
    """A document that was read."""

    source: str  # Source.path
    sha256: str
    base: str | None = None
    title: str
    licence: str | None = None
    weight: float = 1.0
    language: str | None = None
    description: str | None = None
    tags: list[str] = []
    trust: float = 0.5
    pages: int | None = None  # how many, where the format has pages
    scanned: list[int] = []  # pages that are pictures without text
    flags: dict[str, int] = {}  # what was noticed, and how often; nothing is dropped for it
    sections: list[Section]
    drops: list[Drop] = []

    @property
    def text(self) -> str:
        """The whole text, in which all spans are counted: sections and drops in their order, a blank line between."""
        pieces = [(piece.span, piece.text) for piece in self.sections] + [(drop.span, drop.text) for drop in self.drops]
        return "\n\n".join(text for _, text in sorted(pieces))

    @property
    def body(self) -> str:
        """What the document says: the text without the drops."""
        return "\n\n".join(section.text for section in self.sections if section.text)


class Chunk(Record, kw_only=True):
    """A piece of one section under the token budget."""

    document: str  # Document.id
    source: str
    heading: list[str]
    header: str  # document title > heading path > what the document is > what tells it from its neighbours
    text: str
    overlap: int = 0  # characters at its beginning that are repeated: the sentences before it, or its table's head
    span: Span  # in the document's text, of the text without the overlap
    links: list[Link] = []
    page: int | None = None
    url: str | None = None  # where it can be read on the web, with the anchor
    also: list[str] = []  # further places that say the same: source#anchor
    tokens: int  # of the text


class Evidence(msgspec.Struct, kw_only=True, gc=False):
    """The words of a document that a pair stands on."""

    document: str
    quote: str
    span: Span


class Fact(Record, kw_only=True):
    """One verbatim statement of a chunk; what coverage is measured on."""

    chunk: str
    document: str
    source: str
    topic: str  # document title > heading path
    quote: str  # verbatim, as in the document's text
    span: Span  # in the document's text
    concepts: list[str] = []
    question: str | None = None  # asked already, in a FAQ
    also: list[str] = []  # further places that say the same: source#anchor
    statement: str | None = None  # what the quote says read alone, where its own words do not: subject, lead-in, heads
    support: list[Evidence] = []  # further words that the statement stands on: a lead-in, a table's head, a command

    @property
    def says(self) -> str:
        """The fact as a statement that is understood alone: what becomes an answer."""
        return self.statement or self.quote


def evidence(facts: Sequence[Fact]) -> list[Evidence]:
    """Return the words of the documents that facts stand on: their quotes, then what else they need, each once."""
    found = [Evidence(document=fact.document, quote=fact.quote, span=fact.span) for fact in facts]
    return found + [further for fact in facts for further in fact.support if further not in found]


class Decision(msgspec.Struct, kw_only=True, gc=False):
    """What a gate said of a pair."""

    kept: bool
    reason: str | None = None
    value: float | str | None = None


class Message(msgspec.Struct, kw_only=True, gc=False):
    """One chat message."""

    role: str
    content: str


class Pair(Record, kw_only=True):
    """A question and its answer, with all that is known about them."""

    question: str
    answer: str
    facts: list[str]  # Fact.id
    evidence: list[Evidence] = []
    source: str  # Source.path of the document
    link: str | None = None  # the best link for a reader
    topic: str = ""
    concepts: list[str] = []
    language: str | None = None
    origin: str  # generated, seed, paraphrase, reviewer, refusal, replay
    form: str | None = None  # how an augmented pair was made from its parent
    parent: str | None = None
    turns: list[Message] = []  # of the conversation before the question, where it is a follow-up
    prompt: str | None = None  # hash of the prompt template
    model: str | None = None
    weight: float = 1.0
    scores: dict[str, float] = {}
    cluster: str | None = None  # near-duplicate cluster
    group: str | None = None  # what the split may not part
    split: str | None = None  # train, reworded, held_out
    decision: Decision | None = None


class Row(Record, kw_only=True):
    """A chat row for training: what is given and what is to be learned."""

    pair: str
    origin: str
    prompt: list[Message]
    completion: list[Message]
    weight: float = 1.0
    order: int = 0  # place in the first epoch of a training, from 1; 0 in all rows: any


class Item(Record, kw_only=True):
    """An evaluation item."""

    set: str  # trained, reworded, held_out, faq, unanswerable, general
    question: str
    answer: str
    evidence: str | None = None  # the oracle passage
    facts: list[str] = []
    source: str | None = None
    accept: list[str] = []  # of a general item: one of these must be in the answer


class Answer(Record, kw_only=True):
    """What one system answered to one item."""

    item: str
    set: str
    system: str  # base, oracle, retrieval, an adapter's name, or that with +retrieval
    question: str
    reference: str
    answer: str
    scores: dict[str, float] = {}


class Reject(Record, kw_only=True):
    """Something a stage dropped, with its reason; `record` is all of what was dropped."""

    stage: str
    reason: str
    value: float | str | None = None
    record: Any = None


def content_id(*parts: object) -> str:
    """Return 16 hex digits of the SHA-256 of the parts, which are made JSON first, so that no two lists collide."""
    return hashlib.sha256(msgspec.json.encode(parts, order="deterministic")).hexdigest()[:16]
