"""Does an answer stand on its evidence? Numbers, units, names, identifiers and words, by rule, without a model."""

import re
from functools import lru_cache
from typing import NamedTuple

from stages.quality.tokens import (
    FUNCTION_WORDS,
    GERMAN_FUNCTION_WORDS,
    NUMBER_WORDS,
    OPENERS,
    content_tokens,
    normal_form,
    stem,
    without_commas,
    words,
)
from stages.quality.units import SYMBOLS, UNITS, in_full, unit_of

# Names everybody knows for a kind of thing: a question may use them although its fact does not.
_COMMON_ACRONYMS = frozenset("ai api cpu faq gpu id it llm ml ok os ram url".split())

_URL = re.compile(r"(?:https?|ftp|s3|gs)://[^\s<>\"'`)\]}]+|www\.[^\s<>\"'`)\]}]+", re.I)
_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*")
# An identifier has an inner underscore, dot, slash or camel hump, or a digit within a hyphenated name.
_IDENTIFIER = re.compile(
    r"(?<![\w-])(?=[\w/.:@~-]*?(?:[_./-]|[a-z][A-Z]))"  # as all of these, which spares most words
    r"(?:[~.]{0,2}/)?"
    r"(?:\w+(?:[/.:@-]+\w+)*_+\w*(?:[/.:@_-]+\w+)*|[^\W\d_]\w*(?:\.[^\W\d_]\w*)+|\w+(?:[./-]+\w+){2,}|\w+/[\w.-]*[._\d][\w.-]*\w"
    r"|[a-z]+[A-Z]\w*|[A-Z][a-z]+[A-Z]\w*|[^\W\d_]\w*-\w*\d\w*(?:-\w+)*|/\w+(?:/[\w.-]*\w)*)"
)
_NUMBER = re.compile(r"(?<![\w.])([$€£]?)\s?(\d+(?:[.,]\d+)*)(?:(%)|([^\W\d_]+)?)(?![\w])")
_LETTERS_NUMBER = re.compile(r"(?<!\w)[^\W\d_]+\d[\w]*(?:\.\d+)*")  # A100, v2.1, llama2
_NAME_NUMBER = re.compile(
    r"(?<![\w/.-])([A-Z][\w+]*)[ -](v?\d+(?:\.\d+)*)"
    r"(?![\w%,]|\.\d|\s?(?:%|percent|(?i:[kmgt]i?b\b)|[mbt]r?illion))"
)
_SENTENCE_END = re.compile(r"[.!?:;\n]\s*[\"'“(\[]?\s*$|^\s*(?:[-*]|\d+\.)?\s*[\"'“(\[]?\s*$|\n\s*(?:[-*]|\d+\.)\s*$")


def coverage(answer: str, *evidence: str, spoken: str = "en") -> float:
    """Return the share of the answer's content tokens that the evidence holds; 1.0 for an answer without any."""
    tokens = _telling(answer, spoken)
    return 1.0 - len(unknown(answer, *evidence, spoken=spoken)) / len(tokens) if tokens else 1.0


def _telling(text: str, spoken: str) -> list[str]:
    small = GERMAN_FUNCTION_WORDS if spoken.startswith("de") else frozenset()
    found = content_tokens(text)
    return [token for token in found if token not in small] if small else found


def unknown(answer: str, *evidence: str, spoken: str = "en") -> list[str]:
    """Return the content tokens of the answer that no evidence holds, but for units and numbers: see `unsupported`."""
    return list(_unknown(answer, evidence, spoken))


@lru_cache(maxsize=16)  # the share and the number are asked for
def _unknown(answer: str, evidence: tuple[str, ...], spoken: str) -> tuple[str, ...]:
    known = frozenset().union(*map(_all_stems, evidence))
    return tuple(
        token for token in _telling(answer, spoken)
        if stem(token) not in known and not token[0].isdigit() and not unit_of(token)
    )  # fmt: skip


