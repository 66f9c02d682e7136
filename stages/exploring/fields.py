"""Fields of JSON Lines by dotted names, and which of them are texts.

`record.question` is a field of a field; `prompt[].content` is the content of all messages of a prompt, as one text.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from stages.exploring.dataset import Dataset, DatasetError

LOOKED_AT = 1000  # rows, for the names of fields
# What is text in our records and in those of others, in this order, at the top or in `record`.
TEXTS = (
    "question", "answer", "instruction", "input", "output", "prompt", "prompt[].content", "completion",
    "completion[].content", "messages[].content", "conversations[].value", "reference", "statement", "quote", "title",
    "text", "sections[].text",
)  # fmt: skip
QUESTIONS = ("question", "instruction", "prompt", "prompt[].content", "messages[].content")
FEW_WORDS = 3  # a text has more than so many on average


def fields(dataset: Dataset) -> dict[str, str]:
    """Return the fields of the first rows by their dotted names, each with its kind: text, number, truth or list."""
    found: dict[str, str] = {}
    for (line,) in dataset.ask("select json from data limit ?", LOOKED_AT):
        for name, value in _flat(json.loads(line)):
            kind = _kind(value)
            if kind and found.get(name, kind) == kind:
                found[name] = kind
    return found


def texts(dataset: Dataset, wanted: Sequence[str] = ()) -> list[str]:
    """Return the fields that are looked at: those wanted, else the usual texts, else whatever has whole sentences.

    Raises DatasetError, which lists the fields there are, if one that is wanted, or every text, is missing.
    """
    known = fields(dataset)
    if not known:
        raise DatasetError(f"{', '.join(dataset.files)}: there are no rows with fields")
    listed = ", ".join(known)
    missing = [name for name in wanted if name not in known]
    if missing:
        raise DatasetError(f"there is no field {missing[0]} in the first {LOOKED_AT} rows; there are: {listed}")
    wordy = _wordy(dataset) if not wanted else {}
    usual = [name for head in ("", "record.") for one in TEXTS if wordy.get(name := head + one, 0) > 1]
    found = list(wanted) or usual or [name for name, words in wordy.items() if words > FEW_WORDS]
    if not found:
        raise DatasetError(f"no field looks like text: name one with --field; there are: {listed}")
    return found


def question(dataset: Dataset) -> str | None:
    """Return the field that asks, if there is one."""
    known = fields(dataset)
    return next((head + one for head in ("", "record.") for one in QUESTIONS if head + one in known), None)


def sql(field: str) -> str:
    """Return the SQL of a field's text; of a list the texts of all its elements, one a line.

    Raises DatasetError for a name that no path can have.
    """
    if any(character in field for character in "\"'\\?*"):
        raise DatasetError(f"{field!r}: a field with such a character cannot be looked at")
    path = "$" + "".join(
        f'."{part.removesuffix("[]")}"' + ("[*]" if part.endswith("[]") else "") for part in field.split(".")
    )
    if "[*]" in path:
        return f"nullif(array_to_string(json_extract_string(json, '{path}'), chr(10)), '')"
    return f"json_extract_string(json, '{path}')"


def _wordy(dataset: Dataset) -> dict[str, float]:
    """Return how many words the texts of each field have on average, in the first rows."""
    words: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for (line,) in dataset.ask("select json from data limit ?", LOOKED_AT):
        for name, value in _flat(json.loads(line)):
            if isinstance(value, str):
                words[name] += len(value.split())
                rows[name] += 1
    return {name: words[name] / rows[name] for name in rows}


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a row with their names; a list of objects is one field each of theirs."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        for one in value:
            yield from _flat(one, f"{name}[]")
    elif name:
        yield name, value


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, list):
        return "list"
    return "text" if isinstance(value, str) else "number" if isinstance(value, int | float) else ""
