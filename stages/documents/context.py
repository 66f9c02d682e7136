"""Who is "it"? Sentences that lean on a subject which their context names plainly, with that subject put in.

A wrong subject is worse than a rejected sentence, so a pronoun is resolved only to the subject of the sentence before
it, or to the heading or title that names something where nothing else was spoken of in between.
"""

import re

import msgspec

from stages.documents.concepts import NAME
from stages.documents.dangling import EXPLETIVE
from stages.documents.subjects import Subject, subject
from stages.documents.verbs import has_verb
from stages.records import Span

_KINDS = (
    "model family package library tool toolkit framework project service platform method technique dataset script "
    "licence license format community approach benchmark strategy gateway app application engine"
).replace(" ", "|")


class Resolved(msgspec.Struct, frozen=True):
    """A sentence with its subject put in."""

    words: str
    subject: Subject | None  # what a pronoun in the next sentence stands for

    @property
    def support(self) -> tuple[Span, ...]:
        """Where the sentence stands that names the subject."""
        return (self.subject.span,) if self.subject and self.subject.span else ()


class Context(msgspec.Struct):
    """What the sentences of a section may lean on, as they are read one after the other."""

    name: str | None  # of the heading or the title
    title: str
    before: Subject | None = None  # subject of the sentence before, in the same paragraph
    last: Resolved | None = None  # of the sentence before
    kinds: dict[str, Subject] = {}  # "model": what was said to be one
    first: bool = True  # nothing was said yet in the section

    def paragraph(self) -> None:
        """Begin a new paragraph: a pronoun does not reach beyond it, unless to what the section is about."""
        if self.before and self.before.words != self.name:
            self.before = None

    def read(self, sentence: str, span: Span, resolved: Resolved | None) -> None:
        """Take note of a sentence that was read, and of what its pronoun was resolved to."""
        self.first = False
        self.last = resolved
        if resolved:
            self.before = resolved.subject
            if self.before and self.before.span is None and self.before.words in sentence:
                self.before = msgspec.structs.replace(self.before, span=span)
            return
        self.before = subject(sentence, span)
        if self.before and self.before.be and not self.before.plural:
            kind = _KIND.match(sentence[len(self.before.words) :].lstrip())
            if kind:
                self.kinds = {**self.kinds, kind["kind"]: self.before}

    def resolve(self, sentence: str) -> Resolved | None:
        """Return a sentence with its subject put in; None where it has one or it is not plain."""
        plain = sentence.replace("’", "'")
        for rule in (
            self._pronoun,
            self._kind,
            self._all,
            self._title,
            self._verb_first,
            self._noun_first,
            self._part,
            self._relative,
        ):
            found = rule(plain)
            if found:
                return found
        return None

    def _topic(self, plural: bool) -> Subject | None:
        """Return what a pronoun stands for."""
        if self.before is not None:
            known = self.before.be or self.before.span is None or self.before.words == self.name
            return self.before if known and self.before.plural is plural else None
        return Subject(self.name, False) if self.first and self.name and not plural else None

    def _pronoun(self, sentence: str) -> Resolved | None:
        match = _PRONOUN.match(sentence)
        if not match or EXPLETIVE.match(sentence) or _IDIOM.match(sentence):
            return None
        pronoun = match[0].lower()
        found = self._topic(pronoun in ("they", "their"))
        if found is None:
            return None
        rest = sentence[match.end() :]
        if rest.startswith("'s"):
            rest = " is" + rest[2:]
        ending = "" if pronoun in ("it", "they") else "'" if found.words.endswith("s") else "'s"
        return Resolved(found.words + ending + rest, found)

    def _kind(self, sentence: str) -> Resolved | None:
        """Return "The library ..." as a sentence about what was said to be a library."""
        match = re.match(rf"(?:The|This) (?P<kind>{_KINDS})(?P<owner>'s)? (?={_PREDICATE})", sentence)
        found = self.kinds.get(match["kind"]) if match else None
        if match is None or found is None:
            return None
        return Resolved(f"{found.words}{match['owner'] or ''} {sentence[match.end() :]}", found)

    def _all(self, sentence: str) -> Resolved | None:
        """Return "All models ..." as a sentence about all models that the title names."""
        match = re.match(
            r"(?P<which>All|These|The) (?P<kind>models|variants|versions)(?= (?:are|were|have|support|can)\b|,)",
            sentence,
        )
        if not match or self.name is None or (match["which"] != "All" and not self.first):
            return None
        which = "All" if match["which"] == "All" else "The"
        words = f"{which} {self.name} {match['kind']}"
        return Resolved(words + sentence[match.end() :], Subject(words, True))

    def _title(self, sentence: str) -> Resolved | None:
        """Return a sentence about "this Agreement" with the title in its place, if the title ends with that word."""
        last = _WORK.search(self.title)
        if not last:
            return None
        words = self.title.title() if self.title.isupper() else self.title
        this = re.compile(rf"\b(?P<t>[Tt])his {re.escape(last[1])}\b", re.IGNORECASE)
        put, times = this.subn(lambda match: f"{match['t']}he {words}", sentence, count=1)
        if not times:
            return None
        put = this.sub(lambda match: f"{match['t']}he {match[0][5:]}", put)
        return Resolved(put, Subject("The " + words, False) if this.match(sentence) else None)

    def _noun_first(self, sentence: str) -> Resolved | None:
        """Return "A service that ..." below a heading that names it as a sentence."""
        if self.first and self.name and re.match(r"An? [a-z]", sentence) and not has_verb(sentence, strict=False):
            return Resolved(f"{self.name} is {sentence[0].lower()}{sentence[1:]}", Subject(self.name, False))
        return None

    def _part(self, sentence: str) -> Resolved | None:
        """Return "The pretraining data has ..." as a sentence about the data of what is named."""
        match = _OWN.match(sentence)
        if not match or self.name is None or match["which"] in _OTHER:
            return None
        words = f"{match[0]} of {self.name}"
        return Resolved(words + sentence[match.end() :], Subject(words, match["part"].endswith("s")))

    def _relative(self, sentence: str) -> Resolved | None:
        """Return "DDP which is a method ..." or "--peft this enables ..." as the sentence that it was to be."""
        match = _RELATIVE.match(sentence)
        if not match or match["pronoun"] == "which" and has_verb(sentence, strict=True):
            return None
        if not re.search(r" [A-Z]|.[A-Z\d_-]", match["name"]):
            return None  # "While it is ..."
        words = f"{match['name']} {sentence[match.end() :]}"
        return Resolved(words, Subject(match["name"], False, be=True))

    def _verb_first(self, sentence: str) -> Resolved | None:
        """Return "Is a service ..." below a heading that names it as a sentence."""
        if self.first and self.name and re.match(r"Is (?:an?|the) ", sentence):
            return Resolved(f"{self.name} {sentence[0].lower()}{sentence[1:]}", Subject(self.name, False))
        return None


