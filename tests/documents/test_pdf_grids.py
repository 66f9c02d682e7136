"""PDF: tables whose cells are parted by rules, however close their columns stand and wherever their pages end."""

import io
from itertools import product

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from stages.documents import pdf
from stages.documents.blocks import Dropped
from stages.documents.pdf import grids

STYLE = getSampleStyleSheet()["BodyText"]
LONG = "The quick brown fox jumps over the lazy dog and then goes on to a place that is far away from here. " * 3
GRID = [("GRID", (0, 0), (-1, -1), 0.5, "black")]
CELL = st.lists(st.sampled_from(["a", "the", "7B", "GPU", "13", "4-bit", "LoRA", "server"]), max_size=3).map(" ".join)
ROWS = [["Name", "GB", "Runs on"], ["small", "1", "a phone"], ["large", "70", "a server"]]
SHOWN = "| Name | GB | Runs on |\n| --- | --- | --- |\n| small | 1 | a phone |\n| large | 70 | a server |"


def story(*flow: Flowable) -> bytes:
    file = io.BytesIO()
    SimpleDocTemplate(file).build(list(flow))
    return file.getvalue()


def blocks(data: bytes) -> list[str]:
    return [block for part in pdf.read(data, None).parts for block in part.blocks]


def ruled(kind: str, rows: list[list[str]], xs: list[float], ys: list[float], size: float = 10) -> bytes:
    """A page with a table whose rules are drawn in one of the ways in which programs draw them."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    canvas.setFont("Helvetica", size)
    cells = list(product(range(len(ys) - 1), range(len(xs) - 1)))
    if kind == "boxes":
        for row, column in cells:
            canvas.rect(xs[column], ys[row + 1], xs[column + 1] - xs[column], ys[row] - ys[row + 1])
    elif kind == "thin fills, a cell at a time":
        for row, column in cells:
            canvas.rect(xs[column], ys[row], xs[column + 1] - xs[column], 0.6, stroke=0, fill=1)
            canvas.rect(xs[column], ys[row + 1], 0.6, ys[row] - ys[row + 1], stroke=0, fill=1)
    elif kind == "one path":
        path = canvas.beginPath()
        for y in ys:
            path.moveTo(xs[0], y)
            path.lineTo(xs[-1], y)
        for x in xs:
            path.moveTo(x, ys[0])
            path.lineTo(x, ys[-1])
        canvas.drawPath(path)
    else:  # no frame around it
        for y in ys[1:-1]:
            canvas.line(xs[0], y, xs[-1], y)
        for x in xs[1:-1]:
            canvas.line(x, ys[0], x, ys[-1])
    for row, column in cells:
        canvas.drawString(xs[column] + 2, ys[row] - 1.3 * size, rows[row][column])
    canvas.save()
    return file.getvalue()


@pytest.mark.parametrize("kind", ["boxes", "thin fills, a cell at a time", "one path", "no frame"])
def test_cells_are_parted_by_rules_however_they_are_drawn(kind):
    assert blocks(ruled(kind, ROWS, [100, 132, 148, 200], [700, 684, 668, 652])) == [SHOWN]


def test_columns_that_stand_closer_than_words_are_parted():
    rows = [["a", "b"], ["10", "20"], ["30", "40"]]
    assert blocks(ruled("boxes", rows, [100, 114, 128], [700, 684, 668, 652])) == [
        "| a | b |\n| --- | --- |\n| 10 | 20 |\n| 30 | 40 |"
    ]


def test_a_cell_of_several_lines_wherever_they_stand_is_one_cell():
    rows = [["Name", "Note"], ["small", "fits on a phone\nand on a watch\nor a ring"], ["large", "does\nnot"]]
    style = [*GRID, ("VALIGN", (0, 0), (-1, -1), "MIDDLE")]
    assert blocks(story(Table(rows, style=style), Paragraph(LONG, STYLE))) == [
        "| Name | Note |\n| --- | --- |\n| small | fits on a phone and on a watch or a ring |\n| large | does not |",
        LONG.strip(),
    ]


def test_empty_and_merged_cells_leave_the_others_in_their_columns():
    rows = [["Sizes", "", ""], ["Name", "GB", "Note"], ["small", "", "fast"], ["large", "70", ""]]
    assert blocks(story(Table(rows, style=[*GRID, ("SPAN", (0, 0), (2, 0))]))) == [
        "| Sizes |  |  |\n| --- | --- | --- |\n| Name | GB | Note |\n| small |  | fast |\n| large | 70 |  |"
    ]


@pytest.mark.parametrize("height", range(600, 680, 16))
def test_a_table_over_the_page_s_end_is_one_and_its_repeated_head_is_on_record(height):
    rows = [["Name", "Number"], *([f"row {n}", str(n)] for n in range(8))]
    data = story(Spacer(1, height - 60), Paragraph("Before it.", STYLE), Table(rows, style=GRID, repeatRows=1))
    parsed = pdf.read(data, None)
    assert parsed.pages == 2
    (part,) = parsed.parts
    lines = part.blocks[-1].splitlines()
    assert lines == ["| Name | Number |", "| --- | --- |", *(f"| row {n} | {n} |" for n in range(8))]
    heads = [piece for piece in parsed.pieces if isinstance(piece, Dropped) and piece.reason == "table_head"]
    assert [head.text for head in heads] in ([], ["Name Number"])  # none if nothing of it stood on the first page


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 4).flatmap(lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), min_size=2, max_size=6)))
def test_every_cell_is_given_back_in_its_row_and_column(rows):
    rows = [[f"head {n}" for n in range(len(rows[0]))], *(row for row in rows if any(row))]
    filled = sum(bool(cell) for row in rows for cell in row)
    assume(len(rows) > 1 and filled >= grids.LEAST_FILLED * len(rows) * len(rows[0]))
    parsed = pdf.read(story(Table(rows, style=GRID), Paragraph(LONG, STYLE)), None)
    shown = [block for part in parsed.parts for block in part.blocks if block.startswith("|")]
    (table,) = shown
    head, _, *body = table.splitlines()
    assert [[cell.strip() for cell in line[1:-1].split("|")] for line in (head, *body)] == rows


def test_a_link_in_a_cell_is_kept():
    cell = Paragraph("see <a href='https://example.org/m'>the manual</a>", STYLE)
    parsed = pdf.read(story(Table([["Name", "More"], ["small", cell]], style=GRID, colWidths=120)), None)
    assert [(link.text, link.url) for part in parsed.parts for link in part.links] == [
        ("the manual", "https://example.org/m")
    ]


def test_a_frame_around_columns_of_text_is_no_table():
    left, right = (
        [f"Left line {n} runs to the middle" for n in range(20)],
        [f"Right line {n} is there" for n in range(20)],
    )
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    canvas.rect(50, 100, 500, 620)
    canvas.line(300, 100, 300, 720)
    canvas.line(50, 690, 550, 690)
    canvas.drawString(60, 700, "Left")
    canvas.drawString(310, 700, "Right")
    for number, pair in enumerate(zip(left, right, strict=True)):
        for x, text in zip((60, 310), pair, strict=True):
            canvas.drawString(x, 670 - 12 * number, text)
    canvas.save()
    text = "\n".join(blocks(file.getvalue()))
    assert "|" not in text
    assert text.index("Left line 19") < text.index("Right line 0")


def test_a_chart_is_no_table():
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    canvas.grid(range(100, 500, 20), range(300, 700, 20))
    for number in range(5):
        canvas.drawString(104, 304 + 80 * number, f"{number} MB")
    canvas.drawString(100, 720, "Memory over time.")
    canvas.save()
    assert "|" not in "\n".join(blocks(file.getvalue()))


def test_a_page_with_very_many_rules_is_a_drawing():
    rules = [(10.0 * n, 0.0, 10.0 * n, 500.0) for n in range(grids.MOST_RULES + 1)]
    assert grids.tables(rules, [], 800) == []


def test_lines_of_numbers_between_two_rules_are_rows_of_their_own():
    rows = [["State", "Permit", "Handgun"], ["Alabama\nAlaska\nArizona", "18,870\n209\n2,303", "23,022\n3,062\n12,382"]]
    assert blocks(story(Table(rows, style=GRID), Paragraph(LONG, STYLE)))[0].splitlines()[2:] == [
        "| Alabama | 18,870 | 23,022 |",
        "| Alaska | 209 | 3,062 |",
        "| Arizona | 2,303 | 12,382 |",
    ]
