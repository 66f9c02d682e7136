"""A question that leans on something unseen gets its subject put in, where the headings name one."""

import re

import msgspec

from stages.quality import pointing
from stages.records import Pair, content_id

_OWN = {"its", "their", "his", "her"}  # takes the subject's genitive
_TITLED = re.compile(
    r"model|tool|library|framework|program|system|product|platform|dataset|service|project|repository|repo"
)
_EDGE = re.compile(
    r"^(?:Introducing|About|What is|Overview of|Introduction to|Welcome to) |"
    r"(?: model card| readme| overview| guide| manual| documentation| handbook)+$",
    re.I,
)


def subject(topic: str) -> str | None:
    """Return what a text is about by its title and headings: the innermost that is a name; None if none is."""
    for heading in reversed(topic.split(" > ")):
        bare = _EDGE.sub("", heading.strip())
        if 0 < len(bare.split()) <= 4 and (
            pointing.named(bare) and bare[:1].isupper() or re.search(r"\d|[a-z][A-Z]", bare)
        ):
            return bare
    return None


def repaired(pair: Pair, spoken: str = "en") -> Pair | None:
    """Return a pair whose question names its subject in place of the word that points outside; None if none can.

    Once, and only where a single pronoun or "the model" points outside; whoever asked checks the new pair again.

    Args:
        pair: one whose question is dangling.
        spoken: its language, ISO 639-1; only English is mended.
    """
    found = pointing.pointers(pair.question, "", spoken)
    name = subject(pair.topic)
    if name is None or len(found) != 1 or not found[0].mendable or not spoken.startswith("en"):
        return None
    words, start, end = found[0].words, found[0].start, found[0].end
    noun = words.casefold().split()[-1]
    if noun != words.casefold() and not _TITLED.fullmatch(noun):
        return None  # a title names a model or a tool, and no script of it
    plural = words.casefold() in ("they", "them", "these", "those")
    if plural or words.casefold().split()[0] in ("such", "he", "she", "him"):
        return None  # which ones, or who, no heading tells
    put = f"{name}'s" if words.casefold() in _OWN else name
    question = pair.question[:start] + put + pair.question[end:]
    question = question[:1].upper() + question[1:]
    return msgspec.structs.replace(
        pair, id=content_id(question, pair.answer, *pair.facts), parent=pair.id, question=question
    )
