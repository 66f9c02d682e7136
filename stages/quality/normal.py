"""A question as it is compared: the words that make it, without what only makes it polite, complete or formal."""

import re
from functools import lru_cache

from stages.documents.lexicon import lemmas, lexicon
from stages.quality import politeness
from stages.quality.tokens import NUMBER_WORDS, UNSPACED, bigrams, normal_form, without_commas
from stages.quality.units import UNITS as ALL_UNITS

Tokens = tuple[str, ...]
OF, TO_DO = "of", "to_"  # marks among the words, which are none of them: "B of A" is "A B", "to do B, A" is "A to do B"
MARKS = frozenset((OF, TO_DO))


UNITS = {name: unit for name, unit in ALL_UNITS.items() if unit != "x"}  # "Llama 3 times out"


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# British spellings and how America writes them
_SPELLINGS = [
    (re.compile(r"(?<=\w{3})is(?=(?:e|es|ed|er|ers|ing|ation|ations|able)$)"), "iz"),
    (re.compile(r"(?<=\w{3})ys(?=(?:e|es|ed|er|ers|ing)$)"), "yz"),
    (re.compile(r"(?<=[lvibnm])our(?=(?:s|ed|ing|ite|ites|al|able|ful)?$)"), "or"),
    (re.compile(r"(?<=\w{4})ll(?=(?:ed|ing|er|ers)$)"), "l"),
    (re.compile(r"(?<=\w[bct])re(?=s?$)"), "er"),
    (re.compile(r"(?<=en)c(?=es?$)"), "s"),
]
_CONTRACTIONS = [
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"), (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"), (re.compile(r"'(?:s|d|ll|ve|re|m)\b"), ""), (re.compile(r"\bw/o\b"), "without"),
    (re.compile(r"\bw/(?=\s|\w)"), "with "),
]  # fmt: skip
_TOKEN = re.compile(r"(?<![^\W_])(?<!-)--?[^\W\d_]+|[^\W_]\+\+|[^\W_]#|\d+(?:[.,]\d+)*[^\W_]*|[^\W_]+")
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
_COUNTRY = re.compile(r"\bUS\b|\bU\.S\.(?:A\.)?")
_GLUED = re.compile(r"(\d+(?:[.,]\d+)*)([^\W\d_]{2,})")  # a number and its unit
_FINE_TUNE = re.compile(r"\bfine[ -]tun(?=e|ing)")
# Ways to say can, should and must
_MODALS = [
    (re.compile(r"\b(?:have|has|had) (?:got )?(?=to\b)"), "need "),
    (re.compile(r"\b(?:(?:am|is|are|be) (\w+ )??)?(?:able|allowed|permitted) to\b"), r"can \1"),
    (re.compile(r"\b(?:am|is|are) (\w+ )?supposed to\b|\bought (\w+ )?to\b"), r"should \1\2"),
    (re.compile(r"\b(can|could|do|does|did|may|must|should|would|to) (?:one|people|somebody|someone)\b"), r"\1 i"),
    (re.compile(r"\bone (?=(?:can|could|may|must|should)\b)"), "i "),
]
_JOINTS = frozenset("._/-")
_TO_DO = _set(
    "how need needs needed want wants have has had able like used way ways going supposed required try allowed "
    "permitted safe possible easy hard best necessary free ready enough time wish plan decide begin start continue "
    "fail fails forget refuse refuses happen happens seem seems choose chance"
)
_CHANGES = _set(
    "from convert change copy migrate move export import switch translate map port transform cast rename compare turn "
    "upgrade downgrade connect transfer send link bind attach"
)
_ABLE = {"can": "possible", "could": "possible", "may": "possible", "should": "advisable", "must": "need"}
_HELPING = _set("do does did can could may might must should shall will would")
_BEHIND = _set("in with for to on when if at after before during while")
_INVERTED = [[word] for word in "can could may might must should shall will would do does did is are was were".split()]
ASKING = _set("how what who whose why where")


@lru_cache(maxsize=1 << 16)
def _canonical(word: str) -> tuple[str, ...]:
    """Return a word as it is compared: written out, in American spelling, a number as digits."""
    short = politeness.lists().short
    if word in short:
        return short[word]
    if len(word) >= 5 and word.isalpha():
        for pattern, american in _SPELLINGS:
            other = pattern.sub(american, word)
            if other != word and (other in lexicon() or word not in lexicon()):
                return (other,)
    return (NUMBER_WORDS.get(word, word),)


