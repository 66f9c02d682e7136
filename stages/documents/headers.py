"""What a chunk is about, for whoever reads it alone: title, headings, what the document is, and its own line."""

import re
from collections import Counter

from stages.documents import sentences
from stages.documents.concepts import NAME, concepts
from stages.documents.lexicon import lexicon
from stages.records import Document, Section

OWN = 80  # most characters of a chunk's own line
_PRONOUN = re.compile(
    r"(?:It|They|This|These)(?='s\b| (?:also |then |only |always |never |currently |now |can |may |must |will |should |"
    r"could |would |might )*(?:is|are|was|were|has|have|had|does|do|did|be|[a-z]+s|support|use|include|provide|need|"
    r"contain|allow|require|come|run|work|take|offer|help|make|give)\b)|Its(?= [a-z])|Their(?= [a-z])"
)
_EXPLETIVE = re.compile(r"(?:It|This)(?:'s| is| was| may be| can be) (?:\w+ )?(?:\w+) (?:to|that)\b")


def topic(document: Document, section: Section) -> str:
    """Return `title > heading path`, without a heading that repeats what stands before it."""
    path: list[str] = []
    for part in (title(document), *section.heading):
        if part.strip() and (not path or part.strip() != path[-1]):
            path.append(part.strip())
    return " > ".join(path)


def title(document: Document) -> str:
    """Return the title, before one that says nothing of it what the document is about: "Llama 2: Model Details".

    That is the name that it speaks of, or the package that it belongs to: "acme-tools: Tuning on one GPU".
    """
    name = (speaks_of(document.body) if says_nothing(document.title) else None) or belongs_to(document)
    return f"{name}: {document.title}" if name else document.title


def says_nothing(title: str) -> bool:
    """Say whether a title would fit any document: "Model Details"."""
    return _SAYS_NOTHING.fullmatch(title.strip()) is not None


_SAYS_NOTHING = re.compile(
    r"(?i)(?:model |project )?(?:details|card|overview|introduction|readme|documentation|index|getting started|about)"
)


def speaks_of(text: str) -> str | None:
    """Return the name that a text says most of what it is ("Llama 2 is a ..."), if it does so at once or twice."""
    told = list(
        re.finditer(r"(?:^|(?<=[.!?:\n] )|(?<=\n))(?P<name>[A-Z][\w. -]{1,40}?) (?:is|are|was|were) [a-z]", text)
    )
    names = Counter(match["name"] for match in told if NAME.fullmatch(match["name"]) and match["name"] not in _PLAIN)
    if not names:
        return None
    name, times = names.most_common(1)[0]
    at_once = any(match["name"] == name and match.start() == 0 for match in told)
    return name if times > 1 or at_once else None


def belongs_to(document: Document) -> str | None:
    """Return the package or repository that a document says at its beginning it is of, where its title tells of none.

    It says so by what that is ("The acme-tools repository is a ..."), or, below a title without a name, by speaking of
    it twice ("Install the acme-tools package"), and of no other one.
    """
    text = ""
    for section in document.sections:
        text += section.text + "\n"
        if len(text) > OPENING:
            break
    found = list(_PACKAGE.finditer(text[:OPENING]))
    names = Counter(_folded(match["name"]) for match in found)
    title = document.title
    if len(names) != 1 or NAME.fullmatch(title) or next(iter(names)) in _folded(title):
        return None
    said = any(match["be"] for match in found) or len(found) > 1 and not _names_something(title)
    return found[0]["name"] if said else None


def _names_something(title: str) -> bool:
    words = re.findall(r"[A-Z][a-z]+", title)
    return re.search(r"\d|[a-z][A-Z]", title) is not None or any(word.lower() not in lexicon() for word in words)


def _folded(name: str) -> str:
    return name.replace("_", "-").casefold()


OPENING = 3000  # characters in which a document says what it belongs to
PACKAGE = r"[a-z]+(?:[-_][a-z]+)+"
_PACKAGE = re.compile(
    rf"\b[Tt]he [`'\"‘“]?(?P<name>{PACKAGE})[`'\"’”]? (?:package|repository|repo|library|toolkit)\b(?P<be> is an? )?"
)
_PLAIN = frozenset("It This That These Those They There He She We You What Who All Each Both Here If".split())


def header(document: Document, section: Section, text: str, several: bool) -> str:
    """Return `title > heading path > what the document is > the chunk's own line`.

    Args:
        document: where the chunk stands.
        section: likewise.
        text: the chunk's own text.
        several: whether other chunks of the document stand under the same headings. Only then, or where the text
            opens with a pronoun, is there an own line: its first words, the pronoun replaced by its subject.
    """
    resolved = resolve(text, document, section)
    own = section.question or (opening(resolved) if several or resolved != text else "")
    return " > ".join(filter(None, [topic(document, section), document.description, own]))


def opening(text: str) -> str:
    """Return the first words of a text, without the marks of lists, tables and code, cut to OWN characters."""
    lines = [line.strip() for line in text.split("\n") if re.search(r"\w", line)]
    if lines and lines[0].startswith("|"):
        ruled = re.match(r"\s*\|[^\n]*\n\s*\|[\s|:-]*-[\s|:-]*(?:\n|$)", text)  # the head is alike in all its chunks
        plain = re.sub(r"\s*\|\s*", " ", lines[1 if ruled and len(lines) > 1 else 0]).strip()
    else:
        plain = re.sub(r"^(?:[-*+]|\d{1,4}[.)])\s+", "", lines[0]) if lines else ""
    first = next((plain[start:end] for start, end in sentences.spans(plain)), "")
    if len(first) <= OWN:
        return first
    return first[: OWN - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"


def subject(document: Document, section: Section) -> str:
    """Return what a pronoun that opens a chunk stands for: the innermost heading that names something, or the title."""
    for heading in reversed(section.heading):
        named = [concept for concept in concepts(heading) if concept in heading and re.search(r"[A-Z_]", concept)]
        if named and len(named[0]) >= 0.6 * len(heading):  # "Code Llama", not "Running it on Linux"
            return named[0]
    return document.title


def resolve(text: str, document: Document, section: Section) -> str:
    """Return the text with the pronoun that it opens with replaced by its subject ("It also ..."), or as it is."""
    match = _PRONOUN.match(text)
    if not match or _EXPLETIVE.match(text):
        return text
    name = subject(document, section)
    return name + ("'s" if match[0] in ("Its", "Their") else "") + text[match.end() :]
