"""What is asked of all three, and the answers of plain Python on rows, wherever these come from."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from stages.exploring.words import words

SIZE, MOST = 3, 10  # words of an n-gram, and how many are shown
WANTED = "port 80"
EXPRESSION, CASE = r"port [0-9]{4}", True  # whether case does not matter


def counts(rows: Iterable[tuple[str, str]]) -> Any:
    """Return rows, different texts, characters, words, and least, median and most of both, of each of two fields."""
    texts: tuple[list[str], list[str]] = ([], [])
    for row in rows:
        for some, text in zip(texts, row, strict=True):
            some.append(text)
    found = []
    for some in texts:
        by_words, by_characters = (sorted(map(size, some)) for size in (lambda text: len(words(text)), len))
        middle = (len(some) - 1) // 2
        spread = [[sizes[0], sizes[middle], sizes[-1]] for sizes in (by_words, by_characters)]
        found.append([len(some), len(set(some)), sum(by_characters), sum(by_words), spread])
    return found


def trigrams(texts: Iterable[str]) -> Any:
    """Return how many there are, how many different ones, and the most common with how often and in how many rows."""
    times: Counter[tuple[str, ...]] = Counter()
    rows: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        some = words(text)
        grams = list(zip(*(some[n:] for n in range(SIZE)), strict=False))
        times.update(grams)
        rows.update(set(grams))
    return shown(times, rows)


def shown(times: Counter[tuple[str, ...]], rows: Counter[tuple[str, ...]]) -> Any:
    """Return the answer of counted n-grams; those that are as common in the order of their bytes."""
    least = sorted(times.values(), reverse=True)[:MOST][-1]
    some = [gram for gram, count in times.items() if count >= least]
    some.sort(key=lambda gram: (-times[gram], [word.encode() for word in gram]))
    return [times.total(), len(times), [[" ".join(gram), times[gram], rows[gram]] for gram in some[:MOST]]]


def duplicates(texts: Iterable[str]) -> Any:
    """Return groups and surplus rows, of the same texts, then of the same words."""
    exact: Counter[str] = Counter()
    same: Counter[str] = Counter()
    for text in texts:
        exact[text] += 1
        same[" ".join(words(text))] += 1
    return [[len(more), sum(more) - len(more)]
            for more in ([count for count in found.values() if count > 1] for found in (exact, same))]  # fmt: skip


def search(texts: Iterable[str]) -> Any:
    """Return rows and matches, by text and by expression."""
    pattern = re.compile(EXPRESSION, re.IGNORECASE if CASE else 0)
    hits = [(text.count(WANTED), len(pattern.findall(text))) for text in texts]
    return [[sum(one[n] > 0 for one in hits), sum(one[n] for one in hits)] for n in range(2)]