_OWN = re.compile(
    r"The (?:(?P<size>\d+(?:\.\d+)?[BMK])|(?P<which>[a-z]+(?:-[a-z]+)*)) (?P<part>data|datasets?|versions|models|"
    r"weights|licen[cs]e|tokenizer|parameters|(?(size)(?:version|model|variant)|(?!)))"
    r"(?= (?:is|are|was|were|has|have|can|use|uses|include|includes|support|supports)\b)"
)
_OTHER = frozenset(
    "following other others same new first second third last next above below released provided resulting previous "
    "current latter former two three four five remaining final main default returned required whole entire original "
    "base public tuned-model underlying corresponding respective example saved custom".split()
)
_RELATIVE = re.compile(
    rf"(?P<name>{NAME.pattern}|--?[a-z][\w-]*|\w+_\w+) (?P<pronoun>[Ww]hich|this|it) (?=(?:is|are|in|[a-z]{{3,}}s)\b)"
)
_PRONOUN = re.compile(r"(?:It|it|They|they)(?='s\b| )|(?:Its|its|Their|their)(?= [a-z])")
_IDIOM = re.compile(r"(?i)it(?:'s| is| was)? (?:\w+ )?(?:depends|follows|turns out|seems|time to|up to)\b")
_WORK = re.compile(r"(?i)\b(agreement|policy|guide|licen[cs]e|handbook|manual|standard|specification)$")
_PREDICATE = (
    r"(?:is|are|was|were|has|have|had|does|do|can|could|will|would|may|might|must|should|cannot|also|only|[a-z]{3,}s)\b"
)
_KIND = re.compile(
    rf"(?:is|was) (?:an?|the) (?:[\w-]+ ){{0,5}}?(?P<kind>{_KINDS})(?=[.,;:]| (?:that|which|for|of|to|with|in|by|on|"
    r"built|based|used|designed|from|and)\b)"
)
