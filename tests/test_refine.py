import csv
import io
import json

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from stages import disk, records
from stages import refine as stage
from stages.documents.layout import with_pieces
from stages.quality import sheet
from stages.quality.sheet import guarded, joined, parted, unguarded
from stages.records import Document, Drop, Link, Section

DROP = Drop(reason="page_number", text="7", span=(0, 0), page=1)


def section(text, *heading, **fields):
    return Section(heading=list(heading), text=text, span=(0, 0), **fields)


def document(source, *pieces, title="The guide", **fields):
    empty = Document(id=records.content_id(source), source=source, sha256="0", title=title, sections=[], **fields)
    return with_pieces(empty, pieces)


GUIDE = document(
    "guide.md",
    section("Llama-2 is open.", "Start", "Llama 2"),
    DROP,
    section("- one\n- two", "Start", pages=[(0, 1)]),
    section("", "A heading"),
    tags=["a", "b"],
)
OTHER = document("other.md", section("Same."), section("Same."), title="Other", weight=2.0)


class Run:
    """Runs the stage in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.history([])
        self.corrections = ""

    def history(self, operations):
        (self.folder / "history.json").write_text(json.dumps(operations))

    def correct(self, change=lambda rows: rows, name="corrections.csv"):
        """Change the table that the stage wrote as a person would, and give it as the corrections."""
        rows = list(csv.DictReader(io.StringIO((self.folder / "out" / "table.csv").read_text(), newline="")))
        rows = change(rows)
        with open(self.folder / name, "w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys() if rows else sheet.COLUMNS)
            writer.writeheader()
            writer.writerows(rows)
        self.corrections = self.folder / name

    def __call__(self, *documents, options=(), fails=False):
        disk.write(self.folder / "in.jsonl", documents)
        arguments = [
            self.folder / "in.jsonl", self.folder / "out", self.folder / "metrics" / "refine.json",
            "--history", self.folder / "history.json", "--corrections", self.corrections, *options,
        ]  # fmt: skip
        result = CliRunner().invoke(stage.main, [str(argument) for argument in arguments], catch_exceptions=False)
        assert (result.exit_code != 0) == fails, result.output
        self.output = result.output
        if fails:
            return result.output
        self.metrics = json.loads((self.folder / "metrics" / "refine.json").read_text())
        kept = disk.read(self.folder / "out" / "documents.jsonl", Document)
        for each in kept:
            for piece in [*each.sections, *each.drops]:
                assert each.text[slice(*piece.span)] == piece.text
        return {each.source: each for each in kept}

    def rejected(self):
        return disk.read(self.folder / "out" / "rejected.jsonl", records.Reject)

    def proposals(self):
        return json.loads((self.folder / "out" / "proposals.json").read_text())


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def test_without_operations_nothing_changes(run):
    assert run(GUIDE, OTHER) == {"guide.md": GUIDE, "other.md": OTHER}
    assert run.metrics == {
        "in": 2, "kept": 2, "rejected": {}, "operations": 0, "cells_changed": 0, "rows_removed": 0, "corrections": 0,
        "clusters_proposed": 0,
    }  # fmt: skip
    first = {path.name: path.read_bytes() for path in (run.folder / "out").iterdir()}
    run.correct()
    assert run(GUIDE, OTHER) == {"guide.md": GUIDE, "other.md": OTHER}
    assert {path.name: path.read_bytes() for path in (run.folder / "out").iterdir()} == first
    assert (run.folder / "in.jsonl").read_bytes() == first["documents.jsonl"]


def test_the_same_text_twice_has_two_ids_that_stay_when_others_come(run):
    run(OTHER)
    rows = list(csv.DictReader((run.folder / "out" / "table.csv").open()))
    assert len({row["id"] for row in rows}) == 2
    longer = document("other.md", section("New."), *OTHER.sections, title="Other", weight=2.0)
    assert [row["id"] for row in rows] == sheet.row_ids([longer])[longer.id][1:]


def test_the_history_changes_titles_headings_and_texts(run):
    edit = {"from": ["Start > Llama 2"], "to": "Begin > Llama 2"}
    run.history(
        [
            {"op": "core/mass-edit", "columnName": "heading", "edits": [edit]},
            {"op": "core/mass-edit", "columnName": "title", "edits": [{"from": ["The guide"], "to": "A guide"}]},
            {
                "op": "core/text-transform",
                "columnName": "text",
                "expression": 'value.replace("Llama-2","Llama 2 (new)")',
            },
        ]
    )
    kept = run(GUIDE, OTHER)
    assert kept["guide.md"].title == "A guide"
    assert [each.heading for each in kept["guide.md"].sections] == [["Begin", "Llama 2"], ["Start"], ["A heading"]]
    assert kept["guide.md"].sections[0].text == "Llama 2 (new) is open."
    assert kept["guide.md"].drops[0].text == "7"
    assert kept["other.md"] == OTHER
    assert (run.metrics["operations"], run.metrics["cells_changed"]) == (3, 5)


def test_removed_rows_become_drops(run):
    facet = {"type": "text", "columnName": "heading", "query": "start"}
    run.history([{"op": "core/row-removal", "engineConfig": {"facets": [facet], "mode": "row-based"}}])
    kept = run(GUIDE, OTHER)["guide.md"]
    assert [each.heading for each in kept.sections] == [["A heading"]]
    assert [(each.reason, each.text, each.page) for each in kept.drops] == [
        ("refined_away", "Llama-2 is open.", None), ("page_number", "7", 1), ("refined_away", "- one\n- two", 1),
    ]  # fmt: skip
    assert kept.text == GUIDE.text
    assert run.metrics["rows_removed"] == 2


def test_a_removed_heading_without_text_stays_on_record(run):
    facet = {"type": "text", "columnName": "heading", "query": "a heading"}
    run.history([{"op": "core/row-removal", "engineConfig": {"facets": [facet], "mode": "row-based"}}])
    assert run(GUIDE)["guide.md"].drops[-1].text == "A heading"


def test_a_document_without_rows_is_rejected_as_it_came_in(run):
    facet = {"type": "text", "columnName": "source", "query": "other"}
    run.history([{"op": "core/row-removal", "engineConfig": {"facets": [facet], "mode": "row-based"}}])
    assert set(run(GUIDE, OTHER)) == {"guide.md"}
    (reject,) = run.rejected()
    assert (reject.reason, reject.record["sections"][0]["text"]) == ("no_sections", "Same.")


def test_a_run_that_leaves_nothing_says_so(run):
    run.history([{"op": "core/row-removal"}])
    assert "no document is left" in run(GUIDE, fails=True)


def test_corrections_are_taken_over_by_id_in_any_order(run):
    run(GUIDE, OTHER)

    def change(rows):
        rows[0] |= {"text": "Llama 2 is open.\r\n\r\nNow.", "heading": "Start > New"}
        rows[1] |= {"text": rows[1]["text"] + "\n- three"}
        return rows[::-1]

    run.correct(change)
    kept = run(GUIDE, OTHER)["guide.md"].sections
    assert (kept[0].text, kept[0].heading) == ("Llama 2 is open.\n\nNow.", ["Start", "New"])
    assert kept[1].text == "- one\n- two\n- three"
    assert run.metrics["corrections"] == 2


def test_a_title_may_be_corrected_in_one_row(run):
    run(GUIDE)
    run.correct(lambda rows: [rows[0] | {"title": "New"}, *rows[1:]])
    assert run(GUIDE)["guide.md"].title == "New"
    run.correct(lambda rows: [rows[0] | {"title": "New"}, rows[1] | {"title": "Newer"}])
    assert "guide.md: a document has one title, and its rows say 'New', 'Newer'" in run(GUIDE, fails=True)
    run.correct(lambda rows: [rows[0] | {"title": ""}])
    assert "one title" in run(GUIDE, fails=True)


def test_missing_rows_stay_unless_they_are_to_go(run):
    run(GUIDE)
    run.correct(lambda rows: rows[1:])
    assert run(GUIDE) == {"guide.md": GUIDE}
    kept = run(GUIDE, options=["--drop-missing"])["guide.md"]
    assert kept.drops[0] == Drop(reason="refined_away", text="Llama-2 is open.", span=(0, 16))
    assert run.metrics["rows_removed"] == 1


def test_a_table_with_its_header_only_corrects_nothing(run):
    run(GUIDE)
    run.correct(lambda rows: [])
    assert run(GUIDE) == {"guide.md": GUIDE}


def test_further_columns_are_named_and_left_out(run):
    run(GUIDE)
    run.history(
        [{"op": "core/column-addition", "baseColumnName": "text", "newColumnName": "key", "columnInsertIndex": 0,
          "expression": "value.fingerprint()"}]
    )  # fmt: skip
    run.correct(lambda rows: [row | {"note": "x"} for row in rows])
    assert run(GUIDE) == {"guide.md": GUIDE}
    assert "refine: columns that are not read back: note, key" in run.output
    assert "key" not in (run.folder / "out" / "table.csv").read_text().split("\n")[0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rows: [rows[0] | {"id": "s1"}], "corrections.csv, line 2: id 's1' is no row of the table"),
        (lambda rows: [*rows[:2], rows[0]], "line 5: id '{id}' stands in line 2 already"),
        (lambda rows: [rows[0] | {"source": "x.md"}], "line 2: id '{id}': the column source is not read back"),
        (lambda rows: [rows[0] | {"weight": "3"}], "the column weight is not read back, but '1' became '3'"),
        (lambda rows: [{k: v for k, v in row.items() if k != "tags"} for row in rows], "line 1: expected each of id"),
    ],
)
def test_a_correction_that_fits_nowhere_is_an_error_that_names_its_line(run, change, why):
    run(GUIDE)
    row_id = sheet.row_ids([GUIDE])[GUIDE.id][0]
    run.correct(change)
    output = run(GUIDE, fails=True)
    assert why.format(id=row_id) in output
    assert output.count("\n") == 1


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "line 1: expected each of"),
        (b"\xff", "no CSV file in UTF-8"),
        (b"id,source,title,heading,text,language,tags,weight\na,b\n", "line 2: 2 cells under 8 columns"),
        (b'id,source,title,heading,text,language,tags,weight\n"a', "no CSV file in UTF-8"),
    ],
)
def test_a_file_that_is_no_table_is_an_error(run, data, why):
    (run.folder / "corrections.csv").write_bytes(data)
    run.corrections = run.folder / "corrections.csv"
    assert why in run(GUIDE, fails=True)


def test_a_table_that_is_not_there_is_an_error(run):
    run.corrections = run.folder / "none.csv"
    assert "none.csv: No such file" in run(GUIDE, fails=True)


def test_a_wrong_history_is_a_one_line_error(run):
    run.history([{"op": "core/recon"}])
    assert run(GUIDE, fails=True).startswith("Error: refine: ")


def test_corrections_come_after_the_history(run):
    operation = {"op": "core/text-transform", "columnName": "text", "expression": "value.toUppercase()"}
    run.history([operation])
    run(GUIDE)
    run.correct(lambda rows: [rows[0] | {"text": "Fixed."}])
    assert [each.text for each in run(GUIDE)["guide.md"].sections] == ["Fixed.", "- ONE\n- TWO", ""]


def test_a_link_is_labelled_with_what_stands_in_its_place(run):
    links = [Link(text="the Llama-2 guide", url="u"), Link(text="here", url="v"), Link(text="not in it", url="w")]
    given = document("a.md", section("See the Llama-2 guide, or look here.", links=links))
    run.history(
        [{"op": "core/text-transform", "columnName": "text", "expression": 'value.replace("Llama-2","Llama 2")'}]
    )
    labels = [link.text for link in run(given)["a.md"].sections[0].links]
    assert labels == ["the Llama 2 guide", "here", "not in it"]


def test_pages_begin_where_they_began(run):
    given = document("a.pdf", section("First page.\n\nSecond page.", pages=[(0, 1), (13, 2)]))
    operation = {"op": "core/text-transform", "columnName": "text", "expression": 'value.replace("First","The first")'}
    run.history([operation])
    kept = run(given)["a.pdf"].sections[0]
    assert kept.text[kept.pages[1][0] :] == "Second page."


@given(st.text())
def test_every_text_comes_back_and_none_is_a_formula(text):
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not (cell or "").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(st.text(alphabet="'=+-@\t\r\na"))
def test_every_row_of_signs_comes_back(text):
    assert unguarded(guarded(text)) == text


@given(st.lists(st.text(alphabet="a\\>").filter(bool)))
def test_every_heading_path_comes_back(heading):
    assert parted(joined(heading)) == heading


@given(st.lists(st.text(), min_size=1, max_size=3), st.text().filter(str.strip))
def test_every_document_comes_back_from_its_table(tmp_path_factory, texts, title):
    given = document("a.md", *(section(text, title) for text in texts), title=title)
    path = tmp_path_factory.mktemp("sheet") / "table.csv"
    found = sheet.table([given])
    path.write_bytes(sheet.written(found))
    assert sheet.correct(path, found) == (0, [])
    rows = {row.cells["id"]: row for row in found.rows}
    assert stage.refine(given, sheet.row_ids([given])[given.id], rows) == given


def test_proposals_give_names_one_spelling_and_can_be_applied_as_they_are(run):
    given = document(
        "a.md",
        section("Llama 2 is open. Llama2 runs; so does Llama-2. Llama 3 came later.", "Llama2 weights", "Fine-Tuning"),
        section(
            "Llama 2, " * 5 + "then Llama 2-7b, Llama-2-7b-hf, x/Llama2, Llama2.py, --Llama2, Llama2_x.",
            "Fine-Tuning",
        ),
        section("As Llama2:\n\n```\nLlama2 code\n```", "Fine-tuning"),
    )
    run(given)
    assert run.metrics["clusters_proposed"] == 2
    run.history(run.proposals())
    kept = run(given)["a.md"].sections
    assert kept[0].text == "Llama 2 is open. Llama 2 runs; so does Llama 2. Llama 3 came later."
    assert kept[1].text == given.sections[1].text
    assert kept[2].text == given.sections[2].text  # code follows in which the name stands too
    assert [each.heading for each in kept] == [["Llama 2 weights", "Fine-Tuning"], ["Fine-Tuning"], ["Fine-Tuning"]]
    assert run.proposals() == []


@pytest.mark.parametrize(
    "text",
    [
        "Llama 2, Llama 2, Llama 2. Llama 3.",
        "Llama 7B, Llama 7B and Llama 13B.",
        "LLAMA 2 TERMS. Llama 2, Llama 2, Llama 2.",
        "Getting Started, Getting Started, Getting started.",
        "Llama 2 Chat, Llama 2 Chat, Llama 2 chat.",
        "GPT-4 and GPT 4.",
        "The Llama tokenizer, Llama tokenizer, LlamaTokenizer.",
        "`LlamaGuard`. Llama Guard, Llama Guard, Llama Guard, LlamaGuard.",
        "Llama-7B, Llama 7B, Llama 7B.",
        "A 100 GB disk, A100, A100, A100.",
        "Version 1.2, Version 1.2, Version 12.",
        "See https://x.org/Llama2 and Llama 2, Llama 2.",
    ],
)
def test_what_may_be_right_is_not_proposed(run, text):
    run(document("a.md", section(text)))
    assert run.proposals() == []


def test_the_name_of_a_repository_stays(run):
    text = "Purple Llama, Purple Llama, Purple Llama, PurpleLlama."
    run(document("a.md", section(text)))
    assert len(run.proposals()) == 1
    run(document("a.md", section(text, links=[Link(text="Purple", url="https://example.org/x/PurpleLlama")])))
    assert run.proposals() == []


def test_an_operation_that_changes_nothing_is_named(run):
    edit = {"from": ["No such title"], "to": "A guide"}
    run.history([{"op": "core/mass-edit", "columnName": "title", "edits": [edit]}])
    assert run(GUIDE) == {"guide.md": GUIDE}
    assert "operations of" in run.output and "that changed nothing: 1 (core/mass-edit)" in run.output
