"""Markdown that stands inside another format: a notebook's cell, an answer."""

from markdown_it import MarkdownIt

from stages.documents import html
from stages.documents.blocks import Builder


def into(builder: Builder, text: str, base: str | None) -> None:
    """Read a piece of Markdown into the builder, below the headings that are open there."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    html.walk(html.soup(parser.render(text)), builder, base)
