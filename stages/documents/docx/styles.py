"""Word documents: what a paragraph is: a heading, a list item, code. Styles inherit from one another."""

import re

from lxml import etree

from stages.documents.docx.inline import W

HEADING = re.compile(r"(?i)(?:heading|überschrift|titre|título|titolo|kop|rubrik) ?(\d)")
CODE = re.compile(r"(?i)\bcode\b|sourcecode|preformatted|plain text|macro")
MONOSPACED = re.compile(r"mono|courier|consolas|menlo|code", re.IGNORECASE)


class Styles:
    """The styles and list definitions of a document."""

    def __init__(self, styles: etree._Element | None, numbering: etree._Element | None):
        """Take the roots of the parts `styles` and `numbering`, which may be missing."""
        empty: list[etree._Element] = []
        found = styles.findall(f"{W}style") if styles is not None else empty
        self.styles = {style.get(f"{W}styleId", ""): style for style in found}
        self.default = next((key for key, style in self.styles.items() if _is_default(style)), "")
        lists = {node.get(f"{W}abstractNumId"): node for node in _all(numbering, "abstractNum")}
        self.lists = {
            node.get(f"{W}numId", ""): lists.get(_value(node, "abstractNumId")) for node in _all(numbering, "num")
        }

    def names(self, paragraph: etree._Element) -> list[str]:
        """Return the names of the paragraph's style and of those that it is based on."""
        return [_value(style, "name") or "" for style in self._chain(_value(paragraph, "pPr/pStyle") or self.default)]

    def level(self, paragraph: etree._Element) -> int:
        """Return the level of the heading that a paragraph is, or 0."""
        own = _value(paragraph, "pPr/outlineLvl")
        if own is not None:
            return int(own) + 1 if own in "012345678" else 0
        for style in self._chain(_value(paragraph, "pPr/pStyle") or self.default):
            if match := HEADING.fullmatch(_value(style, "name") or ""):
                return int(match.group(1))
            outline = _value(style, "pPr/outlineLvl")
            if outline is not None:
                return int(outline) + 1 if outline in "012345678" else 0
        return 0

    def item(self, paragraph: etree._Element) -> tuple[str, int, bool] | None:
        """Return of a list item the list's id, its depth from 0 and whether it is numbered; None if it is no item."""
        chain = self._chain(_value(paragraph, "pPr/pStyle") or self.default)
        for node in [paragraph, *chain]:
            number = _value(node, "pPr/numPr/numId")
            if number is None:
                continue
            if number == "0":  # taken out of the list
                return None
            depth = _value(paragraph, "pPr/numPr/ilvl") or _value(node, "pPr/numPr/ilvl") or "0"
            depth_number = int(depth) if depth.isdecimal() else 0
            return number, depth_number, self._numbered(number, depth_number)
        for style in chain:
            name = _value(style, "name") or ""
            if name.startswith("List") and name != "List Continue":
                return name, 0, name.startswith("List Number")
        return None

    def is_code(self, paragraph: etree._Element) -> bool:
        """Say whether a paragraph is set as code."""
        if any(CODE.search(name) for name in self.names(paragraph)):
            return True
        runs = [run for run in paragraph.iter(f"{W}r") if any((t.text or "").strip() for t in run.iter(f"{W}t"))]
        return bool(runs) and all(MONOSPACED.search(self._font(run)) for run in runs)

    def is_hidden(self, run: etree._Element) -> bool:
        """Say whether a run is not shown."""
        node = run.find(f"{W}rPr/{W}vanish")
        return node is not None and node.get(f"{W}val", "1") not in ("0", "false", "off")

    def _font(self, run: etree._Element) -> str:
        own = run.find(f"{W}rPr/{W}rFonts")
        if own is not None and own.get(f"{W}ascii"):
            return own.get(f"{W}ascii", "")
        for style in self._chain(_value(run, "rPr/rStyle") or ""):
            fonts = style.find(f"{W}rPr/{W}rFonts")
            if fonts is not None and fonts.get(f"{W}ascii"):
                return fonts.get(f"{W}ascii", "")
        return ""

    def _chain(self, key: str) -> list[etree._Element]:
        chain: list[etree._Element] = []
        while (style := self.styles.get(key)) is not None and style not in chain:
            chain.append(style)
            key = _value(style, "basedOn") or ""
        return chain

    def _numbered(self, number: str, depth: int) -> bool:
        definition = self.lists.get(number)
        for level in _all(definition, "lvl"):
            if level.get(f"{W}ilvl") == str(depth):
                return _value(level, "numFmt") not in ("bullet", "none", None)
        return False


def _all(node: etree._Element | None, name: str) -> list[etree._Element]:
    return node.findall(f"{W}{name}") if node is not None else []


def _value(node: etree._Element, path: str) -> str | None:
    found = node.find("/".join(f"{W}{name}" for name in path.split("/")))
    return found.get(f"{W}val") if found is not None else None


def _is_default(style: etree._Element) -> bool:
    return style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true", "on")
