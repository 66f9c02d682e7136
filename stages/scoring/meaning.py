"""How near an answer is to its reference in meaning, by a sentence encoder where one is configured."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stages.quality.semantic import Encoder

NONE = "none"


def encoder(name: str, revision: str) -> "Encoder | None":
    """Return the encoder of that name, None for `none`. Raises ModelError if there is no such model."""
    if name == NONE:
        return None
    from stages.quality import semantic

    return semantic.load(name, revision)


def similarities(left: Sequence[str], right: Sequence[str], by: "Encoder") -> list[float]:
    """Return the cosine of each two texts, -1 to 1. A number or a "not" moves it little: no proof of agreement."""
    vectors = by.encode([*left, *right])
    return [round(float(one @ other), 4) for one, other in zip(vectors[: len(left)], vectors[len(left) :], strict=True)]
