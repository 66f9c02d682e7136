"""Questions of what is no plain sentence: a term behind its name, an option behind its flag, a table's row."""

import re

from stages.documents import wordclasses as classes
from stages.documents.lexicon import lemmas
from stages.documents.tagging import tokens
from stages.llm.transform import phrases

Made = list[tuple[str, str]]
_ROW = re.compile(r"^(?P<label>[A-Za-z][^:,;]{1,50}): (?P<cells>[A-Za-z].*\d.*)$")
_PAIRS = re.compile(r"^(?P<label>[A-Z][^:,;–]{1,50}) – (?P<cells>[A-Z][\w ()-]+: .+)$")


def of_form(text: str) -> Made:
    """Return the questions that a defined term, an expanded acronym, an option, an address or a table row answers."""
    return [
        *_term(text), *_expanded(text), *_row(text), *_attribute(text), *_item(text), *_address(text), *_link(text)
    ]  # fmt: skip


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


def _row(text: str) -> Made:
    """Questions of a table's row: "Falcon 7B: Params 7B, Context 2k", "Falcon 7B – Licence: MIT; Context: 2k"."""
    match = _PAIRS.match(text) or _ROW.match(text)
    if match is None:
        return []
    label = phrases.without_brackets(match["label"].strip())
    if re.match(r"What is ", match["cells"]):
        return _asked_row(label, match["cells"])
    heads, numeric = _heads(match["cells"].rstrip("."), ";" in match["cells"] or _PAIRS.match(text) is not None)
    if not heads or not re.search(r"[A-Z\d_]", label) or label.split()[0].lower() in classes.IMPERATIVES:
        return []
    listed = heads[-3:]
    joined = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    made = []
    if len(listed) > 1:
        values = " values" if numeric else ""
        made.append(("row", f"What are the {joined}{values} of {label}?"))
    single = heads[-1] if len(heads) > 1 else heads[0]
    if numeric and len(heads) > 1:
        made.append(("cell", f"What is the {single.removesuffix(' value')} value of {label}?"))
    else:
        made.append(("cell", f"What is the {single}{' value' if single.endswith('parallel') else ''} of {label}?"))
    return made


def _asked_row(label: str, cells: str) -> Made:
    """Questions of a row whose first head asks itself: "AOF – What is logged: every write"."""
    head = re.match(r"(What is [a-z]+): ", cells)
    return [("cell", f"{head[1]} with {label}?")] if head else []


def _heads(cells: str, paired: bool) -> tuple[list[str], bool]:
    """Return the heads of a row's cells as they read in a question, and whether all values are numbers."""
    heads, numeric = [], True
    for cell in re.split(r";\s+", cells) if paired else re.split(r",\s+(?=[A-Za-z])", cells):
        match = (
            re.match(r"([A-Z][\w /-]*?)(?: ?\([^)]*\))?: (\S.*)$", cell)
            if paired
            else re.match(r"([A-Za-z][A-Za-z_-]*(?: [A-Za-z][\w-]*){0,2})(?: ?\([^)]*\))? (~?\d\S*)$", cell)
        )
        if match is None or len(match[1].split()) > 4:
            return [], False
        numeric = numeric and re.match(r"~?[\d.,]+\S{0,3}$", match[2]) is not None
        heads.append(match[1].strip())
    return [head if numeric and len(heads) > 1 else _head(head) for head in heads], numeric


def _head(head: str) -> str:
    """Return a head in small letters, but for acronyms and names in camel case."""
    plain = re.compile(r"[A-Z][a-z]+(?:-[A-Z]?[a-z]+)*")
    return " ".join(word.lower() if plain.fullmatch(word) and len(head.split()) < 3 else word for word in head.split())


