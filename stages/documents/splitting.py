"""Sentences that are too long for an answer, cut where two clauses meet that each can stand alone."""

import itertools
import re
from collections.abc import Iterator

from stages.documents.dangling import dangling
from stages.documents.verbs import VERBS, has_verb

_JOINT = re.compile(r"(?:;|\s[–—]|,)\s+(?:(?:and|but|so|while|whereas)\s+)?|\s+(?=and the )")
LEAST = 6  # words of a clause
CUTS = 8  # places that are looked at in one sentence


def split(sentence: str, most: int) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, what it says) of the clauses of a sentence; nothing where it cannot be cut.

    Args:
        sentence: the sentence, with its full stop.
        most: words that a clause may have.
    """
    cuts: list[tuple[int, int]] = []
    depth = [0] * (len(sentence) + 1)
    for place, character in enumerate(sentence):
        depth[place + 1] = depth[place] + (character in "([“") - (character in ")]”")
    for match in _JOINT.finditer(sentence):
        before, after = sentence[cuts[-1][1] if cuts else 0 : match.start()], sentence[match.end() :]
        joint = match[0].strip()
        if depth[match.start()] or joint == "," or not _stands(before) or not _stands(after):
            continue
        cuts.append(match.span())
    if not cuts:
        return
    edges = [0, *(edge for cut in cuts for edge in cut), len(sentence)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        clause = sentence[start:end]
        says = clause[:1].upper() + clause[1:] if re.match(r"[a-z]+\b(?![_.(])", clause) else clause
        yield start, end, says if re.search(r"[.!?]$", says) else says + "."


_TAIL = re.compile(
    r"(?:[,;]| [–—-])\s+(?:(?:so|and because|and|but|as|because|which means(?: that)?|which)\s+)?"
    r"(?=(?:this|it|they|these|we|our|that|please|see)\b)|"
    r"\s+(?=\((?:see|we|our|covered|discussed|as)\b)"
)


def head(sentence: str) -> str | None:
    """Return the clause that a sentence begins with, if what follows it leans on other sentences and it does not."""
    if _SUBORDINATE.match(sentence) or sentence.endswith(":"):
        return None
    for match in reversed(list(itertools.islice(_TAIL.finditer(sentence), CUTS))):
        before = sentence[: match.start()]
        if _stands(before) and dangling(before + ".") is None:
            return before
    return None


_SUBORDINATE = re.compile(
    r"(?:If|When|While|Although|Though|Because|Since|As|Once|Unless|Until|After|Before|To|For|In|By|With|On|From|Using|"
    r"Given|Based|Depending|Instead|Unlike|Rather|Even|Subject|There)\b"
)


def _stands(clause: str) -> bool:
    words = clause.split()
    opening = words[0].lower() if words else ""
    return (
        len(words) >= LEAST
        and opening not in _LEANS
        and opening not in VERBS
        and not opening.endswith(("ing", "ed"))
        and has_verb(clause.rstrip("."), strict=True)
    )


_LEANS = frozenset(
    "which who that if when because then to for with it they this these those its their he she such not or and but so "
    "while whereas as by in on from only also".split()
)
