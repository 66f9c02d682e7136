"""Does an answer stand on its evidence? Numbers, units, names, identifiers and words, by rule, without a model."""

import re
from functools import lru_cache
from typing import NamedTuple

from stages.quality import mentions, numbers
from stages.quality.tokens import (
    FUNCTION_WORDS,
    GERMAN_FUNCTION_WORDS,
    NUMBER_WORDS,
    content_tokens,
    normal_form,
    stem,
    without_commas,
    words,
)
from stages.quality.units import unit_of

# Names everybody knows for a kind of thing: a question may use them although its fact does not.
_COMMON_ACRONYMS = frozenset("ai api cpu faq gpu id it llm ml ok os ram url".split())

_LETTERS_NUMBER = re.compile(r"(?<!\w)[^\W\d_]+\d[\w]*(?:\.\d+)*")  # A100, v2.1, llama2
_NAME_NUMBER = re.compile(
    r"(?<![\w/.-])([A-Z][\w+]*)[ -](v?\d+(?:\.\d+)*)"
    r"(?![\w%,]|\.\d|\s?(?:%|percent|(?i:[kmgt]i?b\b)|[mbt]r?illion))"
)


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


def _has(identifier: str, text: str) -> bool:
    """Tell whether the text holds the identifier as a whole, not as a part of a longer one."""
    parts = [part for part in identifier.split("-") if part]
    if not all(part in text for part in parts):  # spares most patterns
        return False
    shape = r"[\s-]+".join(re.escape(part) for part in parts)
    if "-" not in identifier or not _DIGIT.search(identifier):
        shape = re.escape(identifier)
    return re.search(rf"(?<![\w/-]){shape}(?![\w-]|[./]\w)|(?<=/){shape}(?![\w-]|[./]\w)", text) is not None


_BETWEEN = re.compile(r"[ -]")
_DIGIT = re.compile(r"\d")
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
    rest = mentions.without_urls(text)
    known_flags = frozenset(mentions.flags(rest))
    rest = mentions.without_flags(rest)
    # The 2 of "Llama 2" is no quantity: it goes with its name, on both sides.
    readings = {reading for _, _, own in numbers.readings(_without_name_numbers(rest)) for reading in own}
    versions = {(match.group(2), "") for match in _NAME_NUMBER.finditer(rest) if "." in match.group(2)}
    return _Told(
        text=text,
        bare=rest.casefold(),
        joined=_APART.sub("", rest).casefold(),
        words=_all_stems(text) | {word.casefold() for word in _ALPHANUMERIC.findall(text)},
        urls=frozenset(mentions.urls(text)),
        flags=known_flags,
        identifiers=frozenset(mentions.identifiers(rest)) | {flag.lstrip("-") for flag in known_flags},
        readings=frozenset(readings | versions),
        values=frozenset(value for value, _ in readings),
        units=frozenset(unit_of(word) for word in _LOOSE.findall(rest)) - {""},
    )


_APART = re.compile(r"[\s-]+")
_ALPHANUMERIC = re.compile(r"\w+")


def unsupported(answer: str, evidence: str, spoken: str = "en") -> list[str]:
    """Return the numbers (with unit), flags, URLs, identifiers and names of the answer that the evidence lacks.

    Names are known by their capitals, and so not looked for in German (`spoken`: ISO 639-1), where all nouns have them.
    """
    return list(_unsupported(answer, evidence, spoken))


@lru_cache(maxsize=64)  # questions about a fact have one answer
def _unsupported(answer: str, evidence: str, spoken: str) -> tuple[str, ...]:
    answer, told = normal_form(answer), _told(normal_form(evidence))
    left = mentions.without_urls(answer)
    missing = [url for url in mentions.urls(answer) if url not in told.urls]
    missing += [flag for flag in mentions.flags(left) if flag not in told.flags]
    left = mentions.without_flags(left)
    counted = _DIGIT.search(left) is not None
    missing += [
        name for name in mentions.identifiers(left) if name not in told.identifiers and not _has(name, told.text)
    ]
    missing += [token for token in mentions.code(answer) if token not in mentions.tokens(told.text)]
    missing += [
        said
        for said, rate in numbers.rates(answer)
        if (held := numbers.rates_by_number(told.text).get(rate[0])) and rate[1] not in held
    ]
    for match in _NAME_NUMBER.finditer(left) if counted else ():
        if match.group(1).casefold() in FUNCTION_WORDS:
            continue
        if not _has_number(match.group(1).casefold(), match.group(2).casefold(), told.bare):
            missing.append(match.group())
    for shown, _, own in numbers.readings(_without_name_numbers(left)):
        bare = all(not unit for _, unit in own) and any(value in told.values for value, _ in own)  # "14" of "14 GB"
        # the unit in a table's head
        apart = any((value, "") in told.readings and unit in told.units for value, unit in own)
        if not own & told.readings and not bare and not apart:
            missing.append(shown)
    for match in _LETTERS_NUMBER.finditer(left) if counted else ():
        name = match.group()
        if name.casefold() not in told.words and name.casefold() not in told.joined:
            missing.append(name)
    for name in mentions.names(left) if not spoken.startswith("de") else ():
        lacking = [part for part in _BETWEEN.split(name) if not part[0].isdigit() and not _known(part, told.words)]
        missing += [" ".join(lacking)] if lacking else []
    return tuple(dict.fromkeys(missing))


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
    found = mentions.urls(text)
    text = mentions.without_urls(text)
    found += mentions.flags(text)
    text = mentions.without_flags(text)
    found += mentions.identifiers(text)
    for identifier in mentions.identifiers(text):
        text = text.replace(identifier, " ")
    listed = mentions.names(text)
    for name in listed:
        text = text.replace(name, " ", 1)
    found += listed
    found += [shown for shown, _, _ in numbers.readings(text) if shown.casefold() not in NUMBER_WORDS]
    return list(dict.fromkeys(found))
