"""Does an answer end where it should? Cut off by a token limit, or announcing a list that does not come."""

import re
from functools import lru_cache

from stages.quality.tokens import normal_form

# After these something must come, whatever stands behind them.
_OPEN = (
    "the|a|an|and|or|nor|of|that|which|whose|because|than|very|your|its|their|if|whether|als|und|oder|der|die|das|ein|"
    "eine|dass"
)
# After these something must come unless the sentence ends: "it is logged in."
_LOOSE = (
    "to|with|for|in|by|from|at|into|on|as|when|where|while|is|are|was|were|be|can|will|must|should|may|has|have|not|"
    "using|via|per|up|set|between|mit|für|von|zu|ist|sind|wird|kann|muss|auf|bei|aus|nach"
)
_OPEN_END = re.compile(rf"(?<![\w-])(?:{_OPEN})\.?$", re.IGNORECASE)
_LOOSE_END = re.compile(rf"(?<![\w-])(?:{_LOOSE})$", re.IGNORECASE)
LONGEST = 1 + max(map(len, f"{_OPEN}|{_LOOSE}".split("|"))) + 2  # characters that these look at
_CODE = re.compile(r"`[^`]*`")
_STATEMENT = re.compile(r"[)\]}'\"];$")
_STOPS = re.compile(r"(?:\.\.\.|…)$|[,;(\[{–-]$")
_INCREMENT = re.compile(r"\w\s*\+\+$")
_INCHES = re.compile(r'\d"')
_LETTER = re.compile(r"\b[A-Z]\.?$")
_ENDS = re.compile(r"[.!?:`\"'”’»)\]]$")
_LISTING = re.compile(
    r":\s*$|\b(?:the following|as follows|such as|including|includes?|e\.g\.|for example|these(?: \w+)?(?: are)?|"
    r"folgende[ns]?(?: \w+)?|wie folgt|zum Beispiel)\s*[:.,]?\s*$|(?:^|\s)1[.)]\s.*\s\d[.)]\s*$|(?:^|\n)\s*[-*•]\s*$",
    re.IGNORECASE,
)  # fmt: skip


@lru_cache(maxsize=64)  # questions about a fact have one answer
def cut_off(answer: str, evidence: str = "") -> str | None:
    """Return the end of an answer that stops in the middle, None where it is complete.

    Args:
        answer: any text.
        evidence: the words that it stands on: an answer without a full stop is cut off where they go on.
    """
    text, evidence = normal_form(answer).strip(), normal_form(evidence)
    tail = " ".join(text.split()[-3:])
    if not text:
        return ""
    bare = _CODE.sub("`x`", text) if "`" in text else text
    if bare[-1] == ";" and _STATEMENT.search(bare):
        return None  # code
    if _STOPS.search(bare) and not _INCREMENT.search(bare):
        return tail
    if bare.count("`") % 2 or any(bare.count(a) > bare.count(b) for a, b in ("()", "[]", "{}", "“”", "«»")):
        return tail
    if bare.count('"') % 2 and not _INCHES.search(bare):
        return tail
    last = bare[-LONGEST:]  # whatever stands before it
    if _OPEN_END.search(last) and not _LETTER.search(last):
        return tail
    if _LOOSE_END.search(last):
        return tail
    if _ENDS.search(text) or len(text.split()) < 4:
        return None
    return tail if _goes_on(text, evidence) else None


@lru_cache(maxsize=64)
def dangling_list(answer: str) -> str | None:
    """Return the end of an answer that announces a list and does not give it, None where there is none."""
    match = _LISTING.search(normal_form(answer).strip())
    return " ".join(match.group().split()) or ":" if match else None


def _goes_on(text: str, evidence: str) -> bool:
    """Tell whether the evidence goes on, in the same sentence, behind the last words of the text."""
    for count in (3, 2, 1):
        last = text.split()[-count:]
        shape = r"\s+".join(re.escape(word) for word in last)
        matches = list(re.finditer(rf"(?<!\w){shape}(?!\w)", evidence, re.IGNORECASE))
        if matches:
            return all(re.match(r",?[ ]+[\w`(\"'$/-]", evidence[match.end() :]) for match in matches)
    # words of its own, and yet no end: a sentence whose evidence ends in full stops should end in one
    return bool(re.search(r"[.!?]\s*$", evidence)) and len(text.split()) > 6 and re.search(r"[\d/_`]\S*$", text) is None
