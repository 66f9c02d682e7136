"""From a file to sections of normalised Markdown, whatever the format.

A section's text is paragraphs (one line each) separated by a blank line, lists (`- ` or `1. `, an item a line),
pipe tables and fenced code. Headings are in the section's path, links in its list; inline markup is gone, so that
a quote of the text is a quote of what the reader of the document sees.
"""

import re
from collections.abc import Callable
from pathlib import Path

from stages.documents.blocks import Parsed, Part, ReadError, clean
from stages.documents.formats import FORMATS
from stages.records import Section


def read(data: bytes, suffix: str, base: str | None = None) -> Parsed:
    """Read a document.

    Args:
        data: the file's content.
        suffix: of its name, which tells the format.
        base: the URL it came from, against which relative links are resolved.

    Raises:
        ReadError: whatever goes wrong, with the reason.
    """
    name = FORMATS.get(suffix.lower())
    if name is None:
        raise ReadError("unsupported_type", f"{suffix!r} is none of {', '.join(FORMATS)}")
    if not data.strip():
        raise ReadError("empty", "the file is empty")
    try:
        parsed = _reader(name)(data, base)
    except ReadError:
        raise
    except Exception as error:  # a library may raise anything on a damaged file, and one file must not end the run
        raise ReadError("unreadable", f"{type(error).__name__}: {error}") from error
    if not parsed.parts:
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
    from stages.documents import text

    return text.read


def sections(parts: list[Part], title: str, own: str | None = None) -> list[Section]:
    """Return the parts as sections with their spans.

    A top heading that only repeats the title is left out, be it the given one or the document's own, if no other
    heading stands beside it.
    """
    found: list[Section] = []
    repeated = {clean(title).casefold()}
    tops = {part.heading[:1] for part in parts if part.heading}
    if own is not None and len(tops) == 1:
        repeated.add(clean(own).casefold())
    start = 0
    for part in parts:
        text = "\n\n".join(part.blocks)
        heading = list(part.heading)
        if heading and clean(heading[0]).casefold() in repeated:
            heading = heading[1:]
        found.append(
            Section(heading=heading, text=text, span=(start, start + len(text)), links=part.links, page=part.page)
        )
        start += len(text) + 2
    return found


def stem_title(path: str) -> str:
    """Return a title made of a file name."""
    return re.sub(r"[\s_]+", " ", Path(path).stem).strip() or path