def _attribute(text: str) -> Made:
    """Questions of "Falcon 2, licence: MIT." and "Falcon 2, maintainers: TII."."""
    match = re.match(r"^(?P<of>[A-Z][\w. -]{1,40}), (?P<what>[A-Za-z][a-z]+(?: [A-Za-z][a-z]+){0,2}): \S", text)
    if not match:
        return []
    what = match["what"].lower()
    plural = what.endswith("s") and not what.endswith(("ss", "us", "is"))
    wh = "Who" if re.search(r"(?:developer|author|maintainer|owner|creator|vendor|publisher)s?$", what) else "What"
    return [("cell", f"{wh} {'are' if plural else 'is'} the {what} of {match['of']}?")]


def _item(text: str) -> Made:
    """Questions of "--use_cache: boolean flag to enable the cache", "loader.py: helpers to read files"."""
    match = _ITEM.match(text)
    if not match or match["rest"].startswith("http"):
        return []
    name, rest = match["name"].strip("`"), match["rest"].rstrip(". ")
    code = re.search(r"^--|_|\w\.\w|^`|[a-z][A-Z]|^[a-z]+-", match["name"]) is not None
    if not code and not re.match(r"(?:designed|made|built|intended|meant|for) ", rest):
        return []
    first = tokens(rest)[0]
    acts = first.text[0].isupper() and first.tag in ("VB", "VBZ") and "VERB" in lemmas(first.text.lower())
    if code and acts and first.text.lower() not in ("contains", "contain"):
        return [("does", f"What does {name} do?")]
    if synthetic := re.match(r"((?:designed|made|built|intended|meant)\b.*|for (?:the )?\w+.*)$", rest):
        part = synthetic[1].split()[0]
        verb = "meant" if part == "for" else part
        return [("what", f"What is {name} {verb} for?")] if " for " in f" {rest} " else []
    made: Made = []
    goal = _GOAL.match(rest) if code else None
    if goal:
        doing = phrases.mine(phrases.until_comma(goal[1]))
        if tokens(doing)[0].tag in ("VB", "NN") and not doing.startswith("specify"):
            made.append(("how", f"How do I {doing}?"))
        made.append(("purpose", f"What is {name} used for?"))
        made.append(("does", f"What does {name} do?"))
    elif code and re.match(r"contains? ", rest, re.I):
        made.append(("what", f"What does {name} contain?"))
    elif code and re.search(r"\bto [a-z]+|\bfor [a-z]+ing\b", rest):
        made.append(("purpose", f"What is {name} used for?"))
    elif code:
        made.append(("definition", f"What is {name}?"))
    return made


_ITEM = re.compile(
    r"^(?P<name>`?(?:--?\w[\w.-]*|\w+(?:[_.]\w+)+|[a-z]+(?:-[a-z]+)+|[A-Z][\w]*(?: -? ?[A-Z\d][\w.]*)*)`?)"
    r"(?::|(?= boolean| flag))\s+(?P<rest>[a-zA-Z].{8,})$"
)
_GOAL = re.compile(r"(?:an? |the )?(?:[\w/-]+ ){0,3}?(?:flag|option|argument|switch|script|parameter) to (\w+ .+)$")


def _address(text: str) -> Made:
    """Questions of "Reporting bugs of Pandoc: github.com/jgm/pandoc"."""
    match = re.match(r"^(?P<doing>[A-Z][a-z]+ing) (?P<what>[^:]{4,70}): (?P<where>\S*\w\.\w+/?\S*|\S+@\S+)$", text)
    verb = lemmas(match["doing"].lower()).get("VERB") if match else None
    if not match or not verb or match["what"].startswith("of "):
        return []
    what = phrases.mine(match["what"])
    return [("where", f"Where can I {verb} {what}?"), ("how", f"How do I {verb} {what}?")]


def _link(text: str) -> Made:
    """Questions of "Pandoc filters: https://..."."""
    match = re.match(r"^(?P<what>[A-Z][^:`,]{8,80}): https?://\S+$", text)
    if not match or re.match(r"(?:See|Read|Visit|Reporting)\b", text) or " is " in match["what"]:
        return []
    what = phrases.small(match["what"])
    named = tokens(match["what"])
    article = "the " if named[-1].tag in ("NN", "NNP") and what == match["what"] and len(named) > 2 else ""
    return [("where", f"Where can I find {article}{phrases.mine(what)}?")]
