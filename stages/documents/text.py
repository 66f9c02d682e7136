"""Plain text: paragraphs between blank lines; underlined, numbered and ALL CAPS lines are headings."""

import re

from stages.documents.blocks import BULLET, Builder, Parsed, decode, document_words, fence, join_lines

UNDERLINE = re.compile(r"([=\-~^*])\1{2,}")
NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})*)[.)]?\s+(\S.*)")
ITEM = re.compile(r"(?:\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s+(?=\S)")
# "2. Additional Terms. If the licensee ..." is a heading and its text on one line
RUN_IN = re.compile(
    r"(\d{1,2}\.(?:\d{1,2}\.?)*\s+[A-Z][\w'-]*(?:\s+(?:[A-Z][\w'-]*|and|of|the|or|for|to|in|on)){0,7})\.\s+(?=[A-Z])"
)


def read(data: bytes, base: str | None) -> Parsed:
    """Return what is in a text file."""
    text = decode(data).replace("\f", "\n\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    words = document_words(text)
    builder = Builder()
    groups = paragraphs(text)
    run_in = sum(RUN_IN.match(" ".join(line.strip() for line in group)) is not None for group in groups) > 1
    ruled = False  # has underlined headings, below which the others are
    for index, group in enumerate(groups):
        if len(group) == 1 and group[0].startswith("```"):
            builder.add(fence(group[0].removeprefix("```").removesuffix("```")))
            continue
        lines = [line.strip() for line in group]
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