@lru_cache(maxsize=64)
def _all_stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, words(text)))


def urls(text: str) -> list[str]:
    """Return the URLs of a text, without the punctuation that follows them."""
    return [url.rstrip(".,;:!?*_/") for url in _URL.findall(text)] if _may_hold_url(text) else []


def _may_hold_url(text: str) -> bool:
    return "://" in text or "www." in text.casefold()


def _without_urls(text: str) -> str:
    return _URL.sub(" ", text) if _may_hold_url(text) else text


def flags(text: str) -> list[str]:
    """Return the command-line flags of a text, with their dashes."""
    return _FLAG.findall(text) if "-" in text else []


def _without_flags(text: str) -> str:
    return _FLAG.sub(" ", text) if "-" in text else text


_LETTERS = re.compile(r"[^\W\d_]+")
_UNIT = re.compile(r"[\s-]*([^\W\d_]+|%)")
_WORD_BEHIND = re.compile(r"[\s-]*([^\W\d_]+)")
_LISTED = re.compile(r"\s*(?:,|to|and|or|-|–|/|,\s*(?:and|or))\s*")
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=256)
def _numbers(text: str) -> tuple[tuple[str, str, frozenset[tuple[str, str]]], ...]:
    """Return (as written, value, readings), where a reading is (value, unit); `7 to 13 GB` lends 7 its unit."""
    matches = list(_NUMBER.finditer(text)) if _DIGIT.search(text) else []
    lower = text.casefold()
    spelled = any(word in lower for word in NUMBER_WORDS)
    spoken = [m for m in _LETTERS.finditer(text) if m.group().casefold() in NUMBER_WORDS] if spelled else []
    following = ""
    readings: list[tuple[int, str, str, set[tuple[str, str]]]] = []
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
        readings.append((match.start(), shown, value, own))
    for match in spoken:
        value = NUMBER_WORDS[match.group().casefold()]
        after = _WORD_BEHIND.match(text, match.end())
        word = after.group(1).casefold() if after else ""
        unit = UNITS[word] if word in UNITS and len(word) > 1 else ""
        if (value, word) == ("3", "quarters"):
            value, unit = "75", "percent"
        readings.append((match.start(), match.group(), value, {(value, unit)}))
    readings.sort(key=lambda reading: reading[0])
    return tuple((shown, value, frozenset(own)) for _, shown, value, own in readings)


_SLASHED = re.compile(r"[a-z]+(?:[/-][a-z]+)+")
_HYPHENED = re.compile(r"[A-Z]?[a-z]+(?:-[a-z]+)+")
_HUMP = re.compile(r"[a-z][A-Z]")


def identifiers(text: str) -> list[str]:
    """Return the file names, paths, dotted and underscored names of a text."""
    return list(_identifiers(text))


@lru_cache(maxsize=256)  # of a pair, the same few texts are looked at again and again
def _identifiers(text: str) -> tuple[str, ...]:
    if not _may_hold_identifier(text):
        return ()
    found = []
    for match in _IDENTIFIER.finditer(text):
        name = match.group().rstrip(".:-/@")
        prose = _SLASHED.fullmatch(name) or _HYPHENED.fullmatch(name)
        if name and not prose and name not in ("e.g", "i.e", "a.m", "p.m"):
            found.append(name)
    return tuple(found)


def _may_hold_identifier(text: str) -> bool:
    return any(mark in text for mark in "_/-") or text.find(".", 0, -1) >= 0 or _HUMP.search(text) is not None


def _has(identifier: str, text: str) -> bool:
    """Tell whether the text holds the identifier as a whole, not as a part of a longer one."""
    parts = [part for part in identifier.split("-") if part]
    if not all(part in text for part in parts):  # spares most patterns
        return False
    shape = r"[\s-]+".join(re.escape(part) for part in parts)
    if "-" not in identifier or not _DIGIT.search(identifier):
        shape = re.escape(identifier)
    return re.search(rf"(?<![\w/-]){shape}(?![\w-]|[./]\w)|(?<=/){shape}(?![\w-]|[./]\w)", text) is not None


