"""Personal data in a document: masked wherever text is shown."""

from collections import Counter

import msgspec

from stages.documents.layout import pieces, with_pieces, with_text
from stages.quality import privacy
from stages.records import Document, Drop, Link, Section


def masked(document: Document, allow: tuple[str, ...] = ()) -> tuple[Document, Counter[str]]:
    """Return the document with personal data masked, and how often each kind was (see privacy.mask)."""
    kinds: Counter[str] = Counter()

    def clean(text: str) -> str:
        text, hits = privacy.mask(text, allow)
        kinds.update(hit.kind for hit in hits)
        return text

    def cleaned(piece: Section | Drop) -> Section | Drop:
        if isinstance(piece, Drop):
            return msgspec.structs.replace(piece, text=clean(piece.text))
        links = [  # not counted: their label is in the text
            Link(text=privacy.mask(link.text, allow)[0], url=privacy.mask(link.url, allow)[0]) for link in piece.links
        ]
        changes = {"heading": [clean(part) for part in piece.heading], "links": links}
        question = piece.question and clean(piece.question)
        return msgspec.structs.replace(with_text(piece, clean(piece.text)), question=question, **changes)

    changed = [cleaned(piece) for piece in pieces(document)]
    description = document.description and clean(document.description)
    return with_pieces(document, changed, title=clean(document.title), description=description), kinds
