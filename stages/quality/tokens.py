"""The words of a text: as they are compared, those that carry meaning, and their stems. No model, no dictionary."""

import re
import unicodedata
from functools import lru_cache


def _list(text: str) -> list[str]:
    return text.split()


FUNCTION_WORDS = frozenset(
    _list(
        """
        a an the this that these those some any each every all both either neither no not nor and or but if then
        else than so as at by for from in into of off on onto out over per to under until up upon via with within
        without about above across after against along among around before behind below beneath beside besides
        between beyond despite down during except inside like near outside since through throughout toward towards
        is am are was were be been being do does did done doing have has had having can could may might must shall
        should will would ought need i me my mine we us our ours you your yours he him his she her hers it its they
        them their theirs myself yourself itself themselves what which who whom whose when where why how there here
        also just only very too more most much many few less least such same own other another again once please
        tell let get got one ones s t d ll m re ve don doesn didn isn aren wasn weren won while because though
        although whether however therefore thus hence yet still etc eg ie
        """
    )
)
GERMAN_FUNCTION_WORDS = frozenset(
    _list(
        """
        der die das den dem des ein eine einen einem einer eines und oder aber denn wenn weil dass ob als wie so nur
        auch noch schon nicht kein keine keinen keinem keiner in im an am auf aus bei beim mit nach von vom vor zu zum
        zur für über unter um durch gegen ohne bis seit während ist sind war waren sein wird werden wurde wurden worden
        hat haben hatte hatten kann können muss müssen darf dürfen soll sollen es er sie ihm ihn ihr ihre ihnen man sich
        dies diese dieser dieses dabei dafür damit dort hier was wer wo wann warum welche welcher welches ja nein
        geschieht
        """
    )
)
NUMBER_WORDS = {
    word: str(value)
    for value, word in enumerate(
        _list(
            "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
            "eighteen nineteen twenty"
        ),
        2,
    )
}
INTERROGATIVES = _list("what which who whom whose when where why how")
AUXILIARIES = _list(
    "is are was were am do does did can could may might must shall should will would has have had "
    "isn't aren't doesn't don't didn't can't couldn't won't wouldn't shouldn't hasn't haven't what's who's "
    "where's how's"
)
IMPERATIVES = _list(
    "explain name describe list give tell define summarise summarize compare outline state identify show mention "
    "specify provide suggest discuss"
)
PREPOSITIONS = _list(
    "in on for with from to at by under of through via about after before during against within into up since until"
)
OPENERS = frozenset(INTERROGATIVES + AUXILIARIES + IMPERATIVES + PREPOSITIONS + ["if", "while", "given", "using"])
_WORD = re.compile(r"[^\W\d_]\+\+|[^\W\d_]#|\d+(?:[.,]\d+)*[^\W\d_]*|[^\W_]+(?:['’][^\W\d_]+)?")
# Runs of scripts that put no blank between words.
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")


def normal_form(text: str) -> str:
    """Return a text in Unicode's form for comparing (NFKC), with straight apostrophes."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).replace("’", "'")


def without_commas(text: str) -> str:
    """Return a text without the commas between thousands."""
    return _COMMA.sub("", text) if "," in text else text


_COMMA = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")


def bigrams(run: str) -> list[str]:
    """Return the pairs of neighbours of an unspaced run; of a single character, itself."""
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers without thousands commas, unspaced scripts as bigrams."""
    return list(_words(text))


@lru_cache(maxsize=512)  # of a pair, the same few texts are looked at again and again
def _words(text: str) -> tuple[str, ...]:
    if text.isascii():  # the same, at once
        return tuple(_bare(word) if "'" in word or "," in word else word for word in _WORD.findall(text.casefold()))
    found: list[str] = []
    for match in _WORD.finditer(normal_form(text)):
        word = match.group().casefold()
        if not word[0].isdigit() and not word.isascii() and UNSPACED.search(word):
            for run in _RUN.findall(word) if not UNSPACED.fullmatch(word) else [word]:
                found += bigrams(run)
            continue
        found.append(_bare(word))
    return tuple(found)


_RUN = re.compile(rf"{UNSPACED.pattern}|[^\W_]")
_SHORTENED = re.compile(r"'(?:s|d|ll|m|re|ve)$")
_NOT = re.compile(r"n't$")


def _bare(word: str) -> str:
    """Return a word without what hangs on it behind an apostrophe, or a number without thousands commas."""
    if word[0].isdigit():
        return without_commas(word)
    return _NOT.sub("", _SHORTENED.sub("", word)) if "'" in word else word


def content_tokens(text: str) -> list[str]:
    """Return the words of a text that carry meaning: no articles, auxiliaries, pronouns, question words."""
    return [word for word in _words(text) if word not in FUNCTION_WORDS]


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return a crude stem, so that `tune`, `tuned` and `tuning` meet; for comparing only, never for showing."""
    if not word.isalpha() or not word.isascii() or len(word) < 4:
        return word
    if word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    else:
        for suffix in ("ings", "ing", "ed", "es", "s", "d"):
            if suffix == "s" and word.endswith(("ss", "us", "is")) or suffix == "d" and not word.endswith("ed"):
                continue
            if word.endswith(suffix) and len(word) - len(suffix) >= 3:
                word = word[: -len(suffix)]
                break
    if len(word) > 3 and word.endswith("e"):
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word


def stems(text: str) -> set[str]:
    """Return the stems of a text's content tokens."""
    return set(_stems(text))


@lru_cache(maxsize=512)
def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(token) for token in content_tokens(text))
