"""Is the answer to a question absent from all texts? By its subject and the words that would answer it."""

import re
from collections.abc import Sequence

import msgspec

from stages.llm import kinds
from stages.llm.kinds import Subject
from stages.quality import pointing, wording
from stages.quality.retrieval import Index, terms
from stages.records import Chunk, Fact

NEAREST = 20  # texts that are looked at for one that holds all of a question's words


class Proposal(msgspec.Struct, kw_only=True, frozen=True):
    """A question before it is checked: words are patterns, one of which an answering text would hold."""

    question: str
    about: str
    subject: Subject
    words: tuple[str, ...]
    origin: str


class Check:
    """Is the answer really absent, and is it a question? Built once over all texts."""

    def __init__(self, facts: Sequence[Fact], chunks: Sequence[Chunk]):
        self.chunks = len(chunks)  # from this position on, texts are facts
        self.texts = [f"{chunk.header}\n{chunk.text}" for chunk in chunks] + [f"{f.topic}\n{f.says}" for f in facts]
        self.squeezed = [kinds.squeezed(text) for text in self.texts]
        self.index = Index().build(self.texts)
        self.known = [set(terms(text)) for text in self.texts]
        self._naming: dict[str, list[int]] = {}

    def __call__(self, one: Proposal) -> tuple[str, float | str | None] | None:
        """Return why a question is not to be asked, as (reason, value), or None."""
        if not wording.is_question(one.question):
            return "not_a_question", None
        if found := pointing.dangling(one.question):
            return "dangling", found[0]
        wanted = set(terms(one.question))
        for position, _ in self.index.search(one.question, NEAREST):
            if wanted <= self.known[position]:
                return "answerable", self.texts[position][-80:]
        # a swapped question's own words all count: two of three in one text are an answer, or near one
        needed = 1 if one.origin == "property" else max(1, (len(one.words) + 1) // 2)
        shapes = [re.compile(rf"(?<!\w){word}" if word[0].isalpha() else word, re.I) for word in one.words]
        for position in self.naming(one.subject):
            text = self.texts[position]
            held = [shape.pattern for shape in shapes if shape.search(text)]
            if len(held) >= needed:
                return "answerable", held[0].removeprefix(r"(?<!\w)")
        return None

    def naming(self, subject: Subject) -> list[int]:
        """Return the positions of the texts that name a subject, or all of them if there is none."""
        if subject.name not in self._naming:
            names = [kinds.squeezed(name) for name in (subject.name, *subject.aliases)]
            self._naming[subject.name] = [
                position for position, text in enumerate(self.squeezed) if any(name in text for name in names)
            ]
        return self._naming[subject.name]
