"""PDF: opening a file, and what is refused before a page is read."""

import io
import logging
import re

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError, PyPdfError

from stages.documents.blocks import ReadError

MAX_PAGES = 20_000
TAIL = 2048  # bytes at the file's end in which its end mark has to stand


def open_pdf(data: bytes) -> tuple[PdfReader, list[PageObject]]:
    """Return a PDF and its pages.

    Raises:
        ReadError: empty, not_pdf, truncated, encrypted, damaged, too_many_pages, or too_large for pypdf's limits
            (how far a stream may unpack, how deep and long the page tree may be).
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it warns of every small fault of a file
    _check_ends(data)
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("encrypted", "the PDF asks for a password")
        stated = _stated_pages(reader)
        if stated > MAX_PAGES:
            raise ReadError("too_many_pages", f"the PDF says it has {stated} pages; at most {MAX_PAGES} are read")
        pages = list(reader.pages)
    except (FileNotDecryptedError, DependencyError) as error:
        raise ReadError("encrypted", f"the PDF cannot be decrypted: {error}") from error
    except LimitReachedError as error:
        raise ReadError("too_large", f"the PDF goes beyond a limit of its reader: {error}") from error
    except (PyPdfError, RecursionError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ReadError("damaged", f"the PDF's page tree cannot be read: {type(error).__name__}: {error}") from error
    if len(pages) > MAX_PAGES:
        raise ReadError("too_many_pages", f"the PDF has {len(pages)} pages; at most {MAX_PAGES} are read")
    if not pages and not stated:
        raise ReadError("no_text", "the PDF has no pages")
    if len(pages) < stated:
        raise ReadError("truncated", f"the PDF says it has {stated} pages, {len(pages)} are there")
    return reader, pages


def _stated_pages(reader: PdfReader) -> int:
    """Return how many pages the page tree's root says there are, 0 if it does not."""
    root = reader.root_object.get("/Pages")
    tree = root.get_object() if root is not None else None
    count = tree.get("/Count") if tree is not None and hasattr(tree, "get") else None
    return int(count) if isinstance(count, int) else 0


def _check_ends(data: bytes) -> None:
    """Raise ReadError if the file does not begin or end as a PDF does: pypdf would guess and lose pages in silence."""
    if not data.strip():
        raise ReadError("empty", "the file is empty")
    if b"%PDF-" not in data[:1024]:
        raise ReadError("not_pdf", f"the file does not begin with %PDF- but with {data[:8]!r}")
    tail = data.rstrip(b"\0\r\n\t ")[-TAIL:]
    found = re.search(rb"startxref\s+(\d+)(?!.*startxref)(.*)", tail, re.DOTALL)
    if found is None or b" obj" in found.group(2):
        raise ReadError("truncated", f"the PDF breaks off after {len(data)} bytes: no startxref near the end")
    if int(found.group(1)) >= len(data):
        raise ReadError(
            "truncated",
            f"the PDF has {len(data)} bytes, but its cross-reference table should begin at {int(found.group(1))}",
        )
