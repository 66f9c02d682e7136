"""PDF: what stands on a page besides its text: running titles, page numbers, a site's menu."""

import re
from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

from stages.documents.pdf.blocks import heads
from stages.documents.pdf.lines import Line

PAGE_NUMBER = re.compile(
    r"(?:(?:page|pg|p|seite)\b\.?\s*)?[-–—|\[(]?\s*(?:\d{1,4}|[ivxlc]{1,7})\s*[-–—|\])]?(?:\s*(?:/|of|von)\s*\d{1,4})?"
    r"(?:\s*\|?\s*page)?",
    re.IGNORECASE,
)
COPYRIGHT = re.compile(r"(?:\w+ )?(?:©|\(c\)|copyright\b).*", re.IGNORECASE)


@dataclass
class Page:
    """A page's lines in reading order, and what was taken out of it: reason and text."""

    number: int
    height: float  # in points
    lines: list[Line]
    taken: list[tuple[str, str]]

    def take(self, reason: str, lines: list[Line]) -> None:
        """Take lines out."""
        gone = {id(line) for line in lines}
        self.lines = [line for line in self.lines if id(line) not in gone]
        self.taken += [(reason, line.text) for line in lines]

    def at_rim(self, line: Line, share: float = 0.1) -> bool:
        """Say whether a line stands in this share of the page's height at its head or foot."""
        return not share * self.height < line.y < (1 - share) * self.height


def take_furniture(pages: list[Page]) -> None:
    """Take out the lines that stand at one height on several pages, page numbers apart, and page numbers at the rim.

    In the outer fifth of a page it has to be half of the pages, in the outer tenth three (a chapter's running title,
    or those of odd and of even pages), two if the line is no larger than running text.
    """
    everywhere: Counter[tuple[str, int]] = Counter()
    rims: Counter[tuple[str, int]] = Counter()
    sizes: Counter[float] = Counter()
    for page in pages:
        cells = [cell for line in page.lines for cell in line.parts]
        everywhere.update({key for cell in cells for key in _keys(cell)})
        rims.update({key for cell in cells if page.at_rim(cell) for key in _keys(cell)})
        for line in page.lines:
            sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    half, few = max(3, 0.5 * len(pages)), min(3, max(2, len(pages)))

    def often(page: Page, cell: Line) -> bool:
        keys = _keys(cell)
        if max(everywhere[key] for key in keys) >= half and page.at_rim(cell, 0.2):
            return True
        return max(rims[key] for key in keys) >= (2 if cell.size <= body else few) and page.at_rim(cell)

    for page in pages:
        kept: list[Line] = []
        for line, following in zip_longest(page.lines, page.lines[1:]):
            if following is not None and heads(line, following) and not often(page, following.parts[0]):
                kept.append(line)  # of a table that begins anew on each page
                continue
            gone = []
            for cell in line.parts:
                number = PAGE_NUMBER.fullmatch(cell.text) is not None
                if often(page, cell) or (number and page.at_rim(cell, 0.08)):
                    side = "page_header" if cell.y > 0.5 * page.height else "page_footer"
                    page.taken.append(("page_number" if number and page.at_rim(cell) else side, cell.text))
                    gone.append(cell)
            kept += [line] if not gone else [cell for cell in line.parts if not any(cell is other for other in gone)]
        page.lines = kept


def _keys(line: Line) -> set[tuple[str, int]]:
    """Return what a repeated line is known by: its text, and its text with numbers counted from the page's.

    So "Page 2" and "Page 3" on successive pages are one footer, and "Step 2" and "Step 3" two headings.
    """
    text, height = re.sub(r"\s", "", line.text.lower()), round(line.y / 20)
    found = {(text, height)}
    numbers = list(re.finditer(r"\d{1,6}", text))
    for some in (numbers, numbers[:1], numbers[-1:]):
        counted = text
        for match in reversed(some):
            counted = f"{counted[: match.start()]}#{int(match[0]) - line.page}{counted[match.end() :]}"
        found.add((counted, height))
    return found


def take_menus(page: Page) -> None:
    """Take out a site's menu: rows of several links of a few words and nothing else."""
    rows = []
    for line in page.lines:
        linked = sum(len(link.text) for link in line.links)
        short = all(len(link.text.split()) <= 4 for link in line.links)
        text = COPYRIGHT.sub("", line.text).replace(" ", "")
        if len(line.links) > 1 and short and linked >= 0.8 * len(text):
            rows.append(line)
    if len(rows) < 3:
        rows = [line for line in rows if len(line.links) > 3]
    page.take("menu", rows)
