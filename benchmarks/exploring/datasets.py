"""The answers of `datasets`, as its users ask: load_dataset, map in two processes, then Python over the columns."""

import json
import re
import sys
import tempfile
from collections import Counter
from typing import Any

from exploring import asked

from stages.exploring.words import words

PROCESSES = 2


def main(question: str, file: str) -> None:
    """Answer one question about a file; nothing is cached from one question to the next."""
    import datasets

    datasets.disable_progress_bars()
    with tempfile.TemporaryDirectory() as cache:
        data = datasets.load_dataset("json", data_files=file, split="train", cache_dir=cache)
        print(json.dumps(globals()[question](data)))


def mapped(data: Any, work: Any, columns: list[str]) -> Any:
    """Return what a function makes of batches, and nothing else."""
    return data.map(work, batched=True, num_proc=PROCESSES, remove_columns=data.column_names, input_columns=columns)


def counts(data: Any) -> Any:
    """Measure texts in two processes, then sort the lengths."""
    found = []
    for field in ("question", "answer"):
        sizes = mapped(data, measured, [field])
        by_words, by_characters = sorted(sizes["words"]), sorted(sizes["characters"])
        middle = (len(by_words) - 1) // 2
        spread = [[some[0], some[middle], some[-1]] for some in (by_words, by_characters)]
        found.append([len(by_words), len(set(data[field])), sum(by_characters), sum(by_words), spread])
    return found


def measured(texts: list[str]) -> dict[str, list[int]]:
    """Return the lengths of a batch."""
    return {"words": [len(words(text)) for text in texts], "characters": [len(text) for text in texts]}


def trigrams(data: Any) -> Any:
    """Find the words in two processes, count here."""
    times: Counter[tuple[str, ...]] = Counter()
    rows: Counter[tuple[str, ...]] = Counter()
    for batch in mapped(data, split, ["answer"]).iter(batch_size=10_000):
        for some in batch["words"]:
            grams = list(zip(*(some[n:] for n in range(asked.SIZE)), strict=False))
            times.update(grams)
            rows.update(set(grams))
    return asked.shown(times, rows)


def split(texts: list[str]) -> dict[str, list[list[str]]]:
    """Return the words of a batch."""
    return {"words": [words(text) for text in texts]}


def duplicates(data: Any) -> Any:
    """Count texts, and their words, which are found in two processes."""
    joined = mapped(data, rejoined, ["question"])
    more = [[count for count in Counter(some).values() if count > 1] for some in (data["question"], joined["words"])]
    return [[len(some), sum(some) - len(some)] for some in more]


def rejoined(texts: list[str]) -> dict[str, list[str]]:
    """Return the words of a batch, each text's as one."""
    return {"words": [" ".join(words(text)) for text in texts]}


def search(data: Any) -> Any:
    """Count matches in two processes."""
    hits = mapped(data, matches, ["answer"])
    return [[sum(count > 0 for count in hits[name]), sum(hits[name])] for name in ("exact", "regular")]


def matches(texts: list[str]) -> dict[str, list[int]]:
    """Return how often a batch matches."""
    pattern = re.compile(asked.EXPRESSION, re.IGNORECASE if asked.CASE else 0)
    return {
        "exact": [text.count(asked.WANTED) for text in texts],
        "regular": [len(pattern.findall(text)) for text in texts],
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
