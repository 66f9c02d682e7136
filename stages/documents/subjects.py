"""What a sentence and a section are about: the noun phrase that opens it, the heading or the title that is a name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from stages.documents import headers
from stages.documents.concepts import NAME
from stages.documents.dangling import dangling
from stages.documents.verbs import NOT_BEFORE_VERB, stem
from stages.records import Chunk, Document, Section, Span


class Subject(msgspec.Struct, frozen=True):
    """What a sentence is about, and the sentence that says so."""

    words: str
    plural: bool | None  # None: cannot be told
    span: Span | None = None  # of the sentence that names it; None for a heading
    be: bool = False  # that sentence says what it is


def name(document: Document, section: Section, text: str) -> str | None:
    """Return what a section is about: the innermost heading that is a name, or the title; None if neither is one.

    Args:
        document: where the section stands.
        section: likewise.
        text: the document's text, in whose sentences a name keeps its capitals.
    """
    return of_headings([document.title, *section.heading], text)


def of_headings(headings: Sequence[str], text: str) -> str | None:
    """Return what is named by a title and the headings below it, the innermost first; see `name`."""
    for heading in reversed(headings):
        bare = _EDGES.sub("", heading).strip()
        if NAME.fullmatch(bare) and _is_name(bare, text):
            return bare
        if _PART.search(heading):
            return None  # "Pretrained models": not all that the title names
    first, colon, _ = headings[0].partition(": ")
    if colon and (NAME.fullmatch(first) and _is_name(first, text) or re.fullmatch(headers.PACKAGE, first)):
        return first  # put before the title by `headers.title`
    return headers.speaks_of(text) if headers.says_nothing(headings[0]) else None


class Places:
    """What the places of documents are about, told by their chunks.

    Args:
        chunks: those of all documents, unless they are added.
    """

    def __init__(self, chunks: Iterable[Chunk] = ()):
        self.texts: dict[str, list[str]] = defaultdict(list)
        self.known: dict[tuple[str, str], str | None] = {}
        for chunk in chunks:
            self.add(chunk)

    def add(self, chunk: Chunk) -> None:
        """Take note of a further chunk, before anything is asked of its document."""
        self.texts[chunk.document].append(chunk.text)

    def subject(self, document: str, topic: str) -> str | None:
        """Return what the place below a topic (title and headings, joined by " > ") is about; see `name`.

        A guide into a thing ("Getting started with Redis") is about that.
        """
        place = document, topic
        if place not in self.known:
            headings, text = topic.split(" > "), "\n\n".join(self.texts.get(document, []))
            found = of_headings(headings, text)
            guided = _INTO.match(headings[0]) if found is None else None
            self.known[place] = of_headings([headings[0][guided.end() :]], text) if guided else found
        return self.known[place]


_PART = re.compile(
    r"(?i)\b(?!(?:the|all|available|supported|our|and|of|model|your)\b)[\w-]+ (?:models|variants|versions)\b"
)
_INTO = re.compile(r"(?i)(?:getting started with|(?:a |the )?(?:quick )?guide to|how to use) ")
_EDGES = re.compile(
    r"^\((?:deprecated|beta|preview|new)\) |^(?:Introducing|About|What is|Overview of|Introduction to|Welcome to) |"
    r"(?: model card| readme| overview| in brief| at a glance| family| model family| models|[:?!.])+$",
    re.IGNORECASE,
)


def _is_name(words: str, text: str) -> bool:
    if re.search(r"\d|[a-z][A-Z]|_", words) and re.search(r"[A-Z]", words):
        return True
    if words not in text:
        return False  # spares the pattern
    return re.search(rf"(?<![\w-])[a-z][\w'-]*,? {re.escape(words)}\b(?! [A-Z])", text) is not None


_VERB = (
    r"(?P<be>is|are|was|were)|(?P<aux>has|have|does|do|can|could|will|would|may|might|must|should)|(?P<verb>[a-z]+s)"
)
_WORD = re.compile(r"\s*(?:\([^()]{1,40}\)\s*)?(?P<word>[^\s,;:()]+)(?P<mark>[,;:]?)")


def subject(sentence: str, span: Span) -> Subject | None:
    """Return the noun phrase that a sentence opens with and its verb agrees with, or None where it is not plain."""
    if dangling(sentence) is not None:
        return None
    words: list[str] = []
    end = place = 0
    while len(words) < 8 and (match := _WORD.match(sentence, place)):
        word = match["word"]
        verb = re.fullmatch(_VERB, word)
        before = words[-1].lower() if words else ""
        if words and verb and (not verb["verb"] or stem(word) and before not in NOT_BEFORE_VERB | {"of", "and"}):
            break
        if match["mark"] or word.lower() in _NO_SUBJECT or (not words and not word[0].isupper()):
            return None
        words.append(word)
        place = end = match.end()
    else:
        return None
    phrase = sentence[:end].strip()
    if not verb or phrase in ("A", "An", "The") or words[0].lower().endswith("ing") and len(words) > 3:
        return None
    plural = word in ("are", "were", "have", "do") if verb["be"] or word in ("has", "have", "does", "do") else None
    if verb["verb"]:
        plural = False
    elif plural is None:
        plural = words[-1].endswith("s") and not words[-1].endswith("ss")
    return Subject(phrase, plural, span, verb["be"] is not None)


_NO_SUBJECT = frozenset(
    "it they this these that those there you we i he she who which what if when while as to for in on at by with from "
    "because since although after before until unless and or not no only both either such one some any here how where "
    "why your our my their its without under over through during both another other others all each every most many "
    "several please also then".split()
)
