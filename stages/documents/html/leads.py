"""HTML: paragraphs that begin with a question: in bold type, or marked "Q:" with an answer marked "A:"."""

import re
from collections import defaultdict

from lxml import etree
from lxml.etree import _Element as Element

from stages.documents.html.furniture import HEADINGS, Page
from stages.documents.html.inline import gathered, has_text

PLACES = {"body", "div", "section", "article", "main", "details", "html"}  # of paragraphs that may be questions
LONGEST = 40  # words of a question
ASKED = re.compile(r"\s*(?:Q|Question)\s?\d{0,3}[:.]\s*")
ANSWERED = re.compile(r"\s*(?:A|Answer)\s?\d{0,3}[:.]\s*")
Leads = dict[Element, list[Element]]  # paragraph: what in it is no part of the question


def leads(root: Element, page: Page) -> Leads:
    """Return the paragraphs that begin with a question; marks before questions and answers are dropped."""
    found: Leads = {}
    bold: dict[Element, list[Element]] = defaultdict(list)  # by parent
    for node in root.iter("p"):
        parent = node.getparent()
        if parent is None or parent.tag not in PLACES:
            continue
        if _is_marked(node, page):
            found[node] = _after_break(node)
        elif (title := _bold_question(node)) is not None:
            _part(title)
            bold[parent].append(node)
    for nodes in bold.values():
        known = set(nodes)
        asked = [node for node in nodes if _after_break(node) or _is_answered(node, known)]
        if len(asked) > 1:  # one alone may be anything
            found.update((node, _after_break(node)) for node in asked)
    return found


def _bold_question(node: Element) -> Element | None:
    """Return the bold text that leads a paragraph, if it is a question."""
    first = next(iter(node), None)
    if first is None or first.tag not in ("b", "strong") or (node.text or "").strip():
        return None
    text = gathered(first).strip()
    return first if text.endswith(("?", "？")) and len(text.split()) <= LONGEST else None


def _part(title: Element) -> None:
    """Put a line's end between the question and what follows it on the line."""
    if (title.tail or "").strip() or (title.getnext() is not None and title.getnext().tag != "br"):
        end = etree.Element("br")
        end.tail, title.tail = title.tail, None
        title.addnext(end)


def _after_break(node: Element) -> list[Element]:
    first = next(iter(node.iterchildren("br")), None)
    return [] if first is None or not _has_more(first) else [first, *first.itersiblings()]


def _has_more(node: Element) -> bool:
    return any(
        (after.tail or "").strip() or (after is not node and has_text(after)) for after in (node, *node.itersiblings())
    )


def _is_answered(node: Element, asked: set[Element]) -> bool:
    after = node.getnext()
    return after is not None and after not in asked and after.tag not in HEADINGS and has_text(after)


def _is_marked(node: Element, page: Page) -> bool:
    """Say whether a paragraph is marked as a question and answered in the next line or paragraph; take the marks."""
    if not ASKED.match(gathered(node)) or len(gathered(node).split()) <= 1:
        return False
    after = _after_break(node)
    answer = after[0] if after else node.getnext()
    if answer is None or answer.tag not in ("p", "br"):
        return False
    if not ANSWERED.match((answer.tail if answer.tag == "br" else gathered(answer)) or ""):
        return False
    _take(node, ASKED, page)
    if answer.tag == "br":
        _cut(answer, ANSWERED, page, tail=True)
    else:
        _take(answer, ANSWERED, page)
    return True


def _take(node: Element, mark: re.Pattern[str], page: Page) -> None:
    """Take a mark from where the text of an element begins."""
    for inner in node.iter():
        if (inner.text or "").strip():
            return _cut(inner, mark, page)
        if inner is not node and (inner.tail or "").strip():
            return _cut(inner, mark, page, tail=True)
    return None


def _cut(node: Element, mark: re.Pattern[str], page: Page, tail: bool = False) -> None:
    text = (node.tail if tail else node.text) or ""
    match = mark.match(text)
    if match is not None:
        page.drop("label", match.group())
        if tail:
            node.tail = text[match.end() :]
        else:
            node.text = text[match.end() :]
