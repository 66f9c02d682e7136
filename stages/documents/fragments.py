"""Is a stretch of text a whole sentence, or a piece of one?"""

import re

from stages.documents.verbs import gerund_has_verb, has_verb

CLOSED = re.compile(r"[.!…。！][\"'”’»)\]]*$")


_ODD_START = re.compile(r"[)\],;:.!?%&=>*_/\\|…-](?!-?\w)")
_NO_SUBJECT = re.compile(
    r"(?:Involves|Requires|Helps|Improves|Provides|Allows|Enables|Contains|Includes|Supports|Makes|Gives|Ensures|"
    r"Reduces|Increases|Means|Offers|Returns|Creates|Takes|Leads|Lets|Has|Is|Are|Was|Were|Can|Does|Will|May|Should|"
    r"Must|Works|Runs|Specifies|Defines|Determines|Controls|Sets|Defaults|Prevents|Avoids|Adds|Allowing|Enabling|"
    r"Including)\b"
)


def fragment(quote: str, kind: str) -> str | None:
    """Return what shows that a text is no whole sentence, or None if it is one; a list item needs no full stop."""
    closed = CLOSED.search(quote)
    last = quote.rstrip("\"'”’)]")[-1:]
    if last in ":,;-–—" or quote.endswith(("...", "…")) and not re.search(r"\w\W*\.\.\.$", quote):
        return last
    first = quote.split(None, 1)[0]
    if _ODD_START.match(quote) or re.fullmatch(r"[a-z]+[,;]?|[a-z]+-[a-z-]+", first):
        return first
    for opening, closing in ("()", "[]", "“”"):
        if quote.count(opening) != quote.count(closing):
            return opening
    if quote.count('"') % 2:
        return '"'
    if re.match(
        r"(?:Which|Who|Whose|Where|Including|Such as|Especially|Using|Based on|Because|Whereas)\b", quote
    ) and not (re.search(r", |\b(?:is|are|can|means|makes|helps|allows|requires)\b", quote)):
        return first.lower()
    if not closed:
        if kind != "list" and not re.search(r"(?:\w+://|www\.)\S+$", quote):
            return "no full stop"
        if re.match(
            r"[A-Z][a-z]+ing\b|(?:Number|Name|List|Amount|Percentage|Path|Size|Type|Kind)s? (?:of|to)\b", quote
        ):
            return first.lower()
    if _NO_SUBJECT.match(quote):
        return first.lower()
    if re.fullmatch(r"\S+ \(.*\)", quote):
        return "("
    if kind == "list" and re.match(r"[^.:]{1,40} [-–—] (?:How|What|Why|When)\b", quote):
        return "-"
    label = re.match(r"[A-Z][\w /-]{2,40}: (?=[a-z])", quote)
    if (
        label
        and kind == "paragraph"
        and not has_verb(label[0], strict=False)
        and not has_verb("X " + quote[label.end() :], strict=True)
    ):
        return ":"
    if re.match(r"[A-Z][\w-]*ing\b", quote) and not gerund_has_verb(quote):
        return first.lower()
    return None if has_verb(quote, strict=not closed) else "no verb"
