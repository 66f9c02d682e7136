"""An answer as lines of text. What a model or a document says comes without what a terminal would obey."""

import textwrap
from collections.abc import Iterator

from stages.chat.answerer import Answered
from stages.chat.passage import Passage

MOST = 280  # characters shown of a passage
READ, FOUND = "The passages that it read:", "Where to check (it did not read these passages):"


def plain(text: str) -> str:
    """Return a text without control characters but line ends: no escape sequence, and nothing that turns it round."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else " " if letter == "\t" else "\N{REPLACEMENT CHARACTER}"
        for letter in text
    )


def below(answered: Answered) -> Iterator[str]:
    """Yield the lines below an answer: what it is worth, and by which passages to check it."""
    how = "with the passages of a search" if answered.retrieval else "closed book, from memory"
    yield plain(f"({answered.adapter}, {how})")
    if answered.cut:
        yield "(cut off: evaluate.max-new-tokens in params.yaml is its longest answer)"
    if answered.refused:
        yield "The documents do not say, as far as this model knows."
    elif not answered.done:
        yield "The model says nothing."
    for number, passage in enumerate(answered.passages, 1):
        if number == 1:
            yield from ("", READ if answered.retrieval else FOUND)
        yield from _lines(number, passage)
    if answered.done and not answered.refused and not answered.passages:
        yield "Nothing bears this answer out: the search found no passage for it."
    if answered.unsupported:
        yield from ("", plain(f"In none of these passages: {', '.join(answered.unsupported)}"))


def _lines(number: int, passage: Passage) -> Iterator[str]:
    place = f"{passage.source}, page {passage.page}" if passage.page else passage.source
    yield _line(f"{number}. {passage.heading} ({place})")
    if passage.link and passage.link != passage.source:
        yield f"   {_line(passage.link)}"
    yield from textwrap.wrap(_line(excerpt(passage)), 100, initial_indent="   ", subsequent_indent="   ")


def excerpt(passage: Passage) -> str:
    """Return the words that are nearest to the answer, and what follows them as far as there is room."""
    text = f"{passage.best}{passage.after}"
    end = max(MOST, len(passage.best)) if len(passage.best) < 2 * MOST else MOST
    return text if len(text) <= end else f"{text[:end].rsplit(maxsplit=1)[0]} …"


def _line(text: str) -> str:
    return plain(" ".join(text.split()))
