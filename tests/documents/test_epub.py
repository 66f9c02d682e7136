"""E-books: chapters in reading order, and archives that are broken, locked or bombs."""

import io
import struct
import zipfile

import pytest

from stages.documents.archive import open_archive, part
from stages.documents.blocks import Dropped, Parsed, Part, ReadError
from stages.documents.readers import read

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
ENCRYPTION = (
    '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"'
    ' xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData><enc:CipherData>'
    '<enc:CipherReference URI="{uri}"/></enc:CipherData></enc:EncryptedData></encryption>'
)


def chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"'
        f' xmlns:epub="http://www.idpf.org/2007/ops"><head><title/></head><body>{body}</body></html>'
    )


def package(order: list[str], names: list[str]) -> str:
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"'
        f"{' properties=' + chr(34) + 'nav' + chr(34) if name == 'nav.xhtml' else ''}/>"
        for name in names
    )
    spine = "".join(f'<itemref idref="{name}"/>' for name in order)
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Book</dc:title></metadata>'
        f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
    )


def epub(chapters: dict[str, str], order: list[str] | None = None, **others: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", package(order or list(chapters), list(chapters)))
        for name, body in chapters.items():
            archive.writestr(f"OEBPS/{name}", chapter(body))
        for name, text in others.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), text)
    return file.getvalue()


def reason(data: bytes) -> str:
    with pytest.raises(ReadError) as error:
        read(data, ".epub")
    return error.value.reason


def shape(parsed: Parsed) -> list[tuple[tuple[str, ...], list[str]]]:
    return [(piece.heading, piece.blocks) for piece in parsed.pieces if isinstance(piece, Part)]


def test_chapters_come_in_the_order_of_the_spine():
    parsed = read(
        epub(
            {
                "b.xhtml": "<h1>Two</h1><p>Second&nbsp;text, see <a href='a.xhtml#x'>before</a>.</p>",
                "a.xhtml": "<h1>One</h1><p><a id='x'/>First text.</p><script src='s.js'/><p>More.</p>",
            },
            order=["a.xhtml", "b.xhtml"],
        ),
        ".epub",
    )
    assert parsed.title == "The Book"
    assert shape(parsed) == [(("One",), ["First text.", "More."]), (("Two",), ["Second text, see before."])]
    assert [link.url for piece in parsed.parts for link in piece.links] == ["OEBPS/a.xhtml#x"]


def test_an_id_of_a_heading_or_around_it_is_its_anchor():
    body = "<section id='one'><h1>One</h1><p>First.</p></section><h1 id='two'>Two</h1><p class='share'>Second.</p>"
    parsed = read(epub({"a.xhtml": body}), ".epub")
    assert [(piece.anchor, piece.blocks) for piece in parsed.parts] == [("one", ["First."]), ("two", ["Second."])]


def test_contents_and_page_numbers_are_on_record_and_notes_are_text():
    parsed = read(
        epub(
            {
                "nav.xhtml": "<nav epub:type='toc'><ol><li><a href='a.xhtml'>One</a></li></ol></nav>",
                "a.xhtml": "<h1>One</h1><p>Text <span epub:type='pagebreak'>12</span>goes on.</p>"
                "<aside epub:type='footnote'><p>A note.</p></aside>",
            }
        ),
        ".epub",
    )
    assert shape(parsed) == [(("One",), ["Text goes on.", "A note."])]
    dropped = [(piece.reason, piece.text) for piece in parsed.pieces if isinstance(piece, Dropped)]
    assert dropped == [("contents", "One"), ("page_number", "12")]


def test_a_protected_book_is_encrypted_but_one_with_hidden_fonts_is_not():
    chapters = {"a.xhtml": "<p>Text.</p>"}
    assert reason(epub(chapters, **{"META-INF__encryption_xml": ENCRYPTION.format(uri="OEBPS/a.xhtml")})) == "encrypted"
    parsed = read(epub(chapters, **{"META-INF__encryption_xml": ENCRYPTION.format(uri="OEBPS/f.otf")}), ".epub")
    assert shape(parsed) == [((), ["Text."])]


def test_a_chapter_outside_the_archive_is_not_looked_up(tmp_path):
    other = tmp_path / "other.xhtml"
    other.write_text("<p>secret</p>")
    names = [str(other), "../../../../etc/passwd", "a.xhtml"]
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", package(names, names))
        archive.writestr("OEBPS/a.xhtml", chapter("<p>Text.</p>"))
    parsed = read(data.getvalue(), ".epub")
    assert shape(parsed) == [((), ["Text."])]
    assert [piece.reason for piece in parsed.pieces if isinstance(piece, Dropped)] == ["missing_part"] * 2


def test_entities_are_not_expanded(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("secret")
    opf = package(["a.xhtml"], ["a.xhtml"]).replace("The Book", "The &x; Book")
    doctype = f'<!DOCTYPE package [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", doctype + opf)
        archive.writestr("OEBPS/a.xhtml", doctype + chapter("<p>Text &x;.</p>"))
    parsed = read(data.getvalue(), ".epub")
    assert "secret" not in f"{parsed.title} {parsed.pieces}"


def test_broken_books_are_read_errors():
    whole = epub({"a.xhtml": "<p>Text.</p>"})
    assert reason(whole[: len(whole) // 2]) == "unreadable"
    assert reason(b"PK\x03\x04 rubbish") == "unreadable"
    assert reason(b"rubbish") == "unreadable"
    assert reason(epub({})) == "unreadable"  # no chapters
    assert reason(epub({"a.xhtml": ""})) == "no_text"
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    assert reason(empty.getvalue()) == "unreadable"


def zipped(*sizes: int, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for index, size in enumerate(sizes):
            archive.writestr(f"{index}", bytes(size))
    return file.getvalue()


def promising(data: bytes, size: int) -> bytes:
    """The archive with another unpacked size of the first entry in its directory."""
    start = data.index(b"PK\x01\x02")
    return data[: start + 24] + struct.pack("<I", size) + data[start + 28 :]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (zipped(11_000_000), "zip_bomb"),  # grows a thousand times
        (promising(zipped(1000), 600_000_000), "zip_bomb"),
        (zipped(*[0] * 10_001), "zip_bomb"),
        (zipped(1000, compression=zipfile.ZIP_BZIP2), "unreadable"),
        (zipped(1000)[:-30], "unreadable"),
    ],
    ids=["inflates", "promises", "entries", "compression", "torn"],  # not the bytes: they hold the time
)
def test_bombs_are_refused_before_anything_is_unpacked(data, expected):
    with pytest.raises(ReadError) as error:
        open_archive(data)
    assert error.value.reason == expected


def test_entries_that_share_their_bytes_are_refused():
    data = zipped(1000, 1000)
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    with pytest.raises(ReadError) as error:
        open_archive(data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :])
    assert error.value.reason == "zip_bomb"


def test_a_part_that_unpacks_to_more_than_it_promised_is_cut_or_refused():
    archive = open_archive(promising(zipped(5_000_000), 1000))
    try:
        assert len(part(archive, "0") or b"") <= 1000
    except ReadError as error:
        assert error.reason == "unreadable"


def test_a_part_that_is_too_large_is_refused():
    with pytest.raises(ReadError) as error:
        part(open_archive(zipped(50_000_001, compression=zipfile.ZIP_STORED)), "0")
    assert error.value.reason == "zip_bomb"
