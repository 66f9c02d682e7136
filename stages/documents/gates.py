"""Is a statement a fact: whole, understood without the text before it, and the answer to some question?

The rules are strict: a sentence that leans on its neighbours ("it", "this model", "the table above") is no fact,
however true. They know English only; of another language only length, form and structure are judged.
"""

import re

from stages.documents.dangling import ahead, dangling
from stages.documents.fragments import CLOSED, fragment

Verdict = tuple[str, float | str | None]  # reason, what gave it away
MADE = 60  # most words of a statement that was put together: of a list, a table's row, a command


def judge(
    says: str, kind: str, has_concept: bool, min_words: int = 6, max_words: int = 40, english: bool = True
) -> Verdict | None:
    """Return why a statement is no fact, as (reason, value), or None if it is one.

    Args:
        says: the statement, or the quote where it needs none.
        kind: paragraph, list (an item of one, which needs no full stop), or made: put together from a list, a table
            or a command, whose form is right already.
        has_concept: whether it is about something that has a name.
        min_words: least words of a sentence.
        max_words: most words of a sentence.
        english: whether the rules that know English apply.
    """
    if match := _HIDDEN.search(says):
        return ("open_task" if match[0] == "[ ]" else "masked"), match[0]
    count = len(says.split())
    if kind != "made" and count < min_words:
        return "too_short", count
    if count > (MADE if kind == "made" else max_words):
        return "too_long", count
    if kind == "made":
        rules = [_no_content, _dangling] if english else []
    else:
        rules = [_question, *([_no_content, _heading_like, _dangling, _fragment] if english else [_heading_like])]
    for rule in rules:
        verdict = rule(says, kind)
        if verdict:
            return verdict
    return None if has_concept else ("no_concept", None)


_HIDDEN = re.compile(r"^\[ \](?= )|\[(?:EMAIL|PHONE|CARD|IBAN|SSN|IP|SECRET)\]")  # a plan; masked personal data


def masked(text: str) -> Verdict | None:
    """Return the verdict on a text with masked personal data in it, None where there is none."""
    match = _HIDDEN.search(text)
    return ("masked", match[0]) if match and match[0] != "[ ]" else None


def _question(says: str, kind: str) -> Verdict | None:
    asks = re.match(r"(?i)(?:how|what|why|which|who|where)\b", says) and not CLOSED.search(says)
    return ("question", None) if asks or re.search(r"[?？][\"'”’»)\]]*$", says) else None


_NO_CONTENT = re.compile(
    r"click (?:here|on|the (?:link|button))|all rights reserved|\bcopyright\b (?:\(c\)|©|\d{4})|"
    r"for (?:more|further|additional) (?:\w+ )?(?:information|details|info|background|examples)|"
    r"^(?:\w+ ){0,2}(?:more|further|additional) (?:\w+ )?(?:details?|information|background|examples|instructions?) "
    r"(?:\w+ )?(?:is|are|can|about|on)\b|(?:find|found|get) (?:more|further|additional)|"
    r"feel free to|stay tuned|happy to|thank(?:s| you)|welcome to|we hope|have fun|enjoy|don't hesitate|"
    r"table of contents|terms of (?:service|use)\b.*privacy|subscribe|newsletter|page \d+ of|skip to|"
    r"if you (?:find|use) .* (?:cite|citing)|please (?:cite|star|contact|open|file)|instructions on how|"
    r"^as the saying goes|of paramount importance|plays? an? (?:crucial|key|vital|important) role|ever-evolving|"
    r"presents? (?:new )?opportunities|^[^,]{3,60} is an important (?:part|decision|step|aspect)\b|\bis crucial\.$|"
    r"great (?:resource|place)|\bhas (?:more )?details on\b|apples-to-apples|"
    r"\bquick start on\b|\bat various points\b|\bprovides? information about\b|"
    r"\bin (?:greater|more) (?:depth|detail)\b|"
    r"\bis now accessible to\b|"
    r"ongoing efforts|(?:is|are) committed to|commitment to|\bhas always\b|\b(?:demo|useful|related) links?\b|"
    r"^(?:examples?|more|details?|links?|instructions) (?:\w+ )?(?:can|is|are)\b|"
    r"\b(?:multiple|many|several|various|different|a (?:variety|number|range) of) (?:[\w-]+ ){0,3}(?:ways|strategies|"
    r"techniques|options|methods|approaches|layers|aspects|things|criteria|alternatives)\b[^,:()]*\.$|"
    r"\bthere are (?:\w+ ){1,3}(?:ways|options|approaches|possibilities)\b[^,:()]*\.$|"
    r"\byou(?:'ll| will)? find (?:supplemental|additional|more|\w+ resources)|"
    r"for (?:more|further) in[- ]depth|more in[- ]depth|\binto more (?:depth|detail)|"
    r"(?:to|you can) (?:learn|read) more|"
    r"^(?:last |date )?(?:updated|modified|edited|reviewed|changed|published|posted)(?: on)?:? .{0,30}\d{4}|"
    r"\b(?:is|are) (?:\w+ )?(?:beyond|outside|out of) the scope\b",
    re.IGNORECASE,
)


def _no_content(says: str, kind: str) -> Verdict | None:
    match = _NO_CONTENT.search(says)
    return ("no_content", match[0].lower()) if match else None


def _heading_like(says: str, kind: str) -> Verdict | None:
    letters = [character for character in says if character.isalpha()]
    if not letters:
        return "heading_like", None
    if sum(map(str.isupper, letters)) > 0.6 * len(letters) and len(says.split()) < 15:
        return "heading_like", None
    if kind == "list" or CLOSED.search(says):
        return None
    if says.rstrip("\"'”’)]")[-1:] in ":,;":
        return "fragment", says[-1]
    return ("heading_like", None) if len(says.split()) <= 12 and not re.search(r"://\S+$", says) else None


def _dangling(says: str, kind: str) -> Verdict | None:
    if kind == "made":
        lead, colon, rest = re.sub(r"`[^`]*`", "`x`", says).partition(":")
        says = ahead(lead) + colon + rest if colon else says
    pointer = dangling(says)
    return None if pointer is None else ("dangling", pointer)


def _fragment(says: str, kind: str) -> Verdict | None:
    sign = fragment(says, kind)
    return None if sign is None else ("fragment", sign)
