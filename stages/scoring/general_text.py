"""Perplexity on general text, which a model should keep: the prose of Python's own manual, that every Python carries.

Its manual is in `pydoc_data.topics`, with other bytes in each version of Python; what was scored is named by a digest.
"""

import hashlib
import re
from typing import TYPE_CHECKING, Any

from stages.records import content_id
from stages.tuning.rows import Encoded

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

PASSAGES = 48  # at most, drawn by a hash
_WORDS = range(50, 121)  # of a passage
_CODE = re.compile(r"[`|=<>\\{}\[\]_~^*]|::|>>>")
_TOKENS = 1024  # of one forward pass


def passages() -> list[str]:
    """Return paragraphs of prose without code, the same for the same Python, sorted by a hash of each."""
    from pydoc_data.topics import topics

    found = set()
    for topic in topics.values():
        for paragraph in topic.split("\n\n"):
            text = " ".join(paragraph.split())
            if not paragraph.startswith((" ", "-", "*")) and len(text.split()) in _WORDS and not _CODE.search(text):
                found.add(text)
    return sorted(found, key=content_id)[:PASSAGES]


def digest(texts: list[str]) -> str:
    """Return 16 hex digits that name the passages."""
    return hashlib.sha256("\n\n".join(texts).encode()).hexdigest()[:16]


def nlls(model: Any, tokenizer: "PreTrainedTokenizerBase", texts: list[str]) -> list[float]:
    """Return the mean nats a token of each text, read from its start as plain text, without a chat around it."""
    from stages.scoring import likelihood

    ids: list[list[int]] = [tokenizer(text)["input_ids"] for text in texts]  # with what the tokenizer begins texts
    encoded = [Encoded(id=str(number), ids=one, start=1, end=len(one), ended=False) for number, one in enumerate(ids)]
    found = [0.0] * len(texts)
    for numbers in likelihood.by_length(encoded, _TOKENS):
        some = [encoded[number] for number in numbers]
        for number, losses in zip(
            numbers, likelihood.label_losses(model, some, [one.labelled for one in some]), strict=True
        ):
            found[number] = sum(losses) / len(losses)
    return found
