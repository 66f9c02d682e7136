"""OpenRefine's key collision methods, and which spellings of one name or heading they bring together.

Keys are those of FingerprintKeyer and NGramFingerprintKeyer (github.com/OpenRefine/OpenRefine at ff43aa1,
modules/core, package clustering.binning). Different texts may collide in a key ("Guard for Llama", "Llama for
guard"); in OpenRefine a person looks at each cluster. So spellings of a bin must also be alike in their order: they
differ in case, hyphens, blanks, accents and closing punctuation only; with unigrams also in a doubled letter.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from stages.quality.unions import Unions

WHITE = "\t\n\x0b\x0c\r\x20\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_RUNS = re.compile(f"[{WHITE}]+")
_CONTROLS = dict.fromkeys([*range(0x09), *range(0x0E, 0x20), 0x7F, *range(0x80, 0x85), *range(0x86, 0xA0)])
_LETTERS = str.maketrans(
    {
        **{"ß": "ss", "æ": "ae", "ø": "oe", "å": "aa", "©": "c", "ð": "d", "đ": "d", "ɖ": "d", "þ": "th", "ƿ": "w"},
        **{"ħ": "h", "ı": "i", "ĸ": "k", "ł": "l", "ŋ": "n", "ſ": "s", "ŧ": "t", "œ": "oe", "ẜ": "s", "ẝ": "s"},
    }
)
_JOINTS = re.compile(r"[\s\-\u2010-\u2015]+")
TYPO = 3  # how many times as frequent the right spelling of a word with a letter too many or too few must be
LONG = 8  # characters from which such a word is more likely a typing error than another word
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")


def fingerprint(text: str) -> str:
    """Return the sorted unique words of a text in lower case, without accents, punctuation and controls."""
    words = _RUNS.split(_normal(text))
    while len(words) > 1 and not words[-1]:
        words.pop()
    return " ".join(sorted(set(words)))


def ngram_fingerprint(text: str, size: int = 2) -> str:
    """Return the sorted unique n-grams of what `fingerprint` compares, without blanks, one after the other."""
    text = "".join(c for c in _normal(text) if c not in WHITE and unicodedata.category(c) != "Cc")
    return "".join(sorted({text[n : n + size] for n in range(len(text) - size + 1)}))


def _normal(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.strip(WHITE).lower())
    text = "".join(c for c in text if not ("\u0300" <= c <= "\u036f" or unicodedata.category(c) in ("Lm", "Sk")))
    text = text.translate(_LETTERS).translate(_CONTROLS)
    return "".join(c for c in text if not unicodedata.category(c).startswith("P"))


@dataclass(frozen=True)
class Cluster:
    """Spellings of one thing."""

    to: str  # the most frequent one; of equally frequent ones, the alphabetically first
    others: tuple[str, ...]


def clusters(spellings: Mapping[str, int]) -> list[Cluster]:
    """Return the clusters of two and more spellings, given how often each occurs, sorted by the spelling to take.

    Spellings belong together that share a fingerprint, or an n-gram fingerprint of size 2 or 1, and are `alike`.
    One with a letter too many or too few ("Code Lama") must be TYPO times as rare as the right one.
    """
    bins: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for spelling in spellings:
        bins["fingerprint", fingerprint(spelling), alike(spelling)].append(spelling)
        bins["2-gram", ngram_fingerprint(spelling), alike(spelling)].append(spelling)
        bins["1-gram", ngram_fingerprint(spelling, 1), alike(spelling, doubled=False)].append(spelling)
    joined = Unions(spellings)
    for first, *others in bins.values():
        for other in others:
            joined.join(first, other)
    proposed = []
    for members in joined.sets().values():
        to, *rest = sorted(members, key=lambda spelling: (-spellings[spelling], spelling))
        sure = [
            other
            for other in rest
            if alike(other) == alike(to) or len(other) >= LONG and spellings[to] >= TYPO * spellings[other]
        ]
        if sure:
            proposed.append(Cluster(to, tuple(sorted(sure))))
    return sorted(proposed, key=lambda cluster: cluster.to)


def alike(spelling: str, doubled: bool = True) -> tuple[object, ...]:
    """Return what spellings of one thing share: letters and signs in their order, numbers, and being in capitals.

    "Llama 2" and "Llama-2" do; "Llama 2" and "Llama 3", "2.7B" and "27B", "C" and "C#", "LICENSE" and "License" do not.

    Args:
        spelling: a name or a heading.
        doubled: whether a doubled letter makes a difference.
    """
    text = unicodedata.normalize("NFKD", spelling.rstrip(" .:;,!"))
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    letters = _JOINTS.sub("", text).casefold()
    numbers = tuple(_NUMBERS.findall(text))
    return letters if doubled else re.sub(r"([^\W\d_])\1", r"\1", letters), numbers, _shouted(text)


def _shouted(text: str) -> bool:
    letters = [c for c in text if c.isalpha()]
    return len(letters) > 1 and all(c.isupper() for c in letters)
