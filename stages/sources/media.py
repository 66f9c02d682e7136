"""Which format a document has: by its name, by what the server calls it, or by how it begins."""

import re
import zipfile
from io import BytesIO
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from stages.documents.formats import FORMATS

BYTES = "application/octet-stream"
TEXT = "text/plain"
ZIP = "application/zip"
JSON = "application/json"
HTML = ("text/html", "application/xhtml+xml")
MARKDOWN = ("text/markdown", "text/x-markdown", TEXT, BYTES)

# suffix: content types under which such a file is served; the first one tells the format of a URL without a suffix
TYPES = {
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".html": (*HTML, TEXT, BYTES),
    ".htm": (*HTML, TEXT, BYTES),
    ".xhtml": (*HTML[::-1], "application/xml", "text/xml", TEXT, BYTES),
    ".pdf": ("application/pdf", "application/x-pdf", BYTES),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", ZIP, BYTES),
    ".txt": (TEXT, BYTES),
    ".text": (TEXT, BYTES),
    ".rst": ("text/x-rst", "text/prs.fallenstein.rst", TEXT, BYTES),
    ".ipynb": ("application/x-ipynb+json", JSON, TEXT, BYTES),
    ".epub": ("application/epub+zip", ZIP, BYTES),
    ".json": (JSON, "text/json", TEXT, BYTES),
    ".jsonl": ("application/jsonl", "application/x-ndjson", "application/x-jsonlines", JSON, TEXT, BYTES),
    ".csv": ("text/csv", "application/csv", "application/vnd.ms-excel", TEXT, BYTES),
    ".tsv": ("text/tab-separated-values", "text/csv", TEXT, BYTES),
}
XML = ("application/xml", "text/xml", "application/gzip", "application/x-gzip", TEXT, BYTES)
PLAIN = re.compile(rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)\b", re.DOTALL | re.IGNORECASE)


def suffix_of(where: str) -> str | None:
    """Return the suffix of a path or URL if it tells the format, in lower case; else None."""
    path = unquote(urlsplit(where).path) if "://" in where else where
    suffix = PurePosixPath(path).suffix.lower()
    return suffix if suffix in FORMATS else None


def accepted(suffix: str | None) -> set[str]:
    """Return the content types under which a document may be served: those of its suffix, or all if it has none."""
    return set(TYPES[suffix]) if suffix else {kind for kinds in TYPES.values() for kind in kinds}


def sniff(data: bytes) -> str | None:
    """Return the suffix that the content of a document tells, None if it does not."""
    head = data[:4096].removeprefix(b"\xef\xbb\xbf")
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    if PLAIN.match(head):
        return ".html"
    if head.startswith(b"PK\x03\x04"):
        try:
            names = zipfile.ZipFile(BytesIO(data)).namelist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
            return None
        if "META-INF/container.xml" in names:
            return ".epub"
        return ".docx" if any(name.startswith("word/") for name in names) else None
    return None


def told(content_type: str | None, data: bytes) -> str | None:
    """Return the suffix of a document whose name tells nothing: by a content type that is specific, or its content."""
    specific = {kinds[0]: suffix for suffix, kinds in reversed(TYPES.items()) if kinds[0] != TEXT}
    specific |= {kind: ".md" for kind in MARKDOWN[:2]} | dict.fromkeys(HTML, ".html")
    if content_type in specific:
        return specific[content_type]
    return sniff(data) or (".txt" if content_type == TEXT else None)
