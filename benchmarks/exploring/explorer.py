"""The explorer's answers, as benchmarks/explore.py compares them."""

import json
import sys
from typing import Any

from exploring.asked import CASE, EXPRESSION, MOST, SIZE, WANTED

from stages.exploring import counting, duplicates, ngrams, searching
from stages.exploring.dataset import Dataset, opened


def main(question: str, file: str) -> None:
    """Answer one question about a file."""
    with opened([file], threads=2) as data:
        print(json.dumps(answer(data, question)))


def answer(data: Dataset, question: str) -> Any:
    """Return what is compared."""
    if question == "counts":
        fields = ("question", "answer")
        counted = counting.counts(data, fields)
        sizes = {(one.field, one.unit): one for one in counting.lengths(data, fields)}
        return [
            [one.rows, one.distinct, one.characters, one.words,
             [[sizes[one.field, unit].least, sizes[one.field, unit].quartiles[1], sizes[one.field, unit].most]
              for unit in ("words", "characters")]]
            for one in counted
        ]  # fmt: skip
    if question == "trigrams":
        found = ngrams.ngrams(data, "answer", SIZE, MOST)
        return [found.total, found.distinct, [list(one) for one in found.shown]]
    if question == "duplicates":
        return [[one.groups, one.surplus] for one in duplicates.duplicates(data, ["question"])]
    exact = searching.search(data, "answer", WANTED, False, False, 0)
    regular = searching.search(data, "answer", EXPRESSION, True, CASE, 0)
    return [[exact.rows, exact.matches], [regular.rows, regular.matches]]


if __name__ == "__main__":
    main(*sys.argv[1:])
