"""Do two questions that lie near to each other ask something different? What an encoder does not see, words tell."""

from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import msgspec

from stages.documents.lexicon import in_dictionary, lexicon
from stages.quality import mentions, polarity
from stages.quality.guard import OPENERS, turned
from stages.quality.normal import ASKING, Tokens, plain_words
from stages.quality.similarity import errors, fingerprint, has_digit, mended, words
from stages.quality.tokens import stem
from stages.quality.units import UNITS

DATA = "opposites.en.yaml"
_UNITS = frozenset(UNITS.values())
_PREFIXES = (
    "at", "un", "dis", "de", "in", "im", "ir", "il", "non", "mis", "anti", "ex", "en", "pre", "post", "up", "down",
    "over", "under", "out", "sub", "super",
)  # fmt: skip


def told_apart(left: str, right: str) -> bool:
    """Tell whether two questions differ in what no paraphrase changes.

    That is a number, its unit, a flag, a word that no dictionary holds (a name), a negation, a word and its opposite,
    or a noun for which another one stands, all else being the same; or one says all that the other does, and adds an
    adverbial: then it is narrower.
    """
    if polarity.opposed(left, right) or polarity.opposed(right, left):
        return True
    rows = words([left, right])
    one, other = mended(rows, errors(rows))
    named = _named(left) <= set(plain_words(right)) and _named(right) <= set(plain_words(left))
    if not named or _exact(one) != _exact(other):
        return True
    ours, theirs = Counter(fingerprint(one)), Counter(fingerprint(other))
    mine, its = ours - theirs, theirs - ours
    if not mine and not its:
        return turned(one, other)
    opposite = _opposites()
    if any(_turned(a, b) or stem(b) in opposite.get(stem(a), ()) for a in mine for b in its):
        return True
    nouns = _behind_articles(left) | _behind_articles(right)
    return _narrower(mine, its) or _narrower(its, mine) or _noun_for_noun(mine, its, nouns)


@cache
def _opposites() -> dict[str, set[str]]:
    """Return the stems of the opposites of each stem."""
    pairs = msgspec.yaml.decode((Path(__file__).parent / DATA).read_bytes(), type=list[tuple[str, str]])
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        for left in map(stem, one.split()):
            for right in map(stem, other.split()):
                found[left].add(right)
                found[right].add(left)
    return found


def _exact(row: Tokens) -> Counter[str]:
    """Return what has to be the same: numbers with their units, flags, names, and small words that deny or lead."""
    found = Counter(word for word in row if has_digit(word) or word.startswith("-") or word in _NEGATIONS)
    found.update(word for word in row if word.isalpha() and len(word) > 2 and not _common(word))
    found.update(f"{n} {unit}" for n, unit in zip(row, row[1:], strict=False) if has_digit(n) and unit in _UNITS)
    return found


_NEGATIONS = frozenset(
    "not no never none neither nor without unless except excluding besides barely hardly rarely seldom".split()
)


def _common(word: str) -> bool:
    """Tell whether a word is an English one, as it is or with a prefix: reboot."""
    return in_dictionary(word) or any(word.startswith(one) and in_dictionary(word[len(one) :]) for one in ("re", "un"))


def _named(text: str) -> set[str]:
    """Return the words of names and identifiers, as far as their case tells them."""
    return {word for name in (*mentions.names(text), *mentions.identifiers(text)) for word in plain_words(name)}


def _turned(word: str, other: str) -> bool:
    """Tell whether a prefix turns one word into the other: include, exclude; visible, invisible."""
    for one, two in ((word, other), (other, word)):
        for prefix in _PREFIXES:
            if one.startswith(prefix) and len(one) - len(prefix) >= 3:
                rest = one[len(prefix) :]
                if rest == two or any(two == f"{another}{rest}" for another in _PREFIXES):
                    return True
    return False


def _narrower(more: Counter[str], less: Counter[str]) -> bool:
    """Tell whether a question says all that the other one does and more, or has an adverbial on top."""
    if not less:
        return not (_QUESTION | _KINDS).issuperset(more)
    swapped = sum(less.values()) == 1 and _QUESTION.isdisjoint(less)
    return swapped and sum(more.values()) > 2 and not (OPENERS - {"to"}).isdisjoint(more)


# "the flag --x" is "--x"
_KINDS = frozenset("flag option parameter argument setting command function method model package library tool".split())
_QUESTION = ASKING | {"when"}


def _noun_for_noun(mine: Counter[str], its: Counter[str], nouns: set[str]) -> bool:
    """Tell whether the only difference is a noun, or two in a row, for another one."""
    swapped = [*mine, *its]
    few = 0 < sum(mine.values()) <= 2 and 0 < sum(its.values()) <= 2
    return few and all(lexicon().get(word, "NN").startswith("NN") or word in nouns for word in swapped)


def _behind_articles(text: str) -> set[str]:
    plain = plain_words(text)
    return {word for article, word in pairwise(plain) if article in ("a", "an", "the")}