def plain_words(text: str) -> list[str]:
    """Return all words of a text in their order: lower case, without contractions, abbreviations written out."""
    text = normal_form(text)
    if "U" in text and not text.isupper():
        text = _COUNTRY.sub("usa", text)
    text = text.casefold()
    if "'" in text or "cannot" in text or "w/" in text:
        for pattern, plain in _CONTRACTIONS:
            text = pattern.sub(plain, text)
    text = politeness.core(without_commas(text))
    for pattern, plain in _MODALS:
        text = pattern.sub(plain, text)
    if "-" in text:  # of a number it is a sign: -1 is not 1
        text = _MINUS.sub("minus ", text)
    if "fine" in text:
        text = _FINE_TUNE.sub("finetun", text)
    found: list[str] = []
    short = politeness.lists().short
    for match in _TOKEN.finditer(text):
        word = match.group()
        if not word.isascii() and UNSPACED.fullmatch(word):
            found += bigrams(word)
        elif word[0] == "-":
            found.append(f"-{word.lstrip('-')}")  # a flag is not the word
        elif word[0].isdigit():
            glued = _GLUED.fullmatch(word) if not word[-1].isdigit() else None
            found += [glued[1], UNITS[glued[2]]] if glued and glued[2] in UNITS else [word]
        elif word in UNITS and found and found[-1][0].isdigit():
            found.append(UNITS[word])
        elif word in short and _joined(text, *match.span()):  # no abbreviation: a.cfg is not a.conf
            found.append(word)
        else:
            found += _canonical(word)
    return found


def _joined(text: str, start: int, end: int) -> bool:
    """Tell whether a word is part of an identifier, a path or a flag."""
    return text[start - 1 : start] in _JOINTS or text[end : end + 1] in _JOINTS and text[end + 1 : end + 2].isalnum()


def normalise(text: str) -> Tokens:
    """Return the words that make the question, in order: no articles, auxiliaries, pronouns, politeness."""
    return without_marks(in_order(text))


def light() -> frozenset[str]:
    """Return the words that make no difference to what is asked."""
    return politeness.lists().light


def without_marks(row: Tokens) -> Tokens:
    """Return the words alone."""
    return row if MARKS.isdisjoint(row) else tuple(word for word in row if word not in MARKS)


def in_order(text: str) -> Tokens:
    """Return the words that make the question, and the marks among them."""
    words = plain_words(text)
    bare, told = politeness.bare(words)
    few = light()
    kept: list[str] = []
    asking = bare[:1] == ["when"] and told  # "Tell me when I should use it"
    for place, word in enumerate(bare):
        asking = asking or word in ASKING or word == "when" and bare[place + 1 : place + 2] in _INVERTED
        if word in few:
            if word in _ABLE and not asking:  # "Can I use it?" is not "Should I use it?"
                kept.append(_ABLE[word])
            elif word in ("do", "does") and _main_verb(bare, place, told):  # "What does it do?" is not "What is it?"
                kept.append("do")
        elif word == "to" and not _leads(bare, place):
            kept.append(TO_DO)
        else:
            kept.append(word)
    return tuple(kept) if not MARKS.issuperset(kept) else tuple(bare)


def _main_verb(words: list[str], place: int, told: bool) -> bool:
    """Tell whether a "do" is what is done, and does not only help to ask."""
    if place and (words[place - 1] == "to" or place + 1 == len(words)):
        return True
    if words[place] == "does":  # "Tell me what it does in B"
        return told and words[0] == "what" and place > 1 and words[place + 1] in _BEHIND
    return not _HELPING.isdisjoint(words[:place])


def _leads(words: list[str], place: int) -> bool:
    """Tell whether a "to" leads somewhere ("convert A to B"), and is not that of an infinitive ("how to convert")."""
    if place + 1 == len(words) or place and words[place - 1] in _TO_DO:
        return False
    following = words[place + 1]
    if following in light() or lemmas(following).get("VERB") != following:
        return True
    return not _CHANGES.isdisjoint(words[:place])
