"""PDF: everything drawn is text or a recorded drop, and what a reader of the page sees is what comes out."""

import io
import shutil
import sys
import unicodedata
import zlib
from collections import Counter
from types import SimpleNamespace

import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, Preformatted, SimpleDocTemplate, Table

from stages.documents import pdf
from stages.documents.blocks import Dropped, Parsed, Part, ReadError
from stages.documents.pdf.fonts import REPAIRS, Font, Fonts
from stages.documents.pdf.furniture import _keys
from stages.documents.pdf.lines import Line
from stages.documents.pdf.runs import read_drawn

STYLE = getSampleStyleSheet()
LONG = "The quick brown fox jumps over the lazy dog and then goes on to a place that is far away from here. " * 3
SHORT = [f"Line {word} of a page that is filled with words." for word in ("one", "two", "three", "four", "five")]


def story(*flow: object, rim: bool = True) -> bytes:
    """A document of one column with a footer."""

    def draw(canvas: Canvas, _: object) -> None:
        if rim:
            canvas.drawString(70, 20, "Secret footer")
            canvas.drawString(500, 20, f"Page {canvas.getPageNumber()}")

    file = io.BytesIO()
    SimpleDocTemplate(file).build(list(flow), onFirstPage=draw, onLaterPages=draw)
    return file.getvalue()


def drawn(*pages: list[tuple], size: tuple[float, float] = (600, 800)) -> bytes:
    """Pages on which each text stands where it is told: x, y, text, and if need be size, font, angle."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=size)
    for page in pages:
        for x, y, text, *more in page:
            points, font, angle = (*more, *(10, "Helvetica", 0)[len(more) :])
            canvas.saveState()
            canvas.setFont(font, points)
            canvas.translate(x, y)
            canvas.rotate(angle)
            canvas.drawString(0, 0, text)
            canvas.restoreState()
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def body(start: float = 600, lines: list[str] = SHORT) -> list[tuple]:
    return [(60, start - 12 * index, line) for index, line in enumerate(lines)]


def scan(*texts: str) -> bytes:
    """A page for each text, which is a picture of it."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=(400, 300))
    for text in texts:
        picture = Image.new("L", (1600, 1200), 255)
        ImageDraw.Draw(picture).text((120, 200), text, fill=0, font=ImageFont.load_default(60), spacing=30)
        canvas.drawImage(ImageReader(picture), 0, 0, 400, 300)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def saved(writer: PdfWriter) -> bytes:
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def shape(parsed: Parsed) -> list[tuple[tuple[str, ...], list[str]]]:
    return [(part.heading, part.blocks) for part in parsed.parts if part.blocks]


def blocks(data: bytes) -> list[str]:
    return [block for part in pdf.read(data, None).parts for block in part.blocks]


def drops(data: bytes) -> list[tuple[str, str, int | None]]:
    return [(d.reason, d.text, d.page) for d in pdf.read(data, None).pieces if isinstance(d, Dropped)]


def letters(text: str) -> Counter[str]:
    return Counter(c for c in unicodedata.normalize("NFKC", text) if c.isalnum())


def everything(parsed: Parsed) -> str:
    """All text of the pieces, each heading once."""
    found: list[str] = []
    open_at: tuple[tuple[str, ...], str | None] = (), None
    for piece in parsed.pieces:
        if isinstance(piece, Part):
            same = sum(a == b for a, b in zip(piece.heading, open_at[0], strict=False))
            same -= piece.anchor != open_at[1] and same == len(piece.heading) > 0
            found += [*piece.heading[same:], *piece.blocks]
            open_at = piece.heading, piece.anchor
        else:
            found.append(piece.text)
    return "\n".join(found)


def reason(data: bytes, **more: str) -> str:
    with pytest.raises(ReadError) as error:
        pdf.read(data, None, **more)
    assert "\n" not in str(error.value)
    return error.value.reason


GUIDE = story(
    Paragraph("Guide", STYLE["Title"]),
    Paragraph("Setup", STYLE["Heading2"]),
    Paragraph(LONG, STYLE["Normal"]),
    Paragraph("See the <a href='https://example.org/m'>whole manual</a> of the tool.", STYLE["BodyText"]),
    Preformatted("pip install \\\n    tool", STYLE["Code"]),
    Table([["Name", "Size"], ["small", "1 GB"], ["large", "70 GB"]], colWidths=120),
    PageBreak(),
    Paragraph("Use", STYLE["Heading2"]),
    Paragraph("• one thing", STYLE["Normal"]),
    Paragraph("• another thing", STYLE["Normal"]),
)


