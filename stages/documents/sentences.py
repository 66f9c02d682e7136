"""Where sentences begin and end in the prose of technical documents.

Regular expressions and short lists on purpose: what breaks the usual splitters here is not grammar but file names,
version numbers, flags and URLs, and all of these are followed by no blank or by a lower-case word.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from stages.records import Span

# Never the last word of a sentence, so a full stop after them ends nothing.
_INNER = frozenset(
    "e.g eg i.e ie vs cf fig figs eq eqs sec ch vol ed eds pp ca approx resp dr mr mrs ms prof st jan feb mar apr jun "
    "jul aug sep sept oct nov dec incl excl viz al op art para ver".split()
)
# May be the last word: they end a sentence only before a word that opens one.
_EITHER = frozenset("etc inc ltd corp co u.s u.k u.n e.u a.m p.m ph.d jr sr no est dept min max avg".split())
_OPENERS = frozenset(
    "the a an this that these those it its they their we our you your he she if when while for in on at to from with "
    "as "
    "by after before however but and or so then there here each every all some most many no not use run see please "
    "note "
    "such both another because since although once only also what how why who where which".split()
)
_END = re.compile(
    r"""(?P<mark>[.!?…]+)(?P<close>["'”’»)\]*_]*)\s+(?=(?P<next>\S+))"""
    r"""|(?P<cjk>[。！？]+[」』）”]*)\s*(?=\S)"""
)
_NUMBERED = re.compile(r"(?:[a-z]|[ivx]{1,5})[.)]")  # of a clause: "a.", "ii."
_PAIRS = {")": "(", "]": "[", "}": "{"}
_IDENTIFIER = re.compile(r"--?\w|\w*[a-z\d][A-Z]|\w+[._/:=]\w|\w*\d|[\[<{/]")  # what may open a sentence in lower case


SEEN = 200  # characters before a mark that tell whether it ends a sentence


def spans(text: str) -> Iterator[Span]:
    """Yield where each sentence of a paragraph begins and ends; between them, and around them, is only whitespace."""
    inside = _brackets(text)
    opened = [low for low, _ in inside]
    start = len(text) - len(text.lstrip())
    stop = len(text.rstrip())
    for match in _END.finditer(text):
        if match["cjk"]:
            end, following = match.end("cjk"), match.end()
        else:
            end, following = match.end("close"), match.start("next")
        around = bisect_left(opened, match.start()) - 1
        if end <= start or end >= stop or (around >= 0 and end <= inside[around][1]):
            continue
        before = text[max(start, match.start() - SEEN) : match.start()]
        if match["cjk"] or _ends(before, match["mark"], match["next"]):
            yield start, end
            start = following
    if start < stop:
        yield start, stop


def _ends(before: str, mark: str, following: str) -> bool:
    """Say whether a mark between the text before it and the word after it ends a sentence."""
    word = following.lstrip("\"'“‘«([*_")
    if not word:
        return False
    lower = word[0].islower()
    if _NUMBERED.fullmatch(word):
        return True
    if lower and not _IDENTIFIER.match(word):
        return False
    if mark != ".":
        return not (lower and mark.startswith(".."))
    last = before.rsplit(None, 1)[-1].lstrip("\"'“‘«([*_") if before.split() else ""
    known = last.lower()
    opener = word.rstrip(".,:;!?\"'”)").lower() in _OPENERS
    if known in _INNER:
        return False
    if known in _EITHER or (len(last) == 1 and last.isupper()) or re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", last):
        return opener
    numbered = last.isdigit() or _NUMBERED.fullmatch(last + ".")
    return not (numbered and before.strip() == last)  # "1. Open the form"


def _brackets(text: str) -> list[Span]:
    """Return the spans of matched brackets; a sentence does not end within one."""
    found: list[Span] = []
    stack: list[tuple[str, int]] = []
    for match in re.finditer(r"[()\[\]{}]", text):
        character = match[0]
        if character in "([{":
            stack.append((character, match.start()))
        elif stack and stack[-1][0] == _PAIRS[character]:
            opened = stack.pop()[1]
            if not stack:
                found.append((opened, match.end()))
    return found
