"""Questions of what is no plain sentence: a term behind its name, an option behind its flag, a table's row."""

import re

from stages.documents.lexicon import lemmas
from stages.documents.tagging import tokens
from stages.llm.transform import phrases, rows

Made = list[tuple[str, str]]


def of_form(text: str) -> Made:
    """Return the questions that a defined term, an expanded acronym, an option, an address or a table row answers."""
    return [
        *_term(text), *_expanded(text), *rows.of_row(text), *_attribute(text), *_item(text), *_address(text),
        *_link(text), *_options(text)
    ]  # fmt: skip


def _term(text: str) -> Made:
    """Questions of "`name`: what it is" and "Term" means ..."."""
    means = re.match(r"^[\"“]([^\"”]+)[\"”] means ", text)
    if means:
        return [("definition", f'What does "{means[1]}" mean?')]
    return []


def of_category(text: str, whose: str) -> Made:
    """Return the question of "Spam & Fraud encompasses statements that ...", a category of what is named."""
    word = r"(?:[A-Z][\w-]+|or|and|of|&)"
    told = re.match(rf"({word}(?: {word})*) encompass(?:es)? ", text)
    return [("definition", f'What is meant by "{told[1]}" in {whose}?')] if told and whose else []


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


def _options(text: str) -> Made:
    """Questions of "SHARD_OP that shards ...", "Pretrained models are: A, B" and "Here are the steps to X: (1) ..."."""
    if named := re.match(r"([A-Z]+_[A-Z_]+),? (?:that|which) [a-z]+s\b", text):
        return [("does", f"What does {named[1]} do?")]
    if listed := re.match(r"([A-Z][\w-]*(?: [a-z][\w-]*){0,3}s) are: [^.]+,", text):
        return [("which", f"What are the {phrases.small(listed[1])}?")]
    if steps := re.match(
        r"Here are the ((?:[\w-]+ )?(?:steps|stages|options|ways|requirements) [^:(]+?)(?:, [^:]+)?: ", text
    ):
        return [("which", f"What are the {phrases.mine(steps[1])}?")]
    places = re.match(
        r"(?:Two|Three|Four|Five|Six|Several|\d+) ([a-z-]+s) (?!of\b)([a-z]+(?: out| up)? [^:,]{5,60}): ", text
    )
    return [("which", f"Which {places[1]} {phrases.mine(places[2])}?")] if places else []


def _link(text: str) -> Made:
    """Questions of "Pandoc filters: https://..."."""
    match = re.match(r"^(?P<what>[A-Z][^:`,]{8,80}): https?://\S+$", text)
    if not match or re.match(r"(?:See|Read|Visit|Reporting)\b", text) or " is " in match["what"]:
        return []
    what = phrases.small(match["what"])
    named = tokens(match["what"])
    article = "the " if named[-1].tag in ("NN", "NNP") and what == match["what"] and len(named) > 2 else ""
    return [("where", f"Where can I find {article}{phrases.mine(what)}?")]
