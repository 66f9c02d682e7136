"""Questions that are well formed and still not to be asked: too broad, of a column's head, or without a name.

Each was found by reviewers who saw question and answer only.
"""

import re

from stages.documents.lexicon import ordinary
from stages.llm.transform import naming
from stages.quality import mentions

_BROAD = re.compile(
    r"^What (?:do|does|did|would|must|is|are|was|were)\b.*\b(?:require|involve|need|necessitate|capable of|to have|"
    r"expect|prohibit|forbid|ban|disallow|show|encompass|have to do)\?$|"
    r"^What (?:is|are) (?:required|needed|necessary) (?:for|to)\b|"
    r"^What (?:requires?|required|needs?|needed|involves?|involved)\b|"
    r"^What (?:must|should|shall) (?!I\b)(?![^?]*\b(?:who|never|before|after)\b)[^?]* "
    r"(?:do|cover|include|contain|consider)\?$|"  # duties, of which the statement tells one
    r"^What (?:do|should|must|can) I replace\b|"  # in which command?
    r"^What should I use for\b|\b(?:get|request|have) access (?:on|through|via)\b|"
    r"^What\b[^?]* not [\w-]+(?: to (?:do|be))?\?$|"  # only who knows the sentence asks for it
    r"^When (?:do|does|did)\b[^?]* (?:well|better|best|badly|properly|correctly)\?$|"
    r"\bthe (?:(?:most|least) [\w-]+|best|worst|largest|smallest|fastest|cheapest) \w+\?$|"  # of which?
    r"^What (?:do|does|did) [\w -]+ (?:start|begin|work) with\?$|^(?:Is|Are) .* to \w+ .*\brequired\b"
)
_HEADS = re.compile(
    r"\b(?:type|kind|category|entry points?|notes?|status|remarks?|use)s? (?:of|and|for)\b|\band use of\b"
)
_REASON = re.compile(
    r"\b(?:because|since|as|so that|in order to|due to|therefore|thus|hence|otherwise|reason|means|to (?:\w+ly )?"
    r"(?:ensure|avoid|prevent|reduce|improve|keep|protect|save|make sure|minimi[sz]e|mitigate|maximi[sz]e|increase|"
    r"help|address|free|lower|speed|limit|cut))\b"
)
_GRANTS = re.compile(
    r"^(?:Can|May|Am|Must|Should|Do I|(?:Do|Does) .*\b(?:support|allow|permit|work|include|offer|have to)\b|"
    r"(?:Is|Are) .*\b(?:allowed|permitted|supported|possible|required|needed|necessary|prohibited|available|"
    r"recommended|equivalent|capable)\b)"
)
_PART = re.compile(
    r"\bthe (?!language model|model\b|model's)\w|^Which (?:file|script|option|flag|parameter|module|function) |"
    r"\b(?:tuned|instruct|chat|base|pre-?trained|quanti[sz]ed|larger|smaller) models?\b"
)
_FURTHER = re.compile(r"\b(?:also|additionally)\b")
_ANY = re.compile(r"\bthe (?:product|application|app|service|project|team)\b")  # whose, a reader never knows
ECHO = 11  # words
_ALL = frozenset({"what", "purpose", "does", "can", "kind", "list"})  # rules that ask for all that is told
# Names that do not say whose part is meant
_LOOSE = re.compile(
    r"\b(?:Meta|LLMs?|APIs?|AI|GPUs?|CPUs?|RAM|VRAM|NLP|ML|RAG|URLs?|FP16|FP32|BF16|CLI|ID|IDs|JSON|YAML|CSV|FAQ|I)\b"
)


def doubtful(rule: str, question: str, statement: str, topic: str) -> bool:
    """Tell whether a question made by a rule is in doubt, whatever its grammar."""
    if _BROAD.search(question) or "branch" in statement and rule == "where":
        return True
    if rule in ("cell", "row") and _HEADS.search(question):
        return True
    if _FURTHER.search(statement) and rule in _ALL or _FURTHER.search(question):
        return True  # the rest of what is asked for stands elsewhere
    if rule == "why" and not _REASON.search(statement):
        return True
    if rule == "may" and len(question.split()) > ECHO and not _GRANTS.search(question):
        return True  # a long statement of the plain kind said back as a question
    part = _ANY.search(question) or _PART.search(question) and naming.name_of(topic)
    return bool(part) and not _says_whose(question)


def _says_whose(question: str) -> bool:
    """Tell whether a question holds a name that tells whose part it asks about."""
    rest = re.sub(r"\b\w+\(\)", "", _LOOSE.sub("", question[1:]))  # many a product has a load()
    if any(not _LOOSE.fullmatch(name) for name in mentions.names(rest)):
        return True
    packages = re.findall(r"\b[a-z]{3,}-[a-z]+(?<!ing)(?<!ed)(?<!based)(?<!level)(?<!like)\b", rest)  # scikit-learn
    if any(not ordinary(word) for word in packages):
        return True
    return bool(mentions.identifiers(rest) or mentions.flags(rest) or re.search(r"\b[A-Z]\w*[A-Z\d]\w*\b", rest))
