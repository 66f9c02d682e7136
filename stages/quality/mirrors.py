"""Sections that stand in two documents: the first document's stays and knows the other place, the other one goes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stages.documents.layout import pieces, with_pieces
from stages.quality import shingles
from stages.quality.copies import credited, place
from stages.quality.shingles import Shingle, Text
from stages.records import Document, Drop, Section

REASON = "mirrored"

Key = tuple[
    tuple[str, ...], frozenset[str]
]  # question and the words that make a difference: equal in both, or no mirror


@dataclass(frozen=True)
class _Entry:
    """One section, and all that is asked of it."""

    document: int
    piece: int
    text: Text
    key: Key
    subject: frozenset[str]


def without_mirrors(documents: Sequence[Document], threshold: float = 0.9, least_words: int = 8) -> list[Document]:
    """Return the documents, in which what an earlier one says already has become a drop.

    Two sections are mirrored if each has the share `threshold` (0..1) of the other's shingles, they differ in plain
    words only (see shingles.agree) and their titles do not name two things. Sections repeated within one document
    stay. The time is near-linear in the words: candidates share the words that make a difference and a rare shingle.
    """
    laid = [pieces(document) for document in documents]
    entries = list(_entries(documents, laid, least_words))
    frequency = Counter(shingle for entry in entries for shingle in entry.text.shingles)
    known = _Known(threshold, frequency)
    for entry in entries:
        twin = known.mirror(entry)
        if twin is None:
            continue
        section, kept = laid[entry.document][entry.piece], laid[twin.document][twin.piece]
        assert isinstance(section, Section) and isinstance(kept, Section)
        elsewhere = place(documents[entry.document], section)
        laid[twin.document][twin.piece] = credited(kept, elsewhere, section)
        drop = Drop(reason=REASON, text=section.text, span=section.span, page=section.page_at(0))
        laid[entry.document][entry.piece] = drop
    return [with_pieces(document, changed) for document, changed in zip(documents, laid, strict=True)]


def _entries(documents: Sequence[Document], laid: list[list[Section | Drop]], least_words: int) -> Iterator[_Entry]:
    for number, document in enumerate(documents):
        for index, piece in enumerate(laid[number]):
            if isinstance(piece, Section) and len(piece.text.split()) >= least_words:
                text = shingles.text_of(piece.text)
                key = (shingles.text_of(piece.question or "").words, text.marked)
                yield _Entry(number, index, text, key, shingles.subject(document.title, piece.heading))


class _Known:
    """The sections that stay, found by their words or by a rare shingle."""

    def __init__(self, threshold: float, frequency: dict[Shingle, int]):
        self.threshold, self.frequency = threshold, frequency
        self._equal: dict[object, dict[object, _Entry]] = defaultdict(dict)
        self._alike: dict[object, list[_Entry]] = defaultdict(list)

    def mirror(self, entry: _Entry) -> _Entry | None:
        """Return the section that this one repeats; without one, it is a further one that stays."""
        equal = self._equal[entry.key, entry.text.words]
        for other in equal.values():
            if _apart(entry, other):
                return other
        rare = [(entry.key, shingle) for shingle in shingles.rarest(entry.text, self.frequency, self.threshold)]
        candidates = {(other.document, other.piece): other for where in rare for other in self._alike.get(where, ())}
        for _, other in sorted(candidates.items()):
            if _apart(entry, other) and self._same(entry.text, other.text):
                return other
        same_place = (entry.document, entry.subject)
        if same_place not in equal:
            equal[same_place] = entry
            for where in rare:
                self._alike[where].append(entry)
        return None

    def _same(self, one: Text, other: Text) -> bool:
        smaller, larger = sorted((len(one.shingles), len(other.shingles)))
        if smaller < self.threshold * larger:
            return False
        return len(one.shingles & other.shingles) >= self.threshold * larger and shingles.agree(one, other)


def _apart(one: _Entry, other: _Entry) -> bool:
    """Say whether two sections stand in two documents and may be about one thing."""
    return one.document != other.document and not shingles.conflict(one.subject, other.subject)
