"""Phrases as they read inside a question: small first letters, "you" as "I", no brackets, no loose ends."""

import re

from stages.documents.lexicon import possible
from stages.documents.tagging import Token, tokens

_TIME = r"(?:milli|micro|nano)?seconds?|minutes?|hours?|days?|weeks?|months?|years?"
_SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_NUMBER = (
    r"(?:\$?\d[\d.,]*[kKMB]?|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|sixteen|twenty|dozens of|one)"
)
_ABOUT = (
    r"(?:about|around|over|under|at least|at most|up to|more than|less than|fewer than|exactly|roughly|"
    r"approximately|nearly|almost|some|all|as many as|between \d\S* and)"
)
QUANTITY = re.compile(rf"^(?:{_ABOUT}\s+)?(?:a cumulative\s+)?{_NUMBER}\s+(?:{_SCALE}\s+)?(?P<what>.+)$", re.I)
DURATION = re.compile(rf"^(?:{_ABOUT}\s+)?(?:an?|{_NUMBER})\s+(?:{_SCALE}\s+)?(?:{_TIME})\b", re.I)
SIZE = re.compile(
    rf"^(?:{_ABOUT}\s+)?\d[\d.,]*\s*(?:[KMGTP]i?B|bytes|gigabytes|megabytes)\b(?:\s+of\s+(?P<what>[^,]+))?"
)
_MINE = [
    (r"\byour own\b", "my own"), (r"\byours\b", "mine"), (r"\byour\b", "my"), (r"\byou are\b", "I am"),
    (r"\b(if|when|once|because|that|where|what|before|after|until|and|as|how|while|than|whether|,) you\b", r"\1 I"),
    (r"\byou('ve| have)\b", "I have"),
    (r"\byou (can|could|need|want|have|must|should|may|will|use|run|set|do|don't|like|see|start|get|only|already)\b",
     r"I \1"), (r"\byourself\b", "myself"), (r"\byou\b", "me"),
]  # fmt: skip


def inside(phrase: str) -> str:
    """Return a phrase of a sentence's beginning as it reads inside a question."""
    return mine(small(phrase))


def small(phrase: str) -> str:
    """Return a phrase with a small first letter unless its first word is a name, an acronym or code."""
    found = tokens(phrase)
    if not found:
        return phrase
    first = found[0]
    low = first.text.lower()
    if not re.fullmatch(r"[A-Z](?:[a-z]*(?:-[a-z]+)*)", first.text) or first.text == "I":
        return phrase
    following = found[1].text if len(found) > 1 else ""
    if len(found) == 2 and first.tag == "NNS" and following.isupper():
        return phrase  # "Workers AI"
    if following in ("&", "/") and len(found) > 2 and found[2].text[:1].isupper():
        return phrase
    if len(found) == 1 and not _MASS.search(low) and first.tag in ("NN", "VB", "VBP", "JJ"):
        return phrase  # "Sentry is ...": without an article it is a name
    if following[:1].isdigit() and first.tag in ("NN", "NNP", "VB"):
        return phrase
    if first.tag.startswith("NNP"):
        common = re.search(r"(?:tion|ing|ers?|ors?|ity|ness|ment|based|ed)s?$", low) or "-" in low
        if not common or following[:1].isupper():
            return phrase
    elif first.tag in ("NN", "VBG", "VBN", "JJ") and re.match(r"[A-Z][a-z]+$", following) and low not in _OPEN_ING:
        return phrase  # "Hugging Face", "Visual Studio"
    return phrase[0].lower() + phrase[1:]


_MASS = re.compile(r"(?:ing|[ts]ion|ity|ment|ness|[ae]nc[ey]|cy|ism|ure|ware|ory|sis|age|ics|data|code|text|output|s)$")


def with_article(phrase: str) -> str:
    """Return a term that stands for itself (a table's row) as a sentence has it: one common noun gets its article."""
    last = phrase.split()[-1]
    if not re.fullmatch(r"[a-z][a-z -]*", phrase) or _MASS.search(last) or "NN" not in possible(last):
        return phrase
    if re.search(r" (?:of|in|for|with|to|and|or|by|on|from) ", phrase):
        return phrase  # "examples in the prompt", "chain of thought"
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"


_OPEN_ING = frozenset(
    "using running tuning fine-tuning training pretraining asking building setting installing calling passing starting "
    "deploying testing adding removing loading writing operating default optional pretrained fine-tuned updated "
    "modified distributed additional automatic local remote custom full modern recent".split()
)


def mine(phrase: str) -> str:
    """Return a phrase said to a reader as the reader says it: your, you -> my, I."""
    for pattern, mine_ in _MINE:
        phrase = re.sub(pattern, mine_, phrase, flags=re.I if pattern.startswith(r"\byour") else 0)
    return phrase


def without_brackets(text: str) -> str:
    """Return a text without what it says in round brackets."""
    return re.sub(r"\s*\((?!\))[^()]*\)", "", text)


def until_comma(text: str) -> str:
    """Return a text up to its first comma, colon or dash that parts; a list stays whole."""
    text = without_brackets(text)
    if re.search(r"^[^,;:]+(?:, [\w-]+(?: [\w-]+)?)+, (?:and|or) [\w-]+(?: [\w-]+)?$", text):
        return text  # "the setting, characters, and plot"
    cut = re.split(r"(?:,\s+(?=(?:such as|including|for example|e\.g|i\.e|like|which|where|so|and|as|but|with|or)\b)|"
                   r"\s+such as\s|[:;]\s|\s[—–-]\s|,\s*$)", text, maxsplit=1)[0]  # fmt: skip
    return re.split(r",\s", cut, maxsplit=1)[0] if not re.search(r",.*\b(?:and|or)\b", cut) else cut


def noun(words: list[Token] | tuple[Token, ...], text: str) -> str:
    """Return the noun phrase that words begin with, up to a preposition, verb or comma; "" if they begin otherwise."""
    end = 0
    for at, word in enumerate(words):
        if at and word.tag in ("DT", "PRP$") and words[at - 1].tag not in ("DT", "PDT"):
            break  # another noun phrase: "sends the user a link"
        if word.tag in ("DT", "PRP$", "JJ", "JJR", "JJS", "NN", "NNS", "NNP", "NNPS", "CD", "POS", "PDT") or (
            word.tag in ("VBN", "VBG", "RB") and at + 1 < len(words)
            and words[at + 1].tag in ("NN", "NNS", "JJ", "VBN", "NNP", "CD")
        ):  # fmt: skip
            end = at + 1
        else:
            break
    if not end or words[end - 1].tag not in ("NN", "NNS", "NNP", "NNPS", "CD"):
        return ""
    return text[words[0].start : words[end - 1].end]


def find(words: list[Token], markers: set[str]) -> int | None:
    """Return where the first of some words stands outside brackets and outside relative clauses."""
    depth = 0
    for at, word in enumerate(words):
        depth += (word.text in "([") - (word.text in ")]")
        if depth > 0:
            continue
        if word.text.lower() in markers:
            return at
        if word.tag in ("WDT", "WP") or word.text.lower() in ("that", "whose", "how", "what"):
            return None
    return None
