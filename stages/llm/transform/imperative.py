"""Questions of what tells a reader what to do: "Run x to y", "To y, run x", "If z, run x"."""

import re

from stages.documents import wordclasses as classes
from stages.documents.tagging import Token, tokens
from stages.llm.transform import phrases
from stages.llm.transform.adverbials import _NOUN_TO

Made = list[tuple[str, str]]
_NO_GOAL = frozenset("be ensure have make sure see know do get learn note remember go help avoid".split())
_VAGUE = frozenset("see note remember consider visit refer check make ensure verify keep let describe evaluate".split())


def of_order(text: str) -> Made:
    """Return the questions that an instruction answers."""
    text = re.sub(r"^(?:Please|Only|Then|Next|First|Simply|Now),?\s+(\w)", lambda m: m[1].upper(), text)
    words = [word for word in tokens(text) if word.text not in {".", "!"} or word.end < len(text.rstrip())]
    if len(words) < 4:
        return []
    low = words[0].text.lower()
    if low == "to" and words[1].tag == "VB":
        return _to(text, words)
    if low in ("if", "when"):
        return _if(text, words)
    if words[0].tag == "VB" and low in classes.IMPERATIVES:
        return _order(text, words)
    return []


def _to(text: str, words: list[Token]) -> Made:
    """Questions of "To P, do X" and "To P you must do X"."""
    end = next((at for at, word in enumerate(words) if word.text == ","), None)
    if end is None or end < 3 or end + 2 >= len(words):
        return []
    if words[1].text.lower() in _NO_GOAL and words[1].text.lower() not in ("avoid", "get"):
        return []
    goal = phrases.mine(text[words[1].start : words[end - 1].end])
    following = words[end + 1]
    acts = following.tag in ("VB", "PRP") or following.text.lower() in classes.IMPERATIVES | {"you", "a", "the"}
    if (
        not acts
        or re.match(r"(?:it|this|that|these|them)\b", goal)
        or re.search(r"\b(?:it|this|that|these|them)$", goal)
    ):
        return []
    if following.text.lower() == "you" and words[end + 2].text.lower() in ("must", "need", "have", "should"):
        return [("how", f"What do I need to do to {goal}?")]
    return [("how", f"How do I {goal}?")]


def _if(text: str, words: list[Token]) -> Made:
    """Questions of "If C, do X"."""
    end = next((at for at, word in enumerate(words) if word.text == "," and at > 2), None)
    if end is None or end + 2 >= len(words):
        return []
    following = words[end + 1]
    orders = following.tag == "VB" and following.text.lower() in classes.IMPERATIVES | {"make"}
    condition = phrases.inside(text[words[0].start : words[end - 1].end])
    if not orders or re.search(r"\b(?:it|they|this|these|that|so|them)\b", condition):
        return []
    doing = phrases.mine(phrases.until_comma(text[following.start : words[-1].end].rstrip(".! ")))
    when = [("when", f"When should I {doing}?")] if len(doing.split()) > 2 and following.text.islower() else []
    return [("condition", f"What should I do {condition}?"), *when]


def _order(text: str, words: list[Token]) -> Made:
    verb = words[0].text.lower()
    at = phrases.find(words, {"when", "if"})
    if at and 2 < at < len(words) - 2 and verb not in ("make", "see", "check", "verify", "evaluate", "ask", "tell"):
        thing = phrases.mine(text[words[1].start : words[at - 1].end].removesuffix(" only").rstrip(","))
        if len(thing.split()) > 1:
            return [("when", f"When should I {verb} {thing}?")]
    goal = _goal(text, words)
    made: Made = []
    if goal:
        made.append(("how", f"How do I {goal[1]}?"))
        tool = text[words[1].start : words[goal[0] - 1].end]
        if verb in ("use", "run", "pass", "set", "call", "add", "execute") and re.match(
            r"(?:the )?(?:`[^`]+`|--[\w.-]+|\w+[_./]\w[\w./]*(?:\(\))?)(?: (?:flag|option|command|script|argument|file|"
            r"parameter|function|variable))?$", tool
        ):  # fmt: skip
            made.append(("purpose", f"What is {phrases.inside(tool)} used for?"))
        return made
    if verb in _VAGUE:
        return []
    done = phrases.mine(text[words[0].start : words[0].end].lower())
    if verb == "replace":
        at = phrases.find(words, {"with", "by"})
        return (
            [("what", f"What do I replace {phrases.mine(text[words[1].start : words[at - 1].end])} with?")]
            if at and at > 1
            else []
        )
    if verb in ("report", "submit", "send", "file", "store", "put", "place", "save"):
        at = phrases.find(words, {"in", "at", "to", "under"})
        if at and at > 1:
            return [("where", f"Where do I {done} {phrases.mine(text[words[1].start : words[at - 1].end])}?")]
    for at, word in enumerate(words[2:], 2):
        low = word.text.lower()
        if word.tag in ("WDT", "WP") or low in ("and", "or", ",", "that"):
            break
        gerund = at + 1 < len(words) and words[at + 1].tag == "VBG"
        shown = (
            at + 1 < len(words) and re.search(r"[`_]|--|\.\w", text[words[at + 1].start :].split(",")[0]) is not None
        )
        if (low == "by" and gerund) or low in ("using", "via") or (low in ("with", "through") and shown):
            thing = phrases.mine(text[words[1].start : words[at - 1].end])
            if len(thing.split()) >= 2 and verb not in ("use", "run"):
                return [("how", f"How do I {done} {thing}?")]
    return []


def _goal(text: str, words: list[Token]) -> tuple[int, str] | None:
    """Return where "to P" or "if you want to P" begins, and P."""
    for at in range(2, len(words) - 2):
        word, following = words[at], words[at + 1]
        if word.tag in ("WDT", "WP") or word.text.lower() in classes.OPENERS:
            return None
        if word.text != "to" or following.tag != "VB" or following.text.lower() in _NO_GOAL:
            continue
        before = words[at - 1]
        if before.text.lower() in _NOUN_TO - {
            "script",
            "command",
            "flag",
            "function",
            "parameter",
            "parameters",
            "tool",
            "option",
            "argument",
            "framework",
            "program",
            "model",
        }:
            return None
        if before.tag in ("RB", "JJ", "VB", "WRB", "PRP", "CC") or words[0].text.lower() in (
            "allow",
            "ask",
            "tell",
            "need",
        ):
            return None
        goal = phrases.mine(phrases.until_comma(text[following.start : words[-1].end].rstrip(".! ")))
        if len(goal.split()) < 2 or re.search(r"\b(?:it|this|that|these|them)$", goal):
            return None
        return at, goal
    return None
