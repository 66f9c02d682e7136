"""Which words of a collection are misspellings, or the plural, of another one of its words.

A word that a dictionary holds is what its writer meant. One that it does not hold is a typing error of a near word
that the dictionary holds, or that is far more frequent; near are words one edit apart, two if both are long (Damerau
and Levenshtein), found by their deletions (Garbe 2012, SymSpell). Of two unknown words that are about as frequent one
is an error only if letters were swapped or doubled, or a long one lacks a letter: "Velora" and "Velara" may be names.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from rapidfuzz.distance import DamerauLevenshtein

from stages.documents.lexicon import in_dictionary, lemmas

SHORTEST = 5  # letters; shorter words are too often other words
LONG = 9  # letters from which two edits are still a typing error
RARER = 10  # how many times as frequent a word must be for a near one to be its misspelling
KNOWN_RARER = 3  # likewise of a word that a dictionary holds
RARE = 3  # occurrences up to which it is one of such a word in any case
_PLURAL = re.compile(r"[^s]s$")
_OPPOSING = re.compile(r"^(?:un|dis|non|in|im|de|mis|anti|re|pre|post)")


def corrections(counts: Mapping[str, int], common: Collection[str] = ()) -> dict[str, str]:
    """Return the words that are misspelt or a plural, each with the word of the collection that stands for it.

    Args:
        counts: the words in lower case, and how often each occurs.
        common: further words that may have been meant.
    """
    words = sorted(word for word in {*counts, *common} if len(word) >= SHORTEST and word.isalpha())
    doubtful = [word for word in words if word in counts and not in_dictionary(word)]
    shapes: dict[str, list[str]] = defaultdict(list)
    if doubtful:
        for word in words:
            for shape in _shapes(_plain(word)):
                shapes[shape].append(word)
    found = {word: base for word in counts if (base := _base(word, counts))}
    for word in doubtful:
        if word in found:
            continue
        near = {other for shape in _shapes(_plain(word)) for other in shapes[shape] if _meant(word, other, counts)}
        if near:
            found[word] = min(near, key=lambda other: _preference(word, other, counts))
    return {word: _last(other, found) for word, other in found.items()}


def _preference(word: str, other: str, counts: Mapping[str, int]) -> tuple[int, bool, int, str]:
    distance = DamerauLevenshtein.distance(word, other)
    return distance, not in_dictionary(other), -counts.get(other, 0), other


def _last(word: str, found: Mapping[str, str]) -> str:
    """Return what a word stands for in the end: an error of a plural is one of its singular."""
    met = {word}
    while (following := found.get(word)) and following not in met:
        met.add(word := following)
    return word


def _base(word: str, counts: Mapping[str, int]) -> str | None:
    """Return the word of the collection that a word is the plural or an irregular form of: histories, chose."""
    if singular := next((one for one in _singulars(word) if one in counts), None):
        return singular
    if len(word) < SHORTEST or not in_dictionary(word):
        return None
    kinds = lemmas(word)
    noun, verb = kinds.get("NOUN", word), kinds.get("VERB", word)
    if word.endswith("s") and noun != word and noun in counts:
        return noun
    return verb if verb in counts and verb[:-1] not in word and verb != word else None


def _singulars(word: str) -> Iterator[str]:
    """Yield what a word is the plural of, if it is one."""
    if len(word) > 3 and word.isalpha() and _PLURAL.search(word):
        yield word[:-1]
        if word.endswith("ies"):
            yield word[:-3] + "y"
        elif word.endswith("es"):
            yield word[:-2]


def _shapes(word: str) -> Iterator[str]:
    """Yield a word and what is left of it without one letter, of a long one without two."""
    yield word
    once = {word[:i] + word[i + 1 :] for i in range(len(word))}
    yield from once
    if len(word) >= LONG:
        yield from {one[:i] + one[i + 1 :] for one in once for i in range(1, len(one))} - once


def _meant(word: str, other: str, counts: Mapping[str, int]) -> bool:
    """Tell whether an unknown word is a misspelling of another one."""
    if other == word or _opposed(word, other) or other in _singulars(word) or word in _singulars(other):
        return False
    shorter, swapped = min(len(word), len(other)), sorted(_plain(word)) == sorted(_plain(other))
    if word[0] != other[0] and not swapped:
        return False
    most = 2 if shorter >= LONG else 1
    if DamerauLevenshtein.distance(_plain(word), _plain(other), score_cutoff=most) > most:
        return False
    if in_dictionary(other) and (counts[word] <= RARE or counts.get(other, 0) >= KNOWN_RARER * counts[word]):
        return True
    if counts.get(other, 0) >= RARER * counts[word]:
        return True
    slipped = swapped or _undoubled(word) == _undoubled(other) or shorter >= LONG - 1 and len(word) != len(other)
    return slipped and (-counts.get(other, 0), other) < (-counts[word], word)


def _opposed(word: str, other: str) -> bool:
    """Tell whether a prefix turns one into the other: supervised, unsupervised."""
    return _OPPOSING.sub("", word) == other or _OPPOSING.sub("", other) == word


def _undoubled(word: str) -> str:
    return re.sub(r"(.)\1", r"\1", _plain(word))


def _plain(word: str) -> str:
    return re.sub(r"ce(?=s?$)", "se", word.replace("z", "s"))  # British or American
