"""Do two texts say the same? Word 5-grams (shingles) propose, and the words in which the texts differ decide.

No share of common shingles tells a model card of 7B from one of 13B (see similarity.py, on questions). So a word that
stands in no common shingle, a difference, may be no number, name, identifier, code, negation or word of quantity.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from stages.quality.tokens import FUNCTION_WORDS, UNSPACED, normal_form, without_commas

SIZE = 5  # words of a shingle

Shingle = tuple[str, ...]

# Small words that turn a statement into another one.
WEIGHTY = frozenset(
    "not no nor never neither none nothing cannot without except unless if only all any every each both either some "
    "few fewer less least more most many before after until above below over under within between minimum maximum min "
    "max first last must may can should shall will would required optional enable disable enabled disabled allowed "
    "forbidden prohibited permitted supported on off true false yes".split()
)
_OPPOSITES = ("un", "in", "im", "il", "ir", "non", "dis", "de", "mis", "a")  # prefixes
_CHARACTER = UNSPACED.pattern.removesuffix("+")  # of a script without blanks: a word each
_TOKEN = re.compile(
    r"(?P<fence>^(?P<ticks>`{3,}+)[^\n]*\n(?P<code>.*?)(?:^(?P=ticks)`*[ \t]*$|\Z))"
    r"|`(?P<inline>[^`\n]+)`"
    r"|(?P<exact>\w+://[^\s<>)\]]*[\w/]"  # URL
    r"|(?<![\w-])--?[A-Za-z][\w-]*"  # flag
    r"|(?<!\w)[-+<>≤≥=~±$€£]{0,3}\d+(?:[.,:]\d+)*\w*%?"  # number with sign and unit
    r"|\w+(?:[./_]\w+)+)"  # path, file name
    rf"|(?P<word>{_CHARACTER}|(?:(?!{_CHARACTER})\w)+(?:'(?:(?!{_CHARACTER})\w)+)?(?:\+\+|\#)?)",
    re.DOTALL | re.MULTILINE,
)


class Text(NamedTuple):
    """A text as it is compared: its words in lower case, which of them make a difference, and its shingles."""

    words: tuple[str, ...]
    marks: tuple[bool, ...]
    shingles: frozenset[Shingle]

    @property
    def marked(self) -> frozenset[str]:
        """The words that make a difference."""
        return frozenset(word for word, mark in zip(self.words, self.marks, strict=True) if mark)


def text_of(text: str) -> Text:
    """Return a text as it is compared; white space, punctuation and Markdown's emphasis do not count."""
    found = list(_words(normal_form(text)))
    words = tuple(word for word, _ in found)
    return Text(words, tuple(mark for _, mark in found), frozenset(_shingles(words)))


def _words(text: str) -> Iterator[tuple[str, bool]]:
    for match in _TOKEN.finditer(text):
        if match["fence"] is not None:  # here each sign counts
            yield from ((sign.casefold(), True) for sign in re.findall(r"\w+|[^\w\s]", match["code"]))
        elif match["inline"] is not None:
            yield from ((word, True) for word, _ in _words(match["inline"]))
        elif match["exact"] is not None:
            yield without_commas(match["exact"].casefold()), True
        else:
            word = match["word"].casefold()
            yield word, word in WEIGHTY or not _is_plain(match["word"], word)


def _is_plain(word: str, folded: str) -> bool:
    """Say whether a word is an ordinary one. A script without capitals cannot tell it from a name."""
    return word.isalpha() and (word.islower() or folded in FUNCTION_WORDS)


def _shingles(words: tuple[str, ...]) -> Iterator[Shingle]:
    """Yield the 5-grams; of fewer words all of them, of none nothing."""
    if words:
        yield from (words[n : n + SIZE] for n in range(max(1, len(words) - SIZE + 1)))


def share(one: Text, other: Text) -> float:
    """Return the share of the first text's shingles that the other one has too, 0..1 (containment)."""
    return len(one.shingles & other.shingles) / len(one.shingles) if one.shingles else 0.0


def rarest(text: Text, frequency: Mapping[Any, int], least: float) -> list[Shingle]:
    """Return the rarest of a text's shingles: so many that a text that holds the share `least` of all has one of them.

    Prefix filtering (Chaudhuri, Ganti, Kaushik 2006; Bayardo, Ma, Srikant 2007): no candidate is missed.
    """
    ordered = sorted(text.shingles, key=lambda shingle: (frequency[shingle], shingle))
    needed = max(1, int(least * len(ordered) + 1 - 1e-9))
    return ordered[: len(ordered) - needed + 1]


def agree(one: Text, other: Text, *, more: bool = False) -> bool:
    """Say whether two texts that have most in common differ in plain words only.

    Args:
        one: a text.
        other: another one.
        more: whether the other one may say more: it may have stretches of a shingle's length and more to itself, if
            all of the first one stands in it.
    """
    left, right = list(_runs(one, other)), list(_runs(other, one))
    if more and not left:
        right = [run for run in right if len(run) < SIZE]
    differing = [word for run in left + right for word in run]
    if any(mark for _, mark in differing):
        return False
    mine, theirs = ({word for run in runs for word, _ in run} for runs in (left, right))
    return not (_opposed(mine, theirs) or _opposed(theirs, mine))


def _opposed(words: set[str], others: set[str]) -> bool:
    """Say whether a word stands among the others with a prefix that turns its sense: safe, unsafe."""
    return any(prefix + word in others for word in words for prefix in _OPPOSITES)


def _runs(text: Text, other: Text) -> Iterator[list[tuple[str, bool]]]:
    """Yield the runs of words that stand in no common shingle."""
    common = bytearray(len(text.words))
    for start, shingle in enumerate(_shingles(text.words)):
        if shingle in other.shingles:
            common[start : start + len(shingle)] = b"\1" * len(shingle)
    for match in re.finditer(rb"\0+", bytes(common)):
        start, end = match.span()
        yield list(zip(text.words[start:end], text.marks[start:end], strict=True))


def subject(title: str, headings: Iterable[str] = ()) -> frozenset[str]:
    """Return the words with digits of a title and of headings (7B, 2.1), without the numbers of chapters."""
    bare = (re.sub(r"^\s*(?:\d{1,2}|\d+(?:\.\d+)+)[.)]?(?:\s|$)", "", heading) for heading in headings)
    return frozenset(word for text in (title, *bare) for word in text_of(text).words if re.search(r"\d", word))


def conflict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two subjects are not the same: each has a number that the other lacks (7B and 13B)."""
    return not (one <= other or other <= one)
