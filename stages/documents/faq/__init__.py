"""Structured FAQ files (JSON, JSON Lines, CSV, TSV): each item is a question with its answer, not running text."""

import csv
import io
import json
import re
from collections.abc import Iterable
from itertools import chain, islice, product
from typing import Any
from urllib.parse import urljoin

from stages.documents.blocks import Builder, Dropped, Parsed, Part, ReadError, clean, decode
from stages.documents.faq.rows import (
    ANSWER,
    CATEGORY,
    ID,
    QUESTION,
    TASK,
    URL,
    Context,
    Row,
    find,
    is_row,
    is_titled,
    no_pairs,
    rows,
    titled,
)
from stages.documents.faq.rows import shown as whole
from stages.documents.faq.rows import text as text_of
from stages.documents.markdown import commonmark
from stages.records import Link

UNREAD = "\0unread"  # stands for a line of JSON Lines that is no JSON
LARGEST_FIELD = 10_000_000  # characters of one CSV field
HIGHEST_HEADER = 6  # rows among which that of the names is
TAGS = "a|abbr|b|blockquote|br|code|div|dl|dd|dt|em|h[1-6]|hr|i|img|li|ol|p|pre|span|strong|sub|sup|table|td|th|tr|u|ul"
MARKUP = re.compile(  # HTML, or Markdown that no plain text would have by chance
    rf"</?(?:{TAGS})(?:\s[^<>]*)?/?>|&(?:#\d+|[a-z]+\d*);|```|`[^`\n]+`|\*\*\w|\]\(|^\s{{0,3}}#{{1,6}}\s"
    r"|^\s*(?:[-*+]|\d+[.)])\s|^\s*\|.*\|\s*$",
    re.MULTILINE | re.IGNORECASE,
)


def read(data: bytes, base: str | None) -> Parsed:
    """Return the items of an FAQ file, a part each.

    Raises:
        ReadError: "no_pairs" if no columns of questions and answers are found, "unreadable" if the file is damaged.
    """
    text = decode(data).strip("\ufeff \n")
    title = None
    first = 1
    found: Iterable[Row | Context]
    if text[:1] in ("{", "["):
        value = decoded(text)
        if isinstance(value, dict) and not is_row(value):
            title = next((clean(value[key]) for key in ("title", "name") if isinstance(value.get(key), str)), None)
        found = rows(value)
    else:
        found, first = _csv(text)  # below the row of names
    pieces: list[Part | Dropped] = []
    names: dict[str, None] = {}
    number = first
    for row in found:
        if isinstance(row, Context):
            pieces += _context(row)
            continue
        names.update(dict.fromkeys(row.values))
        if UNREAD in row.values:
            pieces.append(Dropped("unreadable_line", f"row {number}\n{clean(row.values[UNREAD])}"))
            number += 1
            continue
        if not row.is_item:
            pieces.append(Dropped("other_columns", "\n".join(_lines(row.values))))
            continue
        pieces += item(row, number, base)
        number += 1
    if not any(isinstance(piece, Part) and piece.question for piece in pieces):
        raise no_pairs(names)
    return Parsed(pieces, title)


def decoded(text: str) -> Any:
    """Return the value of a JSON text, or a list of those of JSON Lines, with {UNREAD: line} for a line that is none.

    Raises:
        ReadError: "unreadable" if it is neither.
    """
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ReadError("unreadable", "the JSON is nested too deeply") from error
    except ValueError as whole_error:
        lines: list[Any] = []
        for line in text.split("\n"):
            try:
                lines += [json.loads(line)] if line.strip() else []
            except (ValueError, RecursionError) as error:
                if not lines:
                    raise ReadError("unreadable", f"neither JSON ({whole_error}) nor JSON Lines") from error
                lines.append({UNREAD: line})
        return lines


def _csv(text: str) -> tuple[list[Row], int]:
    """Return the rows of a table, and which one of the file the first is; there may be lines above the names."""
    limit = csv.field_size_limit(LARGEST_FIELD)
    try:
        named = re.match(r"sep=(.)\n", text)  # as Excel writes it
        if named:
            text = text[named.end() :]
        best: list[str] = []
        for test, delimiter, quote in product((is_row, is_titled), named.group(1) if named else ",;\t|", "\"'"):
            lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quotechar=quote)
            top = list(islice(lines, HIGHEST_HEADER))
            names = [[clean(name) for name in line] for line in top]
            at = next((at for at, header in enumerate(names) if test(header)), None)
            if at is not None:
                above = [Row({"line": " ".join(filter(None, line))}, is_item=False) for line in names[:at] if any(line)]
                found = [_row(names[at], cells).values for cells in chain(top[at + 1 :], lines)]
                return [*above, *map(Row, titled(found))], at + 2
            best = max([best, *names[:1]], key=len)
        raise no_pairs(best)
    except csv.Error as error:
        raise ReadError("unreadable", f"the table is damaged: {error}") from error
    finally:
        csv.field_size_limit(limit)


