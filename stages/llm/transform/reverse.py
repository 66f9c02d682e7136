"""Questions whose answer is the statement's subject: "Which tool ...?" of "X is a tool that ..."."""

import re

from stages.documents.lexicon import lemmas
from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause

Made = list[tuple[str, str]]
_KINDS = (
    "tool framework library technique method service platform package format parameter option flag model hub project "
    "script module server plugin extension dataset benchmark database protocol algorithm operator function command "
    "variable setting strategy attack system classifier class component utility guide resource family community".split()
)
_USED = frozenset(
    "tool framework library technique method service platform package format parameter option flag hub plugin "
    "extension script module function command utility database protocol algorithm system resource".split()
)
_PRAISE = re.compile(r"\b(?:new|popular|powerful|experimental|simple|small|great|general[- ]purpose|fully|more|very) ")


def of_clause(clause: Clause) -> Made:
    """Return the question that "X is a tool for Y" answers with X."""
    if clause.kind != "copula" or clause.negated or clause.front or clause.do not in ("is", "was") or not clause.rest:
        return []
    if clause.rest[0].text.lower() not in ("a", "an") or not _is_name(clause):
        return []
    named = phrases.noun(clause.rest, clause.text)
    head = named.split()[-1].lower() if named else ""
    if head not in _KINDS:
        return []
    size = len([word for word in clause.rest if word.end <= clause.rest[0].start + len(named)])
    kind = _PRAISE.sub("", named.split(" ", 1)[1] + " ").strip()
    rest = phrases.without_brackets(clause.words(size))
    rest = re.split(r",\s(?:so|which|and|but|as|simplif|empower|mak)|\s[—–]\s|[;:]\s", rest, maxsplit=1)[0].rstrip(" ,")
    rest = phrases.mine(rest)
    if len(rest.split()) < 3 or clause.subject.lower() in rest.lower() or len(kind.split()) > 4:
        return []
    if relative := re.match(r"(?:that|which) (\w+) (.+)$", rest):
        first = relative[1]
        if first in ("can", "is", "was", "has") or (first.endswith("s") and lemmas(first).get("VERB")):
            return [("which", f"Which {kind} {first} {relative[2]}?")]
        return []
    purpose = re.match(
        r"(?:used |built |designed |made |intended |meant )?(?:in [\w ]+? )?((?:for [a-z]+ing|to [a-z]+) .+)$", rest
    )
    if purpose and head in _USED and not re.match(r"to (?:be|have)\b", purpose[1]):
        return [("which", f"Which {kind} can I use {purpose[1]}?")]
    return []


def _is_name(clause: Clause) -> bool:
    """Tell whether the subject is a name, or a term of one or two words: what can be an answer."""
    if clause.subject.lower().startswith(("the ", "a ", "an ", "one ")):
        return re.match(r"an? [\w-]+(?: [\w-]+)?$", clause.subject) is not None
    return len(clause.head) < 5
