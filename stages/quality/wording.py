"""Can a question stand alone, and does it ask for anything? Rules on its words, without a model."""

import re
from collections.abc import Iterable

from stages.quality.grounding import flags, identifiers, keys, names
from stages.quality.tokens import (
    AUXILIARIES,
    FUNCTION_WORDS,
    IMPERATIVES,
    INTERROGATIVES,
    PREPOSITIONS,
    content_tokens,
    normal_form,
    stem,
    stems,
    words,
)

_LABEL = re.compile(
    r"\b(?:answer|question|topic|fact|context|passage|statement|note|q|a)\s*\d*\s*:|```|<\||###|\[/?INST", re.I
)


# Ends in the middle of a phrase; has two verbs where one belongs; begins twice: what a small model writes
_UNFINISHED = re.compile(
    r"\b(?:an|the|and|or|but|very|your|my|whether|than)\s*\?$"
    r"|^(?:what|which|who|how|why|when|where)\s+(?:do|does|did|is|are|was|were)\s+(?:do|does|did|is|are|was|were)\b"
    r"|^(?:what|who|how|why|when|where)\s+(?:does|did)\s+(?:[\w-]+\s+){1,4}(?:is|are|was|were|does)\s*\?$"
    r"|[,;:(]\s*\?$",
    re.I,
)


def _balanced(text: str) -> bool:
    """Tell whether brackets and the quotes around words come in pairs, outside of code."""
    bare = re.sub(r"`[^`]*`", "", text)
    pairs = all(bare.count(left) == bare.count(right) for left, right in ("()", "“”", "«»"))
    return pairs and bare.count("`") == 0 and bare.count('"') % 2 == 0


def is_question(text: str) -> bool:
    """Tell whether a text is one well-formed question: 3 to 30 words, one question mark, at its end."""
    text = normal_form(text).strip()
    if not text.endswith("?") or text.count("?") != 1 or "\n" in text or "\r" in text:
        return False
    if _LABEL.search(text) or re.match(r"(?:[-*•#>]|\(?\d+[.)]|[a-zA-Z][.)])\s", text):
        return False
    if _UNFINISHED.search(text) or not _balanced(text):
        return False
    tokens = re.findall(r"[\w'+#./-]*\w[\w'+#%-]*", text.casefold())
    if not 3 <= len(tokens) <= 30 or _repeats(tokens):
        return False
    if tokens[0] in INTERROGATIVES or tokens[0] in AUXILIARIES or tokens[0] in IMPERATIVES:
        return True
    if tokens[0] in PREPOSITIONS and any(token in [*INTERROGATIVES[:5], "how"] for token in tokens[1:4]):
        return True
    # "If I have one GPU, which model can I tune?": the clause after a comma asks.
    clauses = [clause.split() for clause in text.casefold().split(",")[1:]]
    return any(clause and clause[0] in INTERROGATIVES + AUXILIARIES for clause in clauses)


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
    return doubled or len(set(triples)) < len(triples) or any(content.count(token) > 2 for token in set(content))


