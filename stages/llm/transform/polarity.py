"""Questions that are answered by yes or no: what is not supported, may be done, must be done, is required.

What is asked for is the polarity, so a question may hold all the words of its statement.
"""

import re

from stages.documents import wordclasses as classes
from stages.documents.lexicon import inflect, lemmas
from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause
from stages.llm.transform.parsing import parse

Made = list[tuple[str, str]]
_HEDGED = re.compile(r"\b(?:not only|not necessarily|not just|not always|nothing but|no matter|cannot but)\b")
_CUT = re.compile(
    r",? (?:because|since|so that|unless|provided|whereas|although|while|depending|based on|even if|as long as|"
    r"in order to|except|such as|accordingly)\b.*$|,? but (?:rather|only|also|it|they)\b.*$"
)
_ABLE = frozenset("support require need allow permit accept work prohibit forbid guarantee carry offer".split())
_STATES = re.compile(
    r"(?:required|compatible|necessary|equivalent|mandatory|optional|recommended|suitable|free|limited|capable|"
    r"enabled|disabled|dependent|intended|crucial|essential|important|indispensable)\b"
)
_MODALS = ("can", "could", "may", "must", "should", "would")
_DONE = frozenset("require need allow permit support recommend intend license".split())


def of_clause(clause: Clause) -> Made:
    """Return the question for the polarity of a clause, if polarity is what a reader would ask for."""
    if lacked := _lacked(clause):
        return lacked
    if not clause.rest or _HEDGED.search(clause.text) or clause.subject.split()[0] in ("no", "few", "many", "some"):
        return []
    if clause.front and not re.match(
        r"(?:In|On|With|For|When|If|Before|After|Without|During|Once|Upon) ", clause.front
    ):
        return []
    rule = "negation" if clause.negated else "may"
    if not clause.negated and not _is_asked(clause):
        return []
    kept = _rest(clause)
    if kept is None:
        return []
    return [(rule, _asked(clause, kept))]


def _lacked(clause: Clause) -> Made:
    """Return the question of "X has no Y"."""
    if clause.verb not in ("have", "include", "contain", "need", "offer", "use") or not clause.words().startswith(
        "no "
    ):
        return []
    if clause.do not in ("do", "does", "did") or clause.front or re.match(r"no (?:more|less|longer)\b", clause.words()):
        return []
    thing = phrases.until_comma(clause.words(1))
    named = phrases.noun(clause.rest[1:], clause.text)
    article = "any" if re.search(r"[^su]s$", named) else "an" if re.match(r"[aeio]", thing) else "a"
    return [("negation", _capital(clause.ask("", f"{article} {phrases.mine(thing)}")))]


def _capital(question: str) -> str:
    return question[0].upper() + question[1:]


def _is_asked(clause: Clause) -> bool:
    """Tell whether a reader would ask if what a clause affirms is so."""
    rest = clause.words()
    if re.search(r"\b(?:either|one of|several|different|various|following|ways|others)\b", f"{clause.verbs} {rest}"):
        return False
    if phrases.QUANTITY.match(rest) or re.match(r"the values? ", rest) or len(rest.split()) < 2:
        return False
    if (
        len(clause.front.split()) > 8
        or clause.verb in ("find", "include", "read", "have", "report")
        or rest == "accordingly"
    ):
        return False
    if clause.head[0].tag == "VBG" and clause.verb in ("help", "reveal", "improve", "lead", "enhance", "make"):
        return False  # "Why should I ...?" is asked of these
    if (
        clause.after.startswith(("and ", "or "))
        and clause.rest[-1].tag not in ("NN", "NNS", "NNP", "CD")
        and not re.match(r"(?:and|or) (?:\w+ly )?\w+s\b", clause.after)
    ):
        return False  # cut in a list
    if re.search(r"\bbe \w+[^s]s$", clause.verbs) or (clause.do in classes.MODALS and clause.modal not in _MODALS):
        return False
    if clause.kind == "copula" and clause.rest[0].tag in ("VBZ", "NNS") or re.match(r"to be\b", rest):
        return False
    if clause.kind == "copula" and not clause.modal:
        return _STATES.match(clause.words()) is not None
    if clause.modal in _MODALS:
        return True
    if clause.kind == "passive":
        return clause.verb in _DONE
    return clause.kind == "active" and clause.verb in _ABLE and clause.do in ("do", "does")


