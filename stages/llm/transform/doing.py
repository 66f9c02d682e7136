"""Questions for what a tool, flag or step does: what it does, which one does it, how one gets it done, where."""

import re

from stages.documents.lexicon import inflect, possible
from stages.llm.transform import phrases, verbs
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]
_ACTS = "(?:flag|option|argument|parameter|command|script|module|function|variable|setting|tool|method)"
_KIND = (
    "(?:flag|option|argument|parameter|command|script|module|function|environment variable|variable|setting|file|tool|"
    "method|header|field|endpoint|dataset|benchmark|token)"
)


def does(clause: Clause) -> Made:
    """What does the flag, the tool, calling it do?"""
    if (
        clause.do != "does"
        or clause.verb not in verbs.DOES | {"allow", "give", "keep", "cut", "put", "lead", "adapt", "help", "ensure"}
        and clause.head[0].tag != "VBG"
        or clause.front
    ):
        return []
    gerund = clause.head[0].tag == "VBG" and len(clause.head) > 1 and clause.verb not in verbs.NO_DEED
    gerund = gerund and not clause.head[1].text[:1].isupper()  # "Hugging Face"
    if re.match(r"(?:every|each|all|no|some|any)\b", clause.subject):
        return []
    identifier = re.search(r"--\w|\w_\w|`|\w\.\w|\(\)|\b[A-Z_]{5,}\b", clause.subject)
    kind = re.match(r"(?:the )?(?:[\w-]+ )*(" + "|".join(verbs.KINDS) + r")\b", clause.subject)
    named = clause.head[0].tag == "NNP" or any(w.tag == "NNP" for w in clause.head)
    tool = named and clause.verb in verbs.TOOL_DOES and len(clause.head) < 6
    process = re.fullmatch(r"(?:[a-z][\w-]* ){0,2}[\w-]*(?:tion|ing|ment)", clause.subject) and len(clause.rest) > 4
    if gerund or identifier or (kind and named) or tool or process:
        return [("does", f"What does {clause.subject} do?")]
    return []


def how_can(clause: Clause) -> Made:
    """How do I ...? Where a flag, a tool, a step does it for the reader."""
    if clause.verb not in verbs.HELPS or clause.front or clause.do not in ("does", "will", "can"):
        return []
    gerund = clause.head[0].tag == "VBG" and len(clause.head) > 1
    flag = re.match(rf"the (?:[\w.-]+ )*?{_ACTS}\b|--\w|`", clause.subject)
    tool = (
        clause.verb in verbs.TOOL_DOES - {"load", "keep", "store", "cache", "reduce", "improve"}
        and clause.head[0].tag == "NNP"
    )
    if not (gerund or flag or tool):
        return []
    rest = re.split(
        r",? (?:depending on|based on|because|since|so that|and therefore|whenever) ", clause.words(), maxsplit=1
    )[0]
    rest = phrases.mine(phrases.until_comma(rest))
    if len(rest.split()) < 2 or re.search(r"\b(?:its|their|it|them)\b", rest):
        return []
    wh = "How do I" if flag else "How can I"
    return [("how", f"{wh} {clause.verb} {rest}?")]


def which(clause: Clause) -> Made:
    """Which flag, file, command ...: the subject is the answer."""
    kind = re.match(rf"the (?:[\w.-]+ )??({_KIND})s? (?:`|--|<|\w*[_./]\w|[A-Z])", clause.subject)
    behind = re.match(rf"the (?:`[^`]+`|--[\w.-]+|[\w.-]*[_./][\w.-]*) ({_KIND})( (?:of|in) .+)?$", clause.subject)
    rest = phrases.mine(phrases.until_comma(clause.words()))
    rest = re.sub(r",? (?:depending on|which|because|since|whenever) .*$", "", rest)
    short = len(rest.split()) < 2 and not re.search(r"[A-Z\d]", rest)
    if not rest or short or clause.front or clause.do not in ("does", "is"):
        return []
    file = re.fullmatch(r"[\w/-]+\.(?:py|ya?ml|json|toml|sh|md|txt|cfg|ini|js|ts)|\w+_(dataset)", clause.subject)
    if file and clause.verb not in ("be", "have"):
        return [("which", f"Which {file[1] or 'file'} {clause.finite} {rest}?")]
    if kind:
        of = re.search(r" ((?:of|in|for|from|next to) [\w./ -]+)$", clause.subject)
        return [("which", f"Which {kind[1]}{' ' + of[1] if of else ''} {clause.finite} {rest}?")]
    if behind and clause.verb not in ("accept", "have", "take", "be"):
        return [("which", f"Which {behind[1]}{behind[2] or ''} {clause.finite} {rest}?")]
    return []


