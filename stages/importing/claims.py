"""Does a statement say what a pair says, or only in the same words? Stricter than the gates of the pipeline."""

import re

from stages.importing.reading import Given
from stages.quality import numbers, polarity, tokens

_NAMED = re.compile(r"(?<![\w-])(--?[a-z][\w-]*|[A-Z][\w+]*)[ =-](v?\d+(?:\.\d+)*)(?![\w%]|[.,]\d)")
_BEFORE = r"(?:v?\d[\d.]*(?:,| and| or| to|[-/ ])+)*"  # of a name's numbers those before the last
_DENYING = re.compile(
    r"(?i)\b(?:(?:un|in|im|ir|dis|non-)[a-z]{4,}|without|only|free|unless|except|until|off|optional)\b"
)
_SHORT = re.compile(r"(?i)(yes|no)\b[\s,.:;–-]*")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")  # rows of tables, too
_CLAUSE = re.compile(r"[;,]\s+|\s+(?:and|while|but|whereas)\s+")


def nearness(given: Given, words: str) -> tuple[int, int]:
    """Return how many words of a pair a statement holds, then how few others."""
    pair, held = tokens.stems(f"{given.asks} {given.says}"), tokens.stems(words)
    return len(pair & held), -len(held - pair)


def asked(given: Given, words: str) -> int:
    """Return how many words of a question a statement holds."""
    return len(tokens.stems(given.asks) & tokens.stems(words))


def added(given: Given) -> list[str]:
    """Return the words that an answer adds to its question; "cannot" is looked at apart."""
    known = tokens.stems(given.asks) | {"yes", "ja", "cannot"}
    return [word for word in tokens.content_tokens(given.says) if tokens.stem(word) not in known]


def numbered(answer: str, words: str) -> bool:
    """Tell whether one statement holds all numbers of an answer."""
    held = {value for value, _ in _readings(words)}
    return all(any(value in held for value, _ in own) for _, _, own in numbers.readings(answer))


def misnumbered(answer: str, known: str) -> str | None:
    """Return a name or flag and its number that stand nowhere together.

    Such as "Llama 7" of "Llama 2 7B", but not of "Llama 1 and 7".
    """
    for match in _NAMED.finditer(answer):
        name, number = (re.escape(part) for part in match.groups())
        if match[1].casefold() in tokens.FUNCTION_WORDS or re.search(rf"(?i){name}", known) is None:
            continue  # not a name, or in capitals only as the first word
        if not re.search(rf"(?i)(?<![\w-]){name}[\s_=:-]*{_BEFORE}{number}(?!\w|\.\d)", known):
            return match.group()
    return None


def opposed(given: Given, words: str) -> str | None:
    """Return the word by which a pair says the opposite of a statement.

    A word that both have ("without", "indistinguishable") excuses no "not" that only one has. An answer of "Yes" or
    "No" and nothing new says what the question says, or denies it.
    """
    says = given.says
    short = _SHORT.match(says)
    if short and not tokens.stems(says) - tokens.stems(given.asks) - {"yes"}:
        rest = says[short.end() :]
        if not tokens.stems(rest) & tokens.stems(given.asks):
            says = ("not " if short[1].casefold() == "no" else "") + given.asks.rstrip("? ")
    asked = f"{given.asks} {says}".casefold()
    both = {word for word in _DENYING.findall(words.casefold()) if word in asked}
    if both:
        shared = re.compile(rf"(?i)\b(?:{'|'.join(map(re.escape, sorted(both)))})\b")
        says, words = shared.sub("", says), shared.sub("", words)
    return polarity.opposed(says, words)


def swapped(given: Given, words: str) -> str | None:
    """Return what a statement gives to something else than the question asks about.

    Of the clauses with a number of one unit, the one that shares most words with the question has to hold it.
    """
    if found := polarity.swapped(given.says, words, given.asks):
        return found
    asked, told = tokens.stems(given.asks), numbers.readings(given.says)
    clauses = [(tokens.stems(clause) & asked, _readings(clause)) for clause in _clauses(words)]
    for shown, _, own in told:
        units = {unit for _, unit in own if unit}
        alone = sum(unit in units for _, _, one in told for _, unit in one) == len(own)
        if not units or not alone or tokens.stems(shown) & asked:
            continue  # "7B and 13B", or a number that the question gives
        right = max((_weight(shared) for shared, held in clauses if held & own), default=None)
        wrong = (_weight(shared) for shared, held in clauses if not held & own and any(one in units for _, one in held))
        if right is not None and any(one > right for one in wrong):
            return shown
    return None


def _readings(clause: str) -> set[tuple[str, str]]:
    return {reading for _, _, readings in numbers.readings(clause) for reading in readings}


def _weight(shared: set[str]) -> tuple[int, int]:
    """Return how many of the words have digits, which tell "7B" from "13B", then how many there are."""
    return sum(any(map(str.isdigit, word)) for word in shared), len(shared)


def _clauses(words: str) -> list[str]:
    """Return the clauses of a statement; what says nothing but a number belongs to the one before it."""
    found: list[str] = []
    for sentence in _SENTENCE.split(words):
        found.append("")
        for part in _CLAUSE.split(sentence):
            telling = [word for word in tokens.content_tokens(part) if word.isalpha()]
            if found[-1] and len(telling) < 2:
                found[-1] += f", {part}"
            elif found[-1]:
                found.append(part)
            else:
                found[-1] = part
    return found
