"""Markdown that stands inside another format: a notebook's cell, an answer; and the parser for it."""

from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from mdit_py_plugins.footnote import footnote_plugin

from stages.documents import html
from stages.documents.blocks import Builder, ReadError
from stages.documents.markdown import rules, tokens

DEEPEST = 400  # blocks in one another; the HTML reader refuses what is deeper than 200 elements
DEEPEST_INLINE = 20  # what is deeper is text


def parser() -> MarkdownIt:
    """Return the parser of Markdown with all that is in use on the web."""
    made = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    footnote_plugin(made, inline=False, move_to_end=False)
    rules.use(made)
    tokens.use(made)
    made.core.ruler.before("block", "depth_of_blocks", _blocks_may_be_deep)
    made.core.ruler.after("block", "depth_of_text", _text_may_not)
    return made


def _blocks_may_be_deep(state: StateCore) -> None:
    state.md.options["maxNesting"] = DEEPEST


def _text_may_not(state: StateCore) -> None:
    state.md.options["maxNesting"] = DEEPEST_INLINE


def page(made: MarkdownIt, text: str) -> tuple[str, list[tuple[str, str]]]:
    """Return Markdown as HTML, and (reason, text) of what is no content in it. Raises ReadError "too_deep"."""
    env: dict[str, Any] = {}
    try:
        return str(made.render(text, env)), env.get("drops", [])
    except RecursionError as error:
        raise ReadError("too_deep", "lists or quotations stand in one another too deep to be read") from error


def into(builder: Builder, text: str, base: str | None) -> None:
    """Read a piece of Markdown into the builder, below the headings that are open there."""
    found, drops = page(parser(), text)
    for drop in drops:
        builder.drop(*drop)
    html.walk(html.soup(found), builder, base)
