"""HTML: the main text without the page's furniture, FAQ markup made headings."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from bs4 import BeautifulSoup, CData, NavigableString, Tag
from bs4.element import PageElement

from stages.documents.readers import Builder, Parsed, ReadError, clean, fence, table
from stages.records import Link

HEADINGS = {f"h{level}": level for level in range(1, 7)}
DROPPED = {
    *("script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "audio", "video"),
    *("head", "form", "input", "select", "textarea", "img", "picture", "nav", "aside", "footer", "dialog", "rp", "rt"),
}
ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alertdialog", "menu", "menubar"}
FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|side-?bar|social|share|sharing|newsletter|advert\w*|ads?"
    r"|skip-?(?:link|nav|to)\S*|pagination|header-?link|page-?(?:footer|nav)|site-?(?:footer|header|nav)|nav-?bar"
    r"|table-?of-?contents|toc)(?=$|[\s_-])",
    re.IGNORECASE,
)
ACCORDION = re.compile(r"accordion|collaps|faq|question|toggle|expand|disclosure", re.IGNORECASE)
BLOCKS = {
    *("address", "article", "blockquote", "body", "center", "details", "dd", "div", "dl", "dt", "fieldset"),
    *("figcaption", "figure", "header", "hgroup", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "caption", "menu", *HEADINGS),
}


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


def attribute(tag: Tag, name: str) -> str:
    """Return an attribute as one string, or an empty one."""
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)


def main(page: Tag) -> Tag:
    """Return the element that holds the text: main, else the only article, else the body."""
    whole = len(page.get_text())
    candidates = [*page.find_all("main"), *page.find_all(True, attrs={"role": "main"})]
    articles = page.find_all("article")
    if len(articles) == 1:
        candidates += articles
    for tag in candidates:
        if len(tag.get_text()) > 0.1 * whole:  # an empty <main> filled by a script is no help
            return tag
    return page.body or page


def strip(root: Tag) -> None:
    """Take the page's furniture out of the tree. Collapsed text (`display:none`) stays: answers are often there."""
    whole = len(root.get_text()) or 1
    for tag in root.find_all(True):
        if tag.decomposed or tag is root:
            continue
        words = f"{attribute(tag, 'class')} {attribute(tag, 'id')}"
        share = len(tag.get_text()) / whole
        if (
            tag.name in ("nav", "footer", "aside")
            or attribute(tag, "role") in ROLES
            or (tag.name == "header" and tag.find(["h1", "h2", "h3"]) is None)
            or (share < 0.5 and FURNITURE.search(words))
            or (attribute(tag, "aria-hidden") == "true" and tag.name in ("a", "span", "i", "b", "button"))
            or (tag.name == "a" and clean(tag.get_text()) in ("¶", "#", "§", "🔗"))
        ):
            tag.decompose()


class Inline:
    """Gathers running text and its links until a block ends."""

    def __init__(self, base: str | None):
        """Start empty; relative links are resolved against `base`."""
        self.base, self.text, self.links = base, "", []  # type: str | None, str, list[Link]

    def take(self) -> tuple[str, list[Link]]:
        """Return what was gathered and start anew."""
        text, links = clean(self.text), self.links
        self.text, self.links = "", []
        return text, links

    def add(self, node: PageElement) -> None:
        """Add a text node or an inline element."""
        if isinstance(node, NavigableString):
            if type(node) in (NavigableString, CData):
                self.text += node
        elif isinstance(node, Tag) and node.name not in DROPPED and not is_button(node):
            if node.name == "br":
                self.text += " "
                return
            if node.name in ("sup", "sub") and self.text[-1:].isalnum() and clean(node.get_text())[:1].isalnum():
                self.text += "^" if node.name == "sup" and self.text[-1:].isdigit() else ""  # 10^-4, not 10-4
            elif node.name == "sup" and self.text[-1:].isdigit() and clean(node.get_text())[:1] in ("-", "−", "+"):
                self.text += "^"
            for child in node.children:
                if isinstance(child, Tag) and child.name in BLOCKS:
                    self.text += " "
                self.add(child)
            if node.name in ("strong", "b") and _is_run_in(node):
                self.text = self.text.rstrip() + ":"
            if node.name == "a" and node.get("href"):
                self.link(node)
            if node.name in BLOCKS:
                self.text += " "

    def link(self, node: Tag) -> None:
        """Note where an element leads."""
        url = attribute(node, "href").strip()
        label = clean(node.get_text()) or next((clean(attribute(i, "alt")) for i in node.find_all("img")), "")
        if not label or url.lower().startswith(("javascript:", "data:")):
            return
        if self.base:
            try:
                url = urljoin(self.base, url)
            except ValueError:  # "http://[broken"
                return
        self.links.append(Link(text=label, url=url))


def _is_run_in(node: Tag) -> bool:
    """Say whether a bold text leads its paragraph as a title does, with nothing but the type to part the two."""
    label, after = clean(node.get_text()), node.next_sibling
    first = all(isinstance(before, NavigableString) and not before.strip() for before in node.previous_siblings)
    following = isinstance(after, NavigableString) and re.match(r"\s+[^\W_a-z]", after)
    return bool(first and following and label[-1:].isalnum() and len(label.split()) <= 10 and label[:1].isupper()) and (
        isinstance(node.parent, Tag) and node.parent.name in ("p", "li", "dd", "div")
    )


