"""Jupyter notebooks (nbformat 3 and 4, plain JSON): Markdown cells are text, code cells code, outputs are drops."""

import json
from typing import Any

from stages.documents.blocks import Builder, Parsed, ReadError, decode, fence
from stages.documents.markdown import commonmark


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a notebook. Raises ReadError "unreadable" if it is no JSON or has no cells."""
    try:
        notebook = json.loads(decode(data))
    except (ValueError, RecursionError) as error:
        raise ReadError("unreadable", f"the notebook is no JSON: {error}") from error
    builder = Builder()
    for cell in _cells(notebook):
        kind, source = cell.get("cell_type"), _text(cell.get("source", cell.get("input")))
        if kind == "markdown":
            commonmark.into(builder, source, base)
        elif kind == "heading":  # nbformat 3
            level = cell.get("level")
            builder.heading(level if isinstance(level, int) and 1 <= level <= 6 else 1, source)
        elif kind == "html":  # nbformat 3
            commonmark.into(builder, f"<div>\n{source}\n</div>", base)
        elif kind == "code":
            builder.add(fence(source))
            for output in _dicts(cell.get("outputs")):
                builder.drop("cell_output", _output(output))
        else:
            builder.drop("raw_cell", source)
    return builder.parsed()


def _cells(notebook: Any) -> list[dict[str, Any]]:
    if isinstance(notebook, dict):
        sheets = _dicts(notebook.get("worksheets"))  # nbformat 3
        cells = [*_dicts(notebook.get("cells")), *(cell for sheet in sheets for cell in _dicts(sheet.get("cells")))]
        if cells:
            return cells
    raise ReadError("unreadable", 'the JSON is no notebook with cells (expected: {"cells": [...]})')


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str:
    """Return a text that may be given as a list of lines."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _output(output: dict[str, Any]) -> str:
    """Return an output's text; pictures and the HTML form of what is there as text have none."""
    if output.get("output_type") in ("error", "pyerr"):
        return f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
    data = output.get("data")
    forms = data if isinstance(data, dict) else output
    return _text(output.get("text")) or _text(forms.get("text/plain")) or _text(forms.get("text/html"))
