"""A main clause in its parts, from which a question is put together."""

import msgspec

from stages.documents import wordclasses as classes
from stages.documents.tagging import Token
from stages.llm.transform import phrases


class Clause(msgspec.Struct, kw_only=True):
    """The parts of a main clause, ready for a question: "{wh} {do} {subject} {verbs} ...?"."""

    front: str = ""  # what stands before the subject: "With DDP", "If the link has expired"
    subject: str  # as it reads inside a question
    head: list[Token]  # the subject's words
    do: str  # the verb that goes before the subject: does, did, is, can ...
    verbs: str  # what stays behind it: "store", "be used"; "" for a plain "is"
    verb: str  # base form of the main verb
    kind: str  # active, passive, copula, progressive
    finite: str  # the verbs as they stand in the statement: "stores", "can be used"
    negated: bool
    rest: list[Token]  # what follows the verbs, up to the next clause of equal rank
    after: str  # what was cut off there
    text: str  # the statement

    @property
    def modal(self) -> str:
        """Return the modal verb, or ""."""
        return self.do if self.do in classes.MODALS else ""

    @property
    def has_object(self) -> bool:
        """Tell whether the verb has an object: a noun phrase, or a clause that begins with "that", "how" ..."""
        first = self.rest[0]
        if first.tag in ("DT", "NN", "NNS", "NNP", "NNPS", "JJ", "JJR", "JJS", "CD", "PDT", "PRP$", "VBG", "SYM", ":"):
            return first.text not in ("-", "/", "—")
        return first.text.lower() in ("that", "whether", "how", "which", "what", "between", "both", "only") or (
            first.tag in ("VBN", "RB") and bool(phrases.noun(self.rest, self.text))
        )

    def words(self, start: int = 0, end: int | None = None) -> str:
        """Return the rest's words from start to end as they stand in the statement."""
        part = self.rest[start:end]
        return self.text[part[0].start : part[-1].end] if part else ""

    def ask(self, wh: str, kept: str = "") -> str:
        """Return a question about this clause; `kept` is what of the rest stays in it."""
        opener = self.front.split(" ", 1)[0].lower()
        stays = opener in classes.PREPOSITIONS - {"like", "unlike"} or opener in classes.OPENERS | {"once"}
        front = f" {phrases.inside(self.front)}" if stays else ""
        words = f"{wh} {self.do} {self.subject} {self.verbs} {kept}{front}".split()
        return " ".join(words) + "?"
