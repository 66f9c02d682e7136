"""What a sentence is about: names, flags, identifiers, numbers with their unit, and terms of its headings."""

import re
from collections.abc import Iterator

from stages.documents.verbs import FINITE, VERBS, stem
from stages.documents.wordlists import listed

_STOP = listed("stop")
_COMMON = listed("common")
_OPENINGS = listed("openings")
_VAGUE = listed("vague")
_FLAG = re.compile(r"(?<![\w-])--?[A-Za-z][\w-]*(?:\.[\w-]+)*")
_CODE = re.compile(
    r"(?<![\w@])(?:[\w.-]+/)+[\w.-]*\w|\b\w+(?:\.\w+)*\(\)|\b\w*[A-Za-z]\w*_\w+(?:\.\w+)*|"
    r"\b[A-Za-z_][\w-]*\.[a-z]{1,5}\b(?<!e\.g)(?<!i\.e)|\b[a-z]+[A-Z]\w*|\b[a-z]{2,}\d+[a-z]\w*|<+/?\w+>+|\[/?[A-Z]+\]|\b\w+==\S*\w|"
    r"\b[A-Za-z]+_\w+:\w+"
)
_NAME_WORD = r"[A-Z][\w'+-]*(?:\.\w+)*"
NAME = re.compile(rf"\b{_NAME_WORD}(?:[ -](?:{_NAME_WORD}|\d{{1,4}}(?:\.\d+)*[A-Za-z]?\b(?![.,]\d| ?%)))*")
_NUMBER = re.compile(
    r"(?<![\w:])\d{1,2}:\d{2}(?::\d{2})?(?![\w:])|(?<![\w.-])[$€£]?\d+(?:,\d{3})*(?:\.\d+)*(?:e-?\d+)?"
)
_UNIT = re.compile(
    r" ?(?:%|percent\b|(?:thousand|million|billion|trillion)\b(?: [a-z]+s\b)?|[kKMGTP]i?B\b|[kMGT]?Hz\b|[KMBTWkV]\b|"
    r"(?:hour|day|minute|second|week|month|year|bit|byte|token|epoch|step)s?\b)| [a-z]{3,}s\b"
)


def concepts(quote: str, topic: str = "", most: int = 6) -> list[str]:
    """Return what a sentence is about: names, flags, identifiers, numbers with their unit and terms of its headings."""
    taken: list[tuple[int, int]] = []
    found: list[tuple[int, int, str]] = []

    def take(rank: int, start: int, end: int, value: str) -> None:
        if value and all(end <= low or start >= high for low, high in taken):
            taken.append((start, end))
            found.append((rank, start, value))

    for match in re.finditer(r"\b\w+://\S+|[\w.+-]+@[\w.-]+", quote):
        taken.append(match.span())
    for match in _FLAG.finditer(quote):
        take(0, *match.span(), match[0])
    for match in _CODE.finditer(quote):
        if not match[0].lower().startswith(("e.g", "i.e", "and/or")):
            take(0, *match.span(), match[0])
    for match in NAME.finditer(quote):
        start, end = _name(quote, match.start(), match.end())
        unit = re.search(r"\d ?$", quote[:start]) and _UNIT.fullmatch(quote[start:end])  # 24 GB
        if quote[start : start + 1].isupper() and end - start > 1 and not unit:
            take(0, start, end, quote[start:end])
    for match in _NUMBER.finditer(quote):
        unit = _UNIT.match(quote, match.end())
        noun = unit[0].strip() if unit else ""
        end = unit.end() if unit and noun not in FINITE | _STOP and not stem(noun) else match.end()
        take(1, match.start(), end, quote[match.start() : end] if end - match.start() > 1 else "")
    empty = _STOP | _COMMON | _OPENINGS
    terms = {_fold(word) for word in re.findall(r"[A-Za-z][\w-]{2,}", topic) if word.lower() not in empty}
    for match in re.finditer(r"[A-Za-z][\w-]*(?: [A-Za-z][\w-]*)*", quote):
        for start, end in _runs(match[0], terms):
            start, end = match.start() + start, match.start() + end
            take(2, start, end, quote[start:end].lower())
    if not found:
        subject = _subject(quote)
        found += [(3, 0, subject)] if subject else [(3, place, phrase) for place, phrase in _phrases(quote)]
    unique: dict[str, str] = {}
    for _, _, value in sorted(found):
        unique.setdefault(value.casefold(), value)
    return list(unique.values())[:most]


