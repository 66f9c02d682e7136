"""Plain text: paragraphs between blank lines; underlined, numbered and ALL CAPS lines are headings."""

import re
import textwrap

from stages.documents import html
from stages.documents.blocks import BULLET, Builder, Parsed, decode, document_words, fence, join_lines
from stages.documents.text import blocks as text_blocks

UNDERLINE = re.compile(r"([=\-~^*])\1{2,}")
NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+(\S.*)")
ITEM = re.compile(r"(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
MARKED = re.compile(r"(Q|A|Question|Answer)\s*\d{0,3}:\s+(?=\S)")
PAGE = re.compile(r"\ufeff?\s*<(?:!doctype html|html[\s>])", re.IGNORECASE)
DEEPEST = 6  # level of a question: below all headings
# "2. Additional Terms. If the licensee ..." is a heading and its text on one line
RUN_IN = re.compile(
    r"(\d{1,2}\.(?:\d{1,2}\.?)*\s+[A-Z][\w'-]*(?:\s+(?:[A-Z][\w'-]*|and|of|the|or|for|to|in|on)){0,7})\.\s+(?=[A-Z])"
)


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a text file; one that is a web page is read as one."""
    text = decode(data).replace("\f", "\n\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    if PAGE.match(text):
        return html.read(data, base)
    words = document_words(text)
    builder = Builder()
    groups = [part for group in paragraphs(text) for part in text_blocks.parted(group)]
    run_in = sum(RUN_IN.match(" ".join(line.strip() for line in group)) is not None for group in groups) > 1
    groups = groups if run_in else text_blocks.lists(groups)
    asked = _asked(groups)
    indents = 4 * sum(group[0].startswith(("    ", "\t")) for group in groups) <= 3 * len(
        groups
    )  # else all is indented
    code: list[str] = []  # groups that go on with one another
    ruled = False  # has underlined headings, below which the others are
    for index, group in enumerate([*groups, []]):
        if code and not (group and text_blocks.is_code(group, indents)):
            builder.add(fence(textwrap.dedent("\n\n".join(code))))
            code = []
        if not group:
            break
        if len(group) == 1 and group[0].startswith("```"):
            builder.add(fence(group[0].removeprefix("```").removesuffix("```")))
            continue
        if text_blocks.is_code(group, indents and not (index and ITEM.match(groups[index - 1][-1].strip()))):
            code.append("\n".join(group).expandtabs(4))
            continue
        if rows := text_blocks.columns(group):
            builder.add(rows)
            continue
        lines = [line.strip() for line in group]
        if asked and any(MARKED.match(line) for line in lines):
            _pairs(builder, lines, words)
            continue
        if len(lines) > 1 and UNDERLINE.fullmatch(lines[1]) and len(lines[0]) < 100:
            ruled = True
            builder.heading(1 if lines[1][0] == "=" else 2, lines[0])
            lines = lines[2:]
        elif UNDERLINE.fullmatch(lines[0]):  # a rule between paragraphs
            lines = lines[1:]
        elif level := heading_level(lines, ruled):
            builder.heading(level, re.sub(r"(?<=\w)\.$", "", lines[0]))
            continue
        elif index == 0 and len(groups) > 1 and is_title(lines):
            builder.heading(1, lines[0])
            ruled = True
            lines = lines[1:]
        if not lines:
            continue
        whole = join_lines(lines, words, hyphenated=False)
        if run_in and (match := RUN_IN.match(whole)):
            builder.heading(2 if ruled else 1.5, match.group(1))
            whole = whole[match.end() :]
            builder.add(whole)
        else:
            builder.add("\n".join(items(lines, words)))
    return builder.parsed()


def _asked(groups: list[list[str]]) -> bool:
    """Say whether the text has lines "Q: ..." and "A: ..." by turns."""
    marks = [match[1][0] for group in groups for line in group if (match := MARKED.match(line.strip()))]
    return bool(marks) and len(marks) % 2 == 0 and marks == ["Q", "A"] * (len(marks) // 2)


def _pairs(builder: Builder, lines: list[str], words: set[str]) -> None:
    """Add the lines of a paragraph with questions, which are headings, and answers."""
    start = 0
    for end in range(1, len(lines) + 1):
        if end < len(lines) and not MARKED.match(lines[end]):
            continue
        mark = MARKED.match(lines[start])
        builder.drop("label", mark[0] if mark else "")
        rest = [lines[start][mark.end() :] if mark else lines[start], *lines[start + 1 : end]]
        if mark and mark[1][0] == "Q":
            builder.heading(DEEPEST, join_lines(rest, words, hyphenated=False))
        else:
            builder.add("\n".join(items(rest, words)))
        start = end


def paragraphs(text: str) -> list[list[str]]:
    """Return the groups of lines between blank lines; a fenced block is one line."""
    text = re.sub(
        r"^```[\w+#.-]*[ \t]*\n(.*?)\n```\s*$",  # with the language's name or without
        lambda m: "\n```" + m.group(1).replace("\n", "\x0b") + "```\n",
        text,
        flags=re.S | re.M,
    )
    groups: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            groups[-1].append(line.replace("\x0b", "\n"))
        elif groups[-1]:
            groups.append([])
    return [group for group in groups if group]


def heading_level(lines: list[str], ruled: bool) -> int:
    """Return the level of the heading that a paragraph is, or 0."""
    if len(lines) != 1 or len(lines[0].split()) > 12 or lines[0].endswith((",", ";", ":")):
        return 0
    line = lines[0]
    if line.isupper() and sum(c.isalpha() for c in line) > 3:
        return 2 if ruled else 1
    match = NUMBERED.fullmatch(line)
    if (
        match
        and match.group(2)[0].isupper()
        and not re.search(r"[.!?]\s", match.group(2))
        and (not line.endswith((".", "!")) or len(line.split()) <= 8)
    ):
        return match.group(1).count(".") + (2 if ruled else 1)
    return 0


def is_title(lines: list[str]) -> bool:
    """Say whether the first paragraph begins with the document's title."""
    line = lines[0]
    return (
        len(line.split()) <= 12
        and not line.endswith((".", ",", ";", ":"))
        and not BULLET.match(line)
        and (len(lines) == 1 or line.isupper())
    )


def items(lines: list[str], words: set[str]) -> list[str]:
    """Return a paragraph as one line, or a list as one line an item."""
    groups: list[tuple[str, list[str]]] = [("", [])]
    for line in lines:
        if bullet := BULLET.match(line):
            groups.append(("- ", [line[bullet.end() :]]))
        elif (number := ITEM.match(line)) and (len(groups) > 1 or not groups[0][1]):
            groups.append((number.group().strip() + " ", [line[number.end() :]]))
        else:
            groups[-1][1].append(line)
    return [mark + join_lines(group, words, hyphenated=False) for mark, group in groups if group]
