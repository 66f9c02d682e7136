"""HTML: headings, open questions, blocks, list lines and links, as they are given to the builder."""

from dataclasses import dataclass, field

from lxml.etree import _Element as Element

from stages.documents.blocks import Builder, Part
from stages.documents.html.inline import Inline
from stages.records import Link


@dataclass
class Question:
    """The title of an accordion's item, whose answer is still to come."""

    text: str
    links: list[Link]
    anchor: str | None
    level: float | None = None  # of the heading in which it stands


@dataclass
class _Lines:
    """The items of a list, gathered to one block."""

    text: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)


class Writer:
    """Gives a builder what is found in reading order: a question before its answer, a list as one block."""

    def __init__(self, builder: Builder, inline: Inline):
        """Take where the blocks go, and the running text from which they are made."""
        self.builder = builder
        self.inline = inline
        self.passed: set[Element] = set()  # panels that were read
        self.mark: str | float | None = None  # of the list item that begins; its level, if it is a question
        self.place: str | None = None  # its id
        self._lines = _Lines()
        self._waiting: dict[Element, Question] = {}  # panel: its question, not yet a heading
        self._tabs = False  # several questions came before their answers
        self._opened: dict[Element, float] = {}  # panel: level of its question's heading
        self._loose = 0.0  # level of the last question whose answer has no known end

    # --- blocks

    def flush(self) -> None:
        """End a paragraph, or the first one of a list item."""
        text, links = self.inline.take()
        if not text:
            self.inline.links = links  # they go with the next text
            return
        self.ask_now()
        if isinstance(self.mark, str):
            self._lines.text.append(f"{self.mark} {text}")
            self._lines.links += links
            self.mark = None
        elif self.mark is not None:
            self.open(self.mark, Question(text, links, self.place))
        else:
            self.put(text, links)

    def put(self, block: str, links: list[Link] | None = None) -> None:
        """Add a block; a list that was begun ends before it."""
        if block:
            self.end_list()
            self.ask_now()
            self.builder.add(block, [*self.inline.links, *(links or [])])
            self.inline.links = []
            self.mark = None

    def end_list(self) -> None:
        """Add the items that were gathered."""
        lines, self._lines = self._lines, _Lines()
        self.builder.add("\n".join(lines.text), lines.links)

    def end(self) -> None:
        """End the text."""
        self.flush()
        for question in self._waiting.values():
            self.builder.drop("control", question.text)
        self.end_list()
        opened = list(self.builder.path)
        self._settle(self.builder.level)
        self.builder.path = opened  # what is walked next may stand under it

    # --- headings

    def level(self) -> float:
        """Return the level that a promoted heading gets: one below the heading under which it stands."""
        return max(self.builder.level, 1) + 1

    def open(self, level: float, question: Question) -> None:
        """Open a heading; its links go with what stands under it."""
        self.end_list()
        self.mark = None
        self._settle(level)
        self.builder.heading(level, question.text, question.anchor)
        self.inline.links = self.inline.links + question.links

    def close(self, level: float) -> None:
        """Close a question: what follows is not its answer."""
        self.flush()
        self.end_list()
        self._settle(level)
        self.builder.close(level)

    # --- links

    def attach(self, link: Link) -> None:
        """Give the link that is around blocks to them, or to what comes next if there were none."""
        if self.builder.path and not self.builder.path[-1].used or not self.builder.pieces:
            self.inline.links.append(link)
        else:
            self.end_list()
            self._attach([link])

    def _settle(self, level: float) -> None:
        """Give links for which no text came to the heading in which they stand, which is about to be closed."""
        if self.inline.links and level <= self.builder.level:
            self.builder.close(level)
            self._attach(self.inline.links)
            self.inline.links = []

    def _attach(self, links: list[Link]) -> None:
        part = next((piece for piece in reversed(self.builder.pieces) if isinstance(piece, Part)), None)
        if part is not None:
            part.links += [found for found in links if found not in part.links]

    # --- questions

    def ask(self, panel: Element | None, question: Question) -> None:
        """Take a question; it becomes a heading when its answer begins, which may be after further questions."""
        if panel is None:
            if self.builder.level != self._loose:  # else the one before had no known end, and this one is its equal
                self._loose = self.level()
            self.open(question.level or self._loose, question)
        elif panel in self.passed:
            self.builder.drop("control", question.text)
        else:
            self._tabs = bool(self._waiting)
            self._waiting[panel] = question

    def ask_now(self) -> None:
        """Make the question that waits a heading if it is the only one, since what comes now belongs to it."""
        if len(self._waiting) == 1 and not self._tabs:
            self._ask(next(iter(self._waiting)))

    def begin_answer(self, panel: Element) -> float | None:
        """Begin an answer; return the level of its question's heading, None if it was not asked before."""
        if panel in self._waiting:
            self._ask(panel)
        self.passed.add(panel)
        return self._opened.get(panel)

    def _ask(self, panel: Element) -> None:
        question = self._waiting.pop(panel)
        self._opened[panel] = question.level or self.level()
        self.open(self._opened[panel], question)
