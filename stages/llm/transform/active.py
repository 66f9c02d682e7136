"""Questions of "X does Y": what it does Y to, and all that the other modules ask of it."""

import re

from stages.llm.transform import amounts, copula, doing, modal, phrases, verbs
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]


_COMES_IN = re.compile(
    r"in (?:an? (?:\w+ )?(?:range|number|variety) of|several|different|two|three|four|five|\d+) ((?:[\w-]+ )?[\w-]+s)\b"
)


def of_clause(clause: Clause) -> Made:
    """Return the questions that "X does Y" answers."""
    if clause.kind not in ("active", "progressive") or not clause.rest or clause.kind == "progressive":
        return []
    if clause.negated:
        return modal.never(clause)
    made: Made = []
    if clause.modal:
        return modal.modal(clause)
    first = clause.rest[0]
    low = first.text.lower()
    made += doing.which(clause)
    amount = amounts.amount(clause) or amounts.value(clause)
    made += amount
    if clause.verb in ("allow", "enable", "let", "help", "permit") and (allowed := doing.allowed(clause)):
        made += allowed
    elif clause.verb in verbs.WITH_PREPOSITION:
        preposition = verbs.WITH_PREPOSITION[clause.verb]
        if clause.verb == "belong" and re.search(r"\b\w+(?:ee|er|or|user|people|meta)\b", clause.words()):
            made.append(("who", clause.ask("Who", "to")))
        elif preposition and low == preposition and len(clause.rest) > 1 and clause.rest[1].tag != "CD":
            made.append(("what", clause.ask("What", preposition)))
        elif clause.verb == "come" and low == "from":
            made.append(("where", clause.ask("Where", "from")))
        elif clause.verb == "come" and (sizes := _COMES_IN.match(clause.words())):
            made.append(("which", clause.ask(f"Which {sizes[1]}", "in")))
        elif clause.verb == "vary" and (low in ("with", "by") or clause.words(0, 2) == "based on"):
            made.append(("what", clause.ask("What", "depend on").replace(" vary depend on", " depend on")))
    elif clause.verb == "have" and not amount:
        made += _has(clause)
    elif clause.has_object and (not amount or (amount[0][0] == "how_many" and clause.do != "did")):
        made += _what(clause)
    if clause.verb == "allow" and low == "for" and len(clause.rest) > 2 and len(clause.head) < 5:
        made.append(("what", clause.ask("What", "for")))
    if clause.verb in ("send", "give", "grant", "hand") and not amount:
        whom = phrases.noun(clause.rest, clause.text)
        size = len([w for w in clause.rest if whom and w.end <= clause.rest[0].start + len(whom)])
        if whom and clause.rest[size : size + 1] and clause.rest[size].tag == "DT":
            made.append(("what", clause.ask("What", phrases.mine(whom))))
    if clause.verb in ("use", "leverage") and not clause.front and clause.do in ("do", "does"):
        made += _used_to(clause)
    if clause.verb in ("beat", "outperform", "surpass") and clause.do in ("do", "does") and not clause.front:
        made += _beats(clause)
    if clause.verb in ("add", "provide", "offer", "bring") and clause.words(0, 2) == "support for":
        made.append(("what", clause.ask("What", "support for")))
    if clause.verb in ("use", "treat", "name", "offer", "list", "describe") and not clause.front:
        at = phrases.find(clause.rest, {"as"})
        if at and at < 6 and at + 1 < len(clause.rest) and clause.words(at - 1, at) != "such":
            made.append(("what", clause.ask("What", phrases.mine(phrases.until_comma(clause.words(at))))))
    if clause.verb in ("require", "expect", "force", "ask"):
        made += _of_whom(clause)
    made += doing.does(clause)
    made += doing.how_can(clause)
    made += _who(clause)
    if clause.verb in ("go", "live", "sit", "reside", "lie", "appear") and low in (
        "in",
        "at",
        "under",
        "between",
        "behind",
    ):
        made.append(("where", clause.ask("Where")))
    if clause.verb in ("try", "attempt", "aim", "seek") and low == "to":
        made.append(("what", clause.ask("What", "to do")))
    if clause.verb in ("read", "load", "take", "get", "fetch", "import", "pull", "receive", "inherit"):
        made += doing.origin(clause)
    if clause.verb in ("train", "pretrain", "build", "base", "fine-tune", "test") and clause.do == "did":
        at = phrases.find(clause.rest, {"on"})
        if at and at < 7 and not phrases.QUANTITY.match(clause.words(at + 1)):
            made.append(("what", clause.ask("What", f"{phrases.mine(clause.words(0, at))} on")))
    if clause.verb in verbs.CAUSES and len(phrases.until_comma(clause.words()).split()) > 2:
        made += doing.causes(clause)
    if clause.verb in ("host", "store", "save", "keep", "write", "put", "place", "publish", "log", "cache", "register"):
        made += doing.where(clause)
    if clause.after.startswith("whereas "):
        made += copula.difference(clause)
    return made