# --- what is kept ---------------------------------------------------------------------------------------------


def test_headings_links_tables_and_code_are_kept():
    parsed = pdf.read(GUIDE, None)
    assert parsed.title == "Guide"
    assert shape(parsed) == [
        (
            ("Guide", "Setup"),
            [
                LONG.strip(),
                "See the whole manual of the tool.",
                "```\npip install \\\n    tool\n```",
                "| Name | Size |\n| --- | --- |\n| small | 1 GB |\n| large | 70 GB |",
            ],
        ),
        (("Guide", "Use"), ["- one thing\n- another thing"]),
    ]
    assert [(link.text, link.url) for part in parsed.parts for link in part.links] == [
        ("whole manual", "https://example.org/m")
    ]


def test_pages_are_counted_and_every_block_has_its_page():
    parsed = pdf.read(GUIDE, None)
    assert (parsed.pages, parsed.scanned) == (2, [])
    assert [part.pages for part in parsed.parts] == [[(0, 1)], [(0, 2)]]
    assert [part.anchor for part in parsed.parts] == ["page=1", "page=2"]


def test_a_paragraph_over_a_page_break_is_one_and_belongs_to_its_first_page():
    parsed = pdf.read(story(*[Paragraph(LONG * 12, STYLE["BodyText"])] * 3), None)
    assert shape(parsed) == [((), [(LONG * 12).strip()] * 3)]
    assert parsed.parts[0].pages == [(0, 1), (2, 2)]


def test_a_list_over_a_page_break_belongs_to_its_first_page():
    first, second = [*body(), (60, 500, "• an item that is first")], [(60, 600, "• an item that is second"), *body(500)]
    (part,) = pdf.read(drawn(first, second), None).parts
    assert part.blocks[1] == "- an item that is first\n- an item that is second"
    assert part.pages == [(0, 1), (2, 2)]


def test_a_link_of_a_heading_is_kept_with_the_text_below_it():
    data = story(
        Paragraph("Use <a href='https://example.org/u'>it</a>", STYLE["Heading1"]),
        Paragraph("Well", STYLE["Heading2"]),
        Paragraph(LONG, STYLE["Normal"]),
        rim=False,
    )
    assert [[link.url for link in part.links] for part in pdf.read(data, None).parts] == [["https://example.org/u"]]


def composite(text: str, width: int) -> bytes:
    """A page with a text in a font as Google Docs writes it: codes of its own, of which those used have this width."""
    codes = {character: number for number, character in enumerate(sorted(set(text)), 1)}
    mapped = "".join(f"<{code:04x}> <{ord(character):04x}>\n" for character, code in codes.items())
    cmap = DecodedStreamObject()
    cmap.set_data(
        f"begincmap\n1 begincodespacerange\n<0000> <ffff>\nendcodespacerange\n{len(codes)} beginbfchar\n{mapped}"
        "endbfchar\nendcmap".encode()
    )
    drawn = DecodedStreamObject()
    drawn.set_data(
        f"BT /F1 10 Tf 60 700 Td <{''.join(f'{codes[character]:04x}' for character in text)}> Tj ET".encode()
    )
    writer = PdfWriter()
    page = writer.add_blank_page(600, 800)
    name = NameObject
    descendant = DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/CIDFontType2"),
            name("/BaseFont"): name("/ArialMT"),
            name("/DW"): NumberObject(0),
            name("/W"): ArrayObject(map(NumberObject, (1, len(codes), width, len(codes) + 1, 999, 900))),
        }
    )
    font = DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/Type0"),
            name("/BaseFont"): name("/ArialMT"),
            name("/Encoding"): name("/Identity-H"),
            name("/DescendantFonts"): ArrayObject([descendant]),
            name("/ToUnicode"): writer._add_object(cmap),
        }
    )
    fonts = DictionaryObject({name("/F1"): font})
    page[name("/Resources")] = DictionaryObject({name("/Font"): fonts})
    page[name("/Contents")] = writer._add_object(drawn)
    return saved(writer)


