"""Which words differ between two texts."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

MOST = 3000  # words and signs of both texts; of longer ones all is old and new


class Piece(NamedTuple):
    """A stretch of either text, or of both."""

    kind: Literal["same", "old", "new"]
    text: str


def difference(before: str, after: str) -> list[Piece]:
    """Return the two texts as one: what is in both, and what only the old or the new one has."""
    old, new = (re.findall(r"\w+|\s+|[^\w\s]", text) for text in (before, after))
    if len(old) + len(new) > MOST:
        return [Piece("old", before), Piece("new", after)]
    return list(_merged(old, new))


def _merged(old: list[str], new: list[str]) -> Iterator[Piece]:
    """Yield the pieces; blanks between two changes are a part of both, so that a changed phrase is one change."""
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    blank = [
        code == "equal" and 0 < place < len(codes) - 1 and not "".join(old[low:high]).strip()
        for place, (code, low, high, _, _) in enumerate(codes)
    ]
    marked = zip(codes, blank, strict=True)
    for same, some in groupby(marked, key=lambda one: one[0][0] == "equal" and not one[1]):
        spans = [span for (_, *span), _ in some]
        texts = "".join(old[spans[0][0] : spans[-1][1]]), "".join(new[spans[0][2] : spans[-1][3]])
        if same:
            yield Piece("same", texts[0])
        else:
            yield from (one for one in (Piece("old", texts[0]), Piece("new", texts[1])) if one.text)
