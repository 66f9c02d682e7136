"""The documents as a table for OpenRefine: one row a section, written to a CSV file and read back by id.

A cell that begins with a sign by which a spreadsheet knows a formula (= + - @, a tab or a line end), after any number
of apostrophes, gets one more apostrophe in front; reading takes that one away again. So every text comes back as it
was, and no cell runs as a formula. An operation history sees the cells as OpenRefine does: with the apostrophe.

A heading is a path joined by " > "; a word that is ">" itself, or backslashes and ">", gets a backslash in front.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from stages.quality.facets import Row, Table
from stages.records import Document, content_id

COLUMNS = ("id", "source", "title", "heading", "text", "language", "tags", "weight")
READ_BACK = ("title", "heading", "text")
FIXED = tuple(column for column in COLUMNS if column not in READ_BACK)
LONGEST = 100_000_000  # characters of a cell
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_GUARDED = re.compile(r"'+[=+\-@\t\r\n]")
_ARROW = re.compile(r"(?:(?<=^)|(?<= ))(\\*>)(?= |$)", re.DOTALL)


class SheetError(ValueError):
    """A CSV file with corrections cannot be used; the message names file, line and row."""


def guarded(text: str) -> str | None:
    """Return a text as a cell that no spreadsheet runs; a blank one is None."""
    return ("'" + text if _FORMULA.match(text) else text) or None


def unguarded(cell: str | None) -> str:
    """Return the text of a cell; see `guarded`."""
    return cell[1:] if cell and _GUARDED.match(cell) else cell or ""


def joined(heading: Iterable[str]) -> str:
    """Return a heading path as one text."""
    return " > ".join(re.sub(r"(?:(?<=^)|(?<= ))(\\*>)(?= |$)", r"\\\1", part) for part in heading)


def parted(text: str) -> list[str]:
    """Return the parts of a heading path; see `joined`. Blank parts are left out."""
    parts = [re.sub(r"(?:(?<=^)|(?<= ))\\(\\*>)(?= |$)", r"\1", part) for part in text.split(" > ")]
    return [part for part in parts if part.strip()]


def row_ids(documents: Iterable[Document]) -> dict[str, list[str]]:
    """Return the row ids of each document's sections, by the document's id.

    An id is a function of source, heading and text, and of how many such sections stand before it, so that it stays
    when other sections come and go. It begins with a letter: a spreadsheet takes "12e4" for a number.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    found: dict[str, list[str]] = {}
    for document in ordered(documents):
        ids = found[document.id] = []
        for section in document.sections:
            key = (document.source, *section.heading, section.text)
            ids.append("s" + content_id(document.source, section.heading, section.text, seen[key]))
            seen[key] += 1
    return found


def ordered(documents: Iterable[Document]) -> list[Document]:
    """Return the documents in the order of the table."""
    return sorted(documents, key=lambda document: (document.source, document.id))


def table(documents: Iterable[Document]) -> Table:
    """Return the table of the documents' sections."""
    documents = ordered(documents)
    ids = row_ids(documents)
    rows = [
        Row(
            {
                "id": row_id,
                "source": guarded(document.source),
                "title": guarded(document.title),
                "heading": guarded(joined(section.heading)),
                "text": guarded(section.text),
                "language": document.language,
                "tags": guarded(", ".join(document.tags)),
                "weight": guarded(f"{document.weight:g}"),
            }
        )
        for document in documents
        for row_id, section in zip(ids[document.id], document.sections, strict=True)
    ]
    return Table(list(COLUMNS), rows, frozenset(COLUMNS), frozenset(FIXED))


def written(found: Table) -> bytes:
    """Return the table as CSV: UTF-8, every cell in quotes, our columns only."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([row.cells[column] or "" for column in COLUMNS] for row in found.rows)
    return buffer.getvalue().encode()


def correct(path: Path, found: Table, drop_missing: bool = False) -> tuple[int, list[str]]:
    """Take titles, headings and texts over from a CSV file; return how many rows changed, and its other columns.

    Rows that it lacks stay as they are, or are removed with `drop_missing`. Raises SheetError for a file that is no
    such CSV, an unknown or doubled id, and a changed cell that is not read back.
    """
    rows = {row.cells["id"]: row for row in found.rows}
    lines: dict[str, int] = {}
    changed = 0
    header, records = _read(path)
    for line, cells in records:
        place = f"{path}, line {line}: id {cells['id']!r}"
        row = rows.get(cells["id"])
        if row is None:
            raise SheetError(f"{place} is no row of the table; has its section changed, or the history removed it?")
        if cells["id"] in lines:
            raise SheetError(f"{place} stands in line {lines[cells['id']]} already")
        lines[cells["id"]] = line
        for column in FIXED:
            if cells[column] != (row.cells[column] or ""):
                raise SheetError(
                    f"{place}: the column {column} is not read back, but {row.cells[column] or ''!r} became "
                    f"{cells[column]!r}; only {', '.join(READ_BACK)} may change"
                )
        new = {column: _lines(cells[column]) for column in READ_BACK}
        differ = [column for column in READ_BACK if new[column] != _lines(row.cells[column] or "")]
        row.cells.update({column: new[column] or None for column in differ})
        changed += bool(differ)
    if drop_missing:
        found.removed += [row for row in found.rows if row.cells["id"] not in lines]
        found.rows[:] = [row for row in found.rows if row.cells["id"] in lines]
    return changed, [column for column in header if column not in COLUMNS]


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _read(path: Path) -> tuple[list[str], list[tuple[int, dict[str, str]]]]:
    """Return the header of a CSV file and its rows, each with the line that it begins at."""
    csv.field_size_limit(LONGEST)
    records = []
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            missing = [column for column in COLUMNS if header.count(column) != 1]
            if missing:
                raise SheetError(f"{path}, line 1: expected each of {', '.join(COLUMNS)} once; not so {missing[0]}")
            line = reader.line_num + 1
            for cells in reader:
                if cells and len(cells) != len(header):
                    raise SheetError(f"{path}, line {line}: {len(cells)} cells under {len(header)} columns")
                if cells:
                    records.append((line, dict(zip(header, cells, strict=True))))
                line = reader.line_num + 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise SheetError(f"{path}: no CSV file in UTF-8: {error}") from error
    except OSError as error:
        raise SheetError(f"{path}: {error.strerror}") from error
    return header, records
