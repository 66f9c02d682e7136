"""What only makes a question polite: "Hi all, could someone please tell me ...", "... , thanks in advance"."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from stages.quality.tokens import IMPERATIVES, INTERROGATIVES

DATA = "questions.en.yaml"
_HEAD = re.compile(r"\s*([^,:!.?]{2,60})[,:!.]\s+(?=\w)")
_TAIL = re.compile(r"[,.?!]\s+([^,:!?]{2,60}?)[.!]*\s*$")
_WORD = re.compile(r"[^\W\d_]+")
_PASSAGE = r"(?:according to|based on|as stated in|in) (?:the|this) (?:passage|document|text|article)(?: above)?"
_STRONG = frozenset((*INTERROGATIVES, "if", "whether")) - {"who"}  # what somebody is asked to tell
_WEAK = frozenset(
    "who is are was were do does did can could may must should will would has have am in on at with for after before "
    "while behind as from under during inside".split()
) | (frozenset(IMPERATIVES) - {"tell", "explain", "describe", "give", "show"})
_TELLING = frozenset(
    "telling explaining knowing sharing describing idea clue hint confirm share elaborate knows advise ask asking "
    "clarify curious describe enlighten explain figure find hear inform know learn remind say see show sure tell "
    "told understand unsure wonder wondered wondering".split()
)
_TELL = frozenset("me us about explain describe show clarify understand".split())  # "Tell me about its licence."
_ARTICLES = frozenset("a an the my your our this that its".split())
_YOU = frozenset("can could would will you someone somebody anyone anybody please kindly".split())
_OWN = frozenset(("do", "did", "should", "must", "am"))  # "Do I need help with it?" asks for no help


class Lists(msgspec.Struct, forbid_unknown_fields=True):
    """The words of questions.en.yaml."""

    light: str
    phrases: str
    endings: str
    talk: str
    asking: str
    thanking: str
    closing: str
    greeting: str
    greeted: str
    short: dict[str, str]


class Words(NamedTuple):
    """The same, to look up."""

    light: frozenset[str]
    endings: frozenset[str]
    talk: frozenset[str]
    asking: frozenset[str]
    thanking: frozenset[str]
    closing: frozenset[str]
    greeting: frozenset[str]
    greeted: frozenset[str]
    short: dict[str, tuple[str, ...]]
    phrases: re.Pattern[str]


@cache
def lists() -> Words:
    """Return the word lists."""
    given = msgspec.yaml.decode((Path(__file__).parent / DATA).read_bytes(), type=Lists)
    sets = {name: frozenset(getattr(given, name).split()) for name in Words._fields if name not in ("short", "phrases")}
    phrases = sorted((phrase.strip() for phrase in given.phrases.split("|")), key=len, reverse=True)
    short = {word: tuple(whole.split()) for word, whole in given.short.items()}
    pattern = re.compile(rf" (?:{'|'.join([*phrases, _PASSAGE])})(?= )")
    return Words(**sets, short=short, phrases=pattern)


def core(text: str) -> str:
    """Return a text in lower case without a part before its first mark, or behind its last, that is conversation."""
    found = lists()
    if (match := _HEAD.match(text)) and _spoken(match[1], found, found.asking | found.greeting):
        text = text[match.end() :]
    if (match := _TAIL.search(text)) and _spoken(match[1], found, found.thanking):
        text = text[: match.start() + 1]
    return text


def _spoken(part: str, found: Words, needed: frozenset[str]) -> bool:
    words = set(_WORD.findall(part))
    return words <= found.talk | found.greeting | found.greeted | found.light and not words.isdisjoint(needed)


def bare(words: list[str]) -> tuple[list[str], bool]:
    """Return the words that ask, without what frames them, and whether somebody is asked to tell it.

    Args:
        words: of a question, in lower case. If nothing but conversation is there, all of it is returned.
    """
    found = lists()
    text = " ".join(words)
    words = found.phrases.sub("", f" {text} ").split() or words
    words = _without_closing(words, found)
    while len(words) > 2 and words[-1] in found.endings:
        words = words[:-1]
    greeted, some = 0, found.greeting
    while greeted < len(words) - 2 and words[greeted] in some:
        greeted, some = greeted + 1, found.greeting | found.greeted
    words = words[greeted:]
    start, told = _opening(words, found)
    return words[start:], told


def _opening(words: list[str], found: Words) -> tuple[int, bool]:
    """Return where the question begins behind its frame, and whether the frame asks to be told."""
    run = next((n for n, word in enumerate(words) if word not in found.talk), len(words))
    if run == len(words) or words[0] in _OWN and words[1:2] == ["i"]:
        return 0, False
    for openers in (_STRONG, _WEAK):
        for place in range(1, run + 1):
            frame = set(words[:place])
            if words[place] in openers and not found.asking.isdisjoint(frame):
                told = not _TELLING.isdisjoint(frame)
                wrapped = words[place] in ("if", "whether") and told and not _asks(words[place + 1 :])
                return place + wrapped, told
    asked = next((n for n in range(2, run + 1) if words[n - 2 : n] == ["you", "to"]), 0)
    if asked and words[0] == "i":  # "I would like you to plot it"
        return asked, False
    last = next((n for n in range(run - 1, -1, -1) if words[n] not in _ARTICLES), 0)
    if words[last] in _TELL and not _TELLING.isdisjoint(words[: last + 1]):
        return last + 1, False
    asked = next((n for n, word in enumerate(words) if word not in _YOU), 0)
    please = words[0] in ("could", "would", "will") or not {"please", "kindly"}.isdisjoint(words[:asked])
    if asked > 1 and (please or words[asked] in IMPERATIVES):  # "Could you please plot it?"
        return asked, False
    return 0, False


def _asks(words: list[str]) -> bool:
    """Tell whether there is a question of its own behind a condition: "Tell me, if it fails, what do I do?"."""
    return any(word in ("how", "what", "which", "why", "where") for word in words)


def _without_closing(words: list[str], found: Words) -> list[str]:
    """Return the words without the thanks behind them."""
    end = len(words)
    for place in range(len(words) - 1, 1, -1):
        if words[place] not in found.talk and words[place] not in found.closing:
            break
        thanks = words[place] in found.closing and not found.thanking.isdisjoint(words[place:])
        if thanks and not found.talk.issuperset(words[:place]):
            end = place
    return words[:end]