def test_a_text_in_a_font_with_its_own_codes_is_as_wide_as_the_font_says():
    (page,) = PdfReader(io.BytesIO(composite("in the sun", width=300))).pages
    (run,) = read_drawn(page, Fonts()).runs
    assert (run.text, run.x0, run.x1) == ("in the sun", 60, pytest.approx(60 + 10 * 0.3 * len("in the sun")))


def test_bytes_in_an_encoding_that_is_not_known_say_nothing():
    font = Font(None, False, False, SimpleNamespace(encoding="no-such-encoding", character_map={}))
    assert font.decoded(b"text") == ""


def test_an_address_after_its_label_in_a_link_is_found():
    data = story(Paragraph(f"{LONG} <a href='HELM: https://example.org/h'>the benchmark</a>.", STYLE["Normal"]))
    assert [link.url for part in pdf.read(data, None).parts for link in part.links] == ["https://example.org/h"]


def test_an_empty_cell_leaves_the_table_whole():
    rows = [["Name", "Size", "Note"], ["small", "1 GB", "fast"], ["middle", "", "slow"], ["large", "70 GB", ""]]
    assert blocks(story(Table(rows, colWidths=120), Paragraph(LONG, STYLE["Normal"])))[0].splitlines()[2:] == [
        "| small | 1 GB | fast |",
        "| middle |  | slow |",
        "| large | 70 GB |  |",
    ]


def test_a_cell_of_two_lines_is_one_cell():
    rows = [["Name", "Note"], ["small", "fits on a phone\nand a watch"], ["large", "does not"]]
    grid = Table(rows, colWidths=120, style=[("VALIGN", (0, 0), (-1, -1), "TOP")])
    assert blocks(story(grid, Paragraph(LONG, STYLE["Normal"]), rim=False)) == [
        "| Name | Note |\n| --- | --- |\n| small | fits on a phone and a watch |\n| large | does not |",
        LONG.strip(),
    ]


def test_dots_that_are_drawn_mark_list_items():
    file = io.BytesIO()
    canvas = Canvas(file)
    for index, text in enumerate(["The things that we need are these ones:", "a hammer", "some nails"]):
        canvas.drawString(100, 700 - 14 * index, text)
        if index:
            canvas.circle(92, 704 - 14 * index, 2, stroke=0, fill=1)
    canvas.save()
    assert blocks(file.getvalue()) == ["The things that we need are these ones:", "- a hammer\n- some nails"]


# --- what is dropped, and that nothing else is -------------------------------------------------------------------

COLUMNS = [
    [(60, 700 - 12 * index, f"Left line {index} runs to the middle") for index in range(8)]
    + [(320, 700 - 12 * index, f"Right line {index} runs to the rim") for index in range(8)]
]
CONTENTS = [
    [
        (60, 700, "Contents", 18),
        *[(60, 650 - 14 * n, f"Chapter of number {n} . . . . . . {3 * n}") for n in range(1, 8)],
    ],
    body(),
]
ODD_EVEN = [
    [(60, 770, "The Book" if n % 2 else "A Chapter"), *body(600 - 5 * n), (290, 20, f"- {n} -")] for n in range(1, 7)
]
ROTATED = [[*body(), (300, 300, "DRAFT", 60, "Helvetica", 45), (20, 300, "Axis of time", 9, "Helvetica", 90)]]
DIGIT = [[*body(), (60, 650, "7", 120)]]


@pytest.mark.parametrize(
    "data",
    [GUIDE, *(drawn(*pages) for pages in (COLUMNS, CONTENTS, ODD_EVEN, ROTATED, DIGIT, [body(), body()]))],
    ids=["guide", "columns", "contents", "odd-even", "rotated", "digit", "twice"],
)
def test_every_letter_that_is_drawn_is_in_a_part_or_a_drop(data):
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    assert letters(everything(pdf.read(data, None))) == letters(text)


def test_a_page_footer_is_no_text():
    assert drops(GUIDE) == [
        ("page_footer", "Secret footer", 1),
        ("page_number", "Page 1", 1),
        ("page_footer", "Secret footer", 2),
        ("page_number", "Page 2", 2),
    ]


