"""What a passage says, one statement each: sentences, items of lists, rows of tables below their heads, code."""

from collections.abc import Iterator
from typing import NamedTuple

from stages.documents import markup, sentences


class Statement(NamedTuple):
    """One statement and what has to be read with it."""

    under: str  # the head of a table, the words before a list or code
    text: str

    @property
    def quote(self) -> str:
        """Both, as they stand in the passage."""
        return f"{self.under}\n{self.text}" if self.under else self.text


def statements(text: str) -> list[Statement]:
    """Return the statements of a passage in their order."""
    found: list[Statement] = []
    for block in markup.blocks(text):
        found += _of(text, block, found[-1].text if found else "")
    return found


def _of(text: str, block: markup.Block, before: str) -> Iterator[Statement]:
    """Yield the statements of a block, given the one before it."""
    leads = before if before.endswith(":") else ""
    if block.kind == "table":
        head = ""
        for start, end, is_head in markup.rows(text, block):
            if is_head:
                head = text[start:end]
            else:
                yield Statement(head, text[start:end])
    elif block.kind == "list":
        for start, _, end in markup.items(text, block):
            yield Statement(leads, text[start:end])
    elif block.kind == "code":
        yield Statement(before, text[block.start : block.end])
    else:
        for start, end in sentences.spans(text[block.start : block.end]):
            yield Statement("", text[block.start + start : block.start + end])