_CAPITAL = r"[^\W\d_]*[A-Z][\w+#]*(?:['’]s)?"
_NAME = re.compile(rf"(?<![\w./_-]){_CAPITAL}(?:[ -](?:{_CAPITAL}|v?\d+(?:\.\d+)*[A-Za-z]?)(?!\w))*")
_GENITIVE = re.compile(r"['’]s$")
_BETWEEN = re.compile(r"[ -]")
_VERB_BEHIND = re.compile(r"\s+(?:is|are|was|were|has|can|does|will)\b")
_NO_NAME = re.compile(r"(?:ing|tion|sion|ment|ness|ity|s)$")
_NO_PART = FUNCTION_WORDS | OPENERS


def names(text: str) -> list[str]:
    """Return the names of a text: capitalised words with their numbers, acronyms; not a sentence's first word alone."""
    return list(_names(text))


@lru_cache(maxsize=256)  # of a pair, the same few texts are looked at again and again
def _names(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for match in _NAME.finditer(text):
        parts = _BETWEEN.split(_GENITIVE.sub("", match.group()))
        if _opens(text, match.start()) and not _named(parts[0]):
            rest = parts[1:]
            if parts[0].casefold() in _NO_PART:
                parts = rest  # "Does Meta ..." names Meta
            elif not rest and not (_VERB_BEHIND.match(text, match.end()) and not _NO_NAME.search(parts[0])):
                parts = []
        parts = [part for part in parts if part]
        while parts and parts[0].casefold() in _NO_PART and not parts[0].isupper():
            parts = parts[1:]
        if parts and parts != ["I"]:
            found.append(" ".join(parts))
    return tuple(found)


def _opens(text: str, place: int) -> bool:
    """Tell whether a sentence begins at this place of a text."""
    before = text[:place]
    told = before.rstrip()
    if told and told[-1] not in ".!?:;\"'“([-*" and "\n" not in before[len(told) :]:
        return False  # as most words
    return _SENTENCE_END.search(before) is not None


def _named(word: str) -> bool:
    """Tell whether a word is a name by its shape alone: an acronym, a camel hump, a digit."""
    return sum(letter.isupper() for letter in word) > 1 or any(letter.isdigit() for letter in word)


_LOOSE = re.compile(r"(?<![\d \t-])[ \t-]*([^\W\d_]+|%)")  # a word that is no number's unit


class _Told(NamedTuple):
    """What a text holds, as `unsupported` looks for it."""

    text: str
    bare: str  # without URLs and flags, in lower case
    joined: str  # likewise without blanks and hyphens
    words: frozenset[str]
    urls: frozenset[str]
    flags: frozenset[str]
    identifiers: frozenset[str]
    readings: frozenset[tuple[str, str]]  # value and unit of its numbers
    values: frozenset[str]
    units: frozenset[str]  # apart from their numbers, as in the head of a table


@lru_cache(maxsize=64)  # answer and question are held against the same evidence
def _told(text: str) -> _Told:
    rest = _without_urls(text)
    known_flags = frozenset(flags(rest))
    rest = _without_flags(rest)
    # The 2 of "Llama 2" is no quantity: it goes with its name, on both sides.
    readings = {reading for _, _, own in _numbers(_without_name_numbers(rest)) for reading in own}
    versions = {(match.group(2), "") for match in _NAME_NUMBER.finditer(rest) if "." in match.group(2)}
    return _Told(
        text=text,
        bare=rest.casefold(),
        joined=_APART.sub("", rest).casefold(),
        words=_all_stems(text) | {word.casefold() for word in _ALPHANUMERIC.findall(text)},
        urls=frozenset(urls(text)),
        flags=known_flags,
        identifiers=frozenset(identifiers(rest)) | {flag.lstrip("-") for flag in known_flags},
        readings=frozenset(readings | versions),
        values=frozenset(value for value, _ in readings),
        units=frozenset(unit_of(word) for word in _LOOSE.findall(rest)) - {""},
    )


_APART = re.compile(r"[\s-]+")
_ALPHANUMERIC = re.compile(r"\w+")
_LETTERS_OR_PERCENT = re.compile(r"[^\W\d_]+|%")


def unsupported(answer: str, evidence: str, spoken: str = "en") -> list[str]:
    """Return the numbers (with unit), flags, URLs, identifiers and names of the answer that the evidence lacks.

    Names are known by their capitals, and so not looked for in German (`spoken`: ISO 639-1), where all nouns have them.
    """
    return list(_unsupported(answer, evidence, spoken))


@lru_cache(maxsize=64)  # questions about a fact have one answer
def _unsupported(answer: str, evidence: str, spoken: str) -> tuple[str, ...]:
    answer, told = normal_form(answer), _told(normal_form(evidence))
    left = _without_urls(answer)
    missing = [url for url in urls(answer) if url not in told.urls]
    missing += [flag for flag in flags(left) if flag not in told.flags]
    left = _without_flags(left)
    counted = _DIGIT.search(left) is not None
    missing += [name for name in identifiers(left) if name not in told.identifiers and not _has(name, told.text)]
    missing += [token for token in _code(answer) if token not in _tokens(told.text)]
    missing += [
        said for said, rate in _rates(answer) if (held := _held_rates(told.text).get(rate[0])) and rate[1] not in held
    ]
    for match in _NAME_NUMBER.finditer(left) if counted else ():
        if match.group(1).casefold() in FUNCTION_WORDS:
            continue
        if not _has_number(match.group(1).casefold(), match.group(2).casefold(), told.bare):
            missing.append(match.group())
    for shown, _, own in _numbers(_without_name_numbers(left)):
        bare = all(not unit for _, unit in own) and any(value in told.values for value, _ in own)  # "14" of "14 GB"
        apart = any(
            (value, "") in told.readings and unit in told.units for value, unit in own
        )  # the unit in a table's head
        if not own & told.readings and not bare and not apart:
            missing.append(shown)
    for match in _LETTERS_NUMBER.finditer(left) if counted else ():
        name = match.group()
        if name.casefold() not in told.words and name.casefold() not in told.joined:
            missing.append(name)
    for name in names(left) if not spoken.startswith("de") else ():
        lacking = [part for part in _BETWEEN.split(name) if not part[0].isdigit() and not _known(part, told.words)]
        missing += [" ".join(lacking)] if lacking else []
    return tuple(dict.fromkeys(missing))


_SPAN = re.compile(r"`+([^`]+)`+")
_SPLIT = re.compile(r"[\s\"'`()\[\]{}<>|,;=]+")
_RATE = re.compile(
    r"(?<![\w.])(\d+(?:[.,]\d+)*)(?: ?[^\W\d_]+){0,2}?(?: ?/ ?| (?:per|an?|each|every|pro) )"
    r"(second|minute|hour|day|week|month|year|s|h|min|[Ss]ekunde|[Mm]inute|[Ss]tunde|[Tt]ag|[Ww]oche|[Mm]onat|[Jj]ahr)\b"
)


def _code(text: str) -> list[str]:
    """Return the tokens of a text's code spans, in lower case: code is copied, and put in no other words."""
    return [token for span in _SPAN.findall(text) for token in _pieces(span)] if "`" in text else []


def _pieces(text: str) -> list[str]:
    return [bare for token in _SPLIT.split(text.casefold()) if (bare := token.strip(".:")) and bare != "..."]


@lru_cache(maxsize=64)
def _tokens(text: str) -> frozenset[str]:
    return frozenset(_pieces(text))


def _rates(text: str) -> list[tuple[str, tuple[str, str]]]:
    """Return what a text says a time: as written, with the number and the time's name ("3 euros per day")."""
    found = _RATE.finditer(text) if _DIGIT.search(text) else ()
    return [(match[0], (without_commas(match[1]), unit_of(match[2]) or match[2].casefold())) for match in found]


@lru_cache(maxsize=64)
def _held_rates(text: str) -> dict[str, set[str]]:
    held: dict[str, set[str]] = {}
    for _, (value, time) in _rates(text):
        held.setdefault(value, set()).add(time)
    return held


def _has_number(name: str, number: str, text: str) -> bool:
    """Tell whether a text has a number behind a name, at most a version apart: "Llama 2" in "Llama 1 and 2"."""
    if name not in text or number not in text:
        return False
    place = text.find(f"{name} {number}")
    if place >= 0 and not _LONGER.match(text, place + len(name) + 1 + len(number)):
        return True
    name, number = re.escape(name), re.escape(number)
    return re.search(rf"{name}[\s_=-]*(?:v?\d[\d.]*\D{{1,5}})?{number}(?!\d|\.\d)", text) is not None


_LONGER = re.compile(r"\d|\.\d")


def _without_name_numbers(text: str) -> str:
    if not _DIGIT.search(text):
        return text
    return _NAME_NUMBER.sub(lambda m: m.group() if m.group(1).casefold() in FUNCTION_WORDS else " ", text)


def _known(word: str, known: frozenset[str]) -> bool:
    parts = words(word) if not word.isalpha() or not word.isascii() else [word.casefold()]
    return all(part in known or stem(part) in known for part in parts)


def foreign(question: str, known: str, spoken: str = "en") -> list[str]:
    """Return the names, numbers and identifiers of a question that the known text lacks; see `unsupported`."""
    # whoever asks may name the unit of a bare number: "4096 MB" of `--memory 4096`
    told = _told(normal_form(known))
    question = _WHERE.sub(r"\1", question)
    return [
        name
        for name in unsupported(question, known, spoken)
        if stem(name.casefold()) not in _COMMON_ACRONYMS and not unit_of(name)
        and not ((match := _VALUE.match(name)) and (without_commas(match[1]), "") in told.readings)
    ]  # fmt: skip


_VALUE = re.compile(r"([\d.,]+)[\s-]")
_WHERE = re.compile(r"^((?:In|With) [^,]{1,40}\d),(?= [a-z])")  # the comma is none of a list: "In Opal 2, what is ...?"


def stands_on(statement: str, known: str) -> bool:
    """Tell whether each name, number and identifier of a statement, word by word, stands in the words it was made of.

    Weaker than `unsupported`: in a table's row a name and the number behind it stand apart. Enumeration is not counted.
    """
    told = {word.casefold() for word in _WORDS.findall(normal_form(known))}
    found = _WORDS.findall(_ENUMERATION.sub(" ", normal_form(statement)))
    marked = {word.casefold() for word in found if _MARKED.search(word)}
    return marked - FUNCTION_WORDS <= told


_WORDS = re.compile(r"\w+(?:\.\w+)*")
_ENUMERATION = re.compile(r"\(\d+\) ")
_MARKED = re.compile(r"[A-Z\d_]")


def keys(text: str) -> list[str]:
    """Return what a text says that could not be guessed: numbers with unit, flags, URLs, identifiers, names."""
    text = normal_form(text)
    found = urls(text)
    text = _without_urls(text)
    found += flags(text)
    text = _without_flags(text)
    found += identifiers(text)
    for identifier in identifiers(text):
        text = text.replace(identifier, " ")
    listed = names(text)
    for name in listed:
        text = text.replace(name, " ", 1)
    found += listed
    found += [shown for shown, _, _ in _numbers(text) if shown.casefold() not in NUMBER_WORDS]
    return list(dict.fromkeys(found))
