"""The numbers of a text with their units, and what it says a time: "7 to 13 GB", "3 euros per day"."""

import re
from functools import lru_cache

from stages.quality.tokens import NUMBER_WORDS, without_commas
from stages.quality.units import SYMBOLS, UNITS, in_full, unit_of

_NUMBER = re.compile(r"(?<![\w.])([$€£]?)\s?(\d+(?:[.,]\d+)*)(?:(%)|([^\W\d_]+)?)(?![\w])")
_LETTERS = re.compile(r"[^\W\d_]+")
_UNIT = re.compile(r"[\s-]*([^\W\d_]+|%)")
_WORD_BEHIND = re.compile(r"[\s-]*([^\W\d_]+)")
_LISTED = re.compile(r"\s*(?:,|to|and|or|-|–|/|,\s*(?:and|or))\s*")
_DIGIT = re.compile(r"\d")
_RATE = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)*)(?: ?[^\W\d_]+){0,2}?(?: ?/ ?| (?:per|an?|each|every|pro) )"
    r"(second|minute|hour|day|week|month|year|s|h|min|[Ss]ekunde|[Mm]inute|[Ss]tunde|[Tt]ag|[Ww]oche|[Mm]onat|[Jj]ahr)\b"
)


@lru_cache(maxsize=256)
def readings(text: str) -> tuple[tuple[str, str, frozenset[tuple[str, str]]], ...]:
    """Return (as written, value, readings), where a reading is (value, unit); `7 to 13 GB` lends 7 its unit."""
    matches = list(_NUMBER.finditer(text)) if _DIGIT.search(text) else []
    lower = text.casefold()
    spelled = any(word in lower for word in NUMBER_WORDS)
    spoken = [m for m in _LETTERS.finditer(text) if m.group().casefold() in NUMBER_WORDS] if spelled else []
    following = ""
    found: list[tuple[int, str, str, set[tuple[str, str]]]] = []
    for index in range(len(matches) - 1, -1, -1):
        match = matches[index]
        currency, value, percent, attached = match.groups()
        value = without_commas(value)
        unit, shown, end = "", match.group().strip(), match.end()
        if currency or percent:
            unit = UNITS[currency or percent]
        elif attached:
            unit = UNITS.get(attached.casefold(), attached.casefold())
        if not unit or currency:  # "$5 million" and "5 million" are told apart by the value's own unit
            after = _UNIT.match(text, end)
            word = after.group(1).casefold() if after else ""
            if after and after.group(1) in SYMBOLS and not currency:
                unit = SYMBOLS[after.group(1)]
                shown += after.group()
            elif word in UNITS and len(word) > 1 or word == "%":
                unit = UNITS[word] if not currency else f"{unit} {UNITS[word]}"
                shown += after.group() if after else ""
        own = {(value, unit)} | in_full(value, unit)
        listed = following and not unit and _LISTED.fullmatch(text, end, matches[index + 1].start())
        if listed:
            own.add((value, following))
            unit = following
        following = unit
        found.append((match.start(), shown, value, own))
    for match in spoken:
        value = NUMBER_WORDS[match.group().casefold()]
        after = _WORD_BEHIND.match(text, match.end())
        word = after.group(1).casefold() if after else ""
        unit = UNITS[word] if word in UNITS and len(word) > 1 else ""
        if (value, word) == ("3", "quarters"):
            value, unit = "75", "percent"
        found.append((match.start(), match.group(), value, {(value, unit)}))
    found.sort(key=lambda reading: reading[0])
    return tuple((shown, value, frozenset(own)) for _, shown, value, own in found)


def rates(text: str) -> list[tuple[str, tuple[str, str]]]:
    """Return what a text says a time: as written, with the number and the time's name ("3 euros per day")."""
    found = _RATE.finditer(text) if _DIGIT.search(text) else ()
    return [(match[0], (without_commas(match[1]), unit_of(match[2]) or match[2].casefold())) for match in found]


@lru_cache(maxsize=64)
def rates_by_number(text: str) -> dict[str, set[str]]:
    """Return the times that a text says each number of; see `rates`."""
    held: dict[str, set[str]] = {}
    for _, (value, time) in rates(text):
        held.setdefault(value, set()).add(time)
    return held