def _rest(clause: Clause) -> str | None:
    """Return what follows the verbs, as long as a question bears it; None if it cannot be cut."""
    rest = phrases.without_brackets(clause.words())
    rest = _CUT.sub("", re.split(r"[:;]\s|\s[—–]\s", rest, maxsplit=1)[0])
    listed = re.search(r"^[^,]+(?:, [^,]{1,30})+,? (?:and|or) [^,]{1,60}$", rest)
    rest = rest if listed else re.split(r",\s", rest, maxsplit=1)[0]
    if not listed and re.search(r",", clause.words()) and re.search(r"\b(?:and|or|by|from|to|with)$", rest):
        return None
    if len(rest.split()) > 13:
        shorter = re.match(r"(.{20,}?) (?:to \w+|when|if|as you) ", rest)
        rest = shorter[1] if shorter else rest
    rest = phrases.mine(rest.rstrip(" ,."))
    if not rest or re.search(
        r"https?://|@|(?<!\w)\[\w+\]|\b(?:following|below|above)\b|\d% - |\b(?:at|in|on|for|to|with|of)$", rest
    ):
        return None
    return rest


def _asked(clause: Clause, kept: str) -> str:
    question = clause.ask("", kept)
    if clause.modal == "could":
        question = re.sub(r"^could\b", "can", question)
    people = re.search(r"(?:er|or|ee|people|one)s?$", clause.subject.split(" of ")[0])
    if clause.modal == "may" and not people:
        question = re.sub(r"^may\b", "can", question)
    if clause.modal == "would":
        question = re.sub(rf"^would {re.escape(clause.subject)} be\b", f"is {clause.subject}", question)
    if clause.modal == "must" and not clause.negated:
        question = _have_to(clause, question)
    return question[0].upper() + question[1:]


def _have_to(clause: Clause, question: str) -> str:
    """Return "Do users have to ...?" for "must users ...?"."""
    last = clause.head[-1]
    if clause.subject == "I":
        return question.replace("must I ", "do I have to ", 1)
    if last.tag not in ("NNS", "NN", "NNP") or " that " in clause.subject or " who " in clause.subject:
        return question
    subject = clause.subject.split(" of ")[0]
    do = "do" if re.search(r"[^su]s$| and ", subject) else "does"
    return question.replace(f"must {clause.subject} ", f"{do} {clause.subject} have to ", 1)


def of_text(text: str) -> Made:
    """Return the questions of "Neither A nor B does Y", "Do not use X", "X no longer does Y"."""
    if both := re.match(r"Neither (.+?) nor (.+)$", text):
        clause = parse(f"{both[1][0].upper()}{both[1][1:]} and {both[2]}")
        kept = _rest(clause) if clause is not None and not clause.negated and clause.rest else None
        if clause is not None:
            clause.do = {"does": "do", "is": "are", "was": "were", "has": "have"}.get(clause.do, clause.do)
        return [("negation", _asked(clause, kept))] if clause is not None and kept else []
    told = re.search(r"(?:^|, |; |and )(?:[Pp]lease )?([Dd]o not|[Dd]on't|[Nn]ever) (\w+) (.+?)[.!]?$", text)
    if told and inflect(told[2], "VBG") != told[2]:
        rest = _CUT.sub("", phrases.until_comma(told[3]))
        if len(rest.split()) < 5:
            return []  # of what?
        return [("negation", f"Should I {told[2]} {phrases.mine(rest)}?")]
    avoid = re.match(r"Avoid (\w+ing) (.+?)[.!]?$", text)
    if avoid:
        verb = lemmas(avoid[1].lower()).get("VERB")
        return [("negation", f"Should I {verb} {phrases.mine(_CUT.sub('', avoid[2]))}?")] if verb else []
    return []