def test_headers_of_odd_and_even_pages_are_no_text():
    found = drops(drawn(*ODD_EVEN))
    assert [(why, text) for why, text, _ in found if why == "page_header"] == [
        ("page_header", "The Book"),
        ("page_header", "A Chapter"),
    ] * 3
    assert [text for why, text, _ in found if why == "page_number"] == [f"- {n} -" for n in range(1, 7)]
    assert not any("Book" in block or "Chapter" in block for block in blocks(drawn(*ODD_EVEN)))


@pytest.mark.parametrize(
    "number",
    [
        "3",
        "- 3 -",
        "– 3 –",
        "iv",
        "XII",
        "Page 3",
        "Page 3 of 10",
        "page 3/10",
        "3/10",
        "3 of 10",
        "p. 3",
        "[3]",
        "3 |",
    ],
)
def test_a_page_number_is_no_text_whatever_its_shape(number):
    assert drops(drawn([*body(), (290, 25, number)])) == [("page_number", number, 1)]


def test_a_number_or_a_line_inside_the_page_is_text():
    data = drawn(*[[*body(), (60, 400, f"It weighs {n} grams."), (60, 370, "12")] for n in (1, 2)])
    assert drops(data) == []


def test_a_running_title_is_no_text():
    pages = [[(60, 700, "Use", 20), *body()], [(60, 775, "USE"), *body(600, SHORT[::-1])]]
    assert drops(drawn(*pages)) == [("running_title", "USE", 2)]


def test_a_table_of_contents_is_no_text():
    ((why, text, page),) = drops(drawn(*CONTENTS))
    assert (why, page) == ("contents", 1)
    assert text.startswith("Contents\nChapter of number 1")


def test_slanting_text_and_huge_digits_are_no_text():
    assert drops(drawn(*ROTATED)) == [("rotated_text", "DRAFT\nAxis of time", 1)]
    assert drops(drawn(*DIGIT)) == [("decoration", "7", 1)]


def test_a_page_whose_text_is_all_turned_is_read():
    pages = [[(100 + 12 * n, 60, line, 10, "Helvetica", 90) for n, line in enumerate(SHORT)]]
    assert blocks(drawn(*pages)) == [" ".join(SHORT)]
    assert drops(drawn(*pages)) == []


# --- reading order, words, headings ------------------------------------------------------------------------------


def test_columns_are_read_one_after_the_other():
    text = " ".join(blocks(drawn(*COLUMNS)))
    assert text.index("Left line 7") < text.index("Right line 0")


def test_parted_words_are_made_whole():
    lines = ["Here the docu-", "ment is efficient", "and state-of-the-", "art in a docu-", "ment."]
    joined = " ".join(blocks(drawn(body(600, lines))))
    assert "the document is efficient and state-of-the-art in a document." in joined


def test_ligatures_of_a_font_are_letters():
    assert "eﬃcient ﬂow".translate(REPAIRS) == "efficient flow"


def test_larger_lines_are_headings_of_a_higher_level():
    page = [(60, 700, "Chapter", 20), (60, 670, "Section", 14), *body(640), (60, 500, "Other", 14), *body(470)]
    assert [part.heading for part in pdf.read(drawn(page), None).parts] == [
        ("Chapter", "Section"),
        ("Chapter", "Other"),
    ]


def test_a_line_that_announces_larger_headings_is_above_them():
    pages = [[(60, 760 - 80, f"PART {n}", 14, "Helvetica-Bold"), (60, 640, f"Chapter {n}", 24), *body()] for n in "AB"]
    assert [part.heading for part in pdf.read(drawn(*pages), None).parts] == [
        ("PART A", "Chapter A"),
        ("PART B", "Chapter B"),
    ]


def test_the_outline_tells_the_headings_and_their_levels():
    file = io.BytesIO()
    canvas = Canvas(file)
    for level, title, y in ((0, "First things", 700), (1, "Second things", 600)):
        canvas.bookmarkPage(title)
        canvas.addOutlineEntry(title, title, level)
        canvas.drawString(60, y, title)
        for index, line in enumerate(SHORT):
            canvas.drawString(60, y - 30 - 12 * index, line)
    canvas.save()
    assert [part.heading for part in pdf.read(file.getvalue(), None).parts] == [
        ("First things",),
        ("First things", "Second things"),
    ]


# --- scans --------------------------------------------------------------------------------------------------------


