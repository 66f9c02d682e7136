"""Rows of tables as statements: `Llama 2 7B: Params 7B, Context length 4k, GQA no.`"""

import re
from collections.abc import Iterator

from stages.documents import markup
from stages.documents.candidate import Candidate
from stages.records import Span

WIDE = 8  # most values of a row that is read as a sentence
_SIZE = re.compile(r"~?\d+(?:\.\d+)? ?[BbMm]")
_NUMBER = re.compile(r"[~<>≈±+$€£-]*\d[\d.,:/ x^e%-]*(?:[A-Za-z%]{1,3})?")
_FIGURE = re.compile(r"yes|no|[~<>≈±+$€£-]*\d[\w.:/%^-]*(?: ?[\w%^/.-]+){0,3}")
_TOTAL = re.compile(r"(?i)(?:sub)?totals?|sum|average|mean|avg\.?|overall|all|others?|none|n/?a|[-–—.…]*")
_TRUTH = {"✓": "yes", "✔": "yes", "✔️": "yes", "✅": "yes", "☑": "yes", "✗": "no", "✘": "no", "✖": "no", "❌": "no",
          "x": "yes", "X": "yes"}  # fmt: skip
_PLAIN_HEAD = re.compile(
    r"(?i)(?:the )?(?:model|name|item|feature|component|components|option|flag|parameter|setting|variable|command|"
    r"tool|method|system|variant|version|product|field|key|module|function|)s?(?: names?)?"
)


def candidates(text: str, block: markup.Block, name: str | None) -> Iterator[Candidate]:
    """Yield every row of a table as a statement, or with the reason why it is none.

    Args:
        text: the section's text.
        block: the table in it.
        name: what the section is about, put before a label that is a bare size ("7B"); None if nothing is named.
    """
    rows = list(markup.rows(text, block))
    head: Span | None = next(((start, end) for start, end, is_head in rows if is_head), None)
    body = [(start, end) for start, end, is_head in rows if not is_head]
    table = [cells(text[start:end]) for start, end in body]
    spelled = [_spelled(cell, text) for cell in cells(text[head[0] : head[1]].split("\n")[0])] if head else []
    heads, spans = [words for words, _ in spelled], [span for _, span in spelled if span]
    labels = _labels(heads, table)
    for (start, end), row in zip(body, table, strict=True):
        made: str | None = None
        reason = (
            "no_head" if head is None else "no_label" if not labels else "wide" if len(row) - len(labels) > WIDE else ""
        )
        if not reason:
            made, reason = _statement(heads, row, labels, name)
        if made and head:
            about = " | ".join([made.split(": ")[0].split(" – ")[0], *row])
            yield Candidate("made", start, end, made, (head, *spans), about=about)
        else:
            yield Candidate("table", start, end, verdict=("table_row", reason))


def cells(row: str) -> list[str]:
    """Return the cells of a row of a Markdown table."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def _spelled(head: str, text: str) -> tuple[str, Span | None]:
    """Return a head that is an abbreviation with the words that it stands for, and where the section has these."""
    if not re.fullmatch(r"[A-Z]{2,5}", head):
        return head, None
    words = r"[ -]".join(rf"{letter}[a-z]+" for letter in head)
    noun = r"(?P<noun> (?:value|size|count|number|rate|score)s?\b)?"
    match = re.search(rf"\b({words}) \({head}\){noun}", text, re.IGNORECASE)
    return (match[1] + (match["noun"] or "").removesuffix("s"), match.span()) if match else (head, None)


def _labels(heads: list[str], table: list[list[str]]) -> list[int]:
    """Return the columns that together tell a row from the others: the first one, or it and a further one."""
    width = len(heads)
    if width < 2 or any(len(row) != width for row in table):
        return []
    for first in range(min(width - 1, 2)):
        column = [row[first].casefold() for row in table]
        if all(column) and len(set(column)) == len(column):
            return [first]
    for second in range(1, min(width - 1, 4)):
        both = [(row[0].casefold(), row[second].casefold()) for row in table]
        if len(set(both)) == len(both) and all(_SIZE.fullmatch(row[second]) for row in table):
            return [0, second]
    return []


def _statement(heads: list[str], row: list[str], labels: list[int], name: str | None) -> tuple[str | None, str]:
    """Return a row as a statement, or None and the reason why it is none."""
    told = [row[column] for column in labels]
    label = " ".join(told)
    if _TOTAL.fullmatch(told[0]) or not re.search(r"[^\W\d_]", label):
        return None, "label"
    if _SIZE.fullmatch(told[0]):
        if name is None:
            return None, "label"
        label = f"{name} {label}"
    elif _NUMBER.fullmatch(told[0]):
        return None, "label"
    elif (
        len(labels) == 1
        and not re.search(r"[A-Z\d_/.-].*|\w \w", label[1:])
        and not _PLAIN_HEAD.fullmatch(heads[labels[0]])
    ):
        label = f"{heads[labels[0]]} {label}"
    parts = [
        (head, _TRUTH.get(cell, cell))
        for column, (head, cell) in enumerate(zip(heads, row, strict=True))
        if column not in labels and not re.fullmatch(r"[-–—.…?]*|(?i:n/?a|tbd|todo|none yet)", cell)
    ]
    if not parts:
        return None, "empty"
    if any(not re.search(r"[^\W_]", head) for head, _ in parts):
        return None, "no_head"
    if any("?" in cell for _, cell in parts):
        return None, "question"
    if re.fullmatch(r"[A-Z]{3,8}", heads[labels[0]]):
        label = f"{label} ({heads[labels[0]]})"  # the figures' measure
    short = all(_FIGURE.fullmatch(cell) and "," not in head for head, cell in parts)
    if short:
        return f"{label}: {', '.join(f'{head} {cell}' for head, cell in parts)}.", ""
    values = "; ".join(head + ": " + cell.rstrip(".;") for head, cell in parts)
    return f"{label} – {values}.", ""
