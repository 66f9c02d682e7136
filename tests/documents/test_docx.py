"""Word documents: all text is in the parts or on record, wherever Word keeps it."""

import io
import re
import zipfile
from collections import Counter

import docx
import pytest
from docx.document import Document
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.documents.blocks import Dropped, Parsed, Part, ReadError
from stages.documents.layout import from_parsed
from stages.documents.readers import read

NS = nsdecls("w", "r", "wp", "a") + (
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:v="urn:schemas-microsoft-com:vml"'
)
NOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"


def saved(document: Document) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def body(*elements: str) -> Document:
    """A document of these elements, in which {NS} is not needed."""
    document = docx.Document()
    for element in elements:
        node = parse_xml(re.sub(r"^<([\w:]+)", rf"<\1 {NS}", element))
        document.element.body.insert(len(document.element.body) - 1, node)
    return document


def parse(*elements: str) -> Parsed:
    return read(saved(body(*elements)), ".docx")


def with_parts(data: bytes, **parts: str) -> bytes:
    """The document with further parts (footnotes, comments), to which it has relations."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename == "word/_rels/document.xml.rels":
                relations = "".join(f'<Relationship Id="n{n}" Type="{NOTES}{n}" Target="{n}.xml"/>' for n in parts)
                content = content.replace(b"</Relationships>", relations.encode() + b"</Relationships>")
            new.writestr(entry, content)
        for name, text in parts.items():
            new.writestr(f"word/{name}.xml", f"<w:{name} {NS}>{text}</w:{name}>")
    return file.getvalue()


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(*content: str) -> str:
    return f"<w:p>{''.join(content)}</w:p>"


def blocks(parsed: Parsed) -> list[str]:
    return [block for part in parsed.parts for block in part.blocks]


def drops(parsed: Parsed) -> list[tuple[str, str]]:
    return [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)]


def links(parsed: Parsed) -> list[tuple[str, str]]:
    return [(link.text, link.url) for part in parsed.parts for link in part.links]


def shape(parsed: Parsed) -> list[tuple[list[str], list[str]]]:
    """The headings and blocks, without the title."""
    sections, _ = from_parsed(parsed, parsed.title or "")
    return [(section.heading, section.text.split("\n\n")) for section in sections if section.text]


def test_docx_keeps_headings_links_tables_lists_and_code():
    document = docx.Document()
    document.add_heading("Guide", 0)
    document.add_heading("Setup", 1)
    paragraph = document.add_paragraph("See the ")
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"),
        document.part.relate_to("https://example.org/m", docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, True),
    )
    link.append(paragraph.add_run("manual")._r)
    paragraph._p.append(link)
    document.add_paragraph("one", style="List Bullet")
    document.add_paragraph("two", style="List Bullet")
    grid = document.add_table(2, 2)
    for cell, text in zip([c for row in grid.rows for c in row.cells], ["Name", "Size", "small", "1 GB"], strict=True):
        cell.text = text
    for line in ("pip install", "tool --help"):
        document.add_paragraph().add_run(line).font.name = "Courier New"
    document.add_paragraph("First step", style="List Number")
    document.add_paragraph("Second step", style="List Number")
    parsed = read(saved(document), ".docx")
    assert parsed.title == "Guide"
    assert shape(parsed) == [
        (
            ["Setup"],
            [
                "See the manual",
                "- one\n- two",
                "| Name | Size |\n| --- | --- |\n| small | 1 GB |",
                "```\npip install\ntool --help\n```",
                "1. First step\n2. Second step",
            ],
        )
    ]
    assert links(parsed) == [("manual", "https://example.org/m")]


def test_inserted_text_is_kept_and_deleted_text_is_on_record():
    deleted = '<w:del w:id="2"><w:r><w:delText>old</w:delText></w:r></w:del>'
    parsed = parse(p(run("It is "), deleted, '<w:ins w:id="1">', run("new"), "</w:ins>", run(" text.")))
    assert blocks(parsed) == ["It is new text."]
    assert drops(parsed) == [("deleted", "old")]


def test_content_controls_are_text_inside_and_around_paragraphs():
    inner = f"<w:sdt><w:sdtContent>{run('chosen')}</w:sdtContent></w:sdt>"
    parsed = parse(p(run("It is "), inner, run(".")), f"<w:sdt><w:sdtContent>{p(run('Whole.'))}</w:sdtContent></w:sdt>")
    assert blocks(parsed) == ["It is chosen.", "Whole."]


def test_a_text_box_is_text_once():
    box = f"<w:txbxContent>{p(run('Boxed.'))}</w:txbxContent>"
    shape = (
        f"<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert blocks(parse(p(run("Before "), shape, run("after.")))) == ["Before after.", "Boxed."]


def test_fields_show_their_result_and_not_their_code():
    def char(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    code = '<w:r><w:instrText> HYPERLINK "https://a.org/x" \\l "top" </w:instrText></w:r>'
    simple = f'<w:fldSimple w:instr=" REF a ">{run("Table 1")}</w:fldSimple>'
    parsed = parse(
        p(run("See "), char("begin"), code, char("separate"), run("this"), char("end"), run(" and "), simple)
    )
    assert blocks(parsed) == ["See this and Table 1"]
    assert links(parsed) == [("this", "https://a.org/x#top")]


def test_tabs_breaks_hyphens_and_symbols():
    symbols = '<w:sym w:font="Wingdings" w:char="F0E0"/><w:sym w:font="Odd" w:char="F041"/>'
    parsed = parse(p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t>"
                     f"<w:softHyphen/><w:t>e</w:t>{symbols}</w:r>"))  # fmt: skip
    assert blocks(parsed) == ["a b c-de→"]
    assert drops(parsed) == [("symbol", "Odd F041")]


def test_hidden_text_and_descriptions_of_pictures_are_on_record():
    picture = '<w:r><w:drawing><wp:inline><wp:docPr id="1" name="x" descr="A cat"/></wp:inline></w:drawing></w:r>'
    parsed = parse(p(run("Seen."), run("unseen", "<w:vanish/>"), run("Too.", '<w:vanish w:val="0"/>'), picture))
    assert blocks(parsed) == ["Seen.Too."]
    assert drops(parsed) == [("hidden", "unseen"), ("image", "A cat")]


def test_formulas_are_text():
    formula = "<m:oMath><m:r><m:t>E=m</m:t></m:r><m:sSup><m:e><m:r><m:t>c</m:t></m:r></m:e></m:sSup></m:oMath>"
    assert blocks(parse(p(run("So "), formula))) == ["So E=mc"]


def test_headers_and_footers_are_on_record():
    document = docx.Document()
    document.add_paragraph("Text.")
    document.sections[0].header.paragraphs[0].text = "Above"
    document.sections[0].footer.paragraphs[0].text = "Below"
    parsed = read(saved(document), ".docx")
    assert blocks(parsed) == ["Text."]
    assert sorted(drops(parsed)) == [("page_footer", "Below"), ("page_header", "Above")]


def test_notes_stand_below_their_paragraph_and_comments_are_on_record():
    text = p(
        run("Text"),
        '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="2"/></w:r>',
        '<w:r><w:commentReference w:id="0"/></w:r>',
        run("."),
    )
    data = with_parts(
        saved(body(text, p(run("Next.")))),
        footnotes=f'<w:footnote w:id="0" w:type="separator">{p()}</w:footnote>'
        f'<w:footnote w:id="2">{p(run("A footnote."))}</w:footnote>'
        f'<w:footnote w:id="3">{p(run("Forgotten."))}</w:footnote>',
        endnotes=f'<w:endnote w:id="2">{p(run("An endnote."))}</w:endnote>',
        comments=f'<w:comment w:id="0">{p(run("Really?"))}</w:comment>',
    )
    parsed = read(data, ".docx")
    assert blocks(parsed) == ["Text.", "A footnote.", "An endnote.", "Next."]
    assert drops(parsed) == [("comment", "Really?"), ("footnote", "Forgotten.")]


def test_a_table_of_contents_is_on_record():
    gallery = '<w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/></w:docPartObj></w:sdtPr>'
    contents = f"<w:sdt>{gallery}<w:sdtContent>{p(run('Setup 3'))}</w:sdtContent></w:sdt>"
    parsed = parse(contents, p(run("Text.")))
    assert blocks(parsed) == ["Text."]
    assert drops(parsed) == [("contents", "Setup 3")]


def test_a_bookmark_at_a_heading_is_its_anchor():
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
    marks = '<w:bookmarkStart w:id="1" w:name="_Toc1"/><w:bookmarkStart w:id="2" w:name="setup"/>'
    parsed = parse(p(style, marks, run("Setup")), p(run("Text.")), p(style, run("Use")), p(run("More.")))
    assert [(part.heading, part.anchor) for part in parsed.parts] == [(("Setup",), "setup"), (("Use",), None)]


def test_merged_cells_are_filled_and_nested_tables_are_read():
    def cell(text: str, properties: str = "") -> str:
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text}</w:tc>"

    def row(*cells: str) -> str:
        return f"<w:tr>{''.join(cells)}</w:tr>"

    head = row(cell(p(run("A"))), cell(p(run("B"))))
    first = row(cell(p(run("x")), '<w:vMerge w:val="restart"/>'), cell(p(run("1"))))
    second = row(cell(p(), "<w:vMerge/>"), cell(p(run("2"))))
    table = f"<w:tbl>{head}{first}{second}</w:tbl>"
    assert blocks(parse(table)) == ["| A | B |\n| --- | --- |\n| x | 1 |\n| x | 2 |"]
    outer = f"<w:tbl>{row(cell(p(run('Left.'))), cell(table + p(run('Right.'))))}</w:tbl>"
    assert blocks(parse(outer)) == ["Left.", blocks(parse(table))[0], "Right."]


def test_lists_are_told_by_their_definition():
    document = docx.Document()
    for text, style in (("one", "List Number"), ("inner", "List Bullet 2"), ("two", "List Number")):
        document.add_paragraph(text, style=style)
    document.add_paragraph("Text.")
    assert blocks(read(saved(document), ".docx")) == ["1. one\n- inner\n2. two", "Text."]


ITEM = st.sampled_from(
    [
        lambda t: p(run(t)),
        lambda t: p('<w:pPr><w:pStyle w:val="Heading2"/></w:pPr>', run(t)),
        lambda t: p('<w:pPr><w:pStyle w:val="ListBullet"/></w:pPr>', run(t)),
        lambda t: p(run(t, '<w:rFonts w:ascii="Courier New"/>')),
        lambda t: p(f'<w:ins w:id="1">{run(t)}</w:ins>'),
        lambda t: p(f'<w:moveFrom w:id="1">{run(t)}</w:moveFrom>'),
        lambda t: p(f"<w:smartTag>{run(t)}</w:smartTag>"),
        lambda t: p(f"<w:sdt><w:sdtContent>{run(t)}</w:sdtContent></w:sdt>"),
        lambda t: p(run(t, "<w:vanish/>")),
        lambda t: p(f'<w:hyperlink w:anchor="a">{run(t)}</w:hyperlink>'),
        lambda t: p(f"<w:r><w:pict><v:textbox><w:txbxContent>{p(run(t))}</w:txbxContent></v:textbox></w:pict></w:r>"),
        lambda t: f"<w:sdt><w:sdtContent>{p(run(t))}</w:sdtContent></w:sdt>",
        lambda t: f"<w:tbl><w:tr><w:tc>{p(run(t))}</w:tc></w:tr></w:tbl>",
        lambda t: f"<w:tbl><w:tr><w:tc>{p(run(t))}</w:tc><w:tc>{p(run(t))}{p(run(t))}</w:tc></w:tr></w:tbl>",
        lambda t: f"<w:tbl><w:tr><w:trPr><w:del w:id='1'/></w:trPr><w:tc>{p(run(t))}</w:tc></w:tr></w:tbl>",
        lambda t: f"<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>{p(run(t))}</w:tc></w:tr></w:sdtContent></w:sdt></w:tbl>",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ITEM, min_size=1, max_size=8))
def test_no_word_is_lost_wherever_it_stands(items):
    data = saved(body(*(item(f"word{n}") for n, item in enumerate(items))))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        written = re.findall(r"<w:t[ >][^<]*?(word\d+)</w:t>", archive.read("word/document.xml").decode())
    try:
        parsed = read(data, ".docx")
    except ReadError as error:
        assert error.reason == "no_text"
        return
    found = " ".join(
        " ".join([*piece.heading, *piece.blocks]) if isinstance(piece, Part) else piece.text for piece in parsed.pieces
    )
    assert written
    assert Counter(written) <= Counter(re.findall(r"word\d+", found))


def test_what_is_no_word_document_is_a_read_error():
    whole = saved(body(p(run("Text."))))
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "Text.")
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", bytes(60_000_000))
    for data, reason in (
        (b"", "empty"),
        (b"rubbish", "unreadable"),
        (whole[: len(whole) // 2], "unreadable"),
        (other.getvalue(), "unreadable"),
        (bomb.getvalue(), "zip_bomb"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "encrypted"),
        (saved(body()), "no_text"),
    ):
        with pytest.raises(ReadError) as error:
            read(data, ".docx")
        assert error.value.reason == reason


def bold(text: str, size: int = 0) -> str:
    return p(run(text, "<w:b/>" + (f'<w:sz w:val="{size}"/>' if size else "")))


def test_bold_lines_are_headings_where_no_style_tells_them():
    parsed = parse(
        bold("Handbook", 40), p(run("It is about a product.")), bold("Setup", 28), bold("How do I install it?"),
        p(run("Run the installer.")), p(run("Note: ", "<w:b/>"), run("there are backups.")), bold("Done."),
    )  # fmt: skip
    assert [(part.heading, part.blocks) for part in parsed.parts if part.blocks] == [
        (("Handbook",), ["It is about a product."]),
        (
            ("Handbook", "Setup", "How do I install it?"),
            ["Run the installer.", "Note: there are backups.", "Done."],
        ),
    ]


def test_a_question_among_others_and_a_heading_below_text_are_no_title():
    text = p(run("This is text that says something of the matter, and it says so at length. " * 3))
    asked = parse(text, bold("How do I get a badge?"), text, bold("Where?"), text)
    assert (asked.title, [part.heading for part in asked.parts]) == (
        None,
        [(), ("How do I get a badge?",), ("Where?",)],
    )
    assert parse(bold("How do I get a badge?"), text, bold("Where?"), text).title is None
    assert parse(text, bold("Setup"), text, bold("Use"), text).title is None
    assert parse(bold("Handbook"), text, bold("Use"), text).title == "Handbook"


@pytest.mark.parametrize(
    "document",
    [
        (
            '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr><w:r><w:t>Title</w:t></w:r></w:p>',
            bold("A remark"),
            p(run("Text.")),
        ),
        (bold("All of it"), bold("is in bold"), p(run("but this."))),
    ],
    ids=["there are headings", "much is bold"],
)
def test_bold_lines_are_text_elsewhere(document):
    assert not any("bold" in part.heading[-1:] or "A remark" in part.heading for part in parse(*document).parts)
