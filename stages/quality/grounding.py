"""Does an answer stand on its evidence? Numbers, units, names, identifiers and words, by rule, without a model."""

import re
from collections.abc import Iterator
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
    r"(?<![\w-])(?:[~.]{0,2}/)?"
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
    return [token for token in content_tokens(text) if token not in small]


def unknown(answer: str, *evidence: str, spoken: str = "en") -> list[str]:
    """Return the content tokens of the answer that no evidence holds, but for units and numbers: see `unsupported`."""
    known = [_all_stems(text) for text in evidence]
    return [
        token for token in _telling(answer, spoken)
        if not any(stem(token) in one for one in known) and not token[0].isdigit() and not unit_of(token)
    ]  # fmt: skip


@lru_cache(maxsize=64)
def _all_stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text))


def urls(text: str) -> list[str]:
    """Return the URLs of a text, without the punctuation that follows them."""
    return [url.rstrip(".,;:!?*_/") for url in _URL.findall(text)]


def flags(text: str) -> list[str]:
    """Return the command-line flags of a text, with their dashes."""
    return _FLAG.findall(text)


def _numbers(text: str) -> Iterator[tuple[str, str, set[tuple[str, str]]]]:
    """Yield (as written, value, readings), where a reading is (value, unit); `7 to 13 GB` lends 7 its unit."""
    matches = list(_NUMBER.finditer(text))
    spoken = [m for m in re.finditer(r"[^\W\d_]+", text) if m.group().casefold() in NUMBER_WORDS]
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
            after = re.match(r"[\s-]*([^\W\d_]+|%)", text[end:])
            word = after.group(1).casefold() if after else ""
            if after and after.group(1) in SYMBOLS and not currency:
                unit = SYMBOLS[after.group(1)]
                shown += after.group()
            elif word in UNITS and len(word) > 1 or word == "%":
                unit = UNITS[word] if not currency else f"{unit} {UNITS[word]}"
                shown += after.group() if after else ""
        own = {(value, unit)} | in_full(value, unit)
        if not unit and index + 1 < len(matches):
            between = text[end : matches[index + 1].start()]
            if re.fullmatch(r"\s*(?:,|to|and|or|-|–|/|,\s*(?:and|or))\s*", between) and following:
                own.add((value, following))
                unit = following
        following = unit
        readings.append((match.start(), shown, value, own))
    for match in spoken:
        value = NUMBER_WORDS[match.group().casefold()]
        after = re.match(r"[\s-]*([^\W\d_]+)", text[match.end() :])
        word = after.group(1).casefold() if after else ""
        unit = UNITS[word] if word in UNITS and len(word) > 1 else ""
        if (value, word) == ("3", "quarters"):
            value, unit = "75", "percent"
        readings.append((match.start(), match.group(), value, {(value, unit)}))
    for _, shown, value, own in sorted(readings, key=lambda reading: reading[0]):
        yield shown, value, own


def identifiers(text: str) -> list[str]:
    """Return the file names, paths, dotted and underscored names of a text."""
    found = []
    for match in _IDENTIFIER.finditer(text):
        name = match.group().rstrip(".:-/@")
        prose = re.fullmatch(r"[a-z]+(?:[/-][a-z]+)+", name) or re.fullmatch(r"[A-Z]?[a-z]+(?:-[a-z]+)+", name)
        if name and not prose and name not in ("e.g", "i.e", "a.m", "p.m"):
            found.append(name)
    return found


def _has(identifier: str, text: str) -> bool:
    """Tell whether the text holds the identifier as a whole, not as a part of a longer one."""
    shape = r"[\s-]+".join(re.escape(part) for part in identifier.split("-") if part)
    if "-" not in identifier or not re.search(r"\d", identifier):
        shape = re.escape(identifier)
    return re.search(rf"(?<![\w/-]){shape}(?![\w-]|[./]\w)|(?<=/){shape}(?![\w-]|[./]\w)", text) is not None


def names(text: str) -> list[str]:
    """Return the names of a text: capitalised words with their numbers, acronyms; not a sentence's first word alone."""
    found: list[str] = []
    shape = r"[^\W\d_]*[A-Z][\w+#]*(?:['’]s)?"
    for match in re.finditer(rf"(?<![\w./_-]){shape}(?:[ -](?:{shape}|v?\d+(?:\.\d+)*[A-Za-z]?)(?!\w))*", text):
        run = re.sub(r"['’]s$", "", match.group())
        parts = re.split(r"[ -]", run)
        if _SENTENCE_END.search(text[: match.start()]) and not _named(parts[0]):
            rest = parts[1:]
            verb = re.match(r"\s+(?:is|are|was|were|has|can|does|will)\b", text[match.end() :])
            if parts[0].casefold() in FUNCTION_WORDS or parts[0].casefold() in OPENERS:
                parts = rest  # "Does Meta ..." names Meta
            elif not rest and not (verb and not re.search(r"(?:ing|tion|sion|ment|ness|ity|s)$", parts[0])):
                parts = []
        parts = [part for part in parts if part]
        while parts and parts[0].casefold() in FUNCTION_WORDS | OPENERS and not parts[0].isupper():
            parts = parts[1:]
        if parts and parts != ["I"]:
            found.append(" ".join(parts))
    return found


def _named(word: str) -> bool:
    """Tell whether a word is a name by its shape alone: an acronym, a camel hump, a digit."""
    return sum(letter.isupper() for letter in word) > 1 or any(letter.isdigit() for letter in word)


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
    units: frozenset[str]