def _phrases(quote: str) -> list[tuple[int, str]]:
    """Return (place, words) of the noun phrases of two words and more, of a sentence that has no name in it."""
    from stages.documents import tagging  # slow to import, and most sentences need none

    found: list[tuple[int, str]] = []
    run: list[tagging.Token] = []
    for token in (*tagging.tokens(quote), tagging.Token(".", ".", len(quote), len(quote))):
        if token.tag in ("NN", "NNS", "NNP", "JJ", "VBN") and re.fullmatch(r"[\w-]+", token.text):
            run.append(token)
            continue
        while run and (run[0].text.lower() in _STOP | _COMMON | _OPENINGS | _VAGUE or run[0].tag == "VBN"):
            if len(run) == 2 and run[0].tag == "NN" and run[1].text.lower() not in _COMMON:
                break  # "use policy"
            run.pop(0)
        if len(run) > 1 and run[-1].tag.startswith("NN") and run[-1].text.lower() not in _VAGUE:
            found.append((run[0].start, " ".join(part.text.lower() for part in run)))
        run = []
    return found[:2]


def _subject(quote: str) -> str:
    """Return the noun phrase that a sentence without names opens with ("A false refusal happens"), or ""."""
    words: list[str] = []
    if quote.split(None, 1)[0].lower() in VERBS:
        return ""  # an imperative
    for word in quote.split()[:6]:
        if word in ("A", "An") and not words:
            continue
        if words and (word in FINITE or stem(word) and word.endswith("s") or word in _STOP):
            plain = [w for w in words if w not in _STOP | _OPENINGS]
            return " ".join(words) if plain == words and words[-1] not in _COMMON and len(words[-1]) > 4 else ""
        if not re.fullmatch(r"[A-Za-z][a-z]+(?:-[a-z]+)*", word):
            return ""
        words.append(word.lower())
    return ""


def _name(quote: str, start: int, end: int) -> tuple[int, int]:
    """Return a name without a capitalised word at the start of the sentence that is none, and without a plain one."""
    if start == 0 or quote[:start].strip(" \"'“(") == "" or quote[:start].endswith(": "):
        first = re.match(r"[\w'+.-]+", quote[start:end])
        word = first[0] if first else ""
        plain = word[:1].isupper() and word[1:].islower() and not any(map(str.isdigit, word))
        # "Use FSDP to ..." is an imperative, "Prompt Guard is ..." a name
        following = re.match(r" ([a-z]+)", quote[end:])
        subject = following and (following[1] in FINITE or stem(following[1]) and following[1].endswith("s"))
        verb = stem(word.lower()) and not subject
        if plain and (word.lower() in _STOP | _OPENINGS or verb or word.endswith("ly") or start + len(word) == end):
            start = min(end, start + len(word) + 1)
    while start < end and re.match(r"(?:I|A|The|An|It|If|In|To|We|Our)\b(?! ?\d)", quote[start:end]):
        start = min(end, start + len(re.match(r"\w+", quote[start:end])[0]) + 1)  # type: ignore[index]
    return start, end


def _fold(word: str) -> str:
    """Return a crude stem, by which a heading's word and a sentence's word are compared."""
    word = word.lower()
    for ending in "isation ization ations ation ings ing ies ied ers er es ed s e y".split():
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def _runs(text: str, terms: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the spans of runs of words that are among the terms."""
    start = end = -1
    for match in re.finditer(r"\S+", text):
        if _fold(match[0]) in terms:
            start, end = (match.start() if start < 0 else start), match.end()
        elif start >= 0:
            yield start, end
            start = -1
    if start >= 0:
        yield start, end
