"""OpenRefine's table, and the facets that say which of its rows an operation is for.

Keys and results follow OpenRefine (github.com/OpenRefine/OpenRefine at ff43aa1, modules/core, package browsing).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import msgspec

from stages.quality import grel
from stages.quality.java_regex import Pattern


class HistoryError(ValueError):
    """An operation history cannot be read or applied; the message names the operation."""


@dataclass
class Row:
    """A row of the table. A blank cell is None."""

    cells: dict[str, str | None]
    flagged: bool = False
    starred: bool = False


@dataclass
class Table:
    """What OpenRefine shows: rows, and columns in their order."""

    columns: list[str]
    rows: list[Row]
    needed: frozenset[str] = frozenset()  # columns that must stay
    fixed: frozenset[str] = frozenset()  # columns whose cells must stay
    removed: list[Row] = field(default_factory=list)


class Choice(msgspec.Struct, forbid_unknown_fields=True):
    """A choice of a list facet: its value, and its label, which means nothing to us."""

    v: str | bool
    l: str = ""  # noqa: E741


class Selected(msgspec.Struct, forbid_unknown_fields=True):
    """A choice that is selected."""

    v: Choice


class ListFacet(msgspec.Struct, tag_field="type", tag="list", forbid_unknown_fields=True, rename="camel"):
    """Rows in which an expression has one of the selected values; all rows if nothing is selected."""

    expression: str
    column_name: str = ""
    name: str = ""
    selection: list[Selected] = []
    select_blank: bool = False
    select_error: bool = False
    invert: bool = False
    omit_blank: bool = False  # omitting hides a choice on the screen and no row
    omit_error: bool = False

    def test(self, table: Table) -> Callable[[Row], bool]:
        """Return what says of a row whether it is meant."""
        if self.column_name:
            known(table, self.column_name)
        node = grel.parse(self.expression, facet=True)
        wanted = {(type(selected.v.v), selected.v.v) for selected in self.selection}
        if not wanted and not self.select_blank and not self.select_error:
            return lambda row: True

        def chosen(row: Row) -> bool:
            try:
                value = grel.evaluate(node, cell(row, self.column_name))
            except grel.Failure:
                return self.select_error
            return self.select_blank if value in (None, "") else (type(value), value) in wanted

        return lambda row: chosen(row) != self.invert


class TextFacet(msgspec.Struct, tag_field="type", tag="text", forbid_unknown_fields=True, rename="camel"):
    """Rows whose cell holds a text, or matches a regular expression."""

    column_name: str
    query: str = ""
    name: str = ""
    mode: Literal["text", "regex"] = "text"
    case_sensitive: bool = False
    invert: bool = False

    def test(self, table: Table) -> Callable[[Row], bool]:
        """Return what says of a row whether it is meant."""
        known(table, self.column_name)
        if not self.query:
            return lambda row: True
        pattern = Pattern.parse(self.query, not self.case_sensitive) if self.mode == "regex" else None
        query = self.query if self.case_sensitive else self.query.lower()

        def found(row: Row) -> bool:
            value = row.cells[self.column_name]
            if value is None:
                return False
            if pattern:
                return pattern.found(value)
            return query in (value if self.case_sensitive else value.lower())

        return lambda row: found(row) != self.invert


class Engine(msgspec.Struct, forbid_unknown_fields=True):
    """Which rows an operation is for: those that all facets mean."""

    facets: list[ListFacet | TextFacet] = []
    mode: Literal["row-based"] = "row-based"

    def rows(self, table: Table) -> list[Row]:
        """Return the rows that all facets mean."""
        tests = [facet.test(table) for facet in self.facets]
        return [row for row in table.rows if all(test(row) for test in tests)]


def cell(row: Row, column: str) -> grel.Cell:
    """Return what an expression on a column sees of a row; no column is "", as for `row.flagged`."""
    return grel.Cell(row.cells[column] if column else None, row.flagged, row.starred)


def known(table: Table, name: str) -> None:
    """Raise HistoryError if the table has no such column."""
    if name not in table.columns:
        raise HistoryError(f"there is no column {name!r}; there are {', '.join(table.columns)}")
