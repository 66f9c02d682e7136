"""Can a question stand alone, and does it ask for anything? Rules on its words, without a model."""

import re
from collections import Counter
from collections.abc import Iterable

from stages.quality.grounding import keys
from stages.quality.tokens import (
    AUXILIARIES,
    FUNCTION_WORDS,
    IMPERATIVES,
    INTERROGATIVES,
    PREPOSITIONS,
    normal_form,
    stem,
    stems,
    words,
)

_LABEL = re.compile(
    r"\b(?:answer|question|topic|fact|context|passage|statement|note|q|a)\s*\d*\s*:(?!\w)|```|<\||###|\[/?INST", re.I
)


# Ends in the middle of a phrase; has two verbs where one belongs; begins twice: what a small model writes
_UNFINISHED = re.compile(
    r"\b(?:an|the|and|or|but|very|your|my|whether|than)\s*\?$"
    r"|^(?:what|which|who|how|why|when|where)\s+(?:do|does|did|is|are|was|were)\s+(?:do|does|did|is|are|was|were)\b"
    r"|^(?:what|who|how|why|when|where)\s+(?:does|did)\s+(?:[\w-]+\s+){1,4}(?:is|are|was|were|does)\s*\?$"
    r"|[,;:(]\s*\?$",
    re.I,
)


_CODE = re.compile(r"`[^`]*`")


def _balanced(text: str) -> bool:
    """Tell whether brackets and the quotes around words come in pairs, outside of code."""
    bare = _CODE.sub("", text) if "`" in text else text
    pairs = all(bare.count(left) == bare.count(right) for left, right in ("()", "“”", "«»"))
    return pairs and bare.count("`") == 0 and bare.count('"') % 2 == 0


_TOKEN = re.compile(r"[\w'+#./-]*\w[\w'+#%-]*")
_ENDS = re.compile(r"[.!:]\s")
_BULLET = re.compile(r"(?:[-*•#>]|\(?\d+[.)]|[a-zA-Z][.)])\s")


def is_question(text: str, spoken: str = "en") -> bool:
    """Tell whether a text is one well-formed question: 3 to 30 words, one question mark, at its end.

    A request ("Explain how ...") needs none. Of another language than English only the form is judged.
    """
    text = normal_form(text).strip()
    tokens = _TOKEN.findall(text.casefold())
    request = bool(tokens) and tokens[0] in IMPERATIVES and text.count("?") == 0 and not _ENDS.search(text)
    if "\n" in text or "\r" in text or not request and (not text.endswith("?") or text.count("?") != 1):
        return False
    if _LABEL.search(text) or _BULLET.match(text):
        return False
    if _UNFINISHED.search(text) or not _balanced(text):
        return False
    if not 3 <= len(tokens) <= 30 or _repeats(tokens):
        return False
    if not spoken.startswith("en"):
        return True
    if tokens[0] in INTERROGATIVES or tokens[0] in AUXILIARIES or tokens[0] in IMPERATIVES:
        return True
    if tokens[0] in PREPOSITIONS and any(token in INTERROGATIVES for token in tokens[1:4]):
        return True
    # "If I have one GPU, which model can I tune?": the clause after a comma asks.
    clauses = [clause.split() for clause in text.casefold().split(",")[1:]]
    return any(_ASKS & set(clause[: 2 if set(clause[:1]) & _JOINING else 1]) for clause in clauses)


_ASKS = frozenset(INTERROGATIVES + AUXILIARIES)
_JOINING = frozenset({"so", "then", "and", "but"})
_FURTHER = re.compile(
    r"(?:[,;]|\b(?:and|or|but|und|oder))\s+(?:(?:also|then|auch)\s+)?(?:(?:in|on|for|with|from|to|at|by|under|of)\s+)?"
    r"(?:(?:what|which|who|whom|whose|why|when|where|how)\b(?:\s+(?!to\b)[\w-]+){0,3}?\s+"
    r"(?:is|are|was|were|do|does|did|can|could|should|must|will|would|has|have|may)\b"
    r"|(?:which|what)\s+[a-z]+\s+[a-z]+s\b|how\s+to\b"
    r"|(?:tell|explain|describe|list|name|give|show|state)\s+(?:me|us|what|how|why|which|the|its)\b"
    r"|(?:was|welche[rmns]?|wer|warum|wann|wo|wie)\s+(?:ist|sind|hat|kann|wird|muss)\b"
    r"|(?:(?:is|are|does|do|did|can|should|must|will)\s+(?:it|they|there|this|that|i|you|we)\b))",
    re.IGNORECASE,
)  # fmt: skip

