"""A question that leans on its place gets its subject put in, where title and headings name one."""

import re

import msgspec

from stages.quality import pointing
from stages.records import Pair, content_id

_OWN = {"its", "their", "his", "her"}  # takes the subject's genitive
_PART = re.compile(r"\b[Tt]he (?:[A-Z][\w-]+ (?:(?:or|and) )?){1,4}?(?:API|APIs|SDK|CLI)\b")
_ACRONYM = re.compile(r"\b[A-Z]{2,5}s?\b")
_TITLED = re.compile(
    r"model|tool|library|framework|program|system|product|platform|dataset|service|project|repository|repo"
)


def repaired(pair: Pair, subject: str, spoken: str = "en") -> Pair | None:
    """Return a pair whose question names its subject, where it does not and leans on it; None if it need or can not.

    Once, and only for a single pronoun or "the model" that points outside, or for an API that is named without whose
    it is ("the Memory API": "In LangChain, ..."); whoever asked checks the new pair again.

    Args:
        pair: any.
        subject: what it is about.
        spoken: its language, ISO 639-1; only English is mended.
    """
    if not spoken.startswith("en"):
        return None
    found = pointing.pointers(pair.question, "", spoken)
    if found:
        question = _put_in(pair.question, found[0], subject) if len(found) == 1 and found[0].mendable else None
    else:
        question = _placed(pair, subject)
    if question is None:
        return None
    return msgspec.structs.replace(
        pair, id=content_id(question, pair.answer, *pair.facts), parent=pair.id, question=question
    )


def _put_in(question: str, pointer: pointing.Pointer, subject: str) -> str | None:
    words = pointer.words.casefold()
    noun = words.split()[-1]
    if noun != words and not _TITLED.fullmatch(noun):
        return None  # a title names a model or a tool, and no script of it
    if noun in ("they", "them", "these", "those") or words.split()[0] in ("such", "he", "she", "him"):
        return None  # which ones, or who, no heading tells
    put = f"{subject}'s" if words in _OWN else subject
    question = question[: pointer.start] + put + question[pointer.end :]
    return question[:1].upper() + question[1:]


def _placed(pair: Pair, subject: str) -> str | None:
    """Return the question of a pair about a part that is named without its whole, with the whole; else None."""
    first, *others = pair.question.split(" ")
    part = _PART.search(pair.question) or _PART.search(pair.answer)
    if part is None or not first.isalpha() or subject.casefold() in f"{pair.question} {pair.answer}".casefold():
        return None
    rest = _ACRONYM.sub("", " ".join(others).replace(part.group(), ""))
    if pointing.named(rest):
        return None  # it names something else, which says where
    return " ".join([f"In {subject}, {first.lower()}", *others])
