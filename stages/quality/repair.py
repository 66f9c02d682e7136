"""A question that leans on its place gets its subject put in, where title and headings name one."""

import re

import msgspec

from stages.quality import mentions, pointing
from stages.records import Pair, content_id

_OWN = {"its", "their", "his", "her"}  # takes the subject's genitive
_TITLED = re.compile(
    r"model|tool|library|framework|program|system|product|platform|dataset|service|project|repository|repo"
)
_WORK = re.compile(r"(?i)(?:agreement|policy|guide|licen[cs]e|handbook|manual|standard|specification)$")
# What belongs to a product, and does not say to which: an API, a size, a class, a function, a flag, a file
_PART = re.compile(
    r"\b[Tt]he (?:[A-Z][\w-]+ (?:(?:or|and) )?){1,4}?(?:API|APIs|SDK|CLI)\b|"
    r"\b[Tt]he \d+(?:\.\d+)?[BMK] (?:[A-Z][\w-]+ )?(?:model|version|variant)\b|"
    r"\b(?:[A-Z][a-z]+)+(?:Evaluator|Trainer|Loader|Parser|Splitter|Retriever|Config|Callback|Handler)\b|"
    r"\b[a-z]\w*\(\)|(?<![\w-])(?:--|–)[a-z][\w-]*|(?<![\w/.-])[A-Za-z]\w*_\w+(?![\w/.-])|"
    r"(?<![\w/.-])[a-z]\w*\.(?:py|sh|json|ya?ml|toml|cfg|ini|[a-z]{4,})\b(?!\.)"
)
_TERM = re.compile(r"^What does [\"“][^\"”]+[\"”] mean\?$")  # of a contract
_ERROR = re.compile(r"\berrors? (?:such as|like|\d)")
_ACRONYM = re.compile(r"\b[A-Z]{2,5}s?\b")
# What is turned on in a product is not the product
_TURNED_ON = re.compile(r"\b(?:enable|disable|activate|turn on|turn off) [A-Z][\w-]*(?: (?:[A-Z][\w-]*|or|and))*")


def repaired(pair: Pair, subject: str, spoken: str = "en") -> Pair | None:
    """Return a pair whose question names its subject, where it does not and leans on it; None if it need or can not.

    Once; whoever asked checks the new pair again.

    Args:
        pair: any.
        subject: what it is about.
        spoken: its language, ISO 639-1; only English is mended.
    """
    question = mended(pair.question, pair.answer, subject, spoken)
    if question is None:
        return None
    return msgspec.structs.replace(
        pair, id=content_id(question, pair.answer, *pair.facts), parent=pair.id, question=question
    )


def mended(question: str, answer: str, subject: str, spoken: str = "en") -> str | None:
    """Return a question with its subject: for a single pronoun or "the model" that points outside, or before a part.

    A part is an API, a flag, a setting or a term, in question or answer, of which neither says whose it is ("the Memory
    API": "In LangChain, ..."). None if nothing is to be mended, or more than that.
    """
    if not spoken.startswith("en"):
        return None
    found = pointing.pointers(question, "", spoken)
    if found:
        return _put_in(question, found[0], _called(subject)) if len(found) == 1 and found[0].mendable else None
    return _placed(question, answer, subject)


def _called(subject: str) -> str:
    """Return a title as a sentence calls it: "the Llama 2 Licence" for "LLAMA 2 LICENCE"."""
    if not _WORK.search(subject):
        return subject
    return f"the {subject.title() if subject.isupper() else subject}"


def _put_in(question: str, pointer: pointing.Pointer, subject: str) -> str | None:
    words = pointer.words.casefold()
    noun = words.split()[-1]
    if noun != words and not _TITLED.fullmatch(noun):
        return None  # a title names a model or a tool, and no script of it
    if noun in ("they", "them", "these", "those") or words.split()[0] in ("such", "he", "she", "him"):
        return None  # which ones, or who, no heading tells
    if re.match(r"\s+of\b", question[pointer.end :]):
        return None  # "the option of ...": one of several
    put = f"{subject}'s" if words in _OWN else subject
    question = question[: pointer.start] + put + question[pointer.end :]
    return question[:1].upper() + question[1:]


def _placed(question: str, answer: str, subject: str) -> str | None:
    """Return a question about a part that is named without its whole, with the whole; else None."""
    first, *others = question.split(" ")
    error = _ERROR.search(question)
    part = _TERM.search(question) or error or _PART.search(question) or _PART.search(answer)
    if part is None or not first.isalpha() or _folded(subject) in _folded(f"{question} {answer}"):
        return None
    if not _TERM.search(question):
        rest = _ACRONYM.sub("", _TURNED_ON.sub("", _PART.sub("", " ".join(others).split(": ")[0])))
        if mentions.names(rest) or mentions.identifiers(rest) or mentions.flags(rest):
            return None  # it names something else, which says where
    where = "With" if error else "In"
    return " ".join([f"{where} {_called(subject)}, {first.lower()}", *others])


def _folded(text: str) -> str:
    return text.replace("_", "-").casefold()
