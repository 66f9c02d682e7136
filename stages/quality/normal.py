"""A question as it is compared: the words that make it, without what only makes it polite, complete or formal."""

import re
from functools import lru_cache

from stages.documents.lexicon import lemmas, lexicon
from stages.quality.tokens import IMPERATIVES, NUMBER_WORDS, UNSPACED, bigrams, normal_form, without_commas
from stages.quality.units import UNITS

Tokens = tuple[str, ...]
OF, TO_DO = "of", "to_"  # marks among the words, which are none of them: "B of A" is "A B", "to do B, A" is "A to do B"
MARKS = frozenset((OF, TO_DO))


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Question words, negations, prepositions of order (before, after) and quantities stay: they change what is asked.
LIGHT = _set(
    "a an the is are was were be been being am do does did can could may might will would shall should i me my we us "
    "our you your it its they them their this that these those there so please kindly just actually basically "
    "currently easily essentially exactly generally honestly literally maybe normally perhaps personally possibly "
    "precisely probably properly correctly quickly really simply specifically typically usually"
)
_GREETING = (
    r"(?:hi|hello|hey|greetings|dear|good (?:morning|afternoon|evening|day))"
    r"(?: (?:all|team|there|everyone|everybody|folks|guys|friends))?"
)
_ASKED = (
    rf"(?:{_GREETING}|ok|okay|well|so|sorry|but|and|oh|um|please(?: help)?|kindly|btw|by the way|"
    r"excuse me|out of (?:pure |sheer )?curiosity|"
    r"(?:a |one |just a |just one )?(?:more )?(?:quick|short|small|simple|further) question|"
    r"i have (?:a|one|another) (?:quick |short |small )?question|"
    r"(?:i am )?(?:just )?(?:wondering|curious|asking))"
)
_WHO = r"(?:you|someone|somebody|anyone|anybody)"
_TOLD = (
    r"(?:(?:tell|show|help|let)(?: me| us)?(?: know| understand| about)?"
    r"|(?:explain|describe|clarify|say)(?: to (?:me|us))?)"
)
_PASSAGE = r"(?:according to|based on|as stated in|in) (?:the|this) (?:passage|document|text|article)(?: above)?"
_IMPERATIVES = [*IMPERATIVES, "generate"]
_FRAME = re.compile(
    rf"^(?:{_PASSAGE} )?(?:{_ASKED}\b ?)*(?P<told>"
    rf"(?:(?:could|can|would|will) {_WHO} (?:please |kindly )?(?:{_TOLD}|(?={'|'.join(_IMPERATIVES)}))"
    rf"|{_TOLD}"
    r"|i (?:would |d )?(?:really )?(?:like|want|need|love|have)(?: to)? (?:know|understand|ask|learn)(?: about)?"
    r"|i (?:was|am) (?:just )?(?:asking myself|wondering|curious)|(?:do|does|would) "
    rf"{_WHO} (?:happen to )?know|may i ask(?: you)?|i wonder|any idea)\b ?"
    rf"(?:{_ASKED}\b ?)*(?:(?:if|whether)\b ?)?)?(?:whether\b ?)?"
)
_END = re.compile(
    r"(?: (?:please|thanks(?: a lot| in advance)?|thank you(?: very much| in advance)?|exactly|anyway|again|today|now|"
    r"at all|though|right now|then|here|at the moment|currently|these days|nowadays|by the way|"
    r"by any chance|if possible|"
    r"if you (?:know|do not mind|can)|for me|in (?:detail|short|general|practice|principle|theory|brief|advance)|"
    r"in (?:simple|plain|other|a few|your own) (?:terms|words|english)|"
    r"i am (?:just )?(?:curious|wondering)|just curious|do you know|can you (?:tell|explain|help)(?: me)?|"
    rf"{_PASSAGE}))+$"
)
_SHORT = {
    "admin": "administrator", "app": "application", "apps": "applications", "arg": "argument", "args": "arguments",
    "auth": "authentication", "cant": "can not", "catalog": "catalogue", "cert": "certificate",
    "certs": "certificates", "cmd": "command", "config": "configuration", "configs": "configurations",
    "creds": "credentials", "db": "database", "dbs": "databases", "dest": "destination", "dialog": "dialogue",
    "dir": "directory", "dirs": "directories", "doc": "documentation", "docs": "documentation", "doesnt": "does not",
    "dont": "do not", "env": "environment", "envs": "environments", "err": "error", "ext": "extension",
     "func": "function", "funcs": "functions", "grey": "gray",
    "hows": "how", "id": "identifier", "ids": "identifiers", "info": "information", "isnt": "is not",
    "js": "javascript", "k8s": "kubernetes", "lib": "library", "libs": "libraries", "max": "maximum", "mem": "memory",
    "mgmt": "management", "min": "minimum", "mongo": "mongodb", "msg": "message", "num": "number",
    "org": "organization", "orgs": "organizations", "param": "parameter", "params": "parameters",
    "perf": "performance", "perms": "permissions", "pic": "picture", "pics": "pictures", "pkg": "package",
    "postgres": "postgresql", "prefs": "preferences", "prod": "production", "programme": "program",
    "programmes": "programs", "pw": "password", "ref": "reference", "refs": "references", "repo": "repository",
    "repos": "repositories", "spec": "specification", "specs": "specifications", "src": "source",
    "stats": "statistics", "temp": "temporary", "tmp": "temporary", "ts": "typescript", "var": "variable",
    "vars": "variables", "vs": "versus", "whats": "what", "wheres": "where", "whos": "who", "wont": "will not",
}  # fmt: skip
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
    (re.compile(r"n't\b"), " not"), (re.compile(r"'(?:s|d|ll|ve|re|m)\b"), ""),
]  # fmt: skip
_TOKEN = re.compile(r"(?<![\w-])--?[^\W\d_]+|[^\W_]\+\+|[^\W_]#|\d+(?:[.,]\d+)*[^\W_]*|[^\W_]+")
_MINUS = re.compile(r"(?<![\w-])-(?=\d)")
_COUNTRY = re.compile(r"\bUS\b|\bU\.S\.(?:A\.)?")
_HAVE_TO = re.compile(r"\b(?:have|has|had) (?:got )?(?=to\b)")
_GLUED = re.compile(r"(\d+(?:[.,]\d+)*)([^\W\d_]{2,})")  # a number and its unit
_FINE_TUNE = re.compile(r"\bfine[ -]tun(?=e|ing)")
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
_INVERTED = [[word] for word in "can could may might must should shall will would do does did is are was were".split()]
_ASKING = _set("how what which who whom whose why where")


