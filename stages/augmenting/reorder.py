"""The same question with its phrases in another order, and in other words where English has them."""

import re

from stages.documents.tagging import Token, tokens
from stages.llm import kinds
from stages.llm.transform import rewording
from stages.quality import mentions, wording
from stages.records import Pair

_CLAUSE = re.compile(r"(?P<main>\w.{12,}?),? (?P<clause>(?:if|when|before|after|once|while|unless|until) [^,?]{6,})\?")
_FRONTED = re.compile(r"(?P<place>(?:In|With|On|For|At|During) [^,?]{2,50}), (?P<main>[a-z][^?]{10,})\?")
_PURPOSE = re.compile(
    r"(?P<main>(?:What|Which|How many|How much|Where)\b[^,?]* (?:do I need|can I use|need|needed|required|used)) "
    r"(?P<to>to [a-z][\w-]+ [^,?]{4,})\?"
)
_OF = re.compile(r"(?P<main>(?:What|Which|Who) (?:is|are|was|were) the [\w' -]+?) of (?P<of>[^,?]+)\?")
_SIDES = re.compile(
    r"(?P<a>(?:How do|What is the difference(?: in [\w ()-]+)? between) (?:the [a-z]+s )?)(?P<x>.+?) and (?P<y>.+?)"
    r"(?P<z>(?: differ| compare)?(?: (?:in|on) [^,?]+)?)\?"
)
_PLACE = re.compile(r"(?P<main>\w[^,?]{10,}?) (?P<place>(?:in|on|during|with) (?P<what>[^,?]{2,50}))\?")
_OPENED = re.compile(r"(?i)(?:what|which|who|how|why|when|where)\b")
_INNER = re.compile(r"(?i)\b(?:and|or|that|which|who|if|when|before|after|because|while|than)\b")
# Verbs that "in", "on" and "with" belong to: "What is it built on?"
_BOUND = frozenset(
    "in on with based build built depend depends rely relies run runs trained tuned fine-tuned pretrained tested "
    "compliance work works deal deals come comes comply interested specialised specialises specialized specializes "
    "result results used use split replaced replace filled connect connects compared compare agree help helps".split()
)
_POLAR = wording.POLAR | {"can", "must", "not"}


def reordered(question: str) -> str | None:
    """Return the question with a clause, a place or a purpose moved to its other end, or two sides exchanged.

    None where the grammar of that is not certain: "Which flag turns on X in Y?" -> "In Y, which flag turns on X?".
    """
    body = " ".join(question.split())
    for rule in (_sides, _clause, _fronted, _purpose, _of, _place):
        if (made := rule(body)) and wording.is_question(made):
            return made
    return None


def _sides(question: str) -> str | None:
    match = _SIDES.fullmatch(question)
    if not match or not match["z"] and match["a"].startswith("How"):
        return None
    simple = all(not re.search(r"\b(?:and|with|on|in|of)\b|,", match[side]) for side in "xy")
    if not simple or not kinds.named(match["x"]) or not kinds.named(match["y"]):
        return None
    return f"{match['a']}{match['y']} and {match['x']}{match['z']}?"


def _clause(question: str) -> str | None:
    match = _CLAUSE.fullmatch(question)
    if not match or not _OPENED.match(match["main"]) or _INNER.search(match["main"], 6):
        return None
    tags = [token.tag for token in tokens(match["clause"])]
    finite = {"VBZ", "VBP", "VBD", "MD", "VBG", "VBN"} & set(tags)
    if not finite and ("VB" in tags or not match["clause"].startswith(("before", "after"))) or tags[-1] == "IN":
        return None  # the main verb stands in it: "Where does growth after a checkpoint come from?"
    if re.search(r"(?:used|tested|available|updated|valid)$", match["main"]):
        return None
    return f"{_capital(match['clause'])}, {_lower(match['main'])}?"


def _fronted(question: str) -> str | None:
    match = _FRONTED.fullmatch(question)
    if not match or not _OPENED.match(match["main"]) or " " in match["place"] and _INNER.search(match["place"]):
        return None
    if re.search(r"\b(?:such as|like)\b|: ", match["main"]) or len(match["main"].split()) > 14:
        return None
    if re.search(r"\b(?:if|when|to|for|in|on|with|as|that)\b", match["main"]):
        return None  # the place would be that of the last phrase
    return f"{_capital(match['main'])} {_lower(match['place'])}?"


def _purpose(question: str) -> str | None:
    match = _PURPOSE.fullmatch(question)
    if not match or _INNER.search(match["to"]) or len(match["to"].split()) > 9:
        return None
    if not match["main"].endswith(("do I need", "can I use")) and len(match["main"].split()) < 4:
        return None
    if re.search(r"\bto do\b", match["to"]):
        return None
    return f"{_capital(match['to'])}, {_lower(match['main'])}?"


def _of(question: str) -> str | None:
    match = _OF.fullmatch(question)
    if not match or " of " in match["of"] or _INNER.search(match["of"]) or not _whole_name(match["of"]):
        return None
    if re.search(
        r"\b(?:benefits?|costs?|purpose|goal|kind|type|meaning|name|role|difference|branch|one)\b", match["main"]
    ):
        return None
    return f"For {match['of']}, {_lower(match['main'])}?"


def _place(question: str) -> str | None:
    match = _PLACE.fullmatch(question)
    if not match or not _OPENED.match(match["main"]) or not _whole_name(match["what"]):
        return None
    before = match["main"].split()[-1].casefold()
    inner = re.search(r"(?i)\b(?:between|difference|than|from|that|which|who|if|when)\b", match["main"][6:])
    if before in _BOUND or inner or not _noun_or_verb(match["main"], before):
        return None
    return f"{_capital(match['place'])}, {_lower(match['main'])}?"


def _whole_name(text: str) -> bool:
    """Tell whether words are one name and nothing else, with an article at most: no verb, no phrase behind it."""
    bare = re.sub(r"^(?:the|a|an) ", "", text)
    last = tokens(bare)[-1] if tokens(bare) else None
    if last is None or last.tag.startswith(("VB", "IN", "RB", "JJ")) and not mentions.names(bare):
        return False
    small = {"and", "or", "in", "on", "of", "for", "to", "with", "from", "by", "at", "that"} & set(bare.split())
    return kinds.named(bare) and not small and len(bare.split()) <= 4


def _noun_or_verb(main: str, word: str) -> bool:
    """Tell whether the place belongs to the whole question: what stands before it is its object or its plain verb."""
    found: list[Token] = [token for token in tokens(main) if token.text.casefold() == word]
    return bool(found) and found[-1].tag.startswith(("NN", "VB", "CD"))


def restated(pair: Pair) -> str | None:
    """Return a question made by rule in other words, where there are words that mean the same; None for yes or no.

    The wordings are those of `stages.llm.transform.rewording`: "What is X used for?" -> "What is the purpose of X?".
    """
    rule = pair.form or ""
    if rule in _POLAR or len(pair.facts) != 1:
        return None
    made = rewording.of_question(rule, pair.question, pair.answer)
    other = made[0][1] if made else None
    if other and re.match(r"What do I need to do to |Under which conditions ", other) and len(other.split()) > 16:
        return None
    return other


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    """Return a text as the inside of a sentence: its first word is one that questions or places begin with."""
    return text[:1].lower() + text[1:]
