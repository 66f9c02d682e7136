"""From a file to sections of normalised Markdown, whatever the format.

A section's text is paragraphs (one line each) separated by a blank line, lists (`- ` or `1. `, an item a line),
pipe tables and fenced code. Headings are in the section's path, links in its list; inline markup is gone, so that
a quote of the text is a quote of what the reader of the document sees.
"""

import re
from collections.abc import Callable
from pathlib import Path

from stages.documents.blocks import Parsed, ReadError, clean
from stages.documents.formats import FORMATS
from stages.documents.layout import from_parsed
from stages.records import Document, Source, content_id

LIBRARIES = (  # on which what is read depends
    *("pypdf", "lxml", "markdown-it-py", "mdit-py-plugins", "docutils"),
    *("pypdfium2", "pytesseract"),
)


def read(data: bytes, suffix: str, base: str | None = None, ocr: str | None = None) -> Parsed:
    """Read a document.

    Args:
        data: the file's content.
        suffix: of its name, which tells the format.
        base: the URL it came from, against which relative links are resolved.
        ocr: language of scanned PDF pages, as tesseract names it; None: they are only reported.

    Raises:
        ReadError: whatever goes wrong, with the reason.
    """
    name = FORMATS.get(suffix.lower())
    if name is None:
        raise ReadError("unsupported_type", f"{suffix!r} is none of {', '.join(FORMATS)}")
    if not data.strip():
        raise ReadError("empty", "the file is empty")
    try:
        if name == "pdf" and ocr is not None:
            from stages.documents import pdf

            parsed = pdf.read(data, base, ocr=ocr)
        else:
            parsed = _reader(name)(data, base)
    except ReadError:
        raise
    except Exception as error:  # a library may raise anything on a damaged file, and one file must not end the run
        raise ReadError("unreadable", f"{type(error).__name__}: {error}") from error
    if not any(part.blocks for part in parsed.parts):
        raise ReadError("no_text", "the document holds no text (a scan, or only pictures?)")
    return parsed


def _reader(name: str) -> Callable[[bytes, str | None], Parsed]:
    """Return a format's reader. Imported when needed, for a quick start, and by name, so that its use can be traced."""
    if name == "markdown":
        from stages.documents import markdown

        return markdown.read
    if name == "html":
        from stages.documents import html

        return html.read
    if name == "pdf":
        from stages.documents import pdf

        return pdf.read
    if name == "docx":
        from stages.documents import docx

        return docx.read
    if name == "rst":
        from stages.documents import rst

        return rst.read
    if name == "notebook":
        from stages.documents import notebook

        return notebook.read
    if name == "epub":
        from stages.documents import epub

        return epub.read
    if name == "faq":
        from stages.documents import faq

        return faq.read
    from stages.documents import text

    return text.read


def document(source: Source, data: bytes, suffix: str, ocr: str = "none") -> Document:
    """Return a source's document with its sections and drops.

    Args:
        source: what was collected.
        data: its content.
        suffix: tells the format.
        ocr: language of scanned pages; none: they are not read.

    Raises:
        ReadError: with the reason, if it cannot be read.
    """
    in_git = "@HEAD:" in source.path  # of a host whose web addresses are not known
    web = source.path.startswith(("http://", "https://")) and not in_git
    base = source.base or (source.path if web else None)
    parsed = read(data, suffix, base, None if ocr == "none" else ocr)
    title = clean(source.title or parsed.title or "") or stem_title(source.path)
    sections, drops = from_parsed(parsed, title)
    return Document(
        id=content_id(source.path, source.sha256),
        source=source.path,
        sha256=source.sha256,
        base=base,
        title=title,
        licence=source.licence,
        weight=source.weight,
        language=source.language,
        description=source.description,
        tags=source.tags,
        trust=source.trust,
        pages=parsed.pages,
        scanned=parsed.scanned,
        sections=sections,
        drops=drops,
    )


def stem_title(path: str) -> str:
    """Return a title made of a file name."""
    return re.sub(r"[\s_]+", " ", Path(path).stem).strip() or path