_APPENDED = re.compile(  # "When was X made, and under what licence?"
    r", (?:and|or) (?:(?:in|on|for|with|from|to|at|by|under|of) )?(?:what|which|whom?|whose|why|when|where|how)\b",
    re.IGNORECASE,
)


_JOINED = re.compile(r"(?i)\b(when|where|how|why|what|who)\s+(?:and|or)\s+")
_QUOTED = re.compile(r"[\"“«][^\"”»]*[\"”»]|`[^`]*`")
_MARK = re.compile(r"\?(?=\s|$)")
_FIRST = re.compile(r"\s*(?:(?:in|on|for|with|from|to|at|by|under|of)\s+)?([\w']+)")
_GERMAN = re.compile(r"(?i)\s*(?:was|welche|wer|warum|wann|wo|wie)\b")


def asked(question: str) -> int:
    """Return how many questions a text asks: its question marks, or interrogatives that are joined."""
    text = _JOINED.sub(r"\1 ", question)
    text = _QUOTED.sub("x", text)
    marks = len(_MARK.findall(text))
    first = _FIRST.match(text.casefold())
    opens = first is not None and (first[1] in INTERROGATIVES or first[1] in AUXILIARIES or first[1] in IMPERATIVES)
    opens = opens or _GERMAN.match(text) is not None
    return max(marks, 1 + (len(_FURTHER.findall(text)) or len(_APPENDED.findall(text))) if opens else 1)


def is_yes_no(question: str) -> bool:
    """Tell whether a question asks for yes or no."""
    return bool(words(question)) and question.split()[0].casefold() in AUXILIARIES


# What a question is asked with, whatever it is about: "What is X short for?", "What is the purpose of X?"
_ASKING = stems(
    "stand short purpose use used intended factor happen command difference condition number find large mean meant "
    "goal allow allowed need way kind"
)


def drift(question: str, known: str) -> float:
    """Return the share of a question's content words that the known text lacks; 0.0 for a question without any.

    Words that questions are asked with ("the purpose of") do not count.
    """
    asked = stems(question) - _ASKING
    return len(asked - stems(known)) / len(asked) if asked else 0.0


def _repeats(tokens: list[str]) -> bool:
    """Tell whether a small model got stuck: a word thrice as content, or three words in a row twice."""
    triples = list(zip(tokens, tokens[1:], tokens[2:], strict=False))
    content = [token for token in tokens if token not in FUNCTION_WORDS]
    doubled = any(first == second for first, second in zip(tokens, tokens[1:], strict=False))
    # not "..., the one listed first or the one listed last?"
    alike = len(set(triples)) < len(triples) and "or" not in tokens
    return doubled or alike or max(Counter(content).values(), default=0) > 2


# Rules whose questions are answered by yes, no, or one of two things that they name: they may hold all of the answer
POLAR = frozenset({"negation", "may", "choice"})


_ONE = re.compile(r"\b(?:one|once|none|zero|ein|eine|einmal|keine?)\b", re.IGNORECASE)
_COUNTS = re.compile(r"\s*(?:how (?:many|much|often|long)|wie ?viele?|wie (?:oft|lange))\b", re.IGNORECASE)


def gives_away(question: str, answer: str, topic: str = "") -> float:
    """Return the share of what distinguishes the answer that the question holds; 1.0: nothing is left to answer.

    Keys (numbers, names, flags ...) and plain content words that the topic does not name count. An answer whose one
    missing word is a key ("Which flag turns on ...?") still says something, so the smaller of two shares counts.
    """
    if len(answer.split()) == 1 and answer not in question:
        return 0.0  # a formula, a path
    if _ONE.search(answer) and _COUNTS.match(question) and not _ONE.search(question):
        return 0.0  # "How many ...?" "Only one."
    held, given = {stem(w) for w in words(question)}, {stem(w) for w in words(topic)}
    rest = [token for token in sorted(stems(answer)) if token not in given]
    listed = [key for key in keys(answer) if {stem(w) for w in words(key)} - given]
    shares = [_share(token in held for token in rest)] if rest else []
    if listed:
        shares.append(_share({stem(w) for w in words(key)} <= held for key in listed))
    return min(shares, default=1.0)


def _share(truths: Iterable[bool]) -> float:
    values = list(truths)
    return sum(values) / len(values)
