"""Markdown, by way of HTML: markdown-it knows the syntax, and the HTML reader the rest (raw HTML included)."""

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.front_matter import front_matter_plugin

from stages.documents import html
from stages.documents.blocks import Builder, Parsed, clean, decode


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a Markdown file; the title may stand in its front matter."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(front_matter_plugin)
    tokens = parser.parse(decode(data))
    title = None
    for token in tokens:
        if token.type == "front_matter":
            title = front_title(token.content)
    page = parser.renderer.render([token for token in tokens if token.type != "front_matter"], parser.options, {})
    builder = Builder()
    html.walk(html.soup(page), builder, base)
    return builder.parsed(title)


def front_title(text: str) -> str | None:
    """Return the title in YAML front matter, if there is one."""
    try:
        matter = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    title = matter.get("title") if isinstance(matter, dict) else None
    return clean(str(title)) if title else None
