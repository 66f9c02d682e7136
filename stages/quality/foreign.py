"""Sections in another language inside a document that is kept."""

from collections.abc import Sequence

from stages.documents.layout import pieces, with_pieces
from stages.quality import language
from stages.records import Document, Drop, Section

REASON = "language"
LEAST_WORDS = 20  # of prose that a section must have before its language is told


def without_foreign_sections(document: Document, languages: Sequence[str], least: float) -> Document:
    """Return the document, in which sections of 20 words of prose and more in another language have become drops."""

    def checked(piece: Section | Drop) -> Section | Drop:
        if isinstance(piece, Drop) or len(language.prose(piece.text).split()) < LEAST_WORDS:
            return piece
        if not language.is_foreign(*language.detect(piece.text), languages, least):
            return piece
        text = "\n\n".join(filter(None, [piece.question, piece.text]))
        return Drop(reason=REASON, text=text, span=piece.span, page=piece.page_at(0))

    return with_pieces(document, map(checked, pieces(document)))
