"""Does a question or an answer point at something that it does not hold: "the passage", "it", "this model"?

The words of each language stand in a data file of its own, pointers.<language>.yaml; a language that has none is not
judged.
"""

import functools
import re
from pathlib import Path

import msgspec

from stages.quality.mentions import flags, identifiers, names
from stages.quality.tokens import FUNCTION_WORDS, content_tokens, normal_form, stems, words

FILES = ("pointers.en.yaml", "pointers.de.yaml")


class Pointers(msgspec.Struct, forbid_unknown_fields=True):
    """The words of a language; see pointers.en.yaml."""

    parts: dict[str, str]
    always: list[str]
    answers: list[str]
    pronouns: list[str]
    plural: list[str]
    demonstrative: list[str]
    forward: str
    expletive: str
    generic: str
    generic_before: str
    generic_apart: str
    always_generic: str
    always_apart: str
    determined: str
    relation: str
    asking: str
    joined: str


class Language:
    """The patterns of a language, compiled."""

    def __init__(self, of: Pointers):
        parts = {"small": "|".join(sorted(FUNCTION_WORDS - {"of", "for", "which", "that"}))}
        for name, text in of.parts.items():
            parts[name] = _filled(text, parts)
        self.always, self.answers = (
            [re.compile(_filled(one, parts), re.IGNORECASE) for one in some] for some in (of.always, of.answers)
        )
        self.plural, self.demonstrative = frozenset(of.plural), frozenset(of.demonstrative)
        self.pronoun, self.forward, self.expletive, self.apart, self.always_generic, self.always_apart, (
            self.determined
        ), self.relation, self.asking, self.joined = (re.compile(one, re.IGNORECASE) for one in (
            rf"\b(?:{'|'.join(of.pronouns)})\b", of.forward, of.expletive, of.generic_apart, of.always_generic,
            of.always_apart, of.determined, of.relation, of.asking, of.joined,
        ))  # fmt: skip
        self.generic = re.compile(rf"{of.generic_before}{of.generic}\b", re.IGNORECASE)


def _filled(text: str, parts: dict[str, str]) -> str:
    return re.sub(r"\{([a-z]\w*)\}", lambda match: parts[match[1]], text.strip())


@functools.cache
def language(code: str) -> Language | None:
    """Return the patterns of a language (ISO 639-1; a region makes no difference), None if there are none."""
    name = f"pointers.{code.split('-')[0]}.yaml"
    if name not in FILES:
        return None
    return Language(msgspec.yaml.decode((Path(__file__).parent / name).read_bytes(), type=Pointers))


class Pointer(msgspec.Struct, frozen=True):
    """Words that point outside: where they stand, and whether a name in their place would mend it."""

    words: str
    start: int
    end: int
    mendable: bool = False


def pointers(text: str, before: str = "", spoken: str = "en") -> list[Pointer]:
    """Return what in a text points at something that neither it nor what was said before holds.

    Args:
        text: a question, or an answer.
        before: of an answer, its question: what "it" and "the model" in the answer may mean.
        spoken: the language, ISO 639-1.
    """
    of = language(spoken)
    if of is None:
        return []
    text, before = normal_form(text), normal_form(before)
    found = [
        Pointer(match.group(), *match.span())
        for match in _matches(of, text, bool(before))
        if not (match.group()[:4].casefold() == "the " and _said(match.group(), f"{before} {text[: match.start()]}"))
    ]
    spared = [match.span() for match in of.expletive.finditer(text)]
    taken = [(one.start, one.end) for one in found]
    for match in of.pronoun.finditer(text):
        word, told, after = match.group(), f"{before} {text[: match.start()]}".lstrip(), text[match.end() :]
        if word.isupper() and len(word) > 1 or any(start <= match.start() < end for start, end in spared):
            continue  # IT is a department
        if of.forward.match(text[match.start() :]):
            continue
        noun = re.match(r"\s+[\w-]+", after) if word.casefold() in of.demonstrative else None
        if noun and noun.group().strip()[0].isupper() and spoken.startswith("en"):
            continue  # "this Git workflow"
        if noun:  # "this model" stands for a model that was named, or for a name
            known = bool(stems(noun.group()) & stems(told)) or named(told) and not spoken.startswith("de")
        else:
            known = _antecedent(told, word.casefold() in of.plural, of) or len(content_tokens(before)) > 1
        end = match.end() + (noun.end() if noun else 0)
        if not known and not any(start <= match.start() < stop for start, stop in taken):
            found.append(Pointer(text[match.start() : end], match.start(), end, True))
    for match in of.generic.finditer(text) if not before else ():
        rest = text[match.end() :]
        always = of.always_generic.search(match.group()) is not None
        apart = (of.always_apart if always else of.apart).match(rest)
        asked = re.match(r"\s+[\w-]+\s*\?", rest) and re.search(r"\b(?:do|does|did)\b", text[: match.start()])
        compound = re.match(r"\s+([a-z][\w-]{3,})", rest) if not asked else None  # "What does the script remove?"
        if apart or named(text) or (compound and not always and compound.group(1) not in FUNCTION_WORDS):
            continue
        if not always and len(content_tokens(f"{before} {text}")) > 4:
            continue  # "Which file stores the process settings of ..." says enough; only a bare noun is lost
        found.append(Pointer(match.group(), *match.span(), True))
    return found


@functools.lru_cache(maxsize=64)  # questions about a fact have one answer
def _matches(of: Language, text: str, answer: bool) -> tuple[re.Match[str], ...]:
    patterns = of.answers if answer else of.always
    return tuple(match for pattern in patterns for match in pattern.finditer(text))


def dangling(text: str, before: str = "", spoken: str = "en") -> list[str]:
    """Return the words of a text that point at something it does not hold, each once; see `pointers`."""
    said = (one.words for one in pointers(text, before, spoken))
    return list({word.casefold(): word for word in reversed(list(said))}.values())[::-1]


def _said(pointer: str, told: str) -> bool:
    """Tell whether the noun of "the passage" was said before."""
    return bool(stems(pointer) & stems(told))


def named(text: str) -> bool:
    """Tell whether a text holds a name, an identifier, a number or a flag."""
    return bool(names(text) or identifiers(text) or re.search(r"\d", text) or flags(text))


def _antecedent(before: str, plural: bool, of: Language) -> bool:
    """Tell whether the words before a pronoun hold something it can stand for."""
    if (one := of.joined.search(before)) and one.group(1).casefold() not in FUNCTION_WORDS:
        return True
    before = of.relation.sub("", before)
    if not before.strip() or of.asking.fullmatch(before) or set(words(before)) <= FUNCTION_WORDS:
        return False
    if named(before):
        return True
    if plural and any(re.search(r"(?<![sui])s$", word) and word not in FUNCTION_WORDS for word in words(before)):
        return True
    return any(match.group(1).casefold() not in FUNCTION_WORDS for match in of.determined.finditer(before))