_POINTERS = r"(?:the|this|that|these|those|your|our|its|given|provided|above|following|preceding|previous|attached)"
_TEXT_NOUNS = (
    r"(?:passages?|paragraphs?|excerpts?|snippets?|sentences?|chapters?|articles?|sections?|extracts?|sub-?sections?)"
)
_LOOSE_NOUNS = (
    r"(?:texts?|documents?|authors?|writers?|speakers?|tables?|figures?|examples?|pages?|images?|pictures?|diagrams?|lists?|"
    r"code|guides?|statements?|topics?|information|quotes?|answers?|questions?|notes?|appendix|footnotes?|readme)"
)
_QUALIFIED = r"(?=\s+(?:of|for|that|which|called|named|titled|in|from|about|on|to|with|by|between)\s+\w)"
# What follows a noun that stands alone: the end, a function word, or a verb of saying. Any other word makes a compound
# ("the text generator", "the example script").
_SAYING = (
    r"(?:say|says|said|state|states|stated|mention|mentions|mentioned|describe|describes|described|suggest|suggests|"
    r"explain|explains|discuss|discusses|refer|refers|mean|means|give|gives|given|provide|provides|provided|recommend|"
    r"recommends|show|shows|tell|tells|include|includes|contain|contains|list|lists|use|uses|used|claim|claims|imply|"
    r"implies|note|notes|talk|talks|call|calls|speak|argue|argues|want|wants|think|thinks|about)"
)
_SMALL_WORDS = "|".join(sorted(FUNCTION_WORDS - {"of", "for", "which", "that"}))
_ALONE = rf"(?=(?:'s)?\s*(?:[?,.;:!)]|$)|'s\b|\s+(?:{_SAYING}|{_SMALL_WORDS})\b)"
_PUBLICATIONS = (
    r"(?:papers?|study|studies|reports?|posts?|blog\s+posts?|tutorials?|manuals?|handbooks?|model\s+cards?|publications?|"
    r"researchers)"
)
_ALWAYS = [
    re.compile(rf"\b{_POINTERS}\s+(?:\w+\s+)?{_TEXT_NOUNS}\b", re.I),
    re.compile(rf"\b(?:this|that|these|those|given|provided|above|following|preceding|attached)\s+{_LOOSE_NOUNS}\b",
               re.I),
    re.compile(rf"\b(?:the|your|our)\s+(?!(?:source|status|error|exit)\s+code)"
               rf"(?:(?-i:(?![A-Z]))\w+\s+)?{_LOOSE_NOUNS}\b(?!{_QUALIFIED}){_ALONE}", re.I),
    re.compile(r"\b(?:the\s+following|the\s+above|the\s+latter|the\s+former|the\s+below)\b", re.I),
    re.compile(r"\b(?:mentioned|described|discussed|listed|shown|stated|given|seen|referenced|outlined|noted)\s+"
               r"(?:above|below|here|earlier|previously|before)\b", re.I),
    re.compile(r"\b(?:mentioned|discussed|listed|referenced)\s*\?*\s*$", re.I),
    re.compile(r"\b(?:this|provided|given)\s+context\b|\b(?:according\s+to|based\s+on|from)\s+the\s+context\b", re.I),
    re.compile(r"\babove\s*\?*\s*$|\bbelow\s*\?*\s*$", re.I),
    re.compile(r"\b(?:above|below)[- ]mentioned\b|\bas\s+follows\b|"
               r"\b(?:commands?|code|tables?|lists?|steps?|examples?|figures?|sections?)\s+(?:above|below)\b|"
               r"\bas\s+(?:mentioned|described|shown|discussed|stated|noted)\b", re.I),
    re.compile(rf"\bthe\s+(?:same\s+)?{_PUBLICATIONS}\b(?!{_QUALIFIED}){_ALONE}", re.I),
    re.compile(rf"\b(?:do|does|did)\s+the\s+{_PUBLICATIONS}\b(?!{_QUALIFIED})", re.I),
    # "Table 2"; "Section 3 of the GPL" says of what
    re.compile(r"\b(?:table|figure|fig\.|section|appendix|chapter|equation|listing|step)\s+"
               r"(?:\d+(?:\.\d+)*|[IVX]+|[A-F])\b"
               r"(?!\s+of\s+(?:the\s+)?[A-Z])", re.I),
    re.compile(r"\b(?:we|our|ours|us)\b"),
    re.compile(r"\b(?:We|Our)\b"),
]  # fmt: skip
_EXPLETIVE = re.compile(
    r"\bit\s+(?:take|takes|took|cost|costs|mean|means|make\s+sense|possible|necessary|required|allowed|safe|recommended|best|"
    r"better|important|advisable|legal|permitted|permissible|okay|ok|true|useful|worth|common|easy|hard|difficult|still)\b",
    re.I,
)
_PRONOUN = re.compile(
    r"\b(?:it|its|itself|they|them|their|theirs|themselves|he|she|him|his|her|this|these|those|such)\b", re.I
)
_GENERIC_NOUNS = (
    r"(?:models?|company|compan(?:y|ies)|team|project|repository|repo|script|tool|program|system|organi[sz]ation|paper|study|"
    r"researchers?|developers?|dataset|library|framework|product|method|approach|technique|process|option|options|command|"
    r"file|folder|directory|function|parameter|argument|flag|licen[cs]e|agreement|platform|feature|service|website|link)"
)
_DETERMINED = re.compile(
    r"\b(?:a|an|the|each|every|any|no|some|all|your|of|if|when|while|for|with|using|on|in|from|by|to)\s+(?!it\b|its\b|they\b)"
    r"([^\W\d_][\w-]+)", re.I,
)  # fmt: skip
_WH_PHRASE = re.compile(
    rf"\s*(?:(?:{'|'.join(PREPOSITIONS)})\s+)?(?:what|which|how|why|when|where|who|whom|whose)\b(?:\s+[\w-]+){{0,4}}?\s+"
    r"(?:do|does|did|is|are|was|were|can|could|will|would|should|has|have|had|may|might|must)\s*", re.I,
)  # fmt: skip


