"""Notebooks: Markdown cells are one text, code is code, outputs are on record."""

import json
from typing import Any

import pytest

from stages.documents.blocks import Dropped, ReadError
from stages.documents.readers import read


def cell(kind: str, source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def notebook(*cells: dict[str, Any]) -> bytes:
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}}).encode()


def test_cells_share_one_hierarchy_of_headings():
    parsed = read(
        notebook(
            cell("markdown", ["# Guide\n", "\n", "Welcome."]),
            cell("markdown", "## Setup\n\nSee the [manual](m.html)."),
            cell("code", ["import tool\n", "\n", "tool.run()"], outputs=[]),
            cell("markdown", "More of it."),
        ),
        ".ipynb",
        "https://example.org/a/b.ipynb",
    )
    assert parsed.title == "Guide"
    assert [(part.heading, part.blocks) for part in parsed.parts] == [
        (("Guide",), ["Welcome."]),
        (("Guide", "Setup"), ["See the manual.", "```\nimport tool\n\ntool.run()\n```", "More of it."]),
    ]
    assert [link.url for part in parsed.parts for link in part.links] == ["https://example.org/a/m.html"]


def test_outputs_and_raw_cells_are_on_record_and_pictures_are_not():
    outputs = [
        {"output_type": "stream", "text": ["1\n", "2\n"]},
        {"output_type": "execute_result", "data": {"text/plain": ["'three'"], "text/html": "<b>three</b>"}},
        {"output_type": "display_data", "data": {"image/png": "AAAA"}},
        {"output_type": "error", "ename": "KeyError", "evalue": "'x'", "traceback": ["..."]},
    ]
    parsed = read(notebook(cell("code", "x", outputs=outputs), cell("raw", "for nbconvert")), ".ipynb")
    assert [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)] == [
        ("cell_output", "1\n2"),
        ("cell_output", "'three'"),
        ("cell_output", "KeyError: 'x'"),
        ("raw_cell", "for nbconvert"),
    ]


def test_the_older_format_is_read():
    cells = [
        {"cell_type": "heading", "level": 2, "source": "Setup"},
        {"cell_type": "code", "input": ["x = 1"], "outputs": [{"output_type": "pyout", "text": ["1"]}]},
    ]
    parsed = read(json.dumps({"nbformat": 3, "worksheets": [{"cells": cells}]}).encode(), ".ipynb")
    assert [(part.heading, part.blocks) for part in parsed.parts] == [(("Setup",), ["```\nx = 1\n```"])]
    assert isinstance(parsed.pieces[1], Dropped) and parsed.pieces[1].text == "1"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b'{"cells": [{"cell_type": "mark', "unreadable"),
        (b"[" * 100_000, "unreadable"),
        (b"[1, 2]", "unreadable"),
        (b'{"cells": []}', "unreadable"),
        (b'{"cells": [1, null, {"cell_type": 5, "source": {}}]}', "no_text"),
        (b"\x00\x01", "binary"),
    ],
)
def test_what_is_no_notebook_is_a_read_error(data, reason):
    with pytest.raises(ReadError) as error:
        read(data, ".ipynb")
    assert error.value.reason == reason