def _row(header: list[str], cells: list[str]) -> Row:
    """Return a row of a table; columns without a name, or with that of another, are named by their number."""
    if any(cell.strip() for cell in cells[len(header) :]):  # a delimiter in a cell that is not in quotes: cut off
        return Row({"ragged row": " | ".join(cells)}, is_item=False)
    values: dict[str, str] = {}
    for index, cell in enumerate(cells):
        name = header[index] if index < len(header) else ""
        values[name if name and name not in values else f"column {index + 1}"] = cell
    return Row(values)


def item(row: Row, number: int, base: str | None) -> list[Part | Dropped]:
    """Return an item as a part, with what its other columns hold; or what there is of it as a drop."""
    values = dict(row.values)
    asked, answered = find(values, QUESTION), find(values, ANSWER)
    question, links, _ = _read(text_of(values[asked[0]]) if asked else "", base)
    if asked and asked[0].lower() in TASK and text_of(values.get("input")):
        question.append(clean(text_of(values.pop("input"))))
    blocks, more, dropped = _read(text_of(values[answered[0]]) if answered else "", base)
    if not question or not blocks:
        left = "\n".join(_lines(values))
        return [Dropped("incomplete_item", f"row {number}\n{left}")] if left else []
    heading = list(row.path)
    for name in find(values, CATEGORY):
        heading += _categories(values.pop(name))
    urls = [(name, _url(values[name], base)) for name in find(values, URL)]
    for name, url in urls:
        if url:
            more.append(Link(text=url, url=url))
            del values[name]
    anchor = next((clean(str(values.pop(name))) for name in find(values, ID)[:1] if _is_id(values[name])), None)
    for name in (asked[0], answered[0]):
        whole_value = values.pop(name)
        if isinstance(whole_value, (list, dict)) and len(whole_value) > 1:
            values[name] = whole_value  # there is more in it
    part = Part(tuple(heading), blocks, _unique(links + more), anchor=anchor or None, question=" ".join(question))
    other = "\n".join(_lines(values))
    return [part, *dropped, *([Dropped("other_columns", other)] if other else [])]


def _read(text: str, base: str | None) -> tuple[list[str], list[Link], list[Dropped]]:
    """Return a text's blocks, links and drops; Markdown and HTML are read, other text is paragraphs."""
    builder = Builder()
    if MARKUP.search(text):
        commonmark.into(builder, text, base)
    else:
        for paragraph in re.split(r"\n\s*\n", text):
            builder.add(clean(paragraph))
    parsed = builder.parsed()
    blocks: list[str] = []
    path: tuple[str, ...] = ()
    for part in parsed.parts:
        same = next((i for i, (a, b) in enumerate(zip(path, part.heading, strict=False)) if a != b), len(path))
        blocks += part.heading[min(same, len(part.heading)) :]  # a heading in an answer is a line of it
        blocks += part.blocks
        path = part.heading
    links = [link for part in parsed.parts for link in part.links]
    return blocks, links, [piece for piece in parsed.pieces if isinstance(piece, Dropped)]


def _context(context: Context) -> list[Part | Dropped]:
    blocks, links, dropped = _read(context.text, None)
    return [Part(context.path, blocks, links), *dropped] if blocks else [*dropped]


def _categories(value: Any) -> list[str]:
    names = value if isinstance(value, list) else re.split(r"\s+[>»/]\s+", text_of(value))
    return [name for name in (clean(text_of(name)) for name in names) if name]


def _url(value: Any, base: str | None) -> str | None:
    url = value.strip() if isinstance(value, str) else ""
    if re.fullmatch(r"https?://\S+", url):
        return url
    return urljoin(base, url) if base and re.fullmatch(r"[\w.#/?=&%~-]*[./#][\w.#/?=&%~-]*", url) else None


def _is_id(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool) and len(str(value)) <= 200


def _lines(values: dict[str, Any]) -> list[str]:
    return [f"{clean(name)}: {whole(value)}" for name, value in values.items() if whole(value)]


def _unique(links: list[Link]) -> list[Link]:
    return list({(link.text, link.url): link for link in links}.values())
