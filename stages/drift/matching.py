"""Which of what is new is an edit of something that is gone: what stands in the same place and says nearly the same."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Generic, TypeVar

from rapidfuzz.distance import Indel

T = TypeVar("T")
RARE = 4  # words by which candidates are found: of a text's own those that are rarest among the new texts
REACH = 20  # of the new texts with such a word, how many before and behind the old one are looked at


def edits(
    gone: Sequence[T],
    new: Sequence[T],
    place: Callable[[T], Hashable],
    says: Callable[[T], str],
    least: float,
    at: Callable[[T], int] = lambda one: 0,
) -> list[tuple[T, T]]:
    """Return what is gone with what came instead, each in one couple at most, the likest first.

    Args:
        gone, new: what is no longer there, and what was not there before.
        place: only what is in the same place is compared.
        says: its text.
        least: share of common words, in their order, from which on two texts are alike, 0 to 1.
        at: where it stands within the place.
    """
    there: dict[Hashable, _Place[T]] = defaultdict(_Place)
    for other in sorted(new, key=at):
        there[place(other)].put(other, at(other), says(other))
    found: list[tuple[float, int, T, T]] = []
    for number, one in enumerate(gone):
        key, words = place(one), says(one).split()
        for other in there[key].near(at(one), words) if key in there else ():
            likeness = Indel.normalized_similarity(words, says(other).split(), score_cutoff=least)
            if likeness >= least:
                found.append((-likeness, number, one, other))
    taken: set[int] = set()
    couples = []
    for _, _, one, other in sorted(found, key=lambda entry: entry[:2]):
        if not taken & {id(one), id(other)}:
            taken |= {id(one), id(other)}
            couples.append((one, other))
    return couples


class _Place(Generic[T]):
    """The new ones in a place, by the words that they have."""

    def __init__(self) -> None:
        self.held: list[T] = []
        self.starts: list[int] = []
        self.with_word: dict[str, list[int]] = defaultdict(list)

    def put(self, one: T, start: int, text: str) -> None:
        """Add one, which stands behind those that are there."""
        for word in set(text.split()):
            self.with_word[word].append(len(self.held))
        self.held.append(one)
        self.starts.append(start)

    def near(self, start: int, words: list[str]) -> Iterator[T]:
        """Yield those that share one of the rare words and stand nearest."""
        here = bisect_left(self.starts, start)
        rare = sorted((len(self.with_word[word]), word) for word in set(words) if word in self.with_word)[:RARE]
        candidates: set[int] = set()
        for _, word in rare:
            some = self.with_word[word]
            middle = bisect_left(some, here)
            candidates.update(some[max(0, middle - REACH) : middle + REACH])
        return (self.held[number] for number in sorted(candidates))