@lru_cache(maxsize=64)  # answer and question are held against the same evidence
def _told(text: str) -> _Told:
    rest = _URL.sub(" ", text)
    known_flags = frozenset(flags(rest))
    rest = _FLAG.sub(" ", rest)
    # The 2 of "Llama 2" is no quantity: it goes with its name, on both sides.
    readings = {reading for _, _, own in _numbers(_without_name_numbers(rest)) for reading in own}
    versions = {(match.group(2), "") for match in _NAME_NUMBER.finditer(rest) if "." in match.group(2)}
    return _Told(
        text=text,
        bare=rest.casefold(),
        joined=re.sub(r"[\s-]+", "", rest).casefold(),
        words=_all_stems(text) | {word.casefold() for word in re.findall(r"\w+", text)},
        urls=frozenset(urls(text)),
        flags=known_flags,
        identifiers=frozenset(identifiers(rest)) | {flag.lstrip("-") for flag in known_flags},
        readings=frozenset(readings | versions),
        values=frozenset(value for value, _ in readings),
        units=frozenset(unit_of(word) for word in re.findall(r"[^\W\d_]+|%", rest)) - {""},
    )


def unsupported(answer: str, evidence: str, spoken: str = "en") -> list[str]:
    """Return the numbers (with unit), flags, URLs, identifiers and names of the answer that the evidence lacks.

    Names are known by their capitals, and so not looked for in German (`spoken`: ISO 639-1), where all nouns have them.
    """
    answer, told = normal_form(answer), _told(normal_form(evidence))
    left = _URL.sub(" ", answer)
    missing = [url for url in urls(answer) if url not in told.urls]
    missing += [flag for flag in flags(left) if flag not in told.flags]
    left = _FLAG.sub(" ", left)
    missing += [name for name in identifiers(left) if name not in told.identifiers and not _has(name, told.text)]
    for match in _NAME_NUMBER.finditer(left):
        if match.group(1).casefold() in FUNCTION_WORDS:
            continue
        name, number = re.escape(match.group(1).casefold()), re.escape(match.group(2).casefold())
        if not re.search(rf"{name}[\s_=-]*(?:v?\d[\d.]*\D{{1,5}})?{number}(?!\d|\.\d)", told.bare):
            missing.append(match.group())
    for shown, _, own in _numbers(_without_name_numbers(left)):
        bare = all(not unit for _, unit in own) and any(value in told.values for value, _ in own)  # "14" of "14 GB"
        apart = any(
            (value, "") in told.readings and unit in told.units for value, unit in own
        )  # the unit in a table's head
        if not own & told.readings and not bare and not apart:
            missing.append(shown)
    for match in _LETTERS_NUMBER.finditer(left):
        name = match.group()
        if name.casefold() not in told.words and name.casefold() not in told.joined:
            missing.append(name)
    for name in names(left) if not spoken.startswith("de") else ():
        lacking = [part for part in re.split(r"[ -]", name) if not part[0].isdigit() and not _known(part, told.words)]
        missing += [" ".join(lacking)] if lacking else []
    return list(dict.fromkeys(missing))


def _without_name_numbers(text: str) -> str:
    return _NAME_NUMBER.sub(lambda m: m.group() if m.group(1).casefold() in FUNCTION_WORDS else " ", text)


def _known(word: str, known: frozenset[str]) -> bool:
    parts = words(word)
    return all(part in known or stem(part) in known for part in parts)


def foreign(question: str, known: str, spoken: str = "en") -> list[str]:
    """Return the names, numbers and identifiers of a question that the known text lacks; see `unsupported`."""
    # whoever asks may name the unit of a bare number: "4096 MB" of `--memory 4096`
    told = _told(normal_form(known))
    return [
        name
        for name in unsupported(question, known, spoken)
        if stem(name.casefold()) not in _COMMON_ACRONYMS and not unit_of(name)
        and not ((match := re.match(r"([\d.,]+)[\s-]", name)) and (without_commas(match[1]), "") in told.readings)
    ]  # fmt: skip


def stands_on(statement: str, known: str) -> bool:
    """Tell whether each name, number and identifier of a statement, word by word, stands in the words it was made of.

    Weaker than `unsupported`: in a table's row a name and the number behind it stand apart. Enumeration is not counted.
    """
    told = {word.casefold() for word in _WORDS.findall(normal_form(known))}
    found = _WORDS.findall(re.sub(r"\(\d+\) ", " ", normal_form(statement)))
    marked = {word.casefold() for word in found if re.search(r"[A-Z\d_]", word)}
    return marked - FUNCTION_WORDS <= told


_WORDS = re.compile(r"\w+(?:\.\w+)*")


def keys(text: str) -> list[str]:
    """Return what a text says that could not be guessed: numbers with unit, flags, URLs, identifiers, names."""
    text = normal_form(text)
    found = urls(text)
    text = _URL.sub(" ", text)
    found += flags(text)
    text = _FLAG.sub(" ", text)
    found += identifiers(text)
    for identifier in identifiers(text):
        text = text.replace(identifier, " ")
    listed = names(text)
    for name in listed:
        text = text.replace(name, " ", 1)
    found += listed
    found += [shown for shown, _, _ in _numbers(text) if shown.casefold() not in NUMBER_WORDS]
    return list(dict.fromkeys(found))
