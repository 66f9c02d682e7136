"""How many tokens a text has for the student: its tokenizer alone, without torch and without a chat template."""

from collections.abc import Callable, Sequence
from typing import Any

from stages.tuning import models

BATCH = 1000  # texts encoded at once; an encoding takes a hundred times the memory of its text

Count = Callable[[Sequence[str]], list[int]]


def counter(student: str, revision: str = "main") -> Count:
    """Return what counts the tokens of texts, special tokens aside. The tokenizer is loaded when the first is counted.

    Raises ModelError if the student has no tokenizer.
    """
    file = models.tokenizer_file(student, revision)
    loaded: list[Any] = []

    def count(texts: Sequence[str]) -> list[int]:
        if texts and not loaded:
            from tokenizers import Tokenizer  # slow to import

            loaded.append(Tokenizer.from_file(str(file)))
        return [
            len(encoding.ids)
            for start in range(0, len(texts), BATCH)
            for encoding in loaded[0].encode_batch_fast(list(texts[start : start + BATCH]), add_special_tokens=False)
        ]

    return count
