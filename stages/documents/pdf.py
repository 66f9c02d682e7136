"""PDF: lines put in reading order by where they stand, headings by outline or size, paragraphs made whole."""

import io
import logging
import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import hypot
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError
from pypdf.generic import Destination, DictionaryObject

from stages.documents.readers import (
    BULLET,
    NUMBER,
    Builder,
    Parsed,
    ReadError,
    clean,
    document_words,
    fence,
    join_lines,
    table,
)
from stages.records import Link

# what fonts without a proper map come out as: ligatures, and marks at their place in Windows-1252
REPAIRS = str.maketrans(
    dict(zip("ﬀﬁﬂﬃﬄﬅﬆ", ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
    | dict(zip("\x7f\x95\uf0b7\x91\x92\x93\x94\x96\x97\x85\xa0", "•••‘’“”–—… ", strict=True))
)
MONOSPACED = re.compile(r"mono|courier|consol|menlo|typewriter|cmtt|sourcecode|inconsolata|fixed", re.IGNORECASE)
BOLD = re.compile(r"bold|black|heavy|semibold|demi|[-_,]md$|medium", re.IGNORECASE)
SENTENCE_END = re.compile(r"[.!?:;…][\"'”’)\]]*$")
PAGE_NUMBER = re.compile(r"(?:page\s*)?[-–—]?\s*\d{1,4}\s*[-–—]?(?:\s*(?:/|of)\s*\d{1,4})?|[ivxl]{1,6}", re.IGNORECASE)
OPEN = re.compile(r"(?:[,&(/]|\b(?:and|or|the|an?|of|to|for|in|with|by|on|as|is|are))$", re.IGNORECASE)
CONTENTS = re.compile(r"(?i)(table of )?contents|inhalt(sverzeichnis)?|table des matières|sommaire|índice|indice")


Stamp = tuple[str, tuple[float, float, float, float]]  # a link's URL and rectangle


@dataclass
class Run:
    """A stretch of text in one font; coordinates in points, y upwards from the page's foot."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    mono: bool
    links: list[Link] = field(default_factory=list)
    places: list[float] = field(default_factory=list)  # of the stripped text's characters, as shares of the width
    inside: int = 0  # characters that lead to a place in the document


@dataclass
class Line:
    """Runs on one baseline that belong together."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    mono: bool
    page: int
    links: list[Link]
    inside: float = 0.0  # share of characters that lead to a place in the document
    cells: list["Line"] = field(default_factory=list)  # of a table's row


@dataclass
class Block:
    """Lines that make one paragraph, heading, list item, code block or table."""

    kind: str
    lines: list[Line]

    @property
    def text(self) -> str:
        """The lines, joined."""
        return clean(" ".join(line.text for line in self.lines))


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a PDF."""
    logging.getLogger("pypdf").setLevel(logging.ERROR)  # it warns of every small fault of a file
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ReadError("encrypted", "the PDF asks for a password")
        stamps = _stamps(reader)
        pages = [_page(page, number, stamps) for number, page in enumerate(reader.pages, 1)]
    except (FileNotDecryptedError, DependencyError) as error:
        raise ReadError("encrypted", f"the PDF cannot be decrypted: {error}") from error
    _strip_furniture(pages, [float(page.mediabox.height) for page in reader.pages])
    listed: set[str] = set()  # headings by the table of contents
    lines = [line for page in pages for line in _drop_contents(page, listed)]
    if not lines:
        raise ReadError("no_text", f"none of the {len(pages)} pages holds text (a scan?)")
    blocks = _blocks(lines)
    title = clean(str(reader.metadata.get("/Title") or "" if reader.metadata else ""))
    if re.search(
        r"\.(docx?|indd|pdf|tex|pptx?)$|^(untitled|microsoft word.*|\(?anonymous\)?|unspecified)$", title, re.I
    ):
        title = ""
    return _build(blocks, _outline(reader), listed, title)


# --- runs and lines -------------------------------------------------------------------------------------------


def _page(page: PageObject, number: int, stamps: set[Stamp]) -> list[Line]:
    """Return the page's lines in reading order."""
    runs = _runs(page)
    for row in _baselines(runs):
        for before, run in pairwise(row):  # a font's widths promise more than was drawn
            before.x1 = min(before.x1, max(run.x0, before.x0 + 1))
    _link(runs, page, stamps)
    return _order(_segments(runs, number))


def _runs(page: PageObject) -> list[Run]:
    runs: list[Run] = []
    fonts: dict[int, Any] = {}
    turned = page.get("/Rotate") or 0
    told: list[tuple[float, float]] = [(0.0, 0.0)]  # the last run's place, as pypdf told it
    ends = [0.0]  # and where it really ended: pypdf gives several runs of one line the line's beginning

    def visit(text: str, cm: list[float], tm: list[float], font: DictionaryObject | None, size: float) -> None:
        if not text.strip():
            return
        a, b = tm[0] * cm[0] + tm[1] * cm[2], tm[0] * cm[1] + tm[1] * cm[3]
        x, y = tm[4] * cm[0] + tm[5] * cm[2] + cm[4], tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = hypot(a, b)
        if abs(b) > 0.2 * scale and not turned:  # a watermark or an axis label
            return
        if turned in (90, 270):
            x, y = (y, -x) if turned == 90 else (-y, x)
        x, y, same = (ends[0], y, True) if (x, y) == told[0] else (x, y, False)
        if not same:
            told[0] = (x, y)
        name = str(font.get("/BaseFont", "") if font else "")
        # some producers leave out spaces and letters are drawn one by one: pypdf has put both right in the text
        text = text.translate(REPAIRS)
        parts = text.strip("\n").split("\n")
        guess = 0.6 if MONOSPACED.search(name) else 0.5
        for part in parts:  # several lines in one run are rare; their heights are guessed
            stripped = part.strip()
            if stripped and not same and MONOSPACED.search(name):  # the indentation of code
                x += (len(part) - len(part.lstrip())) * 0.6 * size * scale
                part = stripped
            if stripped:
                advances = _advances(stripped, font, fonts, guess)
                width = sum(advances) * size * scale
                run = Run(part, x, x + width, y, size * scale, bool(BOLD.search(name)), bool(MONOSPACED.search(name)))
                run.places = [0.0, *accumulate(advance / (sum(advances) or 1) for advance in advances)]
                runs.append(run)
                ends[0] = x + width + 0.25 * size * scale * part.endswith(" ")
            y -= 1.2 * size * scale

    page.extract_text(visitor_text=visit)
    usual = statistics.median([run.size for run in runs]) if runs else 0
    return [
        run for run in runs if run.size < 5 * usual or re.search(r"[^\W\d_]", run.text)
    ]  # a huge digit is a picture


def _advances(text: str, font: DictionaryObject | None, fonts: dict[int, Any], fallback: float) -> list[float]:
    """Return the width of each character at size 1; half an em where the font does not tell."""
    if font is not None:
        key = id(font)
        if key not in fonts:
            try:
                from pypdf.generic._font import Font  # not public: do without if it moves

                fonts[key] = (Font.from_font_resource(font), font)
            except Exception:
                fonts[key] = (None, font)
        known = fonts[key][0]
        if known is not None:
            widths = [float(known.get_text_width(character)) / 1000 for character in text]
            if 0.2 * len(text) < sum(widths) < 1.5 * len(text):
                return widths
    return [fallback] * len(text)


def _link(runs: list[Run], page: PageObject, stamps: set[Stamp]) -> None:
    """Note on the runs which link annotations cover them."""
    for url, (left, low, right, high) in _annotations(page):
        if (url, (left, low, right, high)) in stamps:
            continue
        found: list[str] = []
        first: Run | None = None
        for run in runs:
            middle = run.y + 0.3 * run.size
            if not low - 1 <= middle <= high + 1 or run.x1 <= left or run.x0 >= right:
                continue
            text = run.text.strip()
            wide = max(run.x1 - run.x0, 0.1)
            label = _whole_words(text, run.places, (left - run.x0) / wide, (right - run.x0) / wide)
            if not label:
                continue
            if url:
                found.append(label if "/" in label else label.rstrip("."))
                first = first or run
            else:
                run.inside += len(label)
        if first is not None and url.startswith(("http://", "https://", "mailto:")):
            first.links.append(Link(text=clean(" ".join(found)), url=url))


def _annotations(page: PageObject) -> Iterator[Stamp]:
    """Yield the page's links: the URL (empty if it leads to a place in the document) and the rectangle."""
    for annotation in page.get("/Annots") or []:
        try:
            note = annotation.get_object()
            if note.get("/Subtype") != "/Link":
                continue
            xs, ys = sorted(map(float, note["/Rect"][0::2])), sorted(map(float, note["/Rect"][1::2]))
            action = note.get("/A")
            url = "" if action is None else str(action.get_object().get("/URI") or "").strip()
            yield url, (xs[0], ys[0], xs[1], ys[1])
        except Exception:  # a damaged annotation costs only itself
            continue


def _stamps(reader: PdfReader) -> set[Stamp]:
    """Return the links that stand at the same place on half of the pages: those of a site's logo or menu."""
    count = Counter(stamp for page in reader.pages for stamp in set(_annotations(page)))
    return {stamp for stamp, pages in count.items() if pages >= max(3, 0.5 * len(reader.pages))}


def _whole_words(text: str, places: list[float], left: float, right: float) -> str:
    """Return the words of which at least the half lies between two places, which are shares of the text's width."""
    words = [
        match
        for match in re.finditer(r"\S+", text)
        if min(places[match.end()], right) - max(places[match.start()], left)
        >= 0.5 * (places[match.end()] - places[match.start()])
    ]
    return text[words[0].start() : words[-1].end()].strip(" ,;()") if words else ""


def _baselines(runs: list[Run]) -> list[list[Run]]:
    """Group the runs by the line they stand on; an index or exponent stands on the line of its base."""
    rows: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: -run.y):
        fall = rows[-1][0].y - run.y if rows else 0.0
        smaller = 0.5 < run.size / rows[-1][0].size < 0.8 if rows else False
        if rows and fall < (0.3 * rows[-1][0].size if smaller else 0.35 * min(run.size, rows[-1][0].size)):
            rows[-1].append(run)
        else:
            rows.append([run])
    for row in rows:
        row.sort(key=lambda run: run.x0)
    return rows


def _segments(runs: list[Run], page: int) -> list[Line]:
    """Group the runs to lines, parted where a gap is as wide as between columns."""
    lines: list[Line] = []
    for row in _baselines(runs):
        groups: list[list[Run]] = [[row[0]]]
        for before, run in pairwise(row):
            marker = BULLET.fullmatch(before.text.strip() + " ") or NUMBER.fullmatch(before.text.strip() + " ")
            wide = run.x0 - before.x1 > 1.6 * max(run.size, before.size)
            if wide and not (marker and len(groups[-1]) == 1) and not re.match(r"[.,;:)]", run.text.strip()):
                groups.append([run])
            else:
                groups[-1].append(run)
        lines += [_line(group, page) for group in groups]
    return [line for line in lines if line.text]


def _line(runs: list[Run], page: int) -> Line:
    text = ""
    end = runs[0].x0
    for run in runs:
        gap = run.x0 - end
        if (
            text
            and not text.endswith(" ")
            and (run.text.startswith(" ") or gap > 0.17 * run.size or (text[-1] == ")" and run.text[:1].isalpha()))
        ):
            text += " "
        text += run.text.strip("\n") if text else run.text.lstrip()
        end = run.x1
    size = Counter[float]()
    for run in [run for run in runs if not run.mono] or runs:  # code among words is often set smaller
        size[round(run.size * 2) / 2] += len(run.text.strip())
    letters = sum(len(run.text.strip()) for run in runs)
    mono = all(run.mono for run in runs)
    text = " ".join(text.split()) if not mono else text.strip()
    return Line(
        text=text if mono else re.sub(r"(?<=\w) (?=[,;:.)]+(?:\s|$))|(?<=\s\() ", "", clean(text)),
        x0=runs[0].x0,
        x1=max(run.x1 for run in runs),
        y=runs[0].y,
        size=size.most_common(1)[0][0],
        bold=all(run.bold for run in runs),
        mono=mono,
        page=page,
        links=[link for run in runs for link in run.links],
        inside=sum(run.inside for run in runs) / max(1, letters),
    )


def _order(segments: list[Line]) -> list[Line]:
    """Return the lines in reading order: columns are read one after the other, between lines that cross them."""
    gutter = _gutter(segments)
    if gutter is None:
        return _rows(segments)
    ordered: list[Line] = []
    band: list[Line] = []

    def flush() -> None:
        for side in ([s for s in band if s.x1 <= gutter + 1], [s for s in band if s.x1 > gutter + 1]):
            ordered.extend(_order(side) if len(side) < len(segments) else _rows(side))
        band.clear()

    for segment in sorted(segments, key=lambda s: (-s.y, s.x0)):
        if segment.x0 < gutter - 1 and segment.x1 > gutter + 1:
            flush()
            ordered.append(segment)
        else:
            band.append(segment)
    flush()
    return ordered


def _gutter(segments: list[Line]) -> float | None:
    """Return where the empty strip between two columns of running text lies, if there is one."""
    prose = [s for s in segments if len(s.text) >= 20]
    if len(prose) < 6:
        return None
    left, right = min(s.x0 for s in segments), max(s.x1 for s in segments)
    best: tuple[int, float] | None = None
    for at in sorted({round(s.x0, 0) - 3 for s in prose}):
        if not left + 0.2 * (right - left) < at < right - 0.2 * (right - left):
            continue
        crossing = sum(s.x0 < at - 1 and s.x1 > at + 1 for s in segments)
        sides = [s for s in prose if s.x1 <= at + 1], [s for s in prose if s.x0 >= at - 1]
        fewer = min(map(len, sides))
        if fewer >= 3 and crossing <= 0.25 * len(segments) and (best is None or fewer - 2 * crossing > best[0]):
            best = (fewer - 2 * crossing, at)
    return best[1] if best else None


def _rows(segments: list[Line]) -> list[Line]:
    """Return the lines from top to bottom; those side by side are the cells of one line."""
    rows: list[list[Line]] = []
    for segment in sorted(segments, key=lambda s: (-s.y, s.x0)):
        if rows and abs(rows[-1][0].y - segment.y) < 0.4 * min(segment.size, rows[-1][0].size):
            rows[-1].append(segment)
        else:
            rows.append([segment])
    lines = []
    for row in rows:
        row.sort(key=lambda s: s.x0)
        if len(row) == 1:
            lines.append(row[0])
            continue
        first = row[0]
        lines.append(
            Line(
                text=" ".join(cell.text for cell in row),
                x0=first.x0,
                x1=row[-1].x1,
                y=first.y,
                size=first.size,
                bold=all(cell.bold for cell in row),
                mono=all(cell.mono for cell in row),
                page=first.page,
                links=[link for cell in row for link in cell.links],
                inside=statistics.mean(cell.inside for cell in row),
                cells=row,
            )
        )
    return lines


# --- page furniture -------------------------------------------------------------------------------------------


def _strip_furniture(pages: list[list[Line]], heights: list[float]) -> None:
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


def _drop_contents(page: list[Line], listed: set[str]) -> list[Line]:
    """Leave out a table of contents: lines that lead to a place in the document, or end in rising page numbers."""
    page = _drop_menus(page)
    inside = [index for index, line in enumerate(page) if line.inside > 0.6 and len(line.text.split()) < 20]
    if len(inside) >= 3:
        first, last = inside[0], inside[-1]
        while last + 1 < len(page) and page[last + 1].size == page[last].size and _is_short(page[last + 1]):
            last += 1
        span = page[first : last + 1]
        if sum(_is_short(line) or line.inside > 0.6 for line in span) >= 0.9 * len(span):
            listed.update(_key(re.sub(r"[\s.]*\d+$", "", line.text)) for line in span)
            page = page[:first] + page[last + 1 :]
            page = [line for line in page if not CONTENTS.fullmatch(line.text)]
    numbers = [(line, int(m.group(1))) for line in page if (m := re.search(r"(?:\s|\.)(\d{1,3})$", line.text))]
    rising = sum(0 <= after[1] - before[1] <= 30 for before, after in pairwise(numbers))
    if len(numbers) >= 5 and len(numbers) >= 0.6 * len(page) and rising >= 0.8 * (len(numbers) - 1):
        listed.update(_key(re.sub(r"[\s.]*\d+$", "", line.text)) for line, _ in numbers)
        gone = {id(line) for line, _ in numbers}
        page = [line for line in page if id(line) not in gone and not CONTENTS.fullmatch(line.text)]
    return page


def _is_short(line: Line) -> bool:
    return len(line.text.split()) <= 6 and not re.search(r"[.,;:!?]$", line.text)


def _drop_menus(page: list[Line]) -> list[Line]:
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


# --- blocks ---------------------------------------------------------------------------------------------------


def _blocks(lines: list[Line]) -> list[Block]:
    """Group the lines of the document to blocks."""
    leading = _leading(lines)
    edges = _edges(lines)
    blocks: list[Block] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        rows = _table_rows(lines, index)
        if rows:
            blocks.append(Block("table", lines[index : index + rows]))
            index += rows
            continue
        index += 1
        last = blocks[-1] if blocks else None
        if line.mono and not (len(line.text.split()) > 40):
            if last is not None and last.kind == "code":
                last.lines.append(line)
            else:
                blocks.append(Block("code", [line]))
            continue
        kind = "item" if BULLET.match(line.text) or NUMBER.match(line.text) else "text"
        if (
            last is not None
            and last.kind in ("text", "item")
            and kind == "text"
            and _goes_on(last, line, leading, edges)
        ):
            last.lines.append(line)
        else:
            blocks.append(Block(kind, [line]))
    return blocks


def _leading(lines: list[Line]) -> dict[float, float]:
    """Return the usual distance of two lines for each font size."""
    gaps: dict[float, list[float]] = defaultdict(list)
    for before, line in pairwise(lines):
        gap = before.y - line.y
        if before.page == line.page and before.size == line.size and 0.8 * line.size < gap < 3 * line.size:
            gaps[line.size].append(round(gap, 1))
    found = {size: _low_median(values) for size, values in gaps.items()}
    return {size: gap if len(gaps[size]) > 5 else min(gap, 1.5 * size) for size, gap in found.items()}


def _edges(lines: list[Line]) -> dict[tuple[int, float], float]:
    """Return how far the lines go to the right that begin at the same place, in the size of running text."""
    body = Counter[float]()
    for line in lines:
        body[line.size] += len(line.text)
    usual = body.most_common(1)[0][0] if body else 0
    edges: dict[tuple[int, float], list[float]] = defaultdict(list)
    for line in lines:
        if abs(line.size - usual) < 0.15 * usual:
            edges[_edge_key(line)].append(line.x1)
    return {key: sorted(ends)[int(0.95 * (len(ends) - 1))] for key, ends in edges.items()}


def _edge_key(line: Line) -> tuple[int, float]:
    return round(line.x0 / 8), line.size


def _low_median(values: list[float]) -> float:
    return sorted(values)[int(0.4 * (len(values) - 1))]


def _goes_on(block: Block, line: Line, leading: dict[float, float], edges: dict[tuple[int, float], float]) -> bool:
    """Say whether a line goes on with a paragraph."""
    last = block.lines[-1]
    if abs(last.size - line.size) > 0.06 * last.size or last.cells or line.cells:
        return False
    ended = SENTENCE_END.search(last.text) is not None
    usual = leading.get(line.size, 1.25 * line.size)
    gap = last.y - line.y
    if last.page == line.page and 0 < gap < 6 * usual and line.x0 < last.x1:  # below it
        if gap > 1.3 * usual:
            return gap < 2.2 * usual and not ended and line.text[:1].islower() and last.bold == line.bold
        if last.bold != line.bold and (line.bold or len(block.lines) <= 2) and (ended or last.bold):
            return not last.bold and not ended
        if (
            block.kind == "text" and _edge_key(line) not in edges and not _aligned(last, line)
        ):  # titles of one size below each other
            return False
        if block.kind == "item" and line.x0 < last.x0 - 0.5 * line.size:
            return False
        edge = edges.get(_edge_key(last), last.x1)
        word = len(line.text.split()[0]) * 0.55 * line.size
        room = edge - last.x1 - word
        if (
            room > (0.2 if ended else 0.3) * (edge - last.x0)
            and not line.text[:1].islower()
            and not OPEN.search(last.text)
        ):
            return False  # the line was ended although there was room
        indented = line.x0 - last.x0 > 0.8 * line.size and block.kind == "text" and len(block.lines) > 1
        return not (ended and indented)
    # in the next column or on the next page
    if last.bold != line.bold:
        return False
    return not ended and (line.text[:1].islower() or last.text.endswith("-") or len(last.text) > 40)


def _aligned(a: Line, b: Line) -> bool:
    """Say whether two lines agree on their left, their right or their middle."""
    return min(abs(a.x0 - b.x0), abs(a.x1 - b.x1), abs(a.x0 + a.x1 - b.x0 - b.x1) / 2) < a.size


def _table_rows(lines: list[Line], index: int) -> int:
    """Return how many lines from here on make a table: the same number of cells, which stand below each other."""
    first = lines[index]
    if len(first.cells) < 2:
        return 0
    count = 1
    while index + count < len(lines):
        line = lines[index + count]
        if line.page != first.page or len(line.cells) != len(first.cells) or line.size != first.size:
            break
        aligned = all(_aligned(a, b) for a, b in zip(first.cells, line.cells, strict=True))
        if not aligned:
            break
        count += 1
    return count if count > 1 else 0


# --- headings and parts ---------------------------------------------------------------------------------------


def _outline(reader: PdfReader) -> list[tuple[int, str, int]]:
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


def _key(text: str) -> str:
    return re.sub(r"^[\divx.]+\s+|[^\w]", "", text.lower())


def _build(blocks: list[Block], outline: list[tuple[int, str, int]], listed: set[str], title: str) -> Parsed:
    body = _body_size(blocks)
    levels = _by_outline(blocks, outline) or _by_size(blocks, body, listed)
    words = document_words("\n".join(line.text for block in blocks for line in block.lines))
    builder = Builder()
    biggest: tuple[float, str] | None = None
    items: list[str] = []
    links: list[Link] = []

    def end() -> None:
        builder.add("\n".join(items), links)
        items.clear()
        links.clear()

    for index, block in enumerate(blocks):
        page = block.lines[0].page
        if block.kind == "text" and _key(block.text) in {_key(text) for _, text in builder.path}:
            continue  # a running title
        if index in levels:
            end()
            builder.page = page
            text = join_lines([line.text for line in block.lines], words)
            builder.heading(levels[index], text)
            if page <= 2 and (biggest is None or block.lines[0].size > biggest[0]):
                biggest = (block.lines[0].size, text)
            found = [link for line in block.lines for link in line.links]
            if found and index + 1 < len(blocks) and index + 1 not in levels:
                blocks[index + 1].lines[0].links[:0] = found
            continue
        if block.kind != "item":
            end()
        builder.page = page
        found = [link for line in block.lines for link in line.links]
        if block.kind == "table":
            builder.add(table([[cell.text for cell in line.cells] for line in block.lines]), found)
        elif block.kind == "code":
            builder.add(_code(block.lines), found)
        elif block.kind == "item":
            text = join_lines([line.text for line in block.lines], words)
            mark = BULLET.match(text)
            items.append("- " + text[mark.end() :] if mark else text)
            links += _merged(text, found)
        else:
            text = join_lines([line.text for line in block.lines], words)
            builder.add(text, _merged(text, found))
    end()
    return builder.parsed(title or (biggest[1] if biggest and biggest[0] > 1.3 * body else None))


def _merged(text: str, links: list[Link]) -> list[Link]:
    """Join the links of one text that goes over two lines."""
    found: list[Link] = []
    for link in links:
        if found and found[-1].url == link.url:
            for glue in (" ", "", "-"):
                joined = (
                    found[-1].text.removesuffix("-") + glue + link.text
                    if glue == "-"
                    else found[-1].text + glue + link.text
                )
                if joined in text:
                    found[-1] = Link(text=joined, url=link.url)
                    break
            else:
                if link.text != found[-1].text:
                    found.append(link)
            continue
        found.append(link)
    return found


def _code(lines: list[Line]) -> str:
    """Return a code block with its indentation as it stands on the page."""
    left = min(line.x0 for line in lines)
    texts = []
    for before, line in pairwise([lines[0], *lines]):
        if before.page == line.page and before.y - line.y > 1.9 * max(1.0, line.size):
            texts.append("")
        texts.append(" " * round((line.x0 - left) / max(1.0, 0.6 * line.size)) + line.text)
    return fence("\n".join(texts))


def _body_size(blocks: list[Block]) -> float:
    sizes: Counter[float] = Counter()
    for block in blocks:
        if block.kind in ("text", "item"):
            for line in block.lines:
                sizes[line.size] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _by_outline(blocks: list[Block], outline: list[tuple[int, str, int]]) -> dict[int, int]:
    """Return the blocks that are headings by the outline, with their level; nothing if it does not fit the text."""
    wanted = {(_key(title), page): level for level, title, page in outline if _key(title)}
    found: dict[int, int] = {}
    used: set[tuple[str, int]] = set()
    for index, block in enumerate(blocks):
        if block.kind not in ("text", "item"):
            continue
        for size in range(1, len(block.lines) + 1):  # the paragraph may have been joined to its heading
            key = (_key(" ".join(line.text for line in block.lines[:size])), block.lines[0].page)
            if key in wanted and key not in used and size == len(block.lines):
                used.add(key)
                found[index] = wanted[key]
    return found if len(used) >= 0.6 * len(wanted) and used else {}


def _by_size(blocks: list[Block], body: float, listed: set[str]) -> dict[int, int]:
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
        if index not in candidates and block.kind == "text" and len(block.lines) < 4 and _key(block.text) in listed:
            candidates[index] = (0.0, True)
    ranks = sorted(set(candidates.values()), key=lambda rank: (-rank[0], rank[1]))
    return {index: ranks.index(rank) + 1 for index, rank in candidates.items()}
