"""Which questions ask the same thing? One matcher for dedup, decontamination, augmentation and the final check.

No similarity threshold tells "Llama 2 7B" from "Llama 2 13B". So a question is reduced to the words that make it
(`normal`), typing errors are mended (`typos`), and questions with the same words are one unless a part has changed its
place in a way that asks something else (`guard`). Equal words are found by a hash join: the time is linear in the rows.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations

from stages import engine
from stages.quality import politeness
from stages.quality.guard import OPENERS, turned
from stages.quality.normal import ASKING, Tokens, in_order, light, normalise, without_marks
from stages.quality.typos import corrections
from stages.quality.unions import Unions

CONTAINED = 5  # words a question must have to be looked for inside another text
MORE = 6  # words that such a text must have beside it: fewer may narrow the question ("on Windows", "for beginners")
MANY = 50  # orders of the same words up to which each is compared with each
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+|,\s+(?:so|and|but)\s+")

__all__ = ["clusters", "matches", "normalise", "same"]


def same(left: str, right: str) -> bool:
    """Tell whether two questions ask the same thing; no list, number or name is ever given away."""
    one, other = in_order(left), in_order(right)
    if one == other:
        return True
    if abs(len(one) - len(other)) > 4 or len(set(one) ^ set(other)) > 8:
        return False
    one, other = mended([one, other], errors([one, other]))
    return fingerprint(one) == fingerprint(other) and not turned(one, other)


def fingerprint(row: Tokens) -> Tokens:
    """Return what questions with the same words share, whatever their order."""
    return tuple(sorted(without_marks(row)))


def clusters(questions: Sequence[str]) -> list[int]:
    """Return for each question the index of its cluster's first member; duplicates of duplicates are one cluster."""
    rows = words(questions)
    rows = mended(rows, errors(rows))
    first: dict[Tokens, int] = {}
    numbers = [first.setdefault(row, index) for index, row in enumerate(rows)]
    orders: dict[Tokens, list[Tokens]] = defaultdict(list)  # of the same words
    for row in first:
        orders[fingerprint(row)].append(row)
    joined: Unions[int] = Unions()
    for some in orders.values():
        if len(some) > 1:
            for left, right in combinations(some, 2) if len(some) <= MANY else zip(some, some[1:], strict=False):
                if not turned(left, right):
                    joined.join(first[left], first[right])
    return [joined.root(number) for number in numbers]


def words(texts: Sequence[str]) -> list[Tokens]:
    """Return the words that make each text, in order."""
    found = engine.in_order(_normalised, texts, len(texts))
    return [tuple(row.split(" ")) for row in chain.from_iterable(found)]


def _normalised(texts: Sequence[str]) -> list[str]:
    """Return what goes back from another process: the words with blanks between."""
    return [" ".join(in_order(text)) for text in texts]


def errors(rows: list[Tokens]) -> dict[str, str]:
    """Return what was meant by each word that is misspelt beside the words of all rows."""
    return corrections(Counter(chain.from_iterable(rows)), light())


def mended(rows: list[Tokens], meant: Mapping[str, str]) -> list[Tokens]:
    """Return the rows without typing errors, given what was meant."""
    if not meant:
        return rows
    wrong, few = meant.keys(), light()

    def right(row: Tokens) -> Tokens:
        return tuple(meant.get(word, word) for word in row if meant.get(word) not in few) or row

    return [row if wrong.isdisjoint(row) else right(row) for row in rows]


def matches(left: Sequence[str], right: Sequence[str]) -> list[tuple[int, int, str]]:
    """Return (left, right, kind) for every left question that asks what a right one asks, sorted.

    Kinds: `exact` (the same words), `near` (the same but for typing errors), `contained` (one is a sentence of the
    other, or at least five words of it stand word for word in a text that says much more). Each pair has the first
    kind that fits.
    """
    if not left or not right:
        return []
    given = words([*left, *right])
    meant = errors(given)
    rows = mended(given, meant)
    ours, theirs = rows[: len(left)], rows[len(left) :]
    found: dict[tuple[int, int], str] = {}
    for i, j in _equal(ours, theirs):
        found[i, j] = "exact" if fingerprint(given[i]) == fingerprint(given[len(left) + j]) else "near"
    for i, j in _contained(left, ours, theirs, meant):
        found.setdefault((i, j), "contained")
    for j, i in _contained(right, theirs, ours, meant):
        found.setdefault((i, j), "contained")
    return [(i, j, kind) for (i, j), kind in sorted(found.items())]


def _equal(rows: list[Tokens], others: list[Tokens]) -> Iterator[tuple[int, int]]:
    """Yield the pairs that have the same words in orders that ask the same."""
    table: dict[Tokens, list[int]] = defaultdict(list)
    for j, other in enumerate(others):
        table[fingerprint(other)].append(j)
    for i, row in enumerate(rows):
        yield from ((i, j) for j in table.get(fingerprint(row), ()) if not turned(row, others[j]))


def _contained(
    texts: Sequence[str], rows: list[Tokens], parts: list[Tokens], meant: Mapping[str, str]
) -> Iterator[tuple[int, int]]:
    """Yield (text, part) where the part is a sentence of the text, or stands in a text that says much more."""
    starts: dict[Tokens, list[int]] = defaultdict(list)  # by the first words
    bare = [without_marks(part) for part in parts]
    for number, part in enumerate(bare):
        if len(part) >= CONTAINED:
            starts[part[:CONTAINED]].append(number)
    for index, row in enumerate(map(without_marks, rows)):
        for place in range(len(row) - CONTAINED + 1 if len(row) >= CONTAINED + MORE else 0):
            for number in starts.get(row[place : place + CONTAINED], ()):
                part = bare[number]
                if len(row) >= len(part) + MORE and row[place : place + len(part)] == part:
                    yield index, number
    split = [(index, one) for index, text in enumerate(texts) for one in _sentences(text)]
    sentences = mended(words([one for _, one in split]), meant)
    for index, row in enumerate(rows):
        for core in _framed(row):
            split.append((index, ""))
            sentences.append(core)
    yield from ((split[n][0], number) for n, number in _equal(sentences, parts))


def _framed(row: Tokens) -> Iterator[Tokens]:
    """Yield the question in a row without unheard-of ways to be polite: words before it and thanks behind it.

    In front there may be anything that is no condition ("In Java, ..."), up to a question word, an "if" or "whether".
    """
    thanks = politeness.lists().thanking
    ends = [n for n in range(2, len(row)) if row[n] not in OPENERS and not thanks.isdisjoint(row[n:])]
    starts = [0]
    if row[0] not in OPENERS:
        starts += [n for n, word in enumerate(row) if n and word in ASKING][:1]
        starts += [n + 1 for n, word in enumerate(row) if n and word in ("if", "whether")][:1]
    for start in starts:
        for end in (len(row), *ends):
            extra = (*row[:start], *row[end:])
            if extra and end - start > 1 and not any(map(has_digit, extra)):
                yield row[start:end]


def has_digit(word: str) -> bool:
    """Tell whether a word holds a digit."""
    return any(letter.isdigit() for letter in word)


def _sentences(text: str) -> list[str]:
    """Return the sentences of a text that has several."""
    found = [one for one in _SENTENCE.split(text.strip()) if re.search(r"\w", one)]
    return found if len(found) > 1 else []
