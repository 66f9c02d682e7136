"""Does an answer end where it should? Cut off by a token limit, or announcing a list that does not come."""

import re

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
_LISTING = re.compile(
    r":\s*$|\b(?:the following|as follows|such as|including|includes?|e\.g\.|for example|these(?: \w+)?(?: are)?|"
    r"folgende[ns]?(?: \w+)?|wie folgt|zum Beispiel)\s*[:.,]?\s*$|(?:^|\s)1[.)]\s.*\s\d[.)]\s*$|(?:^|\n)\s*[-*•]\s*$",
    re.IGNORECASE,
)  # fmt: skip


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
    bare = re.sub(r"`[^`]*`", "`x`", text)
    if re.search(r"[)\]}'\"];$", bare):
        return None  # code
    if re.search(r"(?:\.\.\.|…)$|[,;(\[{–-]$", bare) and not re.search(r"\w\s*\+\+$", bare):
        return tail
    if bare.count("`") % 2 or any(bare.count(a) > bare.count(b) for a, b in ("()", "[]", "{}", "“”", "«»")):
        return tail
    if bare.count('"') % 2 and not re.search(r'\d"', bare):
        return tail
    if re.search(rf"(?<![\w-])(?:{_OPEN})\.?$", bare, re.IGNORECASE) and not re.search(r"\b[A-Z]\.?$", bare):
        return tail
    if re.search(rf"(?<![\w-])(?:{_LOOSE})$", bare, re.IGNORECASE):
        return tail
    if re.search(r"[.!?:`\"'”’»)\]]$", text) or len(text.split()) < 4:
        return None
    return tail if _goes_on(text, evidence) else None


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
