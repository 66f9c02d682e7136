import json

import pytest

from stages.quality import openrefine
from stages.quality.facets import HistoryError, Row, Table

ENGINE = {"facets": [], "mode": "row-based"}


def table(*texts):
    rows = [Row({"id": str(number), "text": text}) for number, text in enumerate(texts)]
    return Table(["id", "text"], rows, frozenset({"id", "text"}), frozenset({"id"}))


@pytest.fixture
def apply(tmp_path):
    def apply(found, *operations):
        path = tmp_path / "history.json"
        path.write_text(json.dumps(operations))
        openrefine.apply(openrefine.read(path), found, "history.json")
        return [row.cells["text"] for row in found.rows]

    return apply


def mass_edit(*edits, column="text", engine=ENGINE):
    return {
        "op": "core/mass-edit", "engineConfig": engine, "columnName": column, "expression": "value",
        "edits": [{"from": old, "fromBlank": False, "fromError": False, "to": to} for old, to in edits],
        "description": f"Mass edit cells in column {column}",
    }  # fmt: skip


def transform(expression, engine=ENGINE, **more):
    return {
        "op": "core/text-transform", "engineConfig": engine, "columnName": "text", "expression": expression,
        "onError": "keep-original", "repeat": False, "repeatCount": 10, "description": "", **more,
    }  # fmt: skip


def listed(column, *values, expression="value", **more):
    """Return a list facet as OpenRefine exports it."""
    facet = {
        "type": "list", "name": column, "expression": expression, "columnName": column, "invert": False,
        "omitBlank": False, "omitError": False, "selectBlank": False, "selectError": False,
        "selection": [{"v": {"v": value, "l": str(value)}} for value in values], **more,
    }  # fmt: skip
    return {"facets": [facet], "mode": "row-based"}


def searched(query, **more):
    """Return a text facet as OpenRefine exports it."""
    facet = {
        "type": "text", "name": "text", "columnName": "text", "mode": "text", "caseSensitive": False, "invert": False,
        "query": query, **more,
    }  # fmt: skip
    return {"facets": [facet], "mode": "row-based"}


def test_mass_edit_replaces_whole_cells(apply):
    edits = (["Llama2", "Llama-2"], "Llama 2"), ([""], "blank")
    assert apply(table("Llama2", "Llama-2", "on Llama2", None), mass_edit(*edits)) == [
        "Llama 2", "Llama 2", "on Llama2", "blank",
    ]  # fmt: skip


def test_text_transform_computes_each_cell(apply):
    assert apply(table(" a ", None), transform("value.trim()")) == ["a", None]
    assert apply(table("a", None), transform("grel:null")) == [None, None]
    assert apply(table("a", None), transform('value.replace("a","")', onError="set-to-blank")) == [None, None]


def test_text_transform_repeats_until_nothing_changes(apply):
    text = "&amp;amp;lt;"
    assert apply(table(text), transform('value.unescape("html")')) == ["&amp;lt;"]
    assert apply(table(text), transform('value.unescape("html")', repeat=True)) == ["<"]
    assert apply(table(text), transform('value.unescape("html")', repeat=True, repeatCount=1)) == ["&lt;"]


def test_columns_are_added_renamed_moved_reordered_and_removed(apply):
    found = table("b", "a")
    addition = {
        "op": "core/column-addition", "engineConfig": ENGINE, "baseColumnName": "text", "expression": 'value + "!"',
        "onError": "set-to-blank", "newColumnName": "loud", "columnInsertIndex": 1, "description": "",
    }  # fmt: skip
    apply(found, addition)
    assert found.columns == ["id", "loud", "text"]
    assert [row.cells["loud"] for row in found.rows] == ["b!", "a!"]
    apply(found, {"op": "core/column-rename", "oldColumnName": "loud", "newColumnName": "cry", "description": ""})
    apply(found, {"op": "core/column-move", "columnName": "cry", "index": 2})
    assert found.columns == ["id", "text", "cry"]
    apply(found, {"op": "core/column-reorder", "columnNames": ["cry", "text"], "isPureReorder": True})
    assert found.columns == ["cry", "text", "id"]
    apply(found, {"op": "core/column-removal", "columnName": "cry"})
    assert (found.columns, found.rows[0].cells) == (["text", "id"], {"id": "0", "text": "b"})


def test_an_added_column_is_blank_or_a_copy_where_it_cannot_be_computed(apply):
    addition = {
        "op": "core/column-addition", "engineConfig": listed("id", "0"), "baseColumnName": "text",
        "expression": r'value.replace(/a/,"$1")', "onError": "keep-original", "newColumnName": "b",
        "columnInsertIndex": 0,
    }  # fmt: skip
    found = table("a", "a")
    apply(found, addition, {**addition, "newColumnName": "c", "onError": "set-to-blank"})
    assert [row.cells["b"] for row in found.rows] == ["a", None]
    assert [row.cells["c"] for row in found.rows] == [None, None]


def test_removed_rows_are_kept_aside(apply):
    found = table("a", "b", "c")
    assert apply(found, {"op": "core/row-removal", "engineConfig": listed("text", "a", "c")}) == ["b"]
    assert [row.cells["text"] for row in found.removed] == ["a", "c"]