def is_button(tag: Tag) -> bool:
    """Say whether an element is a control."""
    return tag.name == "button" or attribute(tag, "role") == "button"


def is_question(tag: Tag) -> bool:
    """Say whether a control opens an answer: the heading of an accordion."""
    keys = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle", "data-target", "data-bs-target")
    text = clean(tag.get_text(" "))
    named = ACCORDION.search(f"{attribute(tag, 'class')} {attribute(tag, 'id')}") is not None
    return len(text.split()) > 1 and (any(tag.has_attr(key) for key in keys) or named or text.endswith("?"))


def walk(root: Tag, builder: Builder, base: str | None) -> None:
    """Read an element's content into the builder."""
    inline = Inline(base)
    _blocks(root, builder, inline)
    _flush(builder, inline)


def _flush(builder: Builder, inline: Inline) -> None:
    text, links = inline.take()
    builder.add(text, links)


def _has_blocks(tag: Tag) -> bool:
    return tag.find(lambda inner: inner.name in BLOCKS or is_button(inner)) is not None


def _blocks(parent: Tag, builder: Builder, inline: Inline) -> None:
    for node in list(parent.children):
        if not isinstance(node, Tag):
            inline.add(node)
        elif node.name in DROPPED:
            continue
        elif is_button(node):
            if is_question(node):
                _flush(builder, inline)
                _promoted(clean(node.get_text(" ")), builder, real_level(node))
        elif node.name == "br" and isinstance(node.next_sibling, Tag) and node.next_sibling.name == "br":
            _flush(builder, inline)
        elif node.name in BLOCKS or _has_blocks(node):
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


def _promoted(text: str, builder: Builder, level: float) -> None:
    builder.heading(level, text)


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
                _promoted(clean(child.get_text(" ")), builder, level)
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
        _promoted(clean(summary.get_text(" ")), builder, level)
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
            text, found = _inline(cell, inline.base)
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


def _inline(node: Tag, base: str | None) -> tuple[str, list[Link]]:
    inline = Inline(base)
    for child in node.children:
        inline.add(child)
    return inline.take()


def _list(node: Tag, builder: Builder, base: str | None) -> None:
    items = [item for item in node.find_all("li") if item.find_parent(["ul", "ol", "menu"]) is node]
    if _is_contents(items):
        return
    faq = _is_faq(items)
    level = builder.level + 1
    lines: list[str] = []
    links: list[Link] = []

    def end() -> None:
        builder.add("\n".join(lines), links)
        lines.clear()
        links.clear()

    for mark, item in _marks(node, items):
        lead, rest = _lead(item)
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
                if isinstance(child, Tag) and not _has(child, ["pre", "table"]):
                    for inner_mark, inner in _marks(child, child.find_all("li")):
                        inner_text, inner_links = _item(inner, base)
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


def _has(tag: Tag, names: list[str]) -> bool:
    return tag.find(names) is not None


def _item(item: Tag, base: str | None) -> tuple[str, list[Link]]:
    inline = Inline(base)
    for child in item.children:
        if not (isinstance(child, Tag) and child.name in ("ul", "ol", "menu")):
            inline.add(child)
    return inline.take()


def _marks(node: Tag, items: list[Tag]) -> Iterator[tuple[str, Tag]]:
    start = attribute(node, "start")
    number = int(start) if start.lstrip("-").isdecimal() else 1
    for item in items:
        parent = item.find_parent(["ul", "ol", "menu"])
        if parent is node and node.name == "ol":
            yield f"{number}.", item
            number += 1
        else:
            yield "-", item


def _lead(item: Tag) -> tuple[list[PageElement], list[PageElement]]:
    """Part a list item: its first running text, and what comes after it."""
    children: list[PageElement] = [
        c for c in item.children if isinstance(c, Tag) or (isinstance(c, NavigableString) and c.strip())
    ]
    first = children[0] if children else None
    if isinstance(first, Tag) and first.name in ("p", "div") and not _has_blocks(first):
        return children[:1], children[1:]
    for index, child in enumerate(children):
        if isinstance(child, Tag) and (child.name in BLOCKS or _has_blocks(child)):
            return children[:index], children[index:]
    return children, []


def _is_faq(items: list[Tag]) -> bool:
    """Say whether the items are questions, each followed by its answer as further blocks."""
    asked = 0
    for item in items:
        lead, rest = _lead(item)
        text = clean("".join(part.get_text() for part in lead))
        if any(isinstance(part, Tag) and part.name == "p" for part in rest) and "?" in text and len(text.split()) < 60:
            asked += 1
    return len(items) > 1 and asked * 2 > len(items)


def _is_contents(items: list[Tag]) -> bool:
    """Say whether the list is a table of contents: links to places in the document and nothing else."""
    inside = 0
    for item in items:
        link = item.find("a", href=True)
        own = clean("".join(c.get_text() for c in item.children if getattr(c, "name", "") not in ("ul", "ol")))
        if isinstance(link, Tag) and attribute(link, "href").startswith("#") and clean(link.get_text()) == own:
            inside += 1
    return len(items) > 2 and inside >= 0.6 * len(items)
