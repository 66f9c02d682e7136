"""PDF: what the place and look of lines say: headings in capitals, hollow list marks, close columns, repeated heads."""

import io

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, NameObject, NumberObject
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from stages.documents import pdf
from stages.documents.blocks import Dropped

STYLE = getSampleStyleSheet()
LONG = "The quick brown fox jumps over the lazy dog and then goes on to a place that is far away from here. " * 3


def story(*flow: object) -> bytes:
    file = io.BytesIO()
    SimpleDocTemplate(file).build(list(flow))
    return file.getvalue()


def page(*texts: tuple[float, float, str], font: str = "Helvetica") -> bytes:
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    canvas.setFont(font, 10)
    for x, y, text in texts:
        canvas.drawString(x, y, text)
    canvas.save()
    return file.getvalue()


def headings(data: bytes) -> list[tuple[str, ...]]:
    return [part.heading for part in pdf.read(data, None).parts if part.blocks]


def blocks(data: bytes) -> list[str]:
    return [block for part in pdf.read(data, None).parts for block in part.blocks]


def chapters(*titles: str) -> bytes:
    return story(
        *(piece for t in titles for piece in (Paragraph(t, STYLE["Heading2"]), Paragraph(LONG, STYLE["Normal"])))
    )


def test_an_acronym_among_headings_is_one_of_them():
    titles = "Overview", "FAQ", "Billing and plans", "3. API", "Support hours"
    assert headings(chapters(*titles)) == [(title,) for title in titles]


def test_a_word_among_headings_in_capitals_is_one_of_them():
    titles = "INTRODUCTION", "RELATED WORK", "OUR METHOD", "RESULTS"
    assert headings(chapters(*titles)) == [(title,) for title in titles]


def test_bold_headings_are_found_beside_a_long_table_with_a_bold_head():
    rows = [["Name", "What it is for"], *([f"key_{n}", f"the purpose of the key of number {n}"] for n in range(40))]
    table = Table(
        rows, style=[("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"), ("GRID", (0, 0), (-1, -1), 0.5, "black")]
    )
    flow = [Paragraph("Keys", STYLE["Heading3"]), table, Paragraph("<b>What else</b>", STYLE["Normal"])]
    assert headings(story(*flow, Paragraph("Nothing is left.", STYLE["Normal"])))[-1][-1] == "What else"


def test_hollow_circles_mark_the_items_of_an_inner_list():
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    for index, (indent, text) in enumerate([(0, "a hammer"), (20, "of iron"), (20, "of wood"), (0, "some nails")]):
        canvas.drawString(100 + indent, 700 - 14 * index, text)
        canvas.circle(92 + indent, 704 - 14 * index, 2, stroke=int(indent > 0), fill=int(indent == 0))
    canvas.save()
    assert blocks(file.getvalue()) == ["- a hammer\n- of iron\n- of wood\n- some nails"]


def test_the_head_of_a_table_that_begins_on_each_page_is_no_page_header():
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(600, 800))
    for number in range(4):
        canvas.drawString(60, 770, "The Manual")
        for column, title in enumerate(["Name", "Meaning", "Default"]):
            canvas.drawString(60 + 150 * column, 745, title)
            for row in range(10):
                canvas.drawString(60 + 150 * column, 730 - 14 * row, f"{title.lower()} {number * 10 + row}")
        canvas.showPage()
    canvas.save()
    parsed = pdf.read(file.getvalue(), None)
    tables = [block.splitlines() for part in parsed.parts for block in part.blocks]
    assert [lines[0] for lines in tables] == ["| Name | Meaning | Default |"] * 4
    assert [len(lines) for lines in tables] == [12] * 4
    assert {(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)} == {
        ("page_header", "The Manual")
    }


def test_columns_without_rules_that_stand_close_are_a_table():
    rows = [("Key", "Value"), ("timeout", "30 s"), ("retries", "3"), ("host", "all")]
    texts = [
        (x, 700 - 14 * row, text) for row, pair in enumerate(rows) for x, text in zip((60, 104), pair, strict=True)
    ]
    assert blocks(page(*texts)) == [
        "| Key | Value |\n| --- | --- |\n| timeout | 30 s |\n| retries | 3 |\n| host | all |"
    ]


def test_numbered_items_are_no_table_though_their_texts_stand_below_each_other():
    texts = [(60, 700 - 14 * n, f"{n}.") for n in range(1, 5)] + [
        (80, 700 - 14 * n, f"step of number {n}") for n in range(1, 5)
    ]
    assert blocks(page(*texts)) == ["\n".join(f"{n}. step of number {n}" for n in range(1, 5))]


def test_two_short_columns_of_running_text_are_read_one_after_the_other():
    left = [
        "The first column begins with a",
        "sentence that goes on for some",
        "lines and then comes to its end.",
        "more follows.",
    ]
    right = ["The second one is about trains", "and about the timetables which", "they keep for most of the year."]
    texts = [(60, 700 - 12 * n, text) for n, text in enumerate(left)] + [
        (320, 700 - 12 * n, t) for n, t in enumerate(right)
    ]
    around = [(60, 740, "Before both of them there is a line that goes over the whole width of the page and on.")]
    text = " ".join(blocks(page(*around, *texts)))
    assert text.index("comes to its end") < text.index("The second one") < text.index("most of the year")
    assert "|" not in text


def test_three_columns_that_stand_closer_than_words_of_other_texts_are_read_one_after_the_other():
    words = [f"{word} line {n} of a text that goes on" for word in ("first", "second", "third") for n in range(12)]
    texts = [(50 + 180 * (index // 12), 700 - 12 * (index % 12), word) for index, word in enumerate(words)]
    text = " ".join(blocks(page(*texts)))
    places = [text.index(word) for word in words]
    assert places == sorted(places)
    assert "|" not in text


def test_a_page_that_tells_its_corners_in_another_order_is_read():
    reader = PdfReader(io.BytesIO(page((60, 400, "A line in the middle."))))
    writer = PdfWriter(clone_from=reader)
    writer.pages[0][NameObject("/MediaBox")] = ArrayObject(map(NumberObject, (0, 800, 600, 0)))
    file = io.BytesIO()
    writer.write(file)
    assert blocks(file.getvalue()) == ["A line in the middle."]
