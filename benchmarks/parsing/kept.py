"""What a reader kept of a document whose content is known.

Counted in the Markdown that the tool gives, or that its structure is written as:
* headings: on a line that begins with "#", below the right heading, so that the level tells something;
* links: the URL stands in the text or in the tool's own list;
* code: lines that stand verbatim on a line of their own;
* cells: both of a row as cells of one row, of a pipe table or of an HTML table;
* pairs: headings with the text that belongs to them below them, before the next heading;
* furniture: texts of navigation, banner, page header or footer that are left. This counts against a tool.
"""

import html
import re

from parsing.documents import TITLE, Chapter

GOOD = ("headings", "links", "code", "cells", "pairs")


def known(chapters: list[Chapter], furniture: tuple[str, ...]) -> dict[str, int]:
    """Return how many of each there are."""
    sections = sum(len(chapter.sections) for chapter in chapters)
    return {
        "headings": len(chapters) + sections,
        "links": sections,
        "code": 2 * sections,
        "cells": sum(2 * len(chapter.rows) for chapter in chapters),
        "pairs": sections,
        "furniture": len(furniture),
    }


def kept(text: str, links: list[str], chapters: list[Chapter], furniture: tuple[str, ...]) -> dict[str, int]:
    """Return how many of each a tool's output has."""
    parents, below = _outline(text)
    lines = {line.strip() for line in text.splitlines()}
    rows = _rows(text)
    flat = " ".join(text.split())
    urls = {*links, *re.findall(r"https?://[^\s<>\"'()\[\]]+", text)}
    found = dict.fromkeys((*GOOD, "furniture"), 0)
    for chapter in chapters:
        found["headings"] += parents.get(chapter.heading) in ("", TITLE)
        found["cells"] += sum(2 for row in chapter.rows if row in rows)
        for section in chapter.sections:
            found["headings"] += parents.get(section.heading) == chapter.heading
            found["links"] += section.url in urls
            found["code"] += sum(line in lines for line in section.code)
            found["pairs"] += section.key in below.get(section.heading, "")
    found["furniture"] = sum(phrase in flat for phrase in furniture)
    return found


def as_much(other: dict[str, int], ours: dict[str, int]) -> bool:
    """Return whether another tool keeps at least as much of everything as ours, and no more of what is no content."""
    return all(other[name] >= ours[name] for name in GOOD) and other["furniture"] <= ours["furniture"]


def _outline(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the parent of each heading ("" for none) and the text between it and the next heading."""
    parents: dict[str, str] = {}
    below: dict[str, list[str]] = {}
    path: list[tuple[int, str]] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        match = None if fenced else re.match(r"(#+) +(.*)", line)
        if match:
            path = [(level, name) for level, name in path if level < len(match[1])]
            name = " ".join(match[2].replace("**", "").split())
            parents[name] = path[-1][1] if path else ""
            path.append((len(match[1]), name))
        elif path:
            below.setdefault(path[-1][1], []).append(line)
    return parents, {name: " ".join(lines) for name, lines in below.items()}


def _rows(text: str) -> set[tuple[str, ...]]:
    """Return the rows of pipe tables and of HTML tables, without markup and empty cells."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.lstrip().startswith("|")]
    for row in re.findall(r"<tr\b.*?</tr>", text, re.S):
        rows.append([html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.split(r"</t[dh]>", row)])
    return {tuple(filter(None, (" ".join(cell.replace("**", "").split()) for cell in row))) for row in rows}