def _of_whom(clause: Clause) -> Made:
    """What "X requires each Y to have Z" says of Y."""
    at = phrases.find(clause.rest, {"to"})
    if not at or at > 6 or at + 2 >= len(clause.rest) or clause.rest[at + 1].tag not in ("VB", "VBP"):
        return []
    if clause.rest[0].text.lower() not in ("each", "every", "all", "the", "a", "any"):
        return []
    if phrases.noun(clause.rest, clause.text) != clause.words(0, at) or clause.rest[at + 1].text in ("be", "work"):
        return []
    if clause.rest[at + 2].tag in ("IN", "RB", "TO", "PRP"):
        return []
    return [("what", clause.ask("What", phrases.mine(clause.words(0, at + 2))))]


def _who(clause: Clause) -> Made:
    """Who published, developed, released it?"""
    rest = phrases.mine(phrases.until_comma(clause.words()))
    named = clause.head[0].tag == "NNP" and len(clause.head) < 4
    if clause.verb not in verbs.MAKERS or clause.do != "did" or not named or len(rest.split()) < 2:
        return []
    return [("who", f"Who {clause.finite} {rest}?")]


def _what(clause: Clause) -> Made:
    if clause.verb not in verbs.TELLS or (clause.rest[0].text.lower() in ("it", "them", "both")):
        return []
    listed = _kind_of_list(clause)
    if listed:
        return [listed]
    if (
        clause.do == "did"
        and clause.verb not in verbs.CHANGES
        and clause.verb not in ("include", "add", "require", "need", "contain", "introduce")
    ):
        return []
    named = phrases.noun(clause.rest, clause.text)
    version = re.match(r"version [\d.]+ (?:or (?:later|newer|higher) )?of (.+)$", clause.words())
    if version:
        return [("what_value", clause.ask(f"Which version of {version[1]}"))]
    if clause.do == "did" and clause.verb in verbs.CHANGES:
        size = len([w for w in clause.rest if named and w.end <= clause.rest[0].start + len(named)])
        if clause.rest[size : size + 1] and clause.rest[size].text in ("from", "to", "in"):
            return [("what", clause.ask("What", phrases.mine(clause.words(size))))]
    for_what = _for(clause, named) if clause.verb in ("provide", "offer", "support", "recommend") else ""
    bare = (
        len([word for word in clause.head if word.tag != "RB"]) == 1
        and re.search(r"[_.`\d]|--", clause.subject) is None
    )
    if (
        clause.verb in verbs.VAGUE | {"implement", "define", "bring"}
        and not for_what
        and (listed := _noun_asked(clause))
    ):
        return [listed]
    if bare and clause.verb in verbs.VAGUE and not for_what and not clause.front:
        return []  # "What does Meta offer?" has many answers
    if (
        clause.verb == "include"
        and clause.do == "do"
        and re.match(r"the (?:[\w-]+ )?[a-z-]+s (?:of|for|in) ", clause.subject)
    ):
        return [("definition", f"What are {clause.subject}?")]
    return [("what", clause.ask("What", for_what))]


