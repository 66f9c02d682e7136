"""Formats by name, by content type and by content."""

import io
import zipfile

import pytest

from stages.documents.formats import FORMATS
from stages.sources.media import TYPES, accepted, sniff, suffix_of, told


def packed(name):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


def test_every_format_has_its_content_types():
    assert set(TYPES) == set(FORMATS)


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (b"%PDF-1.7 ...", ".pdf"),
        (packed("word/document.xml"), ".docx"),
        (packed("META-INF/container.xml"), ".epub"),
        (packed("a.txt"), None),
        (b"PK\x03\x04 cut", None),
        (b"\xef\xbb\xbf\n<!-- hi -->\n<!DOCTYPE HTML><p>", ".html"),
        (b'<?xml version="1.0"?><html xmlns="x">', ".html"),
        (b"Use <html> first", None),
        (b"", None),
    ],
)
def test_content_tells_the_format_where_it_can(data, suffix):
    assert sniff(data) == suffix


def test_names_and_content_types_tell_the_format():
    assert suffix_of("https://example.org/a/Guide.PDF?x=1.md#y") == ".pdf"
    assert suffix_of("https://arxiv.org/pdf/2307.09288") is None and suffix_of("LICENSE") is None
    assert told("application/pdf", b"") == ".pdf" and told("text/html", b"") == ".html"
    assert told("text/markdown", b"") == ".md" and told("text/plain", b"x") == ".txt"
    assert told("application/octet-stream", b"%PDF-1.7") == ".pdf" and told(None, b"x") is None
    assert "text/html" not in accepted(".pdf") and accepted(".pdf") < accepted(None)
