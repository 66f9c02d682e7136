"""Fields of JSON Lines by dotted names, and which of them are texts.

`record.question` is a field of a field; `prompt[].content` is the content of all messages of a prompt, as one text, and
`prompt[-1].content` that of the last. A name with a dot or another mark in it stands in double quotes, as in
`"model.name".size`.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from stages.exploring.dataset import Dataset, DatasetError

LOOKED_AT = 1000  # rows, for how many words the texts of a field have
# What is text in our records and in those of others, in this order, at the top or below one of the HEADS.
TEXTS = (
    "question", "answer", "instruction", "input", "output", "prompt", "prompt[].content", "completion",
    "completion[].content", "messages[].content", "conversations[].value", "reference", "statement", "quote", "title",
    "text", "sections[].text",
)  # fmt: skip
HEADS = ("", "record.", "pair.")
# What asks: of a conversation the last but one, as the last is the answer.
QUESTIONS = ("question", "instruction", "prompt", "prompt[-1].content", "messages[-2].content")
FEW_WORDS = 3  # a text has more than so many on average
SHOWN = 100  # fields that a message lists
_PLAIN = re.compile(r"[^.\[\]\"'\\*?$]+")
_PART = re.compile(r'("(?:[^"\\]|\\.)*"|[^."\[\]]+)((?:\[(?:-?\d+)?\])*)(\.(?=.)|$)')
_KINDS = {"VARCHAR": "text", "BOOLEAN": "truth", "NULL": "", "JSON": ""}  # all others are numbers


class Field(msgspec.Struct, kw_only=True):
    """A field: its dotted name, what it mostly is (text, number, truth or list), and in how many rows it is."""

    field: str
    kind: str
    rows: int


def fields(dataset: Dataset) -> dict[str, Field]:
    """Return the fields of all rows that are not null there, by name.

    Raises DatasetError for a line that is no JSON object.
    """
    return dataset.once("fields", lambda: _fields(dataset))


def _fields(dataset: Dataset) -> dict[str, Field]:
    # Rows have few structures; the most common one says in which order fields are listed.
    told = dataset.ask("select json_structure(json)::varchar s, count(*) n from data group by s order by n desc, s")
    kinds: dict[str, Counter[str]] = {}
    for structure, rows in told:
        try:
            shape = json.loads(structure)
        except RecursionError as error:
            raise DatasetError(f"{', '.join(dataset.files)}: a row is nested too deeply") from error
        if not isinstance(shape, dict) and shape != "JSON":  # which an empty object is
            raise DatasetError(dataset.wrong_line())
        for name, of in _flat(shape):
            if kind := "list" if isinstance(of, list) else _KINDS.get(of, "number"):
                kinds.setdefault(name, Counter())[kind] += rows
    return {
        name: Field(field=name, kind=min(some, key=lambda kind: (-some[kind], kind)), rows=some.total())
        for name, some in kinds.items()
    }


def texts(dataset: Dataset, wanted: Sequence[str] = ()) -> list[str]:
    """Return the fields that are wanted, else the usual texts, else whatever has whole sentences, if anything has.

    Raises DatasetError, which lists the fields there are, if one that is wanted is missing.
    """
    known = fields(dataset)
    missing = [name for name in wanted if known and _any(name) not in known]  # where there are no rows, all is empty
    if missing:
        raise DatasetError(f"there is no field {missing[0]}; there are: {_names(known)}")
    if wanted:
        return list(wanted)
    words = _words(dataset)
    usual = [
        name for head in HEADS for one in TEXTS
        if (name := head + one) in known and known[name].kind == "text" and words.get(name, 2) > 1
    ]  # fmt: skip
    return usual or [name for name in known if words.get(name, 0) > FEW_WORDS]


def looked_at(dataset: Dataset, wanted: Sequence[str] = ()) -> list[str]:
    """Return the same, but raise DatasetError if rows have no text."""
    found, known = texts(dataset, wanted), fields(dataset)
    if known and not found:
        raise DatasetError(f"no field looks like text: name one with --field; there are: {_names(known)}")
    return found


def question(dataset: Dataset) -> str | None:
    """Return the field that asks, if there is one."""
    names = [head + one for head in HEADS for one in QUESTIONS]
    return next((name for name in names if _any(name) in texts(dataset)), None)


def sql(field: str) -> str:
    """Return the SQL of a field's text; of a list the texts of all its elements, one a line.

    Raises DatasetError for a name that no path can have.
    """
    path = _path(field)
    if "[*]" in path:
        return f"nullif(array_to_string(json_extract_string(json, '{path}'), chr(10)), '')"
    return f"json_extract_string(json, '{path}')"


def listed(field: str) -> str:
    """Return the SQL of the list of a field's values: the elements of a list, else the one there is."""
    path = _path(field)
    if "[*]" in path:
        return f"json_extract_string(json, '{path}')"
    return (
        f"case json_type(json, '{path}') when 'ARRAY' then json_extract_string(json, '{path}[*]') "
        f"else [json_extract_string(json, '{path}')] end"
    )


def _path(field: str) -> str:
    """Return the path of a field as it stands between the quotes of SQL."""
    parts = _PART.findall(field)
    if not parts or "".join(map("".join, parts)) != field:
        raise DatasetError(f"{field!r} is no name of a field")
    path = ""
    for name, places, _ in parts:
        path += f".{name}" if name.startswith('"') else f'."{name}"'
        path += places.replace("[]", "[*]").replace("[-", "[#-")
    return "$" + path.replace("'", "''")


def _any(name: str) -> str:
    """Return the name of a field with all elements of its lists, whichever are asked for."""
    return re.sub(r"\[-?\d+\]", "[]", name)


def _names(known: dict[str, Field]) -> str:
    names = list(known)
    return (", ".join(names[:SHOWN]) or "none") + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _words(dataset: Dataset) -> dict[str, float]:
    """Return how many words the texts of each field have on average, in the first rows."""
    words: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for row in dataset.first(LOOKED_AT):
        for name, value in _flat(row):
            if isinstance(value, str):
                words[name] += len(value.split())
                rows[name] += 1
    return {name: words[name] / rows[name] for name in rows}


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the leaves of a row, or of its structure, with their names; a list of objects is one field each of theirs.

    An object without fields has no leaves, and a field without a name cannot be looked at.
    """
    if isinstance(value, dict):
        for key, inner in value.items():
            part = key if _PLAIN.fullmatch(key) else '"' + re.sub(r'(["\\])', r"\\\1", key) + '"'
            if key:
                yield from _flat(inner, f"{name}.{part}" if name else part)
    elif isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        for one in value:
            yield from _flat(one, f"{name}[]")
    elif name:
        yield name, value
