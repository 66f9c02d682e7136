"""HTML: questions that are no buttons: what microdata, classes, labels and tabs pair with an answer."""

from collections import defaultdict
from collections.abc import Iterator

from lxml.etree import _Element as Element

from stages.documents.blocks import clean
from stages.documents.html.furniture import HEADINGS
from stages.documents.html.inline import gathered, has_text
from stages.documents.html.shapes import PANELS, Questions, following, target

INSIDE = ("summary", "dt", "pre", "button", "table", *HEADINGS)  # they are questions themselves, or no place for one
LONGEST = 60  # words of a question
Pair = tuple[Element, Element]


def paired(root: Element, known: Questions) -> Questions:
    """Return the questions that are known, and those which the markup pairs with an answer in another way."""
    found = dict(known)
    panels = {panel for panel in known.values() if panel is not None}
    for find in (_microdata, _classes, _tabs, _labels):
        for question, answer in find(root):
            if _may_ask(question, answer, found) and answer not in panels:
                found[question] = answer
                panels.add(answer)
    return found


def _may_ask(question: Element, answer: Element, found: Questions) -> bool:
    if not has_text(question) or not has_text(answer) or len(gathered(question).split()) > LONGEST:
        return False
    around = [question, *question.iterancestors()]
    if answer in around or question in answer.iterancestors() or any(node in found for node in around):
        return False
    if any(node.tag in INSIDE for node in around):
        return False
    return not any(inner in found or inner.tag in HEADINGS for inner in question.iter())


def _microdata(root: Element) -> Iterator[Pair]:
    """Yield what is said to be a Question of schema.org, and the answer that is accepted."""
    for node in root.xpath("//*[contains(@itemtype, 'schema.org/Question')]"):
        names = node.xpath(".//*[@itemprop='name']")
        answers = node.xpath(".//*[@itemprop='acceptedAnswer' or @itemprop='suggestedAnswer']")
        if names and answers:
            yield names[0], answers[0]


def _classes(root: Element) -> Iterator[Pair]:
    """Yield neighbours whose classes are the same but for the words "question" and "answer"."""
    for node in root.xpath("//*[contains(@class, 'question')]"):
        after = node.getnext()
        if after is None or (node.tail or "").strip():
            continue
        names = {name.replace("question", "answer") for name in node.get("class").split() if "question" in name}
        if names & set((after.get("class") or "").split()):
            yield node, after


def _tabs(root: Element) -> Iterator[Pair]:
    """Yield tabs with what they show: what they say, else that of the same number."""
    places = {tag.get("id"): tag for tag in root.xpath("//*[@id]")}
    for row in root.xpath("//*[@role='tablist']"):
        tabs = row.xpath(".//*[@role='tab']")
        shown = [target(tab, places) for tab in tabs]
        if None in shown:
            shown = _panels(row, len(tabs)) or _panels(row.getparent(), len(tabs))
        if len(tabs) > 1 and len(shown) == len(tabs):
            yield from ((tab, panel) for tab, panel in zip(tabs, shown, strict=True) if panel is not None)
    for row in dict.fromkeys(label.getparent() for label in root.xpath("//label[@for]")):  # in their order
        blocks = None if row is None else row.getnext()
        if blocks is None or len(row) < 2 or len(blocks) != len(row) or any(tab.tag != "label" for tab in row):
            continue
        if all(_input(tab, places, "radio") for tab in row) and not any(child.tag == "label" for child in blocks):
            yield from zip(row, blocks, strict=True)


def _panels(row: Element | None, count: int) -> list[Element]:
    """Return what stands after a row of tabs to be shown, up to that many elements."""
    found: list[Element] = []
    for after in () if row is None else row.itersiblings():
        if after.get("role") == "tablist" or len(found) >= count:
            break
        found += after.xpath("descendant-or-self::*[@role='tabpanel']")
    return found


def _labels(root: Element) -> Iterator[Pair]:
    """Yield labels of boxes to tick with what opens below them: the same thing several times."""
    places = {tag.get("id"): tag for tag in root.xpath("//input[@id]")}
    groups: dict[tuple[str | None, ...], list[Pair]] = defaultdict(list)
    for label in root.xpath("//label[@for]"):
        after = following(label) if _input(label, places, "checkbox", "radio") else None
        if after is not None and after.tag in PANELS:
            groups[label.get("class"), after.tag, after.get("class")].append((label, after))
    for pairs in groups.values():
        if len({clean(gathered(label)) for label, _ in pairs}) > 1:
            yield from pairs


def _input(label: Element, places: dict[str | None, Element], *kinds: str) -> bool:
    place = places.get(label.get("for"))
    return place is not None and place.tag == "input" and place.get("type") in kinds