def causes(clause: Clause) -> Made:
    """What governs, causes, speeds up ...: the subject is the answer."""
    rest = phrases.mine(phrases.until_comma(clause.words()))
    if clause.verb in ("require", "need", "determine", "prevent", "ensure") and (
        len(clause.head) < 3 or not re.search(r"[A-Z\d_]", rest) or len(rest.split()) < 3
    ):
        return []
    if clause.verb == "violate":
        return (
            [("can", f"{'Are' if clause.do == 'do' else 'Is'} {clause.subject} allowed?")] if not clause.front else []
        )
    finite = inflect(clause.verb, "VBZ") if clause.do in ("do", "does") else clause.finite
    head = re.match(r"the (law|licence|license|setting|option|rule) of\b", clause.subject)
    return [("which", f"{'Which ' + head[1] if head else 'What'} {finite} {rest}?")] if not clause.front else []


def origin(clause: Clause) -> Made:
    """Where a tool reads its settings from."""
    at = phrases.find(clause.rest, {"from"})
    if not at or at > 6 or clause.front:
        return []
    return [("where", clause.ask("Where", f"{clause.words(0, at)} from"))]


def where(clause: Clause) -> Made:
    """Where a tool puts something."""
    at = phrases.find(clause.rest, {"in", "at", "under", "on", "to"})
    if not at or clause.front or at + 1 >= len(clause.rest):
        return []
    place = clause.words(at + 1)
    if clause.verb != "put" and not re.search(
        r"[/_`]|\b(?:file|folder|directory|repository|organi[sz]ation|bucket|database|cache|cluster|disk)\b", place
    ):
        return []
    return [("where", clause.ask("Where", phrases.mine(clause.words(0, at))))]


def allowed(clause: Clause) -> Made:
    """What "X allows you to do Y" says; of what it once did, nobody asks how to do it."""
    if clause.do == "did":
        return []
    at = phrases.find(clause.rest, {"to"})
    if clause.verb in ("let", "help"):
        doer = phrases.noun(clause.rest, clause.text) or clause.words(0, 1)
        size = len([w for w in clause.rest if w.end <= clause.rest[0].start + len(doer)])
        size += clause.words(size, size + 1) == "to"
        if not clause.words(size) or "VB" not in possible(clause.rest[size].text.lower()) or len(doer.split()) > 5:
            return []
        if doer == "you" and clause.verb == "let":
            return [("how", f"How can I {_doing(clause.words(size))}?"), ("what", clause.ask("What", "me do"))]
        return [("what", clause.ask("What", f"{phrases.mine(doer)} do"))]
    if at is None or at + 1 >= len(clause.rest) or clause.rest[at + 1].tag not in ("VB", "RB"):
        return []
    whom = phrases.mine(clause.words(0, at))
    if clause.rest[at + 1].text == "be":
        return []
    if re.fullmatch(r"(?:me|one|users|developers|people|practitioners|anyone)", whom) and not clause.front:
        who = {"me": "I", "one": "I"}.get(whom, whom)
        doing = _doing(clause.words(at + 1))
        return [("how", f"How can {who} {doing}?"), ("what", clause.ask("What", f"{whom} to do"))]
    if not whom or len(whom.split()) > 5 or clause.rest[0].tag == "VBG":
        return []
    return [("what", clause.ask("What", f"{whom} to do"))]


def _doing(done: str) -> str:
    return phrases.mine(re.split(r" (?:by|using|via) ", phrases.until_comma(done), maxsplit=1)[0])