def test_a_document_of_scans_is_refused_and_told_what_to_do():
    with pytest.raises(ReadError, match="all 2 pages are pictures without text; install the extra ocr") as error:
        pdf.read(scan("one", "two"), None)
    assert error.value.reason == "scanned"


def test_scanned_pages_among_others_are_reported():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    writer.append(io.BytesIO(scan("one")))
    parsed = pdf.read(saved(writer), None)
    assert (parsed.pages, parsed.scanned) == (3, [3])


def fake_tesseract(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    class Missing(OSError):
        pass

    class Failed(RuntimeError):
        pass

    def image_to_data(*_: object, **__: object) -> object:
        if isinstance(answer, str):
            raise {"missing": Missing, "language": Failed, "slow": RuntimeError}[answer]("Error loading language 'xyz'")
        return answer

    module = SimpleNamespace(
        image_to_data=image_to_data,
        Output=SimpleNamespace(DICT="dict"),
        TesseractNotFoundError=Missing,
        TesseractError=Failed,
    )
    page = SimpleNamespace(
        get_size=lambda: (400.0, 300.0), render=lambda **_: SimpleNamespace(to_pil=lambda: "picture")
    )

    class Document(list):
        def __init__(self, _: bytes) -> None:
            super().__init__([page, page])

        def close(self) -> None:
            pass

    monkeypatch.setitem(sys.modules, "pytesseract", module)  # type: ignore[arg-type]
    drawer = SimpleNamespace(PdfDocument=Document, PdfiumError=ValueError)
    monkeypatch.setitem(sys.modules, "pypdfium2", drawer)  # type: ignore[arg-type]


def test_words_of_a_scan_become_text_with_its_page(monkeypatch):
    words = [("Hello", 100, 200), ("there", 300, 200), ("again", 100, 250), ("", 0, 0)]
    fake_tesseract(
        monkeypatch,
        {
            "text": [word for word, _, _ in words],
            "left": [left for _, left, _ in words],
            "top": [top for _, _, top in words],
            "width": [150] * 4,
            "height": [32] * 4,
            "block_num": [1] * 4,
            "par_num": [1] * 4,
            "line_num": [top // 50 for _, _, top in words],
        },
    )
    parsed = pdf.read(scan("one", "two"), None, ocr="eng")
    assert parsed.scanned == [1, 2]
    assert [(part.blocks, part.pages) for part in parsed.parts] == [(["Hello there again"] * 2, [(0, 1), (1, 2)])]


@pytest.mark.parametrize(
    ("answer", "expected"), [("missing", "ocr_missing"), ("language", "ocr_missing"), ("slow", "ocr_failed")]
)
def test_what_keeps_tesseract_from_reading_is_told(monkeypatch, answer, expected):
    fake_tesseract(monkeypatch, answer)
    assert reason(scan("one"), ocr="eng") == expected


def test_ocr_without_its_packages_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    assert reason(scan("one"), ocr="eng") == "ocr_missing"


def test_a_language_that_is_an_option_is_refused():
    assert reason(scan("one"), ocr="--user-words") == "bad_language"


@pytest.mark.skipif(shutil.which("tesseract") is None, reason="the program tesseract is not installed")
def test_tesseract_reads_a_scan():
    for module in ("pypdfium2", "pytesseract"):
        pytest.importorskip(module)
    parsed = pdf.read(scan("The quick brown fox\njumps over the dog.", "A second page."), None, ocr="eng")
    assert [part.blocks for part in parsed.parts] == [["The quick brown fox jumps over the dog.", "A second page."]]
    assert parsed.parts[0].pages == [(0, 1), (1, 2)]


# --- bad files ----------------------------------------------------------------------------------------------------


def test_an_empty_file_is_refused():
    assert reason(b"") == reason(b" \n") == "empty"


def test_a_file_that_breaks_off_is_refused():
    for share in (0.3, 0.6, 0.9, 0.99):
        assert reason(GUIDE[: int(share * len(GUIDE))]) == "truncated"


def test_a_file_without_its_middle_is_refused():
    with pytest.raises(ReadError, match=r"has \d+ bytes, but its cross-reference table should begin at \d+") as error:
        pdf.read(GUIDE[:200] + GUIDE[-60:], None)
    assert error.value.reason == "truncated"


def test_a_file_that_says_it_has_more_pages_is_refused():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    writer.root_object["/Pages"].get_object()[NameObject("/Count")] = NumberObject(5)  # type: ignore[index]
    with pytest.raises(ReadError, match="says it has 5 pages, 2 are there") as error:
        pdf.read(saved(writer), None)
    assert error.value.reason == "truncated"


def test_a_locked_file_is_refused_and_one_with_an_empty_password_is_read():
    locked = PdfWriter(clone_from=io.BytesIO(GUIDE))
    locked.encrypt("secret", algorithm="RC4-128")
    assert reason(saved(locked)) == "encrypted"
    free = PdfWriter(clone_from=io.BytesIO(GUIDE))
    free.encrypt("", "owner", algorithm="RC4-128")
    assert pdf.read(saved(free), None).title == "Guide"


def test_rubbish_behind_the_mark_is_refused():
    assert reason(b"%PDF-1.7\n" + bytes(range(256)) * 20) == "truncated"
    assert reason(b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\nstartxref\n9\n%%EOF") == "damaged"
    assert reason(b"MZ" + bytes(2000)) == "not_pdf"


def test_a_page_that_cannot_be_read_is_named():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    writer.pages[1][NameObject("/MediaBox")] = ArrayObject([NumberObject(0)])
    with pytest.raises(ReadError, match="page 2 cannot be read") as error:
        pdf.read(saved(writer), None)
    assert error.value.reason == "damaged"


def test_a_loop_in_the_page_tree_ends():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    tree = writer.root_object["/Pages"]
    tree["/Kids"].append(tree.indirect_reference)  # type: ignore[index, union-attr]
    assert reason(saved(writer)) in ("damaged", "too_large")


def test_a_loop_in_the_outline_ends():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    entry = writer.add_outline_item("Setup", 0).get_object()
    entry[NameObject("/Next")] = entry.indirect_reference  # type: ignore[index]
    assert pdf.read(saved(writer), None).pages == 2


def test_a_huge_number_of_pages_is_refused():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    writer.root_object["/Pages"].get_object()[NameObject("/Count")] = NumberObject(10**9)  # type: ignore[index]
    assert reason(saved(writer)) == "too_many_pages"


def test_a_page_tree_that_repeats_itself_is_refused():
    writer = PdfWriter(clone_from=io.BytesIO(GUIDE))
    tree = writer.root_object["/Pages"].get_object()
    node = tree["/Kids"][0]  # type: ignore[index]
    for _ in range(12):
        node = writer._add_object(
            DictionaryObject({NameObject("/Type"): NameObject("/Pages"), NameObject("/Kids"): ArrayObject([node] * 10)})
        )
    tree[NameObject("/Kids")] = ArrayObject([node])  # type: ignore[index]
    assert reason(saved(writer)) in ("too_large", "too_many_pages")


def test_a_stream_that_unpacks_without_end_is_refused():
    packed = zlib.compress(bytes(200_000_000), 9)
    data = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(
        (
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<<>>>>".replace(
                b"<<>>", b"<</Font<</F 5 0 R>>>>"
            ),
            b"<</Filter/FlateDecode/Length %d>>stream\n%b\nendstream" % (len(packed), packed),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ),
        1,
    ):
        offsets.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % start
    with pytest.raises(ReadError, match="page 1 goes beyond a limit") as error:
        pdf.read(bytes(data), None)
    assert error.value.reason == "too_large"


def test_a_document_without_text_is_refused():
    blank = PdfWriter()
    blank.add_blank_page(100, 100)
    assert reason(saved(blank)) == "no_text"


def test_headings_that_differ_in_a_number_are_no_footer_though_they_end_their_pages():
    first, last = (("7", "Step 3"), ("8", "Step 5"))
    lines = [
        Line(text=text, x0=72, x1=200, y=40, size=10, bold=False, mono=False, page=int(page), links=[])
        for page, text in (first, last)
    ]
    assert not _keys(lines[0]) & _keys(lines[1])
    footers = [
        Line(
            text=f"Guide, page {page} of 20", x0=72, x1=200, y=40, size=10, bold=False, mono=False, page=page, links=[]
        )
        for page in (7, 8)
    ]
    assert _keys(footers[0]) & _keys(footers[1])
