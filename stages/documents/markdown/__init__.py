"""Markdown, by way of HTML: markdown-it knows the syntax, and the HTML reader the rest (raw HTML included)."""

import re

import yaml
from lxml.etree import _Element as Element
from mdit_py_plugins.front_matter import front_matter_plugin

from stages.documents import html
from stages.documents.blocks import Builder, Parsed, clean, decode
from stages.documents.html.furniture import HEADINGS, slug
from stages.documents.html.shapes import anchor
from stages.documents.markdown import commonmark

EXPLICIT = re.compile(r"\s*\{:?\s*#([\w.:-]+)\s*\}\s*$")  # {#id} at a heading's end


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a Markdown file; the title may stand in its front matter."""
    builder = Builder()
    parser = commonmark.parser().use(front_matter_plugin)
    page, drops = commonmark.page(parser, decode(data))
    for drop in drops:
        builder.drop(*drop)
    title = next((front_title(text) for reason, text in drops if reason == "front_matter"), None)
    root = html.soup(page)
    name_headings(root)
    html.walk(root, builder, base)
    return builder.parsed(title)


def front_title(text: str) -> str | None:
    """Return the title in YAML front matter, if there is one."""
    try:
        matter = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    title = matter.get("title") if isinstance(matter, dict) else None
    return clean(str(title)) if title else None


def name_headings(root: Element) -> None:
    """Give the headings the ids by which they are reached on the web: what is said explicitly, else GitHub's slug."""
    taken: dict[str, int] = {}
    for heading in root.iter(*HEADINGS):
        text = (heading[-1].tail if len(heading) else heading.text) or ""
        explicit = EXPLICIT.search(text)
        if explicit:
            heading.set("id", explicit.group(1))
            if len(heading):
                heading[-1].tail = text[: explicit.start()]
            else:
                heading.text = text[: explicit.start()]
        name = original = slug("".join(heading.itertext()))
        while name in taken:
            taken[original] += 1
            name = f"{original}-{taken[original]}"
        taken[name] = 0
        if anchor(heading) is None:
            heading.set("id", name)
