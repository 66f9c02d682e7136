"""HTML: the questions that a page states for search engines (JSON-LD), in case their answers are not shown in it."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any

from stages.documents.blocks import Builder, Part, clean
from stages.documents.html.source import soup

SCRIPT = re.compile(r"<script[^>]*\bapplication/ld\+json\b[^>]*>(.*?)</script\s*>", re.IGNORECASE | re.DOTALL)
WORD = re.compile(r"[^\W_]+")
Read = Callable[[str, Builder], None]


def add_pairs(page: str, builder: Builder, read: Read) -> None:
    """Add the pairs of a page's data whose answers stand nowhere in its text; the others are dropped.

    Args:
        page: the page as it is written.
        builder: has its text.
        read: reads the HTML of an answer into another builder.
    """
    pairs = [pair for script in SCRIPT.findall(page) for pair in _pairs(script)]
    if not pairs:
        return
    builder.close(2)
    shown = _words(" ".join(text for part in _parts(builder) for text in part.blocks))
    below: dict[str, list[Part]] = defaultdict(list)  # by the words of the title over them
    seen = 0
    for question, answer in dict.fromkeys(pairs):
        inner = Builder()
        read(answer, inner)
        said = _words("".join(soup(answer).itertext()))
        for piece in builder.pieces[seen:]:
            if isinstance(piece, Part) and piece.heading:
                below[_words(piece.heading[-1])].append(piece)
        seen = len(builder.pieces)
        there = below[_words(question)]
        answered = any(part.blocks for part in there)
        if not said.strip() or answered or (len(said.split()) > 3 and said in shown):  # "yes" may stand anywhere
            builder.drop("page_data", f"{question}\n{clean(' '.join(soup(answer).itertext()))}")
        else:
            _add(question, inner, builder, next((part for part in there if not part.blocks), None))


def _add(question: str, inner: Builder, builder: Builder, empty: Part | None) -> None:
    """Put an answer below its question: into the empty part below it, or at the end."""
    answer = inner.parsed()
    if empty is None or any(part.heading for part in answer.parts):
        builder.heading(2, question)
        for part in answer.parts:
            for level, title in enumerate(part.heading, 3):
                builder.heading(level, title)
            for number, block in enumerate(part.blocks):
                builder.add(block, part.links if number == 0 else ())
        builder.close(2)
    else:
        for part in answer.parts:
            empty.blocks += part.blocks
            empty.links += part.links
    for piece in answer.pieces:
        if not isinstance(piece, Part):
            builder.drop(piece.reason, piece.text)


def _parts(builder: Builder) -> Iterator[Part]:
    return (piece for piece in builder.pieces if isinstance(piece, Part))


def _words(text: str) -> str:
    return " ".join(["", *WORD.findall(clean(text).casefold()), ""])


def _pairs(script: str) -> Iterator[tuple[str, str]]:
    try:
        data = json.loads(script)
    except (ValueError, RecursionError):
        return
    yield from _questions(data)


def _questions(data: Any) -> Iterator[tuple[str, str]]:
    """Yield the questions in what may be a FAQPage, a list or a graph of things."""
    if isinstance(data, list):
        for item in data:
            yield from _questions(item)
    elif isinstance(data, dict):
        if data.get("@type") == "Question":
            answer = data.get("acceptedAnswer")
            answer = answer[0] if isinstance(answer, list) and answer else answer
            name, text = data.get("name"), answer.get("text") if isinstance(answer, dict) else None
            if isinstance(name, str) and isinstance(text, str) and clean(name):
                yield clean("".join(soup(unescape(name)).itertext())), text
            return
        for key in ("@graph", "mainEntity", "hasPart"):
            yield from _questions(data.get(key))
