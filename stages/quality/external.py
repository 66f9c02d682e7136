"""Evaluation sets that come as files, of whatever tool: tables of questions in JSON Lines, JSON, CSV or TSV."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stages.quality.leaks import OWN, Item
from stages.records import RecordError

QUESTION = ("question", "query", "prompt", "instruction", "input")  # in order of preference, any case
ANSWER = ("answer", "answers", "output", "target", "response", "completion")
CHOICES = ("choices", "options")
ENDINGS = (".jsonl", ".json", ".csv", ".tsv")
LARGEST_FIELD = 10_000_000  # characters of one CSV field
Located = Iterator[tuple[str, Any]]  # where an item stands ("line 3"), and the item


def read(folder: Path) -> dict[str, list[Item]]:
    """Return the items of every evaluation file of a folder by name of set: the file's, in snake_case.

    An item has a question (one of QUESTION; `instruction` and `prompt` go with an `input`), and may have an answer
    (one of ANSWER) and choices, of which the answer may be a number from 0 or a letter. Markdown and hidden files are
    passed over; a folder that is absent holds no set.

    Raises:
        RecordError: names file and line of what is no such item, or two files of one name.
    """
    sets: dict[str, list[Item]] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name.startswith(".") or path.suffix.lower() == ".md":
            continue
        name = re.sub(r"\W+", "_", path.stem.casefold()).strip("_")
        if path.suffix.lower() not in ENDINGS or not path.is_file():
            raise RecordError(f"{path}: expected an evaluation file that ends in {', '.join(ENDINGS)}")
        if name in sets or name in OWN:
            raise RecordError(f"{path}: there is a set {name!r} already; rename the file")
        sets[name] = [_item(path, place, number, value) for number, (place, value) in enumerate(_located(path), 1)]
        if not sets[name]:
            raise RecordError(f"{path} holds no item: fill or remove it")
    return sets


def _located(path: Path) -> Located:
    """Yield the items of a file with their places."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RecordError(f"{path}: expected UTF-8: {error}") from error
    ending = path.suffix.lower()
    yield from (
        _lines(path, text)
        if ending == ".jsonl"
        else _list(path, text)
        if ending == ".json"
        else _table(path, text, "\t" if ending == ".tsv" else ",")
    )


def _lines(path: Path, text: str) -> Located:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield f"line {number}", _json(path, line, number)


def _list(path: Path, text: str) -> Located:
    value = _json(path, text, 1)
    if isinstance(value, dict):  # {"data": [...]}
        lists = [inner for inner in value.values() if isinstance(inner, list)]
        value = lists[0] if len(lists) == 1 else value
    if not isinstance(value, list):
        raise RecordError(f"{path}: expected a list of items, or an object with one list in it")
    yield from ((f"item {number}", item) for number, item in enumerate(value, 1))


def _json(path: Path, text: str, first: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise RecordError(f"{path}, line {first + error.lineno - 1}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise RecordError(f"{path}, line {first}: the JSON is nested too deeply") from error


def _table(path: Path, text: str, delimiter: str) -> Located:
    limit = csv.field_size_limit(LARGEST_FIELD)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(rows, [])
        for row in rows:
            if any(cell.strip() for cell in row[len(header) :]):
                raise RecordError(f"{path}, line {rows.line_num}: {len(row)} cells, but {len(header)} columns; "
                                  "put a cell that holds the delimiter in quotes")  # fmt: skip
            if any(cell.strip() for cell in row):
                yield f"line {rows.line_num}", dict(zip(header, row, strict=False))
    except csv.Error as error:
        raise RecordError(f"{path}, line {rows.line_num}: the table is damaged: {error}") from error
    finally:
        csv.field_size_limit(limit)


def _item(path: Path, place: str, number: int, value: Any) -> Item:
    """Return an item of a file. Raises RecordError if it asks nothing."""
    fields: Mapping[str, Any] = {}
    if isinstance(value, dict):
        fields = {str(name).strip().casefold(): inner for name, inner in value.items()}
    asked = {name: text for name in QUESTION if (text := _text(fields.get(name)))}
    if not asked:
        raise RecordError(f"{path}, {place}: no question; expected a text in one of {', '.join(QUESTION)}")
    name, question = next(iter(asked.items()))
    if name in ("prompt", "instruction") and "input" in asked:
        question += "\n" + asked["input"]
    given = next((fields[name] for name in ANSWER if fields.get(name) not in (None, "")), "")
    choices = next((fields[name] for name in CHOICES if fields.get(name)), None)
    return Item(str(fields.get("id") or number), question, _chosen(given, choices))


def _chosen(given: Any, choices: Any) -> str:
    """Return an answer as text; a number or letter is looked up among the choices."""
    labels: list[Any] = [chr(ord("A") + index) for index in range(26)]
    if isinstance(choices, dict) and isinstance(choices.get("text"), list):  # {"text": [...], "label": [...]}
        labels = choices["label"] if isinstance(choices.get("label"), list) else labels
        choices = choices["text"]
    elif isinstance(choices, dict):  # {"A": ..., "B": ...}
        labels, choices = list(choices), list(choices.values())
    if isinstance(choices, list):
        by_label = {str(label).casefold(): choice for label, choice in zip(labels, choices, strict=False)}
        sign = str(given).strip().casefold()
        if sign in by_label:
            return _text(by_label[sign])
        if sign.isdecimal() and int(sign) < len(choices):
            return _text(choices[int(sign)])
    return _text(given)


def _text(value: Any) -> str:
    """Return a value as text: of several answers the first, of a chat what the user says."""
    if isinstance(value, list):
        if value and all(isinstance(turn, dict) and "role" in turn for turn in value):
            return "\n".join(_text(turn.get("content")) for turn in value if turn["role"] == "user")
        return next((text for text in map(_text, value) if text), "")
    if isinstance(value, dict):  # {"text": [...]}
        return _text(value.get("text"))
    return "" if value is None else str(value).strip()
