"""HTML: tables, told from those that were made for layout, as rows of text."""

from collections.abc import Callable

from lxml.etree import _Element as Element

from stages.documents.html.furniture import HEADINGS
from stages.documents.html.inline import Inline
from stages.documents.html.shapes import spread
from stages.records import Link

LONGEST = 100  # words in a cell of data
Grid = list[list[tuple[Element, str]]]  # rows of cells with their text


def is_layout(node: Element) -> bool:
    """Say whether a table was made for layout: no row has two cells, or blocks stand in it, and it is no grid."""
    rows = [row.xpath("td | th") for row in node.xpath("tr | */tr")]
    if max(map(len, rows), default=0) < 2:
        return True
    blocks = {tag.tag for tag in node.iterdescendants("table", "pre", "details", "dl", *HEADINGS)}
    return bool(blocks) and not _is_grid(node, rows, blocks)


def _is_grid(node: Element, rows: list[list[Element]], blocks: set[str]) -> bool:
    """Say whether a table with blocks in it has data for all that: short cells below titles, or in even rows."""
    if "table" in blocks or any(len("".join(cell.itertext()).split()) > LONGEST for row in rows for cell in row):
        return False
    if next(node.iter("thead", "th"), None) is not None:
        return True
    return len(rows) > 1 and len({len(row) for row in rows}) == 1 and not blocks & set(HEADINGS)


def cells(node: Element, before: Inline, read: Callable[[Element], None]) -> tuple[list[list[str]], list[Link]]:
    """Return the text of a table's cells row by row, and their links.

    Args:
        node: the table.
        before: takes the running text that is in the table but in no cell; it stands before the table.
        read: is called with each element of that kind.
    """
    grid: Grid = []
    links: list[Link] = []
    _gather(node, grid, links, before, read)
    return spread(grid), links


def _gather(node: Element, grid: Grid, links: list[Link], before: Inline, read: Callable[[Element], None]) -> None:
    before.text(node.text)
    for child in node:
        if child.tag in ("tr", "thead", "tbody", "tfoot", "colgroup"):
            if child.tag == "tr":
                grid.append([])
            _gather(child, grid, links, before, read)
        elif child.tag in ("td", "th") and grid:
            inline = Inline(before.page)
            inline.content(child)
            text, found = inline.take()
            links += found
            grid[-1].append((child, text))
        else:
            read(child)
        before.text(child.tail)
