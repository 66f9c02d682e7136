"""Questions that people ask of subjects like those of the documents, whether the documents answer them or not.

Made from what is asked of a kind of thing (asked.en.yaml), from what a text measures of another thing of the kind, and
from the documents' own questions on numbers and times; a teacher's are given their subjects. What is answered is told
by `absence`.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from stages.llm import kinds
from stages.llm.absence import Check, Proposal
from stages.llm.kinds import Subject
from stages.quality.tokens import stem, stems, words
from stages.records import Pair, content_id


class Property(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Something that is asked of a kind of subject."""

    about: str
    kinds: list[str]
    ask: list[str]
    words: list[str]
    names: str = ""


class Asked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The data file asked.en.yaml."""

    kinds: dict[str, str]
    measures: str
    properties: list[Property]


def asked() -> Asked:
    """Return what is asked of which kind of subject."""
    return msgspec.yaml.decode(Path(__file__).with_name("asked.en.yaml").read_bytes(), type=Asked)


def of_properties(subjects: Iterable[Subject], properties: Sequence[Property], seed: int) -> list[Proposal]:
    """Return a question for each subject and each property that its kind has; the seed draws the wording."""
    made = []
    for subject in subjects:
        for one in properties:
            if subject.kind in one.kinds and re.search(one.names, subject.name):
                draw = int(content_id(seed, subject.name, one.about), 16) % len(one.ask)
                question = one.ask[draw].format(subject=subject.shown)
                made.append(Proposal(
                    question=question, about=one.about, subject=subject, origin="property",
                    words=tuple(word.replace("{name}", re.escape(subject.name.lstrip("-"))) for word in one.words),
                ))  # fmt: skip
    return made


def of_measures(texts: Sequence[str], subjects: Sequence[Subject], measures: str) -> list[Proposal]:
    """Return questions for what a text gives of a subject ("the context length of A"), of others of its kind."""
    heads = "|".join(measures.split())
    given: dict[tuple[str, str], list[Subject]] = {}
    for subject in subjects:
        shape = re.compile(rf"\b[Tt]he ((?:[a-z][a-z-]+ ){{0,2}}(?:{heads})) of (?:the )?{named_in(subject)}")
        for text in texts:
            for match in shape.finditer(text):
                given.setdefault((match[1], subject.kind), []).append(subject)
    made = []
    for (phrase, kind), holders in sorted(given.items(), key=lambda item: item[0]):
        for other in subjects:
            if other.kind == kind and not any(_akin(other, holder) for holder in holders):
                made.append(Proposal(
                    question=f"What is the {phrase} of {other.shown}?", about=phrase, subject=other,
                    words=tuple(re.escape(stem(word)) for word in phrase.split()), origin="swapped",
                ))  # fmt: skip
    return made


def named_in(subject: Subject) -> str:
    """Return a pattern of a subject's name as a whole."""
    return rf"(?<![\w/.-]){re.escape(subject.name)}(?![\w/-]|\.\w)"


_HERE = "\0"  # where a question had its subject
_MEASURED = re.compile(r"(?:(?:at|on|in|for|to|with) )?(?:how (?:many|much|long|large|big|often|fast)|when)\b", re.I)


def swapped(pairs: Sequence[Pair], subjects: Sequence[Subject], check: Check) -> list[Proposal]:
    """Return questions of the documents on numbers and times, about other subjects of the same kind.

    Only what the documents say of two subjects of a kind is asked of a third: "How many categories does its taxonomy
    have?" is a question to one thing only.
    """
    by_kind: dict[str, list[Subject]] = {}
    for subject in subjects:
        by_kind.setdefault(subject.kind, []).append(subject)
    longest = sorted(subjects, key=lambda subject: (-len(subject.name), subject.name))
    made = []
    for pair in pairs:
        left, held = pair.question, []
        for subject in longest if _MEASURED.match(left) else []:
            if re.search(named_in(subject), left):
                left = re.sub(named_in(subject), _HERE, left)
                held.append(subject)
        if len(held) != 1 or left.count(_HERE) != 1 or re.search(r"[A-Z\d_]", left[1:].replace(_HERE, "")):
            continue  # another name would go with the old subject only
        asks = stems(left)
        about = " ".join(word for word in words(left) if stem(word) in asks)
        others = [one for one in by_kind[held[0].kind] if not _akin(one, held[0])]
        if any(asks <= check.known[at] for one in others for at in check.naming(one) if at >= check.chunks):
            made += [
                Proposal(
                    question=left.replace(_HERE, one.name), about=about, subject=one,
                    words=tuple(map(re.escape, sorted(asks))), origin="swapped",
                )
                for one in others
            ]  # fmt: skip
    return made


def _akin(one: Subject, other: Subject) -> bool:
    """Tell whether what is said of one holds for the other: a version, another name, a part of the name."""
    first = {kinds.squeezed(name) for name in (one.name, *one.aliases)}
    second = {kinds.squeezed(name) for name in (other.name, *other.aliases)}
    return any(a in b or b in a for a in first for b in second)


def of_teacher(written: Iterable[tuple[str, str]], subjects: Sequence[Subject]) -> list[Proposal]:
    """Return a teacher's questions, each given with what it asks for, with the subject that it names.

    One that names no subject is checked against all texts.
    """
    longest = sorted(subjects, key=lambda subject: (-len(subject.name), subject.name))
    made = []
    for asked_for, about in written:
        question = " ".join(asked_for.split())
        subject = next((s for s in longest if kinds.squeezed(s.name) in kinds.squeezed(question)), None)
        subject = subject or Subject(name="", kind="", shown="", topic="")
        asks = sorted(stems(about) - stems(subject.name))
        made.append(Proposal(
            question=question, about=about, subject=subject, words=tuple(map(re.escape, asks)), origin="teacher"
        ))  # fmt: skip
    return made
