"""HTML: the text of a page as headings and blocks, FAQ markup made headings; what is no text is recorded."""

import re
from collections.abc import Callable

from lxml.etree import _Element as Element

from stages.documents.blocks import Builder, Parsed, ReadError, clean, fence, table
from stages.documents.html.code import code_of, is_numbers
from stages.documents.html.data import add_pairs
from stages.documents.html.furniture import BLOCKS, HEADINGS, Page
from stages.documents.html.inline import Inline, gathered, is_control, link
from stages.documents.html.leads import leads
from stages.documents.html.pairs import paired
from stages.documents.html.shapes import LISTS, anchor, holders, is_contents, is_faq, is_faq_item, questions, wrappers
from stages.documents.html.source import address, decoded, main, soup
from stages.documents.html.tables import cells, is_layout
from stages.documents.html.titles import heading_title, text_below, title
from stages.documents.html.writer import Question, Writer


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a web page. Raises ReadError for binary data and for elements nested too deep."""
    text = decoded(data)
    root = soup(text)
    base = address(root, base)
    builder = Builder()
    titles = [clean(gathered(tag)) for tag in root.xpath("/html/head/title")]
    for tag in root.xpath("/html/head/title"):
        tag.text = None  # it is metadata
    content = main(root)
    headings = (title(tag, Page(tag, Builder(), None))[0] for tag in [*content.iter("h1"), *root.iter("h1")])
    name = next(filter(None, headings), None) or next(filter(None, titles), None)
    for said in titles:
        if said.casefold() != (name or "").casefold():
            builder.drop("page_title", said)
    Walker(root, builder, base, site=True).run(root, content)
    add_pairs(text, builder, lambda answer, inner: walk(soup(answer), inner, base))
    return builder.parsed(name)


def walk(root: Element, builder: Builder, base: str | None) -> None:
    """Read an element's content into the builder. Raises ReadError if elements are nested too deep."""
    Walker(root, builder, base).run(root)


