"""PDF: which blocks are headings, by the outline, by size and weight, and by the table of contents."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from pypdf import PdfReader
from pypdf.generic import Destination

from stages.documents.blocks import BULLET, clean
from stages.documents.pdf.blocks import Block
from stages.documents.pdf.furniture import Page
from stages.documents.pdf.lines import Line

Rank = tuple[float, bool, bool]  # a heading's look: size, negative; only told by weight; not in capitals
CONTENTS = re.compile(r"(?i)(table of )?contents|inhalt(sverzeichnis)?|table des matières|sommaire|índice|indice")
ENTRY = re.compile(r"(?:\s|\.)(\d{1,3})$")


def take_contents(page: Page, listed: set[str], pages: int) -> None:
    """Take out a table of contents: lines that lead to a place in the document, or end in rising page numbers.

    Its entries are added to `listed`, as `heading_key` writes them. The document has `pages` pages.
    """
    lines = page.lines
    inside = [index for index, line in enumerate(lines) if line.inside > 0.6 and len(line.text.split()) < 20]
    if len(inside) >= 3:
        first, last = inside[0], inside[-1]
        while last + 1 < len(lines) and lines[last + 1].size == lines[last].size and _is_short(lines[last + 1]):
            last += 1
        span = lines[first : last + 1]
        if sum(_is_short(line) or line.inside > 0.6 for line in span) >= 0.9 * len(span):
            rest = lines[:first] + lines[last + 1 :]
            largest = 1.3 * max(line.size for line in span)
            if len(rest) < len(span) and all(_is_short(line) and line.size <= largest for line in rest):
                span = lines  # the titles of its parts lead nowhere
            _take_listed(page, span, listed)
    numbers = [(line, int(m[1])) for line in page.lines if len(line.cells) < 3 and (m := ENTRY.search(line.text))]
    rising = sum(0 <= after[1] - before[1] <= 30 for before, after in pairwise(numbers))
    if len(numbers) >= 5 and len(numbers) >= 0.6 * len(page.lines) and rising >= 0.8 * (len(numbers) - 1):
        dotted = sum(re.search(r"\.\s?\.|…", line.text) is not None for line, _ in numbers) >= 0.5 * len(numbers)
        titled = any(CONTENTS.fullmatch(line.text) for line in page.lines)
        if dotted or titled or max(number for _, number in numbers) <= pages:  # a table may have rising numbers too
            _take_listed(page, [line for line, _ in numbers], listed)


def _take_listed(page: Page, entries: list[Line], listed: set[str]) -> None:
    listed.update(heading_key(re.sub(r"[\s.]*\d+$", "", line.text)) for line in entries)
    gone = {id(line) for line in entries}
    page.take("contents", [line for line in page.lines if id(line) in gone or CONTENTS.fullmatch(line.text)])


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
    candidates: dict[int, Rank] = {}
    lines = [line for block in blocks for line in block.lines]
    mostly_bold = sum(len(line.text) for line in lines if line.bold) > 0.4 * sum(len(line.text) for line in lines)
    shouted = _shouted([block for index, block in enumerate(blocks) if _may_be_heading(blocks, index)])
    pointed: dict[int, Rank] = {}  # ends like a sentence: a heading if it looks like others
    for index, block in enumerate(blocks):
        text, first = block.text, block.lines[0]
        if not _may_be_heading(blocks, index):
            continue
        linked = sum(len(link.text) for line in block.lines for link in line.links) > 0.8 * len(text)
        bold = first.bold and not mostly_bold and not linked
        large = first.size > 1.08 * body
        if large or (bold and first.size > 0.95 * body and block.kind == "text"):
            rank = -first.size, bold and not large, not _in_capitals(text, first.size in shouted)
            if not re.search(r"[.,;:]$", text):
                candidates[index] = rank
            elif (text.endswith(":") and large and len(text.split()) <= 6) or (
                text.endswith(".") and first.size > 1.5 * body
            ):
                pointed[index] = rank
    usual = Counter(candidates.values())
    candidates |= {index: rank for index, rank in pointed.items() if usual[rank] > 1}
    for index, block in enumerate(blocks):
        short = block.kind == "text" and len(block.lines) < 4
        if index not in candidates and short and heading_key(block.text) in listed:
            candidates[index] = (0.0, True, True)
    ranks = _ranks(dict(sorted(candidates.items())))
    return {index: ranks.index(rank) + 1 for index, rank in candidates.items()}


def _in_capitals(text: str, one_word: bool) -> bool:
    """Say whether a heading is set in capitals; one word may just be an acronym, unless `one_word` counts as well."""
    words = re.sub(r"^[\d.]+\s+", "", text)
    return words.isupper() and (one_word or len(words.split()) > 1)


def _shouted(headings: list[Block]) -> set[float]:
    """Return the sizes in which most headings of several words are in capitals, so that single words are meant so."""
    capitals: dict[float, list[bool]] = {}
    for block in headings:
        if len(re.sub(r"^[\d.]+\s+", "", block.text).split()) > 1:
            capitals.setdefault(block.lines[0].size, []).append(_in_capitals(block.text, False))
    for block in headings:
        capitals.setdefault(block.lines[0].size, [_in_capitals(block.text, True)])
    return {size for size, known in capitals.items() if 2 * sum(known) > len(known)}


def _may_be_heading(blocks: list[Block], index: int) -> bool:
    """Say whether a block is short, stands alone and is no item of a list."""
    block, first = blocks[index], blocks[index].lines[0]
    text = block.text
    if block.kind not in ("text", "item") or not re.search(r"[^\W\d_]{2}", text) or first.cells:
        return False
    if len(text.split()) > 16 or len(block.lines) > 3 or text[:1].islower():
        return False
    beside = blocks[max(0, index - 1) : index] + blocks[index + 1 : index + 2]
    if block.kind == "item" and (BULLET.match(text) or any(other.kind == "item" for other in beside)):
        return False
    before = blocks[index - 1].lines[-1] if index else None
    return before is None or before.page != first.page or abs(before.y - first.y) > 0.5 * first.size


def _ranks(candidates: dict[int, Rank]) -> list[Rank]:
    """Return the looks of headings from the highest level to the lowest.

    The larger is the higher, but for a line that announces larger headings: one below which, each time it occurs,
    the next heading is of one larger look, mostly with nothing in between.
    """
    ranks = sorted(set(candidates.values()))
    order = list(candidates)
    followers: dict[Rank, list[tuple[Rank, bool]]] = {}
    for before, after in pairwise(order):
        followers.setdefault(candidates[before], []).append((candidates[after], after == before + 1))
    for rank, found in followers.items():
        over = {follower for follower, _ in found}
        near = sum(adjacent for _, adjacent in found)
        if len(found) > 1 and len(over) == 1 and min(over)[0] < rank[0] and near >= 0.5 * len(found):
            ranks.remove(rank)
            ranks.insert(ranks.index(min(over)), rank)
    return ranks
