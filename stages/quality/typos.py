"""Which words of a collection are misspellings, or the plural, of another one of its words.

A word that a dictionary holds is what its writer meant. One that it does not hold is a typing error of a near word
that the dictionary holds, or that is far more frequent; near are words one edit apart, two if both are long (Damerau
and Levenshtein), found by their deletions (Garbe 2012, SymSpell). Of two unknown words that are about as frequent one
is an error only if letters were swapped or doubled: "Velora" and "Velara" may both be names.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from stages.documents.lexicon import lexicon

SHORTEST = 5  # letters; shorter words are too often other words
LONG = 9  # letters from which two edits are still a typing error
RARER = 10  # how many times as frequent an unknown word must be for a near one to be its misspelling
_PLURAL = re.compile(r"[^suio]s$")
_OPPOSING = re.compile(r"^(?:un|dis|non|in|im|de|mis|anti|re|pre|post)")


def corrections(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the words that are misspelt or a plural, each with the word of the collection that stands for it.

    Args:
        counts: the words in lower case, and how often each occurs.
    """
    words = sorted(word for word in counts if len(word) >= SHORTEST and word.isalpha())
    doubtful = [word for word in words if not known(word)]
    shapes: dict[str, list[str]] = defaultdict(list)
    if doubtful:
        for word in words:
            for shape in _shapes(word):
                shapes[shape].append(word)
    found = {}
    for word in doubtful:
        near = {other for shape in _shapes(word) for other in shapes[shape] if _meant(word, other, counts)}
        if near:
            found[word] = min(near, key=lambda other: (not known(other), -counts[other], other))
    found |= {word: word[:-1] for word in words if _PLURAL.search(word) and word[:-1] in counts and word not in found}
    return {word: _last(other, found) for word, other in found.items()}


def _last(word: str, found: Mapping[str, str]) -> str:
    """Return what a word stands for in the end: an error of a plural is one of its singular."""
    met = {word}
    while (following := found.get(word)) and following not in met:
        met.add(word := following)
    return word


@lru_cache(maxsize=1 << 18)
def known(word: str) -> bool:
    """Tell whether a dictionary holds a lower-case word, as one that may begin a sentence or end in s, too."""
    plural = word[:-1] if word.endswith("s") else word
    return any(one in lexicon() or one.capitalize() in lexicon() for one in (word, plural))


def _shapes(word: str) -> Iterator[str]:
    """Yield a word and what is left of it without one letter, of a long one without two; the first letter stays."""
    yield word
    once = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    yield from once
    if len(word) >= LONG:
        yield from {one[:i] + one[i + 1 :] for one in once for i in range(1, len(one))} - once


def _meant(word: str, other: str, counts: Mapping[str, int]) -> bool:
    """Tell whether an unknown word is a misspelling of another one."""
    if other == word or _opposed(word, other):
        return False
    most = 2 if min(len(word), len(other)) >= LONG else 1
    if DamerauLevenshtein.distance(word, other, score_cutoff=most) > most:
        return False
    if known(other) or counts[other] >= RARER * counts[word]:
        return True
    slipped = sorted(_plain(word)) == sorted(_plain(other)) or _undoubled(word) == _undoubled(other)
    return slipped and (-counts[other], other) < (-counts[word], word)


def _opposed(word: str, other: str) -> bool:
    """Tell whether a prefix turns one into the other: supervised, unsupervised."""
    return _OPPOSING.sub("", word) == other or _OPPOSING.sub("", other) == word


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", _plain(word))


def _plain(word: str) -> str:
    return word.replace("z", "s")  # British or American
