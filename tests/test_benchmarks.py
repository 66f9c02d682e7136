"""The benchmarks' own arithmetic, and what they print, without the tools that they compare with."""

import importlib
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def parse(monkeypatch):
    """The benchmark of the readers with its modules, found as a script finds them."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    before = set(sys.modules)
    yield SimpleNamespace(
        main=importlib.import_module("parse"),
        documents=importlib.import_module("parsing.documents"),
        kept=importlib.import_module("parsing.kept"),
    )
    for name in set(sys.modules) - before:
        if name == "parse" or name.startswith("parsing"):
            del sys.modules[name]


def score(parse, text, links=(), chapters=2, furniture=()):
    return parse.kept.kept(text, list(links), parse.documents.content(chapters), furniture)


def test_the_markdown_of_a_document_keeps_all_of_it(parse):
    chapters = parse.documents.content(2)
    text = parse.documents.make(chapters, ".md").decode()
    assert score(parse, text) == parse.kept.known(chapters, ())
    assert parse.kept.known(chapters, ()) == {
        "headings": 8,
        "links": 6,
        "code": 12,
        "cells": 8,
        "pairs": 6,
        "furniture": 0,
    }


def test_a_heading_counts_below_its_own_parent_only(parse):
    text = parse.documents.make(parse.documents.content(2), ".md").decode()
    assert score(parse, text.replace("### ", "## "))["headings"] == 2, "the chapters, which stand below the title"
    assert score(parse, text.replace("# ", "").replace("#", ""))["headings"] == 0


def test_a_comment_in_code_is_no_heading(parse):
    chapter = parse.documents.content(1)[0]
    first, second = (section.heading for section in chapter.sections[:2])
    text = f"# {chapter.heading}\n## {first}\n```\n# {second}\n```\n### {chapter.sections[2].heading}"
    assert score(parse, text, chapters=1)["headings"] == 2


def test_links_count_from_the_text_and_from_the_list(parse):
    urls = [section.url for section in parse.documents.content(1)[0].sections]
    assert score(parse, f"see [this]({urls[0]}).", [urls[1], "https://other.example"], chapters=1)["links"] == 2


def test_code_whose_lines_were_joined_or_escaped_is_lost(parse):
    first, second = parse.documents.content(1)[0].sections[0].code
    assert score(parse, f"{first} {second}", chapters=1)["code"] == 0
    assert score(parse, f"    {first}\n" + second.replace("_", "\\_"), chapters=1)["code"] == 1


def test_cells_count_in_rows_of_pipes_and_of_html_but_not_as_loose_text(parse):
    (a, b), (c, d) = parse.documents.content(1)[0].rows
    assert (
        score(parse, f"| {a} | **{b}** |\n<table><tr><td>{c}</td><td>{d}</td></tr></table>", chapters=1)["cells"] == 4
    )
    assert score(parse, f"{a}\n{b}\n{c} {d}", chapters=1)["cells"] == 0


def test_a_text_below_another_heading_makes_no_pair(parse):
    first, second, _ = parse.documents.content(1)[0].sections
    text = f"# {first.heading}\n\n{second.key}\n\n# {second.heading}\n\n{first.key} {second.key}"
    assert score(parse, text, chapters=1)["pairs"] == 1


def test_furniture_that_is_left_counts(parse):
    assert score(parse, "We use\ncookies here", furniture=("We use cookies", "Careers"))["furniture"] == 1


def test_as_much_is_at_least_as_much_of_all_and_no_more_furniture(parse):
    ours = {"headings": 4, "links": 3, "code": 2, "cells": 0, "pairs": 3, "furniture": 1}
    assert parse.kept.as_much(ours | {"cells": 8, "furniture": 0}, ours)
    assert not parse.kept.as_much(ours | {"cells": 8, "links": 2}, ours)
    assert not parse.kept.as_much(ours | {"furniture": 2}, ours)


def test_the_ratio_is_to_the_fastest_that_keeps_as_much_and_has_read(parse):
    keeps = {"headings": 4, "links": 3, "code": 2, "cells": 0, "pairs": 3, "furniture": 0}
    runs = {
        "faqtune": [{"seconds": [2.0, 3.0]}, {"seconds": [4.0]}, {"seconds": [2.0]}],
        "unstructured": [{"seconds": [4.0]}, {"seconds": [8.0]}, {"seconds": [1.0]}],
        "markitdown": [{"seconds": [1.0]}] * 3,
        "synthetic-data-kit": [{"seconds": [0.5]}] * 3,
    }
    found = {
        "faqtune": {"keeps": keeps},
        "unstructured": {"keeps": keeps},
        "markitdown": {"keeps": keeps, "unread": True},
        "synthetic-data-kit": {"keeps": keeps | {"headings": 0}},
    }
    assert parse.main.ratios(runs, found) == {
        "ratio_to_fastest_equal": 0.5,
        "ratio_to_fastest": 4.0,
        "ratio_to_unread": 2.0,
    }
    found["unstructured"] = {"error": "ValueError: no"}
    assert parse.main.ratios(runs, found)["ratio_to_fastest_equal"] is None


def test_the_worst_ratio_counts_and_formats_without_one_are_null(parse):
    names = ("ratio_to_fastest_equal", "ratio_to_fastest", "ratio_to_unread")
    empty = dict.fromkeys(names)
    found = parse.main.overall(
        {"md": {"5": empty | {"ratio_to_fastest_equal": 0.2}, "50": empty}, "pdf": {"5": empty}, "docx": {"5": empty}}
    )
    assert found["ratio_to_fastest_equal"] == 0.2 and found["ratio_to_fastest"] is None
    assert found["ratio_to_fastest_equal_by_format"] == {"md": 0.2, "pdf": None, "docx": None}


def test_a_tool_that_does_not_start_or_reads_nothing_is_an_error_in_the_table(parse, tmp_path):
    file = tmp_path / "a.odt"
    file.write_bytes(b"x")
    python = Path(sys.executable)
    assert "No module named 'markitdown'" in parse.main.run("markitdown", python, [file, file], 1)["error"]
    result = parse.main.run("faqtune", python, [file, file], 1)
    assert result["seconds"] == [None] and "'.odt'" in result["error"]
    assert parse.main.summary([result], 1, None) == {"error": result["error"]}


def test_with_our_reader_only_the_last_line_has_its_figures(parse, monkeypatch):
    monkeypatch.setattr(parse.main, "TOOLS", ("faqtune",))
    result = CliRunner().invoke(parse.main.main, ["--quick"], catch_exceptions=False)
    figures = json.loads(result.output.splitlines()[-1])
    assert result.exit_code == 0 and figures["ratio_to_fastest_equal"] is None
    assert list(figures["formats"]) == ["md", "html", "pdf", "docx"]
    for suffix, cases in figures["formats"].items():
        ours = cases["5"]["tools"]["faqtune"]
        assert ours["seconds"] > 0 and ours["peak_mb"] > 1
        assert ours["keeps"]["links"] == 15 and ours["keeps"]["furniture"] == 0, suffix
        assert f"| {suffix} | 5 | faqtune | " in result.output


def test_real_documents_are_timed(parse, tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    (tmp_path / "b.md").write_text("# B\n\nText.\n")
    found = parse.main.real({"faqtune": Path(sys.executable)}, tmp_path)
    assert list(found) == ["md"]
    assert found["md"]["faqtune"]["read"] == found["md"]["faqtune"]["of"] == 2


def test_the_same_document_is_the_same_bytes(parse):
    for suffix in (".md", ".html", ".pdf"):
        first, again = (parse.documents.make(parse.documents.content(1, 7), suffix) for _ in range(2))
        assert first == again
