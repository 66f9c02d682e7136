"""A passage by which an answer can be checked: where it stands, and the words of it that are nearest to the answer."""

from collections.abc import Iterator

import msgspec

from stages.documents import markup, sentences
from stages.quality.retrieval import Index
from stages.records import Chunk, Span
from stages.reporting.links import web


class Passage(msgspec.Struct, kw_only=True, frozen=True):
    """A chunk as a reader sees it: `before`, `best` and `after` are its text in three."""

    heading: str  # document title > heading path
    source: str
    link: str  # where it can be read on the web; empty: nowhere
    page: int | None
    before: str
    best: str  # the sentence, item, row or block of code nearest to what was asked and answered
    after: str


def of_chunk(chunk: Chunk, about: str) -> Passage:
    """Return the passage of a chunk that is shown for a question and its answer."""
    text = chunk.text.strip()
    parts = list(pieces(text)) or [(0, len(text))]
    near = Index().build([text[slice(*part)] for part in parts]).search(about, 1)
    start, end = parts[near[0][0] if near else 0]
    title = chunk.header.split(" > ")[0]
    path = [title, *chunk.heading]
    return Passage(
        heading=" > ".join(part for place, part in enumerate(path) if part and part not in path[:place]),
        source=chunk.source,
        link=web(chunk.url) or web(chunk.source),
        page=chunk.page,
        before=text[:start],
        best=text[start:end],
        after=text[end:],
    )


def pieces(text: str) -> Iterator[Span]:
    """Yield where the sentences of paragraphs, items of lists, rows of tables and blocks of code of a text are."""
    for block in markup.blocks(text):
        if block.kind == "list":
            yield from ((start, end) for start, _, end in markup.items(text, block))
        elif block.kind == "table":
            yield from ((start, end) for start, end, head in markup.rows(text, block) if not head)
        elif block.kind == "paragraph":
            found = sentences.spans(text[block.start : block.end])
            yield from ((block.start + start, block.start + end) for start, end in found)
        else:
            first, last = (find("\n", block.start, block.end) for find in (text.find, text.rfind))
            yield (first + 1, last) if first < last else (block.start, block.end)  # without its fences
