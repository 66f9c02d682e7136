"""Questions of a table's row: "Falcon 7B: Params 7B, Context 2k", "Falcon 7B – Licence: MIT; Context: 2k"."""

import re

from stages.documents import wordclasses as classes
from stages.llm.transform import phrases

Made = list[tuple[str, str]]
_ROW = re.compile(r"^(?P<label>[A-Za-z][^:,;]{1,50}): (?P<cells>[A-Za-z].*\d.*)$")
_PAIRS = re.compile(r"^(?P<label>[A-Za-z][^:,;–]{1,50}) – (?P<cells>[A-Z][\w (),-]+: .+)$")
_UNIT = r"(?: (?:[KMGT]B|billion|million|thousand|percent|W|h|hours|seconds|%))?"
_PLAIN_CELL = re.compile(rf"([A-Za-z][\w-]*(?: [A-Za-z][\w-]*){{0,3}})(?: ?\([^)]*\))? (~?\d\S*{_UNIT}|yes|no)$")
_PAIR_CELL = re.compile(r"([A-Z][\w /,-]*?)(?: ?\([^)]*\))?: (\S.*)$")
_COUNTED = frozenset("parameters layers heads parts cores threads experts".split())
_DULL = frozenset("time kind type tokens description notes comment".split())  # "What is the kind of X?"


def of_row(text: str) -> Made:
    """Return the questions that a row of a table answers."""
    paired = _PAIRS.match(text)
    match = paired or _ROW.match(text)
    if match is None:
        return []
    label = phrases.with_article(phrases.small(phrases.without_brackets(match["label"].strip())))
    if (
        not re.search(r"[A-Z\d_]", match["label"])
        and not re.search(r"[a-z][A-Z]", label)
        or label.split()[0].lower() in classes.IMPERATIVES
    ):
        return []
    cells = _cells(match["cells"].rstrip("."), ";" in match["cells"] or paired is not None)
    if not cells:
        return []
    measure = re.search(r"\(([A-Z][\w-]*)\)$", match["label"].strip())
    if measure and all(_is_number(value) for _, value in cells):
        return [("cell", f"What is the {measure[1]} of {label} on {head}?") for head, _ in cells if "," not in head][:2]
    if any("," in head for head, _ in cells):
        return []
    return _asked(label, cells)


def label(text: str) -> str:
    """Return what a table's row is about, "" for a text that is no row."""
    match = _PAIRS.match(text)
    return phrases.without_brackets(match["label"].strip()) if match else ""


def _asked(label: str, cells: list[tuple[str, str]]) -> Made:
    made: Made = []
    numeric = all(_is_number(value) for _, value in cells)
    pure = all(re.fullmatch(r"~?[\d.]+", value) for _, value in cells) and not any("value" in head for head, _ in cells)
    heads = [head if numeric and len(cells) > 1 else _head(head) for head, _ in cells]
    plain = [
        head for head, (_, value) in zip(heads, cells, strict=True)
        if value not in ("yes", "no") and not head.startswith("What is") and head.lower() not in _COUNTED
    ]  # fmt: skip
    listed = plain[-3:]
    if len(listed) > 1 and len(plain) == len(heads):
        values = " values" if numeric and pure else ""
        made.append(("row", f"What are the {', '.join(listed[:-1])} and {listed[-1]}{values} of {label}?"))
    for head, (_, value) in reversed(list(zip(heads, cells, strict=True))):
        if head.lower() not in _DULL and (head.lower() in _COUNTED or not re.search(r"[^su]s$", head) or numeric):
            made.append(_cell(label, head, value, numeric and pure and len(cells) > 1))
    return made[:4]


def _cell(label: str, head: str, value: str, score: bool) -> tuple[str, str]:
    if head.startswith("What is "):
        return ("cell", f"{head} with {label}?")
    if value in ("yes", "no"):
        return ("may", f"Does {label} use {head[0].lower() + head[1:]}?")
    if head.lower() in _COUNTED:
        return ("cell", f"How many {head.lower()} does {label} have?")
    if head.lower() == "context":
        return ("cell", f"What is the context length of {label}?")
    if score and not re.search(r"[a-z]{3}[^s]s$", head):  # "the GPU hours"
        return ("cell", f"What is the {head.removesuffix(' value')} value of {label}?")
    of = f"{head} {'value' if head.endswith('parallel') else ''}".strip()
    verb = "are" if re.search(r"[^su]s$", head) else "is"
    return ("cell", f"What {verb} the {of} of {label}?")


def _cells(text: str, paired: bool) -> list[tuple[str, str]]:
    """Return the (head, value) of a row's cells; [] if one of them is none."""
    cells = []
    for cell in re.split(r";\s+", text) if paired else re.split(r",\s+(?=[A-Za-z])", text):
        match = (_PAIR_CELL if paired else _PLAIN_CELL).match(cell)
        if match is None or len(match[1].split()) > 5:
            return []
        cells.append((match[1].strip(), match[2].strip()))
    return cells


def _is_number(value: str) -> bool:
    return re.match(r"~?[\d.,]+\S{0,3}$", value) is not None


def _head(head: str) -> str:
    """Return a head in small letters, but for acronyms and names in camel case."""
    if head.startswith("What is "):
        return head
    plain = re.compile(r"[A-Z][a-z]+(?:-[A-Z]?[a-z]+)*")
    return " ".join(word.lower() if plain.fullmatch(word) and len(head.split()) < 5 else word for word in head.split())