class Walker:
    """Goes through a tree in reading order and decides by element what is written."""

    def __init__(self, root: Element, builder: Builder, base: str | None, site: bool = False):
        """Look the tree over: which elements hold blocks, which controls are questions."""
        self.page = Page(root, builder, base, site)
        self.inline = Inline(self.page)
        self.writer = Writer(builder, self.inline)
        self.asked = paired(root, questions(root, self.page))
        self.leads = leads(root, self.page)
        self.page.kept.update(wrappers(self.asked))
        self.panels = {panel for panel in self.asked.values() if panel is not None}
        self.holders = holders(root, self.asked)
        self.levels: dict[Element, float] = {}  # of the headings that were read
        self.floor = 0.0  # level of the question in whose answer we are: its headings are below it
        self.term = 0.0  # level of the terms of the definition list in which we are
        self.nested = False  # in a list
        self.shapes: dict[str, Callable[[Element], None]] = {
            **dict.fromkeys(HEADINGS, self.heading),
            **dict.fromkeys(LISTS, self.listing),
            **dict.fromkeys(("pre", "xmp", "plaintext"), self.code),
            **{"table": self.table, "details": self.details, "dl": self.definitions, "dt": self.definition},
            **{"p": self.paragraph, "li": lambda node: self.item(node, "-"), "a": self.card},
        }

    # --- the order of things

    def run(self, root: Element, content: Element | None = None) -> None:
        """Read all that stands in the root, or only the content, which is an element in it, and drop the rest."""
        try:
            self.blocks(root) if content is None else self.around(root, content)
            self.writer.end()
        except RecursionError as error:
            raise ReadError("too_deep", "answers or lists stand in one another too deep to be read") from error

    def around(self, parent: Element, content: Element) -> None:
        """Read the content, and drop all that stands outside of it."""
        if parent is content:
            return self.node(parent) if parent.getparent() is not None else self.blocks(parent)
        self.page.drop("outside_main", parent.text or "")
        for child in parent:
            if child is content or child in content.iterancestors():
                self.around(child, content)
            else:
                reason = self.page.reason(child) or "outside_main"
                self.page.drop(reason, gathered(child))
            self.page.drop("outside_main", child.tail or "")
        return None

    def blocks(self, parent: Element, skip: Element | None = None) -> None:
        """Read what stands in an element."""
        self.inline.text(parent.text)
        for child in parent:
            if child is not skip:
                self.node(child)
            self.inline.text(child.tail)

    def node(self, node: Element) -> None:
        """Read an element, without what comes after it."""
        name = node.tag
        if node in self.asked or is_control(node):
            if not self.page.leave_out(node):
                self.writer.flush()
                self.control(node)
        elif name in BLOCKS or node in self.holders:
            if not self.page.leave_out(node):
                self.writer.flush()
                if node in self.panels:
                    self.panel(node)
                else:
                    self.shape(node)
                self.writer.flush()
        elif name == "br" and not (node.tail or "").strip() and getattr(node.getnext(), "tag", None) == "br":
            self.writer.flush()
        else:
            self.inline.add(node)

    def shape(self, node: Element) -> None:
        """Read a block as what it is."""
        self.shapes.get(node.tag, self.blocks)(node)

    # --- questions

    def control(self, node: Element) -> None:
        """Read a button: a question, a wrapper of text, or nothing but a control."""
        if node in self.asked:
            text, links = title(node, self.page)
            self.writer.ask(self.asked[node], Question(text, links, anchor(node, self.asked[node])))
        elif node.find(".//a[@href]") is not None or len(gathered(node).split()) > 15:
            self.blocks(node)
            self.writer.flush()
        else:
            self.page.drop("control", gathered(node))

    def panel(self, node: Element) -> None:
        """Read the answer to a question."""
        self.answer(self.writer.begin_answer(node), lambda: self.shape(node))

    def answer(self, level: float | None, read: Callable[[], None]) -> None:
        """Read what stands under the question with a heading of this level, and close that."""
        floor, self.floor = self.floor, level or self.floor
        read()
        self.writer.flush()
        if level is not None:
            self.writer.close(level)
        self.floor = floor

    # --- the shapes

    def heading(self, node: Element) -> None:
        """Read a heading; one that was never closed has the text below it inside."""
        level: float = HEADINGS[node.tag] if not self.floor else self.floor + HEADINGS[node.tag] / 10
        below = text_below(node, self.holders)
        text, links = heading_title(node, self.page, below)
        panel = next((self.asked[inner] for inner in node.iter() if inner in self.asked), None)
        if panel is not None and level <= self.writer.builder.level:
            level = self._nested(node, level)
        self.levels[node] = level
        if text.strip("# "):
            question = Question(text, links, anchor(node, panel), level)
            if panel is not None and not below:
                self.writer.ask(panel, question)
            else:
                self.writer.ask_now()
                self.writer.open(level, question)
        else:
            self.page.drop("permalink", text)
            self.inline.links += links
        self._below(below)

    def paragraph(self, node: Element) -> None:
        """Read a paragraph, which may begin with a question."""
        if self.nested or node not in self.leads:
            return self.blocks(node)
        below = self.leads[node]
        text, links = heading_title(node, self.page, below)
        if not text:
            return self.blocks(node)
        self.writer.ask(None, Question(text, links, anchor(node)))
        return self._below(below)

    def _below(self, nodes: list[Element]) -> None:
        for child in nodes:
            self.node(child)
            self.inline.text(child.tail)

    def _nested(self, node: Element, level: float) -> float:
        """Return the level of a question whose tag is that of the heading above it, or of one above that.

        It is below that heading, unless the two stand side by side: then it is its equal.
        """
        beside = next(node.itersiblings(node.tag, preceding=True), None)
        return self.writer.level() if beside is None else self.levels.get(beside, level)

    def code(self, node: Element) -> None:
        """Read preformatted text."""
        if is_numbers(node):
            return self.page.drop("line_numbers", gathered(node))
        text, links = code_of(node, self.page)
        return self.writer.put(fence(text), links)

    def details(self, node: Element) -> None:
        """Read what opens at a click."""
        summary = node.find("summary")
        text, links = title(summary, self.page) if summary is not None else ("", [])
        if summary is None or not text:
            return self.blocks(node)
        self.writer.ask_now()
        level = self.writer.level()
        self.writer.open(level, Question(text, links, anchor(summary)))
        return self.answer(level, lambda: self.blocks(node, summary))

    def definitions(self, node: Element) -> None:
        """Read a definition list, whose terms are headings."""
        self.writer.ask_now()
        outer = self.term, self.floor
        self.term = self.writer.level()
        self.blocks(node)
        self.writer.close(self.term)
        self.term, self.floor = outer

    def definition(self, node: Element) -> None:
        """Read a term."""
        text, links = title(node, self.page)
        if not self.term or not text or next(node.iter("pre", "table", *LISTS), None) is not None:
            return self.blocks(node)
        text = text.rstrip(": ") or text
        self.writer.open(self.term, Question(text, links, anchor(node)))
        self.floor = self.term
        return None

    def card(self, node: Element) -> None:
        """Read a link around blocks."""
        self.blocks(node)
        self.writer.flush()
        found = link(node, clean(gathered(node)), self.page.base)
        if found is not None:
            self.writer.attach(found)

    def listing(self, node: Element) -> None:
        """Read a list: its items are lines of one block, those of lists inside it as well."""
        if node.get("role") == "tablist":
            return self.blocks(node)
        items = [child for child in node if child.tag == "li"]
        if is_contents(items):
            found = (link(tag, clean(gathered(tag)), self.page.base) for tag in node.iter("a"))
            self.inline.links += filter(None, found)  # they lead somewhere, though they say nothing
            return self.page.drop("contents", gathered(node))
        outer, nested = self.writer.mark, self.nested
        self.writer.mark, self.nested = None, True
        faq, level = is_faq(items), self.writer.level()
        start = node.get("start") or ""
        number = int(start) if re.fullmatch(r"-?\d{1,9}", start) else 1
        self.inline.text(node.text)
        for child in node:
            if child.tag == "li" and not self.page.leave_out(child):
                self.writer.flush()
                mark = f"{number}." if node.tag == "ol" else "-"
                if faq and is_faq_item(child, mark=""):  # among questions, one without a mark is one as well
                    self.answer(level, lambda child=child: self.item(child, level))  # type: ignore[misc]
                else:
                    self.item(child, mark)
                number += 1
            elif child.tag != "li":
                self.node(child)
            self.inline.text(child.tail)
        self.writer.flush()
        self.writer.mark, self.nested = outer, nested
        if not nested:
            self.writer.end_list()
        return None

    def item(self, node: Element, mark: str | float) -> None:
        """Read a list item; `mark` is what stands before it, or the level of the question that it is."""
        self.writer.mark, self.writer.place = mark, node.get("id")
        if node in self.panels and node not in self.writer.passed:
            self.panel(node)
        else:
            self.blocks(node)
        self.writer.flush()
        self.writer.mark = None

    def table(self, node: Element) -> None:
        """Read a table; one that was made for layout is read cell by cell."""
        controls = any(tag in self.holders or tag in self.asked for tag in node.iter("button"))
        if controls or is_layout(node):
            return self.blocks(node)
        rows, links = cells(node, self.inline, self.node)
        self.writer.flush()
        self.writer.put(table(rows), links)
        return None