def dangling(question: str) -> list[str]:
    """Return the words of a question that point at something it does not hold: `the passage`, `it`, `this model`."""
    question = normal_form(question)
    found = [match.group() for pattern in _ALWAYS for match in pattern.finditer(question)]
    spared = [match.span() for match in _EXPLETIVE.finditer(question)]
    for match in _PRONOUN.finditer(question):
        word, before = match.group(), question[: match.start()]
        after = question[match.end() :]
        if word.isupper() or any(start <= match.start() < end for start, end in spared):
            continue  # IT is a department
        if re.match(r"(?:those\s+(?:who|that|with)|such\s+as|these\s+days)\b", match.group() + after, re.I):
            continue
        noun = re.match(r"\s+[\w-]+", after) if word.casefold() in ("this", "these", "those", "such") else None
        if noun:  # "this model" stands for a model that was named, or for a name
            known = bool(stems(noun.group()) & stems(before)) or _has_name(before)
        else:
            known = _antecedent(before, plural=word.casefold() in ("they", "them", "their", "theirs", "themselves"))
        if not known:
            found.append(word + (noun.group() if noun else ""))
    named = _has_name(question)
    superlative = r"(?:(?:largest|smallest|biggest|newest|latest|original|new|final)\s+)?"
    for match in re.finditer(rf"\b(?:the|your)\s+{superlative}{_GENERIC_NOUNS}\b", question, re.I):
        rest = question[match.end() :]
        apart = re.match(r"\s+(?:of|for|that|which|called|named|to|in|from|with|behind)\s+\w", rest)
        compound = re.match(r"\s+([a-z][\w-]{3,})", rest)
        is_model = re.search(r"models?$", match.group(), re.I) is not None
        if named or apart or (compound and not is_model and compound.group(1) not in FUNCTION_WORDS):
            continue
        if not is_model and len(content_tokens(question)) > 4:
            continue  # "Which file stores the process settings of ..." says enough; only a bare noun is lost
        found.append(match.group())
    seen: set[str] = set()
    return [word for word in found if not (word.casefold() in seen or seen.add(word.casefold()))]  # type: ignore[func-returns-value]


def _has_name(text: str) -> bool:
    return bool(names(text) or identifiers(text) or re.search(r"\d", text) or flags(text))


def _antecedent(before: str, plural: bool) -> bool:
    """Tell whether the words before a pronoun hold something it can stand for."""
    # In "the purpose of it" and "the difference between them" the purpose is not what is meant.
    before = re.sub(r"\bthe(?:\s+[\w-]+){1,2}\s+(?:of|between|for|in|to|about|behind|with|by)\s*$", "", before)
    if not before.strip() or _WH_PHRASE.fullmatch(before) or set(words(before)) <= FUNCTION_WORDS:
        return False
    if _has_name(before):
        return True
    tokens = words(before)
    if plural and any(re.search(r"(?<![sui])s$", t) and t not in FUNCTION_WORDS for t in tokens):
        return True
    return any(match.group(1).casefold() not in FUNCTION_WORDS for match in _DETERMINED.finditer(before))


# Rules whose questions are answered by yes, no, or one of two things that they name: they may hold all of the answer
POLAR = frozenset({"negation", "may", "choice"})


def gives_away(question: str, answer: str, topic: str = "") -> float:
    """Return the share of what distinguishes the answer that the question holds; 1.0: nothing is left to answer.

    Keys (numbers, names, flags ...) and plain content words that the topic does not name count. An answer whose one
    missing word is a key ("Which flag turns on ...?") still says something, so the smaller of two shares counts.
    """
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
