"""Plain text: which groups of lines are code or tables, and which belong to one list."""

import re

from stages.documents.blocks import table

CODE = re.compile(
    r"\s*(?:(?:def|class|for|while|if|elif|with|try|except|else|switch|function)\b.*[:{]$|(?:return|import|from|const|let"
    r"|var|export|echo|print|sudo|pip|npm|apt|curl|git|docker|cd|SELECT|INSERT|UPDATE) \S|[\w.\[\]]+\s*[+*/-]?=\s*\S"
    r"|[\w.]+\(.*\);?$|[{}\])]+[;,]?$|.*[;{}]$|\$ \S|>>> |\.\.\. |</?\w[^<>]*>)"
)
PROMPT = re.compile(r"\s*(?:\$|>>>) \S")
SENTENCE = re.compile(r"[^\W\d_]{2,}[\"')]?[.!?]$")
WORD = re.compile(r"[(\"']?[^\W\d_]+(?:['’-][^\W\d_]+)*[\"')]?[.,;:!?]?")
RULE = re.compile(r"\s*[-=]{2,}(?:[ \t]+[-=]{2,})+\s*$")
WHOLE_RULE = re.compile(r"\s*[-=]{4,}\s*$")
DEEP = 12  # blanks before lines that are centred, and no code
MARK = re.compile(r"https?://\S+$|[-*•|]\s|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]\s")
NUMBER = re.compile(r"\s*(\d{1,3})[.)]\s+(?=\S)")
Group = list[str]


def is_code(group: Group, indents: bool) -> bool:
    """Say whether lines are code: by what stands in them, or, if `indents`, since they are indented and no prose."""
    if indents and all(line.startswith(("    ", "\t")) for line in group):
        narrow = min(len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip()) for line in group) < DEEP
        bare = [line.strip() for line in group]
        titled = all(line.isupper() for line in bare) or MARK.match(bare[0])
        prose = SENTENCE.search(bare[-1]) or any(map(_wordy, bare))
        return bool(narrow and not titled and (not prose or _codes(group) * 2 > len(group)))
    if len(group) == 1:
        return PROMPT.match(group[0]) is not None
    return len(group) > 1 and _codes(group) >= 0.6 * len(group) and not SENTENCE.search(group[0].strip())


def _codes(group: Group) -> int:
    return sum(CODE.match(line) is not None for line in group)


def _wordy(line: str) -> bool:
    words = line.split()
    return len(words) >= 6 and sum(WORD.fullmatch(word) is not None for word in words) > 0.8 * len(words)


def parted(group: Group) -> list[Group]:
    """Return a group of lines as groups of which each is a table, or holds none."""
    found: list[Group] = []
    for at in (at for at, line in enumerate(group) if RULE.match(line) or WHOLE_RULE.match(line)):
        start = at if at + 2 < len(group) and RULE.match(group[at + 2]) else at - 1  # with a rule above the head
        if start >= 0 and columns(group[start:]):
            return [*(parted(group[:start]) if start else []), group[start:]]
    for line in group:
        if not found or line.lstrip().startswith("|") != found[-1][0].lstrip().startswith("|"):
            found.append([])
        found[-1].append(line)
    return found


def columns(group: Group) -> str:
    """Return a pipe table of lines with aligned columns and a rule below the head, or of a pipe table; else ""."""
    if len(group) > 1 and all(line.lstrip().startswith("|") for line in group):
        rows = [line.strip().removeprefix("|").removesuffix("|") for line in group]
        cells = [re.split(r"(?<!\\)\|", row) for row in rows if not re.fullmatch(r"[\s|:+-]*-[\s|:+-]*", row)]
        return table([[cell.replace("\\|", "|") for cell in row] for row in cells])
    group = group[1:] if RULE.match(group[0]) else group
    if len(group) < 3:
        return ""
    lines = [line.expandtabs(8) for line in group]
    if RULE.match(lines[1]):
        starts = [match.start() for match in re.finditer(r"[-=]+", lines[1])]
        rows = [line for line in lines if not RULE.match(line) and not WHOLE_RULE.match(line)]
        if all(line[at - 1 : at].strip() == "" for line in rows for at in starts[1:]):
            edges = [0, *starts[1:], None]
            return table([[line[a:b] for a, b in zip(edges, edges[1:], strict=False)] for line in rows])
    if RULE.match(lines[1]) or WHOLE_RULE.match(lines[1]):
        rows = [line.strip() for line in lines if not RULE.match(line) and not WHOLE_RULE.match(line)]
        cells = [re.split(r"\s{2,}", row) for row in rows]
        if cells and len(cells[0]) > 1 and len(set(map(len, cells))) == 1:
            return table(cells)
    return ""


def lists(groups: list[Group]) -> list[Group]:
    """Return the groups with those made one that are the items of one list: the numbers go on from one to the next."""
    found: list[Group] = []
    for group in groups:
        number = NUMBER.match(group[0])
        before = [match for line in found[-1] if (match := NUMBER.match(line))] if found and number else []
        if number and before and NUMBER.match(found[-1][0]) and int(number[1]) == int(before[-1][1]) + 1:
            found[-1] = [*found[-1], *group]
        else:
            found.append(group)
    return found
