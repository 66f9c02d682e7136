"""An operation history as OpenRefine exports it (Undo / Redo, Extract), applied to a table.

Supported are the operations in OPERATIONS, in row mode, with list and text facets. Everything else is an error that
names the operation's number and what is not supported: nothing is skipped, as the rows after it would be other rows
than those that were looked at. Keys and results follow OpenRefine (github.com/OpenRefine/OpenRefine at ff43aa1,
main/src, package operations; modules/core, package browsing).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from stages.quality import grel
from stages.quality.facets import Engine, HistoryError, Row, Table, cell, known
from stages.quality.java_regex import PatternError, TooSlow

OnError = Literal["keep-original", "set-to-blank"]  # store-error would put no text into a cell


class Edit(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """Values of cells, and what stands there afterwards."""

    to: str
    from_: list[str] = msgspec.field(default_factory=list, name="from")
    from_blank: bool = False
    from_error: bool = False


class Operation(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """What all operations share; `op` and the description are read and mean nothing more."""

    op: str
    description: str = ""

    def apply(self, table: Table) -> None:
        """Change the table. Raises HistoryError, or an error of the expressions."""
        raise NotImplementedError


class OnRows(Operation, kw_only=True):
    """An operation on the rows that facets mean."""

    engine_config: Engine = msgspec.field(default_factory=Engine)


class MassEdit(OnRows, kw_only=True):
    """Replace whole values of cells."""

    column_name: str
    expression: Literal["value", "grel:value"] = "value"
    edits: list[Edit]

    def apply(self, table: Table) -> None:
        """See Operation."""
        _changeable(table, self.column_name)
        changes = {old: edit.to for edit in self.edits for old in edit.from_}
        blanks = [edit.to for edit in self.edits if edit.from_blank or edit.from_ == [""]]
        for row in self.engine_config.rows(table):
            value = row.cells[self.column_name]
            new = changes.get(value, value) if value is not None else blanks[-1] if blanks else None
            row.cells[self.column_name] = new or None


class TextTransform(OnRows, kw_only=True):
    """Compute cells anew."""

    column_name: str
    expression: str
    on_error: OnError = "keep-original"
    repeat: bool = False
    repeat_count: Annotated[int, msgspec.Meta(ge=0, le=100)] = 0

    def apply(self, table: Table) -> None:
        """See Operation."""
        _changeable(table, self.column_name)
        node = grel.parse(self.expression)
        for row in self.engine_config.rows(table):
            try:
                new = _computed(node, row, self.column_name)
            except grel.Failure:
                new = None if self.on_error == "set-to-blank" else row.cells[self.column_name]
            changed = new != row.cells[self.column_name]
            row.cells[self.column_name] = new
            for _ in range(self.repeat_count if self.repeat and changed and new is not None else 0):
                try:
                    new = _computed(node, row, self.column_name)
                except grel.Failure:
                    break
                if new == row.cells[self.column_name]:
                    break
                row.cells[self.column_name] = new


class ColumnAddition(OnRows, kw_only=True):
    """Add a column that is computed from another one."""

    base_column_name: str
    new_column_name: str
    column_insert_index: int
    expression: str
    on_error: OnError = "keep-original"

    def apply(self, table: Table) -> None:
        """See Operation."""
        known(table, self.base_column_name)
        _unused(table, self.new_column_name)
        node = grel.parse(self.expression)
        rows = self.engine_config.rows(table)
        for row in table.rows:
            row.cells[self.new_column_name] = None
        for row in rows:
            try:
                row.cells[self.new_column_name] = _computed(node, row, self.base_column_name)
            except grel.Failure:
                if self.on_error == "keep-original":
                    row.cells[self.new_column_name] = row.cells[self.base_column_name]
        table.columns.insert(_place(table, self.column_insert_index, len(table.columns)), self.new_column_name)


class ColumnRename(Operation, kw_only=True):
    """Rename a column that an operation added."""

    old_column_name: str
    new_column_name: str

    def apply(self, table: Table) -> None:
        """See Operation."""
        known(table, self.old_column_name)
        _unneeded(table, self.old_column_name, "renamed")
        _unused(table, self.new_column_name)
        table.columns[table.columns.index(self.old_column_name)] = self.new_column_name
        for row in table.rows:
            row.cells[self.new_column_name] = row.cells.pop(self.old_column_name)


class ColumnRemoval(Operation, kw_only=True):
    """Remove a column."""

    column_name: str

    def apply(self, table: Table) -> None:
        """See Operation."""
        known(table, self.column_name)
        _without(table, [self.column_name])


class ColumnMove(Operation, kw_only=True):
    """Move a column to another place, counted from 0."""

    column_name: str
    index: int

    def apply(self, table: Table) -> None:
        """See Operation."""
        known(table, self.column_name)
        table.columns.remove(self.column_name)
        table.columns.insert(_place(table, self.index, len(table.columns)), self.column_name)


class ColumnReorder(Operation, kw_only=True):
    """Set the order of the columns; those that are not named are removed, unless it is a pure reorder."""

    column_names: list[str]
    is_pure_reorder: bool = False

    def apply(self, table: Table) -> None:
        """See Operation."""
        for name in self.column_names:
            known(table, name)
        if len(set(self.column_names)) < len(self.column_names):
            raise HistoryError("a column is named twice")
        others = [name for name in table.columns if name not in self.column_names]
        if not self.is_pure_reorder:
            _without(table, others)
            others = []
        table.columns[:] = [*self.column_names, *others]


class RowRemoval(OnRows, kw_only=True):
    """Remove rows."""

    def apply(self, table: Table) -> None:
        """See Operation."""
        gone = self.engine_config.rows(table)
        places = set(map(id, gone))
        table.rows[:] = [row for row in table.rows if id(row) not in places]
        table.removed += gone


class RowStar(OnRows, kw_only=True):
    """Star rows, or unstar them."""

    starred: bool

    def apply(self, table: Table) -> None:
        """See Operation."""
        for row in self.engine_config.rows(table):
            row.starred = self.starred


class RowFlag(OnRows, kw_only=True):
    """Flag rows, or unflag them."""

    flagged: bool

    def apply(self, table: Table) -> None:
        """See Operation."""
        for row in self.engine_config.rows(table):
            row.flagged = self.flagged


class FillDown(OnRows, kw_only=True):
    """Fill blank cells with what stands above them."""

    column_name: str

    def apply(self, table: Table) -> None:
        """See Operation."""
        _changeable(table, self.column_name)
        above: str | None = None
        for row in self.engine_config.rows(table):
            above = row.cells[self.column_name] or above
            row.cells[self.column_name] = above


class BlankDown(OnRows, kw_only=True):
    """Blank cells that repeat what stands above them."""

    column_name: str

    def apply(self, table: Table) -> None:
        """See Operation."""
        _changeable(table, self.column_name)
        above: str | None = None
        for row in self.engine_config.rows(table):
            value = row.cells[self.column_name]
            if value is not None and value == above:
                row.cells[self.column_name] = None
            above = value


OPERATIONS: dict[str, type[Operation]] = {
    "core/mass-edit": MassEdit,
    "core/text-transform": TextTransform,
    "core/column-addition": ColumnAddition,
    "core/column-rename": ColumnRename,
    "core/column-removal": ColumnRemoval,
    "core/column-move": ColumnMove,
    "core/column-reorder": ColumnReorder,
    "core/row-removal": RowRemoval,
    "core/row-star": RowStar,
    "core/row-flag": RowFlag,
    "core/fill-down": FillDown,
    "core/blank-down": BlankDown,
}


def read(path: Path) -> list[Operation]:
    """Return the operations of an exported history. Raises HistoryError, which names file, number and operation."""
    try:
        found = msgspec.convert(msgspec.json.decode(path.read_bytes()), list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HistoryError(f"{path}: expected a JSON list of operations as OpenRefine exports it: {error}") from error
    operations = []
    for number, operation in enumerate(found, 1):
        name = operation.get("op")
        if not isinstance(name, str) or name not in OPERATIONS:
            names = ", ".join(OPERATIONS)
            raise HistoryError(f"{path}: operation {number}: {name} is not supported; supported are {names}")
        try:
            operations.append(msgspec.convert(operation, OPERATIONS[name]))
        except msgspec.ValidationError as error:
            raise HistoryError(f"{path}: operation {number} ({name}): {error}") from error
    return operations


def apply(operations: Iterable[Operation], table: Table, name: str) -> list[str]:
    """Apply operations to the table one after the other; return those that changed nothing, by number and name.

    Raises HistoryError, which names the history, the operation's number and what is wrong.
    """
    idle = []
    for number, operation in enumerate(operations, 1):
        before = _state(table)
        try:
            operation.apply(table)
        except (HistoryError, grel.GrelError, grel.TooLong, PatternError, TooSlow) as error:
            raise HistoryError(f"{name}: operation {number} ({operation.op}): {error}") from error
        if before == _state(table):
            idle.append(f"{number} ({operation.op})")
    return idle


def _state(table: Table) -> tuple[list[str], list[tuple[dict[str, str | None], bool, bool]]]:
    return list(table.columns), [(dict(row.cells), row.flagged, row.starred) for row in table.rows]


def _computed(node: grel.Node, row: Row, column: str) -> str | None:
    value = grel.evaluate(node, cell(row, column))
    assert value is None or isinstance(value, str)
    return value or None


def _changeable(table: Table, name: str) -> None:
    known(table, name)
    if name in table.fixed:
        raise HistoryError(f"the column {name!r} tells where a row belongs and cannot be changed")


def _unneeded(table: Table, name: str, what: str) -> None:
    if name in table.needed:
        raise HistoryError(f"the column {name!r} is read back and cannot be {what}")


def _unused(table: Table, name: str) -> None:
    if name in table.columns:
        raise HistoryError(f"there is a column {name!r} already")


def _without(table: Table, names: list[str]) -> None:
    for name in names:
        _unneeded(table, name, "removed")
    for name in names:
        table.columns.remove(name)
        for row in table.rows:
            del row.cells[name]


def _place(table: Table, index: int, last: int) -> int:
    if not 0 <= index <= last:
        raise HistoryError(f"there is no place {index} for a column among {len(table.columns)}")
    return index
