"""A question as it is compared: the words that make it, without what only makes it polite, complete or formal."""

import re

from stages.documents.lexicon import lemmas
from stages.quality.tokens import UNSPACED, bigrams, normal_form, without_commas

Tokens = tuple[str, ...]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Question words, negations, prepositions of order (before, after) and quantities stay: they change what is asked.
LIGHT = _set(
    "a an the is are was were be been being am do does did can could may might will would shall should i me my "
    "we us our you your it its they them their this that these those there please kindly tell explain describe "
    "know like want let get hey hi hello thanks thank s d ll ve re m of so passage document text article above "
    "following according question wondering wonder ask help understand "
    "actually basically currently easily essentially exactly generally honestly just kindly literally maybe normally "
    "perhaps personally possibly precisely probably properly correctly quickly really simply specifically typically "
    "usually"
)
_ASKED = (
    r"(?:hi|hello|hey|ok|okay|well|so|sorry|please|btw|by the way|excuse me|(?:i am )?just curious|out of curiosity|"
    r"(?:a |one |just a |just one )?(?:more )?(?:quick|short|small|simple) question)"
)
_WHO = r"(?:you|someone|somebody|anyone|anybody)"
_FRAME = re.compile(
    rf"^(?:{_ASKED}\b ?)*(?:"
    rf"(?:(?:could|can|would|will) {_WHO} (?:please |kindly )?(?:tell|explain|describe|say|show|clarify|help)"
    r"(?: to)?(?: me| us)?(?: understand| out)?"
    r"|(?:please |kindly )?(?:tell|explain to|let) (?:me|us)(?: know)?"
    r"|i (?:would |d )?(?:really )?(?:like|want|need|love|have)(?: to)? (?:know|understand|ask|learn)(?: about)?"
    r"|i (?:was|am|m) (?:just )?(?:wondering|curious|asking(?: myself)?)|(?:do|does|would) "
    rf"{_WHO} (?:happen to )?know|may i ask(?: you)?|i wonder|any idea)\b ?(?:{_ASKED}\b ?)*(?:(?:if|whether)\b ?)?)?"
)
_END = re.compile(
    r"(?: (?:please|thanks(?: a lot| in advance)?|thank you(?: very much| in advance)?|exactly|anyway|again|today|now|"
    r"right now|then|here|at the moment|currently|these days|nowadays|by the way|by any chance|if possible|"
    r"if you (?:know|do not mind|can)|for me|in (?:detail|short|general|practice|principle|theory|brief|advance)|"
    r"in (?:simple|plain|other|a few|your own) (?:terms|words|english)|"
    r"i am (?:just )?(?:curious|wondering)|just curious|do you know|can you (?:tell|explain|help)(?: me)?))+$"
)
CANONICAL = {
    "config": "configuration", "configs": "configuration", "docs": "documentation", "doc": "documentation",
    "repo": "repository", "repos": "repository", "params": "parameters", "param": "parameter", "app": "application",
    "apps": "applications", "info": "information", "env": "environment", "dir": "directory", "folder": "directory",
    "whats": "what", "wheres": "where", "hows": "how", "license": "licence", "licenses": "licences",
}  # fmt: skip
_CONTRACTIONS = [
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"), (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"), (re.compile(r"'(?:s|d|ll|ve|re|m)\b"), ""),
]  # fmt: skip
_TOKEN = re.compile(r"[^\W_]\+\+|[^\W_]#|\d+(?:[.,]\d+)*[^\W_]*|[^\W_]+")
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
_TO_DO = _set("how need needs needed want wants have has had able like used way ways going supposed required try")
_CHANGES = _set(
    "from convert change copy migrate move export import switch translate map port transform cast rename compare turn "
    "upgrade downgrade connect transfer send link bind attach"
)
_FINE_TUNE = re.compile(r"\bfine[ -]tun(?=e|ing)")


def plain_words(text: str) -> list[str]:
    """Return all words of a text in their order: lower case, without contractions, abbreviations written out."""
    text = normal_form(text).casefold()
    if "'" in text or "cannot" in text:
        for pattern, plain in _CONTRACTIONS:
            text = pattern.sub(plain, text)
    text = without_commas(text)
    if "-" in text:  # of a number it is a sign: -1 is not 1
        text = _MINUS.sub("minus ", text)
    if "fine" in text:
        text = _FINE_TUNE.sub("finetun", text)
    found: list[str] = []
    for word in _TOKEN.findall(text):
        if not word.isascii() and UNSPACED.fullmatch(word):
            found += bigrams(word)
        else:
            found.append(CANONICAL.get(word, word))
    return found


def normalise(text: str) -> Tokens:
    """Return the words that make the question, in order: no articles, auxiliaries, pronouns, politeness."""
    words = plain_words(text)
    plain = " ".join(words)
    bare = _FRAME.sub("", _END.sub("", plain), count=1).split()
    kept = tuple(word for n, word in enumerate(bare) if word not in LIGHT and (word != "to" or _leads(bare, n)))
    return kept or tuple(bare) or tuple(words)


def _leads(words: list[str], place: int) -> bool:
    """Tell whether a "to" leads somewhere ("convert A to B"), and is not that of an infinitive ("how to convert")."""
    if place == 0 or place + 1 == len(words) or words[place - 1] in _TO_DO:
        return False
    following = words[place + 1]
    if following in LIGHT or lemmas(following).get("VERB") != following:
        return True
    return not _CHANGES.isdisjoint(words[:place])
