"""PDF: which blocks are headings, by the outline, by size and weight, and by the table of contents."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from pypdf import PdfReader
from pypdf.generic import Destination

from stages.documents.blocks import BULLET, clean
from stages.documents.pdf_blocks import Block
from stages.documents.pdf_lines import Line

CONTENTS = re.compile(r"(?i)(table of )?contents|inhalt(sverzeichnis)?|table des matières|sommaire|índice|indice")


def drop_contents(page: list[Line], listed: set[str]) -> list[Line]:
    """Leave out a table of contents: lines that lead to a place in the document, or end in rising page numbers."""
    inside = [index for index, line in enumerate(page) if line.inside > 0.6 and len(line.text.split()) < 20]
    if len(inside) >= 3:
        first, last = inside[0], inside[-1]
        while last + 1 < len(page) and page[last + 1].size == page[last].size and _is_short(page[last + 1]):
            last += 1
        span = page[first : last + 1]
        if sum(_is_short(line) or line.inside > 0.6 for line in span) >= 0.9 * len(span):
            listed.update(heading_key(re.sub(r"[\s.]*\d+$", "", line.text)) for line in span)
            page = page[:first] + page[last + 1 :]
            page = [line for line in page if not CONTENTS.fullmatch(line.text)]
    numbers = [(line, int(m.group(1))) for line in page if (m := re.search(r"(?:\s|\.)(\d{1,3})$", line.text))]
    rising = sum(0 <= after[1] - before[1] <= 30 for before, after in pairwise(numbers))
    if len(numbers) >= 5 and len(numbers) >= 0.6 * len(page) and rising >= 0.8 * (len(numbers) - 1):
        listed.update(heading_key(re.sub(r"[\s.]*\d+$", "", line.text)) for line, _ in numbers)
        gone = {id(line) for line, _ in numbers}
        page = [line for line in page if id(line) not in gone and not CONTENTS.fullmatch(line.text)]
    return page


def _is_short(line: Line) -> bool:
    return len(line.text.split()) <= 6 and not re.search(r"[.,;:!?]$", line.text)


def read_outline(reader: PdfReader) -> list[tuple[int, str, int]]:
    """Return the outline's entries: level, title, page."""
    found: list[tuple[int, str, int]] = []

    def walk(entries: list[Any], level: int) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            elif isinstance(entry, Destination) and entry.title:
                page = reader.get_destination_page_number(entry)
                found.append((level, clean(str(entry.title)), (page if page is not None else -1) + 1))

    try:
        walk(reader.outline, 1)
    except Exception:  # a damaged outline: sizes have to do
        return []
    return found


def heading_key(text: str) -> str:
    """Return what a heading is recognised by: its letters, without its number."""
    return re.sub(r"^[\divx.]+\s+|[^\w]", "", text.lower())


def body_size(blocks: list[Block]) -> float:
    """Return the font size of running text."""
    sizes: Counter[float] = Counter()
    for block in blocks:
        if block.kind in ("text", "item"):
            for line in block.lines:
                sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def by_outline(blocks: list[Block], outline: list[tuple[int, str, int]]) -> dict[int, int]:
    """Return the blocks that are headings by the outline, with their level; nothing if it does not fit the text."""
    wanted = {(heading_key(title), page): level for level, title, page in outline if heading_key(title)}
    found: dict[int, int] = {}
    used: set[tuple[str, int]] = set()
    for index, block in enumerate(blocks):
        if block.kind not in ("text", "item"):
            continue
        for size in range(1, len(block.lines) + 1):  # the paragraph may have been joined to its heading
            key = (heading_key(" ".join(line.text for line in block.lines[:size])), block.lines[0].page)
            if key in wanted and key not in used and size == len(block.lines):
                used.add(key)
                found[index] = wanted[key]
    return found if len(used) >= 0.6 * len(wanted) and used else {}


def by_size(blocks: list[Block], body: float, listed: set[str]) -> dict[int, int]:
    """Return the blocks that are headings by their size or weight, with their level."""
    candidates: dict[int, tuple[float, bool]] = {}
    mostly_bold = sum(len(b.text) for b in blocks if b.lines[0].bold) > 0.4 * sum(len(b.text) for b in blocks)
    for index, block in enumerate(blocks):
        text, first = block.text, block.lines[0]
        if block.kind not in ("text", "item") or not re.search(r"[^\W\d_]{2}", text) or first.cells:
            continue
        words = len(text.split())
        if words > 16 or len(block.lines) > 3 or re.search(r"[.,;:]$", text) or text[:1].islower():
            continue
        beside = blocks[max(0, index - 1) : index] + blocks[index + 1 : index + 2]
        if block.kind == "item" and (BULLET.match(text) or any(other.kind == "item" for other in beside)):
            continue
        before = blocks[index - 1].lines[-1] if index else None
        alone = before is None or before.page != first.page or abs(before.y - first.y) > 0.5 * first.size
        linked = sum(len(link.text) for line in block.lines for link in line.links) > 0.8 * len(text)
        bold = first.bold and not mostly_bold and not linked
        if alone and (first.size > 1.08 * body or (bold and first.size > 0.95 * body and block.kind == "text")):
            candidates[index] = (first.size, bold and first.size <= 1.08 * body)
    for index, block in enumerate(blocks):
        if (
            index not in candidates
            and block.kind == "text"
            and len(block.lines) < 4
            and heading_key(block.text) in listed
        ):
            candidates[index] = (0.0, True)
    ranks = sorted(set(candidates.values()), key=lambda rank: (-rank[0], rank[1]))
    return {index: ranks.index(rank) + 1 for index, rank in candidates.items()}
