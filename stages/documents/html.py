"""HTML: the main text without the page's furniture, FAQ markup made headings."""

from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from stages.documents.blocks import Builder, Parsed, ReadError, clean, fence, table
from stages.documents.html_furniture import main, strip
from stages.documents.html_inline import (
    BLOCKS,
    DROPPED,
    HEADINGS,
    Inline,
    attribute,
    has_blocks,
    inline_text,
    is_button,
)
from stages.documents.html_shapes import is_contents, is_faq, is_question, item_text, lead_and_rest, marks
from stages.records import Link


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a web page."""
    page = BeautifulSoup(data, "lxml")
    if page.original_encoding is None and b"\0" in data:
        raise ReadError("bad_encoding", "the page's encoding is not known")
    base = address(page, base)
    title = next((clean(heading.get_text(" ")) for heading in page.find_all("h1") if clean(heading.get_text())), None)
    if title is None and page.title is not None:
        title = clean(page.title.get_text()) or None
    root = main(page)
    strip(root)
    builder = Builder()
    walk(root, builder, base)
    return builder.parsed(title and title.rstrip("¶#").strip())


def soup(text: str) -> Tag:
    """Return the tree of a page or fragment."""
    return BeautifulSoup(text, "lxml")


def address(page: Tag, base: str | None) -> str | None:
    """Return the URL against which the page's relative links are resolved."""
    for name, mark, value, key in (("link", "rel", "canonical", "href"), ("meta", "property", "og:url", "content")):
        tag = page.find(name, attrs={mark: value})
        url = attribute(tag, key) if isinstance(tag, Tag) else ""
        if base is None and url.startswith(("http://", "https://")):
            base = url
    tag = page.find("base", href=True)
    return urljoin(base or "", attribute(tag, "href")) if isinstance(tag, Tag) else base


def walk(root: Tag, builder: Builder, base: str | None) -> None:
    """Read an element's content into the builder."""
    inline = Inline(base)
    _blocks(root, builder, inline)
    _flush(builder, inline)


def _flush(builder: Builder, inline: Inline) -> None:
    text, links = inline.take()
    builder.add(text, links)


def _blocks(parent: Tag, builder: Builder, inline: Inline) -> None:
    for node in list(parent.children):
        if not isinstance(node, Tag):
            inline.add(node)
        elif node.name in DROPPED:
            continue
        elif is_button(node):
            if is_question(node):
                _flush(builder, inline)
                builder.heading(real_level(node), clean(node.get_text(" ")))
        elif node.name == "br" and isinstance(node.next_sibling, Tag) and node.next_sibling.name == "br":
            _flush(builder, inline)
        elif node.name in BLOCKS or has_blocks(node):
            _flush(builder, inline)
            _block(node, builder, inline)
            _flush(builder, inline)
        else:
            inline.add(node)


def real_level(node: Tag) -> float:
    """Return the level a promoted heading gets: one below the heading it stands under, deeper if it is nested."""
    before = node.find_previous(list(HEADINGS))
    depth = len(node.find_parents(["details", "dl"]))
    return (HEADINGS[before.name] if isinstance(before, Tag) else 1) + max(1, depth)


def _block(node: Tag, builder: Builder, inline: Inline) -> None:
    name = node.name
    if name in HEADINGS:
        heading = Inline(inline.base)
        for child in node.children:
            if isinstance(child, Tag) and is_button(child):
                heading.text += child.get_text(" ")
            else:
                heading.add(child)
        text, links = heading.take()
        if text.rstrip("¶# "):
            builder.heading(HEADINGS[name], text.rstrip("¶ "))
            if links:  # a heading's link belongs to what stands under it
                inline.links.extend(links)
    elif name == "pre":
        builder.add(fence(_code(node)))
    elif name == "table":
        _table(node, builder, inline)
    elif name in ("ul", "ol", "menu"):
        _list(node, builder, inline.base)
    elif name == "details":
        _details(node, builder, inline)
    elif name == "dl":
        level = None
        for child in node.find_all(["dt", "dd"]):
            if child.find_parent("dl") is not node:
                continue
            if child.name == "dt":
                level = real_level(child)
                builder.heading(level, clean(child.get_text(" ")))
            else:
                _blocks(child, builder, inline)
                _flush(builder, inline)
        if level is not None:
            builder.close(level)
    else:
        _blocks(node, builder, inline)


