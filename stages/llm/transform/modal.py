"""Questions for what must, should, can and cannot be done."""

import re

from stages.llm.transform import doing, phrases, verbs
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]


def modal(clause: Clause) -> Made:
    """What must, should, can somebody do?"""
    if clause.subject in ("I", "one", "you"):
        return _reader(clause)
    return [*_allowed_if(clause), *_obliged(clause), *_who(clause), *_which(clause)]


def _which(clause: Clause) -> Made:
    """Which of them can? For "cheaper drives such as A and B can also store it"."""
    kind = re.match(r"((?:[\w-]+ ){0,2}[\w-]+s),? such as ", clause.subject)
    rest = phrases.mine(phrases.until_comma(clause.words()))
    return [("which", f"Which {kind[1]} {clause.do} {clause.verbs} {rest}?")] if kind and not clause.front else []


def _allowed_if(clause: Clause) -> Made:
    """May developers ...? For what may be done under a condition."""
    at = phrases.find(clause.rest, {"provided", "if", "unless"})
    if clause.modal not in ("may", "can") or not at or at < 3 or clause.front:
        return []
    return [
        ("can", f"{clause.modal.capitalize()} {clause.subject} {clause.verbs} {phrases.mine(clause.words(0, at))}?")
    ]


def _obliged(clause: Clause) -> Made:
    under = clause.front.split(" ", 1)[0].lower() in ("before", "after", "when", "if", "during", "upon", "without")
    specific = len(clause.subject.split()) > 2 or under
    verb = clause.verbs.split()[-1]
    first = clause.rest[0].text.lower()
    told = (
        re.match(r"((?:[\w-]+ ){1,3}?)(about|for|of)\b", clause.words())
        if verb in ("tell", "inform", "ask", "warn")
        else None
    )
    if told and not re.search(r"\b(?:that|whether|to|if)\b", told[1]):
        return [("must", clause.ask("What", phrases.mine(told[0])))]
    if (
        clause.modal in ("must", "should")
        and verb in verbs.TELLS | {"include", "represent", "adopt", "follow"}
        and clause.has_object
    ):
        return [("must", clause.ask("What"))]
    if (
        verb in verbs.WITH_PREPOSITION
        and first == verbs.WITH_PREPOSITION[verb]
        and clause.modal in ("must", "should", "may", "can")
    ):
        return [("must", clause.ask("What", first))]
    if verb == "have" and clause.words(0, 1) == "to":
        before = phrases.find(clause.rest, {"before", "after", "when", "if"})
        return [("must", clause.ask("What", "to do " + (phrases.mine(clause.words(before)) if before else "")))]
    if clause.modal in ("must", "should") and specific:
        return [("must", clause.ask("What", "do").replace(f" {clause.verbs} do", " do"))]
    gerund = clause.head[0].tag == "VBG" and len(clause.head) > 1
    if gerund and clause.modal in ("can", "will", "may") and verb not in ("be", "include", "involve", "vary"):
        rest = re.split(r" (?:depending|based) on |, \w+ly \w+ing ", clause.words(), maxsplit=1)[0]
        rest = phrases.mine(phrases.until_comma(rest))
        return [("which", f"What {clause.modal} {clause.verbs} {rest}?"), *doing.how_can(clause)]
    if clause.modal in ("can", "may", "will") and clause.verb in ("include", "lead", "cause"):
        kept = "to" if clause.words(0, 1) == "to" else ""
        return [("what", clause.ask("What", kept))]
    return []


_PEOPLE = re.compile(
    r"(?:anyone|everyone|\w*(?:developer|user|provider|licensee|compan(?:y|ie)|team|applicant|organi[sz]ation|customer|"
    r"administrator|operator|author|maintainer|contributor|admin|researcher|person|people|member|owner)s?)\b"
)


def _who(clause: Clause) -> Made:
    """Who must ...?"""
    whom = _PEOPLE.search(clause.subject)
    rest = phrases.mine(phrases.until_comma(clause.words()))
    if not whom or clause.modal not in ("must",) or clause.front or len(rest.split()) < 3:
        return []
    return [("who", f"Who {clause.modal} {clause.verbs} {rest}?")]


def _reader(clause: Clause) -> Made:
    """How and what the reader can or must do."""
    if clause.modal in ("must", "shall", "should") and clause.front.split(" ", 1)[0].lower() in (
        "before",
        "after",
        "upon",
    ):
        return [("must", f"What must I do {phrases.inside(clause.front)}?")]
    opener = clause.front.split(" ", 1)[0].lower()
    if clause.modal == "will" and clause.verb in ("receive", "get", "see", "find", "need") and clause.has_object:
        return [("what", clause.ask("What"))] if opener in ("once", "when", "if", "after") else []
    if clause.front:
        condition = re.match(r"(?:If|When)\s+(.+)$", clause.front)
        if condition:
            return [("condition", f"What {clause.do} I do {phrases.inside(clause.front)}?")]
        return []
    to = phrases.find(clause.rest, {"to"})
    if clause.modal in ("can", "must", "should") and to and to + 1 < len(clause.rest) and clause.verb == "use":
        return [("how", f"How can I {phrases.mine(phrases.until_comma(clause.words(to + 1)))}?")]
    way = phrases.find(clause.rest, {"by", "with", "using", "via", "through"})
    place = phrases.find(clause.rest, {"in"})
    if clause.modal == "can" and way and clause.rest[way + 1 : way + 2]:
        return [("how", f"How can I {' '.join(clause.verbs.split())} {phrases.mine(clause.words(0, way))}?")]
    if clause.modal == "can" and place and re.search(r"[/_`]|\w\.\w", clause.words(place)):
        return [("where", f"Where can I {clause.verbs} {phrases.mine(clause.words(0, place))}?")]
    return []


def never(clause: Clause) -> Made:
    """What can, should, does X not do?"""
    if clause.modal == "can" and clause.has_object and not clause.front:
        without = phrases.find(clause.rest, {"without", "unless"})
        if without:
            return [("can", f"Can {clause.subject} {clause.verbs} {phrases.mine(clause.words(0, without))}?")]
        return (
            [("not", f"What can {clause.subject} not {clause.verbs}?")]
            if clause.verb in verbs.TELLS | {"combine"}
            else []
        )
    if clause.modal in ("should", "must") and len(clause.subject.split()) > 1:
        return [("never", f"What {clause.modal} {clause.subject} {'never' if 'never' in clause.text else 'not'} do?")]
    return []
