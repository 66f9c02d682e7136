"""Text that is about the page and not about the subject: lines of web furniture, repeated labels, error pages.

The patterns are in boilerplate.en.yaml. By repetition only labels go (short lines that are no sentence): a paragraph
that all cards of one template share is a fact about each of them, and a repeated section is judged by mirrors.py.
"""

import functools
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import msgspec
import yaml

from stages.documents.layout import SEPARATOR, pieces, with_pieces
from stages.documents.markup import Block, blocks
from stages.records import Document, Drop, Link, Section, Span

REASON = "boilerplate"
LEAST_DOCUMENTS, LEAST_SHARE = 3, 0.5  # of its folder or host, in which a label is boilerplate
LABEL = range(3, 13)  # words
ERROR_WORDS = 60  # a page of more words is no error page, whatever it quotes


@functools.cache
def _patterns(kind: str) -> re.Pattern[str]:
    lists = yaml.safe_load(Path(__file__).with_name("boilerplate.en.yaml").read_text(encoding="utf-8"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in lists[kind]), re.IGNORECASE)


def is_furniture(line: str) -> bool:
    """Say whether a whole line is one that is always boilerplate: edit link, cookie notice, share button, ..."""
    return _patterns("lines").fullmatch(_bare(line)) is not None


def is_error_page(document: Document) -> bool:
    """Say whether a document is not the page that was asked for: 404, login, JavaScript required.

    It has at most 60 words, and its title, a heading or a line is such a message and nothing else.
    """
    if len(document.body.split()) > ERROR_WORDS:
        return False
    headings = (heading for section in document.sections for heading in section.heading)
    lines = [document.title, *headings, *document.body.split("\n")]
    return any(_patterns("pages").fullmatch(_bare(line)) for line in lines)


def _bare(line: str) -> str:
    """Return a line without the marks of a list, of emphasis and of a link's brackets, on one line."""
    line = re.sub(r"^\s*(?:(?:[-*+•>]|\d+[.)])\s+)*", "", line)
    return " ".join(re.sub(r"\*\*|__|[\[\]]|(?<!\w)[*_]|[*_](?!\w)", "", line).split())


def without_furniture(document: Document) -> Document:
    """Return the document, in which the lines that are always boilerplate have become drops."""

    def found(section: Section) -> Iterator[Span]:
        for block in blocks(section.text):
            if block.kind in ("paragraph", "list"):
                yield from (line for line in _lines(section.text, block) if is_furniture(section.text[slice(*line)]))

    return _without(document, {id(section): list(found(section)) for section in document.sections})


def without_labels(documents: Sequence[Document]) -> list[Document]:
    """Return the documents without the labels that stand word for word in many of them.

    A label is a line of 3 to 12 words that is no sentence, no list item, has no digit, announces nothing with a colon
    and is not all that stands below its heading. Many are 3 documents and half of those of its folder or host.
    """
    sizes = Counter(_group(document.source) for document in documents)
    labels = [{id(section): list(_labels(section)) for section in document.sections} for document in documents]
    frequency: Counter[tuple[str, str]] = Counter()
    for document, found in zip(documents, labels, strict=True):
        for label in {label for each in found.values() for _, label in each}:
            frequency[_group(document.source), label] += 1
    result = []
    for document, found in zip(documents, labels, strict=True):
        group = _group(document.source)
        least = max(LEAST_DOCUMENTS, math.ceil(LEAST_SHARE * sizes[group]))
        spans = {
            section: [span for span, label in each if frequency[group, label] >= least]
            for section, each in found.items()
        }
        result.append(_without(document, spans))
    return result


def _labels(section: Section) -> Iterator[tuple[Span, str]]:
    found = list(blocks(section.text))
    for block in found:
        text = section.text[block.start : block.end]
        words = text.split()
        alone = len(found) == 1 or section.question is not None
        plain = block.kind == "paragraph" and "\n" not in text and not re.search(r"\d|[.:!…。][\W_]*$", text)
        if not alone and plain and len(words) in LABEL:
            yield (block.start, block.end), " ".join(words)


def _group(source: str) -> str:
    """Return the host of a URL or the folder of a path."""
    return urlsplit(source).netloc if "://" in source else str(PurePosixPath(source).parent)


def _lines(text: str, block: Block) -> Iterator[Span]:
    for match in re.finditer(r"[^\n]*\S[^\n]*", text[block.start : block.end]):
        yield block.start + match.start(), block.start + match.end()


def _without(document: Document, spans: dict[int, list[Span]]) -> Document:
    """Return the document without these spans of its sections (by their id), which become drops after them."""
    if not any(spans.values()):
        return document
    changed: list[Section | Drop] = []
    for piece in pieces(document):
        if isinstance(piece, Section) and spans[id(piece)]:
            changed += cut(piece, spans[id(piece)])
        else:
            changed.append(piece)
    return with_pieces(document, changed)


def cut(section: Section, spans: Iterable[Span], reason: str = REASON) -> list[Section | Drop]:
    """Return a section without some of its lines, and these as drops, one for each block or stretch of lines.

    Args:
        section: the section.
        spans: of whole lines in the section's text, in their order.
        reason: of the drops.
    """
    inside = list(spans)
    text, moved = "", []  # moved: start and end of a stretch that stays, and where it starts now
    drops = []
    last: tuple[Block, int] | None = None  # block and end of the stretch before that stays
    for block in blocks(section.text):
        for stays, (start, stop) in _stretches(section.text, block, inside):
            if not stays:
                page = section.page_at(start)
                drops.append(Drop(reason=reason, text=section.text[start:stop], span=(0, 0), page=page))
                continue
            if last is not None:
                between = section.text[last[1] : start]
                text += between if not between.strip() else "\n" if last[0] == block else SEPARATOR
            moved.append((start, stop, len(text)))
            text += section.text[start:stop]
            last = block, stop
    pages = {}
    for offset, page in section.pages:
        after = next(((now + max(0, offset - start)) for start, stop, now in moved if offset < stop), None)
        if after is not None:
            pages[after] = page
    links = [link for link in section.links if not _only_in(link, text, drops)]
    kept = msgspec.structs.replace(section, text=text, links=links, pages=sorted(pages.items()))
    return [kept, *drops]


def _stretches(text: str, block: Block, spans: list[Span]) -> Iterator[tuple[bool, Span]]:
    """Yield the stretches of a block in their order, and whether each stays."""
    lines = [(block.start, block.end)] if block.kind == "code" else list(_lines(text, block))
    run: list[Span] = []
    stays = True
    for line in lines:
        here = not any(start <= line[0] and line[1] <= stop for start, stop in spans)
        if run and here != stays:
            yield stays, (run[0][0], run[-1][1])
            run = []
        stays = here
        run.append(line)
    if run:
        yield stays, (run[0][0], run[-1][1])


def _only_in(link: Link, text: str, drops: list[Drop]) -> bool:
    """Say whether a link went with the dropped lines: its label stands there and no more in the text."""
    return link.text not in text and any(link.text in drop.text for drop in drops)
