"""reStructuredText, by way of HTML: docutils knows the syntax, the HTML reader the rest."""

import re
from typing import Any

from docutils import nodes
from docutils.core import publish_doctree, publish_from_doctree
from lxml import etree
from lxml.etree import _Element as Element

from stages.documents import html
from stages.documents.blocks import Builder, Parsed, ReadError, clean, decode
from stages.documents.rst.markup import MARK, drop, sphinx_markup

SETTINGS: dict[str, Any] = {
    "line_length_limit": 50_000_000,  # one paragraph may be one line
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,  # nothing is printed and nothing stops
    "halt_level": 5,
    "warning_stream": False,
    "output_encoding": "unicode",
    "doctitle_xform": False,  # a lone heading is the title anyway, and a subtitle stays a heading
    "docinfo_xform": False,
    "toc_backlinks": False,
    "initial_header_level": "1",
    "syntax_highlight": "none",
    "math_output": "LaTeX",
    "stylesheet_path": "",
    "embed_stylesheet": False,
}
HEADINGS = [f"h{level}" for level in range(1, 7)]
TOO_SHORT = re.compile(r"Title (?:under|over)line too short")
UNDERLINE = re.compile(r"([^\w\s])\1*")


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a reStructuredText file. What docutils cannot read is kept as it stands, or dropped on record.

    Raises ReadError "bad_encoding", or "too_deep" for lists in one another without end.
    """
    try:
        with sphinx_markup():
            document = publish_doctree(decode(data), settings_overrides=SETTINGS)
            _tidy(document)
            page = publish_from_doctree(document, writer="html5", settings_overrides=SETTINGS)
    except RecursionError as error:
        raise ReadError("too_deep", "lists or sections stand in one another too deep to be read") from error
    body = html.soup(page).find("body")
    builder = Builder()
    for node in _reshape(body) if body is not None else ():
        block = etree.Element("div")  # a tree of its own, as all of the tree is looked through for each block
        block.append(node)
        drops = [(str(mark.get("reason")), "".join(mark.itertext())) for mark in block.iter(MARK)]
        etree.strip_elements(block, MARK, with_tail=False)
        html.walk(block, builder, base)
        for reason, text in drops:
            builder.drop(reason, text)
    return builder.parsed()


def _tidy(document: nodes.document) -> None:
    """Take out what docutils says of the text, keep all that the text says."""
    for comment in list(document.findall(nodes.comment)):
        comment.parent.replace(comment, drop("comment", comment.astext()))
    for message in list(document.findall(nodes.system_message)):
        message.parent.replace(message, _unread(message))
    for section in list(document.findall(nodes.section)):
        if "system-messages" in section["classes"]:
            section.parent.replace(section, section.children[1:])
        section["ids"].reverse()  # a label that the author gave comes last
    for problem in list(document.findall(nodes.problematic)):
        text = re.sub(r"^`(.+?)(?:\s*<[^<>]*>)?`_{0,2}$|^([\w.+-]+?)__?$", r"\1\2", problem.astext(), flags=re.DOTALL)
        problem.parent.replace(problem, nodes.Text(text))
    for image in list(document.findall(nodes.image)):
        holder = drop("image", image.get("alt", ""))
        image.parent.replace(image, [holder] if image.get("alt") else [])


def _unread(message: nodes.system_message) -> list[nodes.Node]:
    """Return what stands for a complaint: the lines that could not be read, if it holds any."""
    found: list[nodes.Node] = []
    if TOO_SHORT.match(message.children[0].astext()):
        return []  # the heading is there all the same
    for block in message.findall(nodes.literal_block):
        text = block.astext()
        lines = [line for line in text.splitlines() if line.strip() and not UNDERLINE.fullmatch(line.strip())]
        if text.lstrip().startswith(".."):
            found.append(drop("unreadable_markup", text))
        elif "itle" in message.children[0].astext():  # a heading where none can stand, or of a wrong level
            found += [nodes.paragraph("", line.strip()) for line in lines]
        else:
            found.append(nodes.literal_block(text, text))
    return found


def _reshape(body: Element) -> list[Element]:
    """Return the blocks of docutils' HTML made plain: no sections, notes as paragraphs, field lists as lists."""
    etree.strip_elements(body, "nav", with_tail=False)  # made from the headings
    for title in body.xpath(".//p[contains(@class, 'admonition-title')]"):
        text = clean("".join(title.itertext())).rstrip(":")
        if text.endswith("?") and (box := title.getparent()) is not None:
            box.tag, title.tag = "details", "summary"
        elif (first := title.getnext()) is not None and first.tag == "p":
            first.text = f"{text}: {first.text or ''}"
            _replace(title, "")
    for label in body.xpath(".//span[@class='label']"):  # of a footnote, whose text is the next paragraph
        if (first := label.getnext()) is not None and first.tag == "p":
            first.text = f"[{clean(''.join(label.itertext())).strip('[]')}] {first.text or ''}"
            _replace(label, "")
    for backlinks in body.xpath(".//*[@class='backrefs' or @role='doc-backlink']"):
        _replace(backlinks, "")
    for reference in body.xpath(".//a[@role='doc-noteref' or @role='doc-biblioref']"):
        _replace(reference, f"[{clean(''.join(reference.itertext())).strip('[]')}]")
    for classifier in body.xpath(".//span[@class='classifier']"):
        classifier.text = f" : {classifier.text or ''}"
    for line in body.xpath(".//div[@class='line']"):
        line.tag, line.tail = "span", f" {line.tail or ''}"
    for listing in body.xpath(".//dl[contains(@class, 'field-list') or contains(@class, 'option-list')]"):
        _plain_list(listing)
    for section in body.xpath(".//section | .//main"):
        if (heading := next(section.iterchildren(*HEADINGS), None)) is not None and section.get("id"):
            heading.set("id", section.get("id"))
    etree.strip_tags(body, "section", "main")
    for node in body.iter():  # a name says nothing of what an element is, as it may in a web page
        node.tag = "div" if node.tag in ("aside", "header", "footer") else node.tag
        for name in ("class", "role") if node.tag in HEADINGS else ("class", "role", "id"):
            node.attrib.pop(name, None)
    return list(body)


def _replace(node: Element, text: str) -> None:
    """Put a text in an element's place."""
    parent, before = node.getparent(), node.getprevious()
    text += node.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + text
    elif parent is not None:
        parent.text = (parent.text or "") + text
    if parent is not None:
        parent.remove(node)


def _plain_list(listing: Element) -> None:
    """Make of a list of names and bodies one with an item for each pair."""
    listing.tag = "ul"
    item = etree.Element("li")
    for child in list(listing):
        if child.tag == "dt":
            item = etree.Element("li")
            item.text = f"{clean(''.join(child.itertext())).rstrip(':')}: "
            listing.replace(child, item)
            continue
        first = child[0] if len(child) and child[0].tag == "p" else child
        item.text = f"{item.text or ''}{first.text or ''}"
        item.extend(list(first))
        item.extend(list(child) if first is child else list(child)[1:])
        listing.remove(child)
