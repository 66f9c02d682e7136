"""Abbreviations that a reader can look up nowhere: neither spelled out at hand, nor defined in the documents."""

import re
from collections.abc import Iterable
from pathlib import Path

import msgspec

DATA = "abbreviations.yaml"

# Known without being spelled out to whoever reads technical documentation.
COMMON = frozenset(msgspec.yaml.decode((Path(__file__).parent / DATA).read_bytes())["common"].split())
_SHORT = re.compile(r"(?<![\w./@:$%{}<>=&-])[A-Z][A-Z&]{1,4}s?(?![\w/@:({}<>=+&]|[.-]\w)")
_CODE = re.compile(r"`[^`]*`|\[[A-Z]+\]")
_LETTERS = re.compile(r"[^\W\d_]+")
_DEFINED = (
    re.compile(r"\(\s*(?:also |aka |or )?[\"“]?([A-Z][\w&-]{1,9}?)s?[\"”]?\s*\)"),  # Low-Rank Adaptation (LoRA)
    re.compile(r"\b([A-Z][A-Z&]{1,9}?)s?\s+\((?=[A-Za-z])"),  # GQA (Grouped-Query Attention)
    re.compile(r"\b([A-Z][A-Z&]{1,9}?)s? (?:stands for|is short for|means|is the abbreviation)\b"),
)


def glossary(texts: Iterable[str]) -> frozenset[str]:
    """Return the abbreviations that the texts spell out, in brackets or by saying what they stand for."""
    return frozenset(
        found.group(1)
        for text in texts
        for pattern in _DEFINED
        for found in pattern.finditer(text)
        if spelled_out(found.group(1), text)
    )


def spelled_out(short: str, text: str) -> bool:
    """Tell whether a text holds words that begin with the letters of an abbreviation, in their order, near it."""
    letters = [letter for letter in short.casefold() if letter.isalpha()]
    if not letters:
        return False
    for match in re.finditer(re.escape(short), text):
        around = _LETTERS.findall(text[max(0, match.start() - 90) : match.start()])[-2 * len(letters) :]
        behind = _LETTERS.findall(text[match.end() : match.end() + 90])[: 2 * len(letters)]
        if _spells(letters, around) or _spells(letters, behind):
            return True
    return False


def _spells(letters: list[str], listed: list[str]) -> bool:
    initials = [word[0].casefold() for word in listed if word.casefold() != "".join(letters)]
    joined = "".join(initials)
    wanted = "".join(letters)
    if wanted in joined:
        return True
    # small words are passed over: "Retrieval of Data" is RD; one letter may be inside a word: "database" gives DB
    small = {"of", "and", "the", "for", "to", "in", "a", "an", "on", "with"}
    bare = "".join(word[0].casefold() for word in listed if word.casefold() not in small)
    if wanted in bare:
        return True
    return any(_inside(wanted, " ".join(listed[place:]).casefold()) for place in range(len(listed)))


def _inside(wanted: str, text: str) -> bool:
    """Tell whether the letters stand in the text in order, the first at its beginning, most of them at word starts."""
    if not text.startswith(wanted[0]):
        return False
    place, starts = 0, 0
    for letter in wanted:
        at = re.compile(rf"\b{re.escape(letter)}").search(text, place)
        found = at.start() if at else text.find(letter, place)
        if found < 0 or found - place > 25:
            return False
        starts += at is not None
        place = found + 1
    return starts * 2 >= len(wanted) and starts > 1


def unexplained(text: str, known: str, topic: str = "", defined: frozenset[str] = frozenset()) -> list[str]:
    """Return the abbreviations of a text that are neither common, nor spelled out in it or in what is known.

    Args:
        text: question and answer.
        known: what they stand on.
        topic: its title and headings; an abbreviation there, or in a table, is the name of what is told of.
        defined: glossary of the documents.
    """
    bare = _CODE.sub(" ", text)
    found = dict.fromkeys(match.group() for match in _SHORT.finditer(bare))
    if not found:
        return []
    both = f"{text}\n{known}"
    labels = "\n".join([topic, *(line for line in known.splitlines() if line.lstrip().startswith("|"))])
    return [
        one for one in found
        if (single := one.removesuffix("s")).upper() not in COMMON and one.upper() not in COMMON
        # two letters stand for too much: the pair itself says for what
        and (len(single) < 3 or not {single, one} & defined)
        and not spelled_out(single, text if len(single) < 3 else both)
        and not _shouted(one, bare) and not _named(single, labels)
    ]  # fmt: skip


def _named(short: str, topic: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(short)}(?!\w)", topic, re.IGNORECASE) is not None


def _shouted(word: str, text: str) -> bool:
    """Tell whether a word is in capitals only because its neighbours are, or is a name of code: SELECT, LIMIT, NOT."""
    return word in _WORDS or re.search(rf"\b[A-Z]{{3,}} {word}\b|\b{word} [A-Z]{{3,}}\b", text) is not None


_WORDS = frozenset(
    "NOT AND OR ALL NONE NULL TRUE FALSE YES NO ONLY MUST SELECT FROM WHERE LIMIT JOIN INSERT UPDATE DELETE GET "
    "PUT POST HEAD PATCH ON OFF IF IN AS IS SET INTO BY KEY DROP TABLE PRIMARY ALTER CREATE INDEX VIEW LICENSE "
    "README NOTICE MAIN HOME PATH USER SHALL MAY WARN INFO DEBUG ERROR COPY RUN CMD ENV MUTE PAUSE PLAY POWER "
    "RESET START STOP MENU BACK".split()
)
