"""Questions of what is no plain sentence: a command behind its explanation, a list behind its lead, a table's row."""

import re

from stages.documents import wordclasses as classes
from stages.documents.tagging import tokens
from stages.llm.transform import phrases

Made = list[tuple[str, str]]
_COMMAND = re.compile(r"^(?P<lead>[^`:]{6,120}?)\s*[:：]\s+`(?P<code>[^`]+)`\.?$")
_ROW = re.compile(r"^(?P<label>[^:,.]{2,60}): (?P<cells>.+)$")


def of_form(text: str, topic: str) -> Made:
    """Return the questions that a command, a defined term, an expanded acronym or a table row answers."""
    return [*_command(text), *_term(text), *_expanded(text), *_row(text, topic)]


def _command(text: str) -> Made:
    """Questions of "Install the CLI: `pip install x`"."""
    match = _COMMAND.match(text)
    if not match:
        return []
    lead = match["lead"].strip()
    found = tokens(lead)
    low = found[0].text.lower()
    if goal := re.match(r"(?i)to (\w+ .+?)(?:, (?:run|use|type|enter|call|execute|add)\b.*)?$", lead):
        return [
            ("how", f"How do I {phrases.mine(goal[1])}?"),
            ("command", f"Which command do I use to {phrases.mine(goal[1])}?"),
        ]
    if goal := re.search(r"(?i)\b(?:run|use|type|enter|call|execute|with)\b.*? to (\w+ [^,]+)$", lead):
        return [("how", f"How do I {phrases.mine(goal[1])}?")]
    if low in classes.IMPERATIVES and found[0].tag in ("VB", "NN") and len(found) > 2 and low not in (
        "run", "use", "type", "enter", "execute", "see", "call", "add"
    ):  # fmt: skip
        rest = phrases.mine(lead[found[1].start :])
        return [("how", f"How do I {low} {rest}?"), ("command", f"What is the command to {low} {rest}?")]
    if low.endswith("ing") and found[0].tag in ("VBG", "NN") and len(found) > 2:
        from stages.documents.lexicon import lemmas

        if verb := lemmas(low).get("VERB"):
            return [("how", f"How do I {verb} {phrases.mine(lead[found[1].start :])}?")]
    return []


def _term(text: str) -> Made:
    """Questions of "`name`: what it is" and "Term" means ..."."""
    means = re.match(r"^[\"“]([^\"”]+)[\"”] means ", text)
    if means:
        return [("definition", f'What does "{means[1]}" mean?')]
    return []


def _expanded(text: str) -> Made:
    """Questions of "LoRA (Low-Rank Adaptation)" and "TGI, short for Text Generation Inference,"."""
    short = re.match(r"^(?:The )?([A-Z][\w-]*), (?:short for|or|which stands for) [A-Z]", text)
    if short and sum(letter.isupper() for letter in short[1]) > 1:
        return [("stands_for", f"What does {short[1]} stand for?")]
    for match in re.finditer(r"\b([A-Z][A-Za-z]*[A-Z][A-Za-z]*) \(([A-Z]?[a-z][\w -]+)\)", text):
        if _initials(match[1], match[2]):
            return [("stands_for", f"What does {match[1]} stand for?")]
    for match in re.finditer(r"((?:[A-Z][\w-]+ )+(?:of |from )?(?:[A-Z][\w-]+)?)\(?\s?\(([A-Z][A-Za-z]*[A-Z])\)", text):
        if _initials(match[2], match[1][-80:]):
            return [("stands_for", f"What does {match[2]} stand for?")]
    return []


def _initials(short: str, long: str) -> bool:
    capitals = [letter.lower() for letter in short if letter.isupper()]
    first = [word[0].lower() for word in re.split(r"[\s-]+", long.strip()) if word]
    it = iter(first)
    return 1 < len(capitals) <= len(first) and all(any(letter == other for other in it) for letter in capitals)


def _row(text: str, topic: str) -> Made:
    """Questions of "Falcon 7B: Params 7B, Context length 2k"."""
    match = _ROW.match(text.rstrip("."))
    if not match:
        return []
    cells = re.split(r",\s+(?=[A-Z])", match["cells"])
    heads = [re.match(r"([A-Z][A-Za-z]*(?: [a-z]+){0,3}) (?=\S)", cell) for cell in cells]
    if len(cells) < 2 or not all(heads):
        return []
    return []