@pytest.mark.parametrize(("mark", "key"), [("star", "starred"), ("flag", "flagged")])
def test_marked_rows_can_be_removed(apply, mark, key):
    found = table("a", "b", "c")
    marking = {"op": f"core/row-{mark}", "engineConfig": searched("a|b", mode="regex"), key: True}
    unmarking = {"op": f"core/row-{mark}", "engineConfig": searched("B"), key: False}
    removal = {"op": "core/row-removal", "engineConfig": listed("", True, expression=f"row.{key}")}
    assert apply(found, marking, unmarking, removal) == ["b", "c"]


def test_blank_down_and_fill_down_look_at_the_cell_above(apply):
    found = table("a", "a", "b", None, "b", "b", "b")
    blanked = apply(found, {"op": "core/blank-down", "engineConfig": ENGINE, "columnName": "text"})
    assert blanked == ["a", None, "b", None, "b", None, None]
    filled = apply(found, {"op": "core/fill-down", "engineConfig": ENGINE, "columnName": "text"})
    assert filled == ["a", "a", "b", "b", "b", "b", "b"]


@pytest.mark.parametrize(
    ("engine", "meant"),
    [
        (ENGINE, "aAbn"),
        (listed("text", "a", "b"), "ab"),
        (listed("text", "a", "b", invert=True), "An"),
        (listed("text"), "aAbn"),
        (listed("text", selectBlank=True), "n"),
        (listed("text", True, expression="isBlank(value)"), "n"),
        (listed("text", "a", expression="value.toLowercase()"), "aA"),
        (listed("text", "a", expression="value.toLowercase()", selectError=True), "aAn"),
        (searched("A"), "aA"),
        (searched("A", caseSensitive=True), "A"),
        (searched("a", invert=True), "bn"),
        (searched("^[ab]$", mode="regex"), "aAb"),
        (searched("^[ab]$", mode="regex", caseSensitive=True), "ab"),
        (searched(""), "aAbn"),
        ({"facets": listed("text", "a", "A")["facets"] + searched("a", caseSensitive=True)["facets"]}, "a"),
    ],
)
def test_facets_say_which_rows_are_meant(apply, engine, meant):
    found = table("a", "A", "b", None)
    apply(found, {"op": "core/row-flag", "engineConfig": engine, "flagged": True})
    assert "".join(row.cells["text"] or "n" for row in found.rows if row.flagged) == meant


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        ({"op": "core/row-reorder"}, r"operation 2: core/row-reorder is not supported; supported are core/mass-edit"),
        ({"op": "core/column-addition-by-fetching-urls"}, "not supported"),
        ({"op": ["x"]}, "not supported"),
        ({}, "operation 2: None is not supported"),
        (mass_edit((["a"], 1)), r"operation 2 \(core/mass-edit\): Expected `str`, got `int` - at `\$.edits\[0\].to`"),
        ({**mass_edit(), "expression": "value.trim()"}, "Invalid enum value"),
        ({**transform("value"), "onError": "store-error"}, "store-error"),
        ({**transform("value"), "more": 1}, "unknown field `more`"),
        (transform("jython:value"), r"operation 2 \(core/text-transform\): expressions in the language jython"),
        (transform("value", {"facets": [], "mode": "record-based"}), "record-based"),
        (transform("value", {"facets": [{"type": "range"}], "mode": "row-based"}), "range"),
        (transform("value", listed("text", 1)), "got `int`"),
        (transform("value", listed("none", "a")), "no column 'none'; there are id, text"),
        (transform("value", searched("(a*)*", mode="regex")), "for ever"),
        (transform("value + value", repeat=True, repeatCount=100), "more than 100,000,000 characters"),
        (transform("value.replace('a','" + "a" * 1000 + "')", repeat=True), "more than 100,000,000 characters"),
        (mass_edit((["a"], "b"), column="id"), "tells where a row belongs"),
        (mass_edit((["a"], "b"), column="none"), "no column"),
        ({"op": "core/column-removal", "columnName": "text"}, "is read back and cannot be removed"),
        ({"op": "core/column-rename", "oldColumnName": "id", "newColumnName": "x"}, "cannot be renamed"),
        ({"op": "core/column-reorder", "columnNames": ["id"]}, "cannot be removed"),
        ({"op": "core/column-reorder", "columnNames": ["id", "id", "text"]}, "named twice"),
        ({"op": "core/column-move", "columnName": "id", "index": 2}, "no place 2"),
    ],
)  # fmt: skip
def test_an_unsupported_operation_is_an_error_that_names_it(apply, operation, why):
    with pytest.raises(HistoryError, match=why):
        apply(table("a"), mass_edit(), operation)


def test_a_new_column_has_a_new_name(apply):
    addition = {"op": "core/column-addition", "baseColumnName": "id", "newColumnName": "text", "columnInsertIndex": 0,
                "expression": "value"}  # fmt: skip
    with pytest.raises(HistoryError, match="a column 'text' already"):
        apply(table("a"), addition)


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"[{]", b'[{"a":' + b"[" * 9999])
def test_a_file_that_is_no_history_is_named(tmp_path, data):
    (tmp_path / "history.json").write_bytes(data)
    with pytest.raises(HistoryError, match="history.json: expected a JSON list of operations"):
        openrefine.read(tmp_path / "history.json")
