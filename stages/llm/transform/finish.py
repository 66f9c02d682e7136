"""Which of the questions made by rule are well formed: the last check before they are handed out."""

import re

from stages.documents import wordclasses as classes
from stages.documents.lexicon import ordinary, possible
from stages.documents.tagging import tokens
from stages.quality import pointing, wording
from stages.quality.tokens import content_tokens

MOST_WORDS = 22
_BROKEN = re.compile(
    r"\b(?:a|an|the|and|or|very|your|my|its|is|are|be|by|than|whether|that|which|who|"
    r"because|if)\s*\?$"
    r"|\b(\w+) \1\b|[,;:]\s*\?$|\b(?:it|they|them|this|these|those|we|our|us|he|she)\b|\s,|\(\s|\s\)|[{}|=]{2}"
    r"|\b(?:passage|as follows|following|above|below)\b|https?://|\bthere\b(?<!are there)(?<!is there)",
    re.IGNORECASE,
)
_PAIRS = [("(", ")"), ("[", "]"), ("{", "}"), ("“", "”")]
_GENERIC = re.compile(
    r"(?:the|a|an|my|some|any|each|every|all|most|many)?\s*(?:(?:new|other|final|first|second|third|next|last|following|"
    r"provided|returned|same|above|different|additional|further|desired|original|current|given|whole|entire|released|automated|"
    r"fine-tuned|updated|custom|expected|automated)\s+)*(?:model|models|script|scripts|file|"
    r"files|step|steps|option|options|tool|tools|example|examples|test|tests|testing|split|method|methods|value|values|approach|"
    r"stage|process|result|results|output|outputs|data|dataset|datasets|systems?|feature|features|product|products|"
    r"repo|repository|package|library|project|company|team|developers?|users?|people|version|versions|type|types|setup|command|"
    r"commands|mode|list|goal|task|tasks|notebook|samples?|llms?|(?:pretrained|tuned) models|"
    r"modifications?|components?|controls?|article|page|table)$",
    re.I,
)


def well_formed(question: str) -> bool:
    """Tell whether a question is one, is complete, short, balanced, and points at nothing outside itself."""
    if len(question.split()) > MOST_WORDS or not wording.is_question(question):
        return False
    plain = re.sub(r"`[^`]*`", "`code`", question)
    if _BROKEN.search(plain) or question.count("`") % 2 or question.count('"') % 2:
        return False
    if any(question.count(left) != question.count(right) for left, right in _PAIRS):
        return False
    goal = re.match(r"(?:How (?:do|can) I|Where (?:do|can) I) [\w-]+ ((?:the|my) .+)\?$", question)
    if goal and _GENERIC.fullmatch(goal[1]):
        return False  # "How do I rate the results?"
    least = {"Which": 7 if question.startswith("Which command") else 4, "Why": 4, "Should": 6, "When": 3}.get(
        question.split()[0], 5
    )
    reader = re.search(r"\b(?:I|me|my)\b|^What is the command\b", question) is not None
    if reader and not specific(question) and len(content_tokens(question)) < least:
        return False  # "How do I run the unit tests?", of what?
    return not pointing.dangling(question) and not vague(question)


def vague(question: str) -> bool:
    """Tell whether a question leaves everything to its object, and no name would help: "What does Redis implement?"."""
    goal = re.match(r"(?:How (?:do|can) I|Where (?:do|can) I) [\w-]+ ((?:the|my) .+)\?$", question)
    if goal and _GENERIC.fullmatch(goal[1]):
        return True
    asked = re.match(r"What (?:does|do|did|can|should) (.+) ([a-z]+)\?$", question)
    if not asked or asked[2] not in _LEAVES_ALL or re.search(r"--\w|\w_\w|`|\w\.\w|\(\)", asked[1]):
        return False
    if re.match(
        r"the (?:[\w-]+ )?(?:flag|option|argument|parameter|command|script|module|function|setting|file)\b", asked[1]
    ):
        return False
    most = 7 if asked[2] in ("represent", "implement", "define", "improve") else 3
    return " of " not in asked[1] and len(asked[1].split()) <= most


_LEAVES_ALL = frozenset(
    "implement represent provide offer define add use produce improve introduce judge filter activate need ensure "
    "indicate reduce protect feature track generate describe determine leverage adopt accept store help select return "
    "receive bring carry lose".split()
)


def names_subject(question: str, subject: str) -> bool:
    """Tell whether a question's subject can be told apart from others: a name, or a noun that is described."""
    if re.match(r"an? ", subject) and question.startswith("Where") and not specific(subject):
        return False
    if re.match(r"the (?:provided|given|following|above)\b", subject):
        return False
    if re.match(r"an? ", subject) and question.startswith(("When", "What is a", "How do a")):
        return True
    bare = re.sub(r"^(?:the|an?|my)\s+", "", subject)
    if _GENERIC.fullmatch(subject):
        people = re.fullmatch(r"(?:developers|users|people|teams)", subject) is not None
        return specific(question.replace(subject, " ")) or (people and len(content_tokens(question)) > 4)
    definite = subject.startswith("the ")
    if (
        definite
        and not specific(subject)
        and not re.search(r"\s(?:of|for|in|with|from|to|on|between|about)\s", subject)
    ):
        return len(bare.split()) > 2 or specific(question.replace(subject, " "))
    return True


def specific(text: str) -> bool:
    """Tell whether a text holds a name, a number, an identifier; a first question word is none."""
    inner = re.sub(r"^\s*[A-Z][a-z]+\b", "", text) if text.rstrip().endswith("?") else text
    return any(
        word.tag in ("NNP", "NNPS") or _hyphened(word.text) or re.search(r"[_`\d]|--\w|\w\.\w|[a-z][A-Z]", word.text)
        for word in tokens(inner)
        if word.text.lower() not in classes.CLOSED and word.text != "I"
    )


def named(text: str) -> bool:
    """Tell whether a text holds a name or an identifier: what tells one product from another, acronyms do not."""
    return specific(re.sub(r"\b(?:AI|API|APIs|GPU|GPUs|CPU|CPUs|LLM|LLMs|URL|ID|IDs|CLI|UI|\d+)\b", "it", text))


def _hyphened(word: str) -> bool:
    """Tell whether a word is a name with a hyphen in small letters: "scikit-learn", not "fine-tuning"."""
    return (
        re.fullmatch(r"[a-z]+(?:-[a-z]+)+", word) is not None
        and not possible(word)
        and not ordinary(word)
        and (
            not re.search(
                r"(?:ing|ed|time|based|level|specific|party|line|end|scale|source|tuned|free|wide|only|aware|like|up)s?$",
                word,
            )
        )
    )