def _code(node: Tag) -> str:
    for br in node.find_all("br"):
        br.replace_with("\n")
    for button in node.find_all("button"):
        button.decompose()
    return node.get_text()


def _details(node: Tag, builder: Builder, inline: Inline) -> None:
    summary = node.find("summary", recursive=False)
    level = real_level(node.find(True) or node)
    if isinstance(summary, Tag):
        builder.heading(level, clean(summary.get_text(" ")))
        summary.extract()
    _blocks(node, builder, inline)
    _flush(builder, inline)
    if isinstance(summary, Tag):
        builder.close(level)


def _table(node: Tag, builder: Builder, inline: Inline) -> None:
    rows = [row for row in node.find_all("tr") if row.find_parent("table") is node]
    cells = [[cell for cell in row.find_all(["td", "th"], recursive=False)] for row in rows]
    if node.find(["table", "pre", *HEADINGS]) is not None or max(map(len, cells), default=0) < 2:  # made for layout
        for row in cells:
            for cell in row:
                _blocks(cell, builder, inline)
                _flush(builder, inline)
        return
    caption = node.find("caption")
    if isinstance(caption, Tag):
        _blocks(caption, builder, inline)
        _flush(builder, inline)
    grid: list[list[str]] = []
    links: list[Link] = []
    below: dict[int, tuple[int, str]] = {}  # column: rows still to fill, with what
    for row in cells:
        line: list[str] = []
        for cell in row:
            _carry(below, line)
            text, found = inline_text(cell, inline.base)
            links += found
            if _number(cell, "rowspan") > 1:
                below[len(line)] = (_number(cell, "rowspan") - 1, text)
            line += [text] + [""] * (_number(cell, "colspan") - 1)
        _carry(below, line)
        grid.append(line)
    builder.add(table(grid), links)


def _carry(below: dict[int, tuple[int, str]], line: list[str]) -> None:
    while len(line) in below:
        column = len(line)
        left, text = below.pop(column)
        if left > 1:
            below[column] = (left - 1, text)
        line.append(text)


def _number(cell: Tag, name: str) -> int:
    value = attribute(cell, name)
    return min(int(value), 50) if value.isdecimal() and int(value) else 1


def _list(node: Tag, builder: Builder, base: str | None) -> None:
    items = [item for item in node.find_all("li") if item.find_parent(["ul", "ol", "menu"]) is node]
    if is_contents(items):
        return
    faq = is_faq(items)
    level = builder.level + 1
    lines: list[str] = []
    links: list[Link] = []

    def end() -> None:
        builder.add("\n".join(lines), links)
        lines.clear()
        links.clear()

    for mark, item in marks(node, items):
        lead, rest = lead_and_rest(item)
        inline = Inline(base)
        for child in lead:
            inline.add(child)
        text, found = inline.take()
        body = Tag(name="div")
        body.extend(rest)
        if faq and text and rest:
            end()
            builder.heading(level, text)
            walk(body, builder, base)
            builder.close(level)
            continue
        if text:
            lines.append(f"{mark} {text}")
            links += found
        if all(isinstance(child, Tag) and child.name in ("ul", "ol") for child in rest):
            for child in rest:  # a nested list is flattened: one item a line
                if isinstance(child, Tag) and child.find(["pre", "table"]) is None:
                    for inner_mark, inner in marks(child, child.find_all("li")):
                        inner_text, inner_links = item_text(inner, base)
                        if inner_text:
                            lines.append(f"{inner_mark} {inner_text}")
                            links += inner_links
                elif isinstance(child, Tag):
                    end()
                    _list(child, builder, base)
        elif rest:
            end()
            walk(body, builder, base)
    end()