def _for(clause: Clause, named: str) -> str:
    """Return the "for ..." that makes "What does X provide" a question worth asking."""
    size = len([w for w in clause.rest if named and w.end <= clause.rest[0].start + len(named)])
    tail = clause.rest[size:]
    if tail and tail[0].text == "for" and 2 < len(tail) < 11 and not any(w.tag in (",", "WDT") for w in tail):
        return phrases.mine(clause.words(size))
    return ""


def _noun_asked(clause: Clause) -> tuple[str, str] | None:
    """Return "Which tests did X add?" for "X added tests for A and B"."""
    named = phrases.noun(clause.rest, clause.text)
    following = clause.words(len(named.split()), len(named.split()) + 1)
    if not re.fullmatch(r"(?:[a-z][\w-]* )?[a-z]+s", named) or following not in ("for", "to", "of") or clause.front:
        return None
    if phrases.QUANTITY.match(named):
        return None  # how many, not which
    return None if named.endswith(("ss", "us", "is")) else ("which", clause.ask(f"Which {named}"))


def _used_to(clause: Clause) -> Made:
    """What is used to do it: "uses A and B to align with C"."""
    at = phrases.find(clause.rest, {"to"})
    if not at or at + 2 >= len(clause.rest) or clause.rest[at + 1].tag != "VB" or at < 1:
        return []
    goal = phrases.mine(phrases.until_comma(clause.words(at)))
    return [("what", clause.ask("What", goal))] if 3 < len(goal.split()) < 12 else []


def _beats(clause: Clause) -> Made:
    other = phrases.noun(clause.rest, clause.text)
    size = len([word for word in clause.rest if other and word.end <= clause.rest[0].start + len(other)])
    where = re.match(r"on (?:the )?[\w -]+?(?= with | by |$)", clause.words(size))
    return (
        [("compare", f"How {clause.do} {clause.subject} compare with {other}{' ' + where[0] if where else ''}?")]
        if other
        else []
    )


def _kind_of_list(clause: Clause) -> tuple[str, str] | None:
    """Which values: "accepts the values A, B and C"; "supports two packages for checks, A and B"."""
    text = clause.words()
    match = re.match(
        r"(?:the |these |the following )?(?:two |three |four |five |six |\d+ )?"
        r"(?P<what>(?:(?!and\b|or\b|an?\b|of\b)[a-z-]+ )*?(?:values|fields|languages|formats|packages|modes|types|"
        r"methods|strategies|options|versions|categories|libraries|backends|models|tests|test suites|parameters|sizes|"
        r"stages|phases|steps|providers|platforms|algorithms|layers|services|drivers|databases|browsers))"
        r"(?P<more> (?:for|of|in) [\w -]+)?(?::|,| such as)? (?=[^.]*(?:,|\band\b|\bor\b))", text)  # fmt: skip
    if not match or match.end() >= len(text):
        return None
    after = text[match.end() :]
    if re.match(r"(?:that|which|and|to|with|from|by|on|at|is|are|as|for|of|in)\b", after):
        return None
    goal = re.match(r"(to [a-z]+ [^,.]{3,50})$", after)
    return ("which", clause.ask(f"Which {match['what']}", phrases.mine(match["more"] or (goal[1] if goal else ""))))


def _has(clause: Clause) -> Made:
    """What "X has a Y of Z" says: the value of an attribute."""
    text = clause.words()
    for_what = re.match(r"(?:the|an?) (?:[\w-]+ ){1,4}(for \w+ing .+)$", phrases.until_comma(text))
    if for_what and len(for_what[1].split()) > 3 and not clause.front:
        return [("what", clause.ask("What", phrases.mine(for_what[1])))]
    if text.startswith("to ") and len(clause.rest) > 2 and clause.rest[1].text != "be":
        return [("must", clause.ask("What", "to do"))]
    return []