@lru_cache(maxsize=1 << 16)
def _canonical(word: str) -> tuple[str, ...]:
    """Return a word as it is compared: written out, in American spelling, a number as digits."""
    if word in _SHORT:
        return tuple(_SHORT[word].split())
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
    if "'" in text or "cannot" in text:
        for pattern, plain in _CONTRACTIONS:
            text = pattern.sub(plain, text)
    text = without_commas(text)
    if "to" in text:
        text = _HAVE_TO.sub("need ", text)
    if "-" in text:  # of a number it is a sign: -1 is not 1
        text = _MINUS.sub("minus ", text)
    if "fine" in text:
        text = _FINE_TUNE.sub("finetun", text)
    found: list[str] = []
    for word in _TOKEN.findall(text):
        if not word.isascii() and UNSPACED.fullmatch(word):
            found += bigrams(word)
        elif word[0] == "-":
            found.append(f"-{word.lstrip('-')}")  # a flag is not the word
        elif word[0].isdigit():
            glued = _GLUED.fullmatch(word) if not word[-1].isdigit() else None
            found += [glued[1], UNITS[glued[2]]] if glued and glued[2] in UNITS else [word]
        elif word in UNITS and found and found[-1][0].isdigit():
            found.append(UNITS[word])
        else:
            found += _canonical(word)
    return found


def normalise(text: str) -> Tokens:
    """Return the words that make the question, in order: no articles, auxiliaries, pronouns, politeness."""
    found = in_order(text)
    return without_marks(found)


def without_marks(row: Tokens) -> Tokens:
    """Return the words alone."""
    return row if MARKS.isdisjoint(row) else tuple(word for word in row if word not in MARKS)


def in_order(text: str) -> Tokens:
    """Return the words that make the question, and the marks among them."""
    words = plain_words(text)
    plain = " ".join(words)
    core = _END.sub("", plain)
    frame = _FRAME.match(core)
    bare = core[frame.end() if frame else 0 :].split() or words
    kept: list[str] = []
    asking = bare[:1] == ["when"] and bool(frame and frame["told"])  # "Tell me when I should use it"
    for place, word in enumerate(bare):
        asking = asking or word in _ASKING or word == "when" and bare[place + 1 : place + 2] in _INVERTED
        if word in LIGHT:
            if word in _ABLE and not asking:  # "Can I use it?" is not "Should I use it?"
                kept.append(_ABLE[word])
            elif word in ("do", "does") and _main_verb(bare, place):  # "What does it do?" is not "What is it?"
                kept.append("do")
        elif word == "to" and not _leads(bare, place):
            kept.append(TO_DO)
        else:
            kept.append(word)
    return tuple(kept) if not MARKS.issuperset(kept) else tuple(bare)


def _main_verb(words: list[str], place: int) -> bool:
    """Tell whether a "do" is what is done, and does not only help to ask."""
    if place and (words[place - 1] == "to" or place + 1 == len(words)):
        return True
    return words[place] == "do" and not _HELPING.isdisjoint(words[:place])


def _leads(words: list[str], place: int) -> bool:
    """Tell whether a "to" leads somewhere ("convert A to B"), and is not that of an infinitive ("how to convert")."""
    if place + 1 == len(words) or place and words[place - 1] in _TO_DO:
        return False
    following = words[place + 1]
    if following in LIGHT or lemmas(following).get("VERB") != following:
        return True
    return not _CHANGES.isdisjoint(words[:place])
