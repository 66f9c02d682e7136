"""PDF: what stands on a page besides its text: running titles, page numbers, a site's menu."""

import re
from collections import Counter

from stages.documents.pdf_lines import Line

PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*(?:/|of)\s*\d{1,4})?|[ivxl]{1,6}", re.IGNORECASE)


def strip_furniture(pages: list[list[Line]], heights: list[float]) -> None:
    """Take out the lines that stand on half of the pages or more, digits apart, and page numbers at the rim."""
    known: Counter[tuple[str, int]] = Counter()
    for page in pages:
        known.update({_furniture_key(cell) for line in page for cell in line.cells or [line]})
    rims: Counter[str] = Counter()  # a chapter's running title stands on some pages, but at the rim
    for page, height in zip(pages, heights, strict=True):
        rims.update({_furniture_key(line)[0] for line in page if not 0.1 * height < line.y < 0.9 * height})
    limit, rim_limit = max(3, 0.5 * len(pages)), min(3, len(pages)) if len(pages) > 1 else 2
    for page, height in zip(pages, heights, strict=True):
        low, high = 0.08 * height, 0.92 * height
        kept: list[Line] = []
        for line in page:
            cells = [
                cell
                for cell in line.cells or [line]
                if known[_furniture_key(cell)] < limit
                and (rims[_furniture_key(cell)[0]] < rim_limit or 0.1 * height < cell.y < 0.9 * height)
                and not (PAGE_NUMBER.fullmatch(cell.text) and not low < cell.y < high)
            ]
            if len(cells) == len(line.cells or [line]):
                kept.append(line)
            else:
                kept += cells
        page[:] = kept


def _furniture_key(line: Line) -> tuple[str, int]:
    return re.sub(r"\d+", "#", re.sub(r"\s", "", line.text.lower())), round(line.y / 20)


def drop_menus(page: list[Line]) -> list[Line]:
    """Leave out a site's menu: rows of several links of a few words and nothing else."""
    rows = []
    for line in page:
        linked = sum(len(link.text) for link in line.links)
        short = all(len(link.text.split()) <= 4 for link in line.links)
        if len(line.links) > 1 and short and linked >= 0.8 * len(line.text.replace(" ", "")):
            rows.append(line)
    if len(rows) < 3:
        rows = [line for line in rows if len(line.links) > 3]
    return [line for line in page if not any(line is row for row in rows)]
