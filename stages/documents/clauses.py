"""Which words of a sentence are its finite verbs: each clause has one, and where it lacks one, a noun may be it."""

from stages.documents import wordclasses as classes
from stages.documents.lexicon import lemmas, lexicon, possible


class Clauses:
    """The words of one sentence and the tags that are known so far."""

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self.low = [word.lower().replace("’", "'") for word in words]
        self.out: list[str] = []

    def _before(self, at: int, skip: tuple[str, ...] = ("RB",)) -> str:
        """Return the tag before a word, adverbs not counted; "" at the start."""
        at -= 1
        while at >= 0 and self.out[at] in skip and self.low[at] not in ("not",):
            at -= 1
        return self.out[at] if at >= 0 else ""

    def _word_before(self, at: int) -> str:
        at -= 1
        while at >= 0 and self.out[at] == "RB":
            at -= 1
        return self.low[at] if at >= 0 else ""

    def _opens_clause(self, at: int) -> bool:
        """Tell whether an imperative can stand here."""
        if at == 0:
            return True
        before = self.low[at - 1]
        if before in ("please", "then", "simply", "just", "always", "never", "first", "also") and at < 3:
            return True
        if before == ":":
            return at < 6
        opener = self.low[0] in ("to", "if", "when", "for", "before", "after", "once", "in", "on", "with", "by")
        if before == "," and opener and at > 2:
            return self.low[at] in classes.IMPERATIVES
        # "Open the form and accept ..."
        return before in ("and", "or", ",", "then") and self.out[0] == "VB" and self.words[0][0].isupper()

    def _sure(self, at: int) -> bool:
        """Tell whether a word can be nothing but a finite verb."""
        if self.low[at] in classes.FINITE:
            return True
        if self.out[at] in ("NNP", "CD") or not self.words[at].islower() or self.low[at] in classes.CLOSED:
            return False
        can = possible(self.low[at])
        if self._let(at):
            return False
        if can == {"VBZ"}:
            return True
        return can == {"VB", "VBP"} and self._before(at) in ("NNS", "NNPS", "PRP", "WDT", "NN")

    def _let(self, at: int) -> bool:
        """Tell whether a word is what somebody is let do: "lets you restore a volume", "helps the pump clean it"."""
        before = at - 1
        if before > 0 and self.out[before] == "PRP":
            return self.low[before - 1] in ("let", "lets", "help", "helps", "make", "makes")
        while before > 0 and self.out[before] in ("NN", "NNS", "NNP", "JJ"):
            before -= 1
        determined = self.out[before] in ("DT", "PRP$") and before < at - 1
        return determined and before > 0 and self.low[before - 1] in ("let", "lets", "help", "helps")

    def _lacking(self, at: int, open_: int) -> int:
        """Return how many clauses from here on lack a verb that cannot be anything else."""
        missing = open_
        for place in range(at + 1, len(self.words)):
            if self.low[place] in classes.OPENERS and self._is_opener(place):
                missing += 1
            elif self._sure(place) and self._word_before(place) not in ("and", "or", "but", ","):
                missing -= 1
            elif self.words[place] == ";":
                break
        return missing

    def _is_opener(self, at: int) -> bool:
        low = self.low[at]
        after = self.out[at + 1] if at + 1 < len(self.out) else ""
        if low in ("as", "than", "like", "for", "before", "after", "since", "until", "once"):
            return False
        if low in ("when", "while", "if", "unless") and after in ("VBG", "VBN", "IN"):
            return False
        return not (low in ("how", "where", "when", "what", "whether", "which") and after == "TO")

    def find_verbs(self) -> None:
        """Decide between noun and verb where a clause lacks its finite verb, and the reverse."""
        opened = 1 if not (self.out and self._has_imperative()) else 0
        last = ""
        for at, low in enumerate(self.low):
            if low in classes.OPENERS and self._is_opener(at):
                opened += 1
                continue
            if self.words[at] == ";":
                opened, last = 1, ""
                continue
            if low in classes.FINITE:
                if not (low in classes.HAVE | classes.DO and self._before(at) in ("MD", "TO")):
                    opened, last = max(0, opened - 1), self.out[at]
                continue
            if low in classes.CLOSED or self.out[at] in ("NNP", "CD", "SYM") or not self.words[at].islower():
                continue
            if "_" in low or "." in low or self.words[at][0] in "-`":
                continue
            chosen = self._finite(at, opened, last)
            if chosen:
                self.out[at] = chosen
                opened, last = max(0, opened - 1), chosen
            else:
                self._not_finite(at)

    def _has_imperative(self) -> bool:
        return self.out[0] == "VB" or self.out[:2] in (["UH", "VB"], ["RB", "VB"])

    def _finite(self, at: int, opened: int, last: str) -> str:
        """Return the finite tag of a word here, or "" if it is no finite verb."""
        can = possible(self.low[at]) & {"VBZ", "VBP", "VBD"}
        before, after = self._before(at), self.out[at + 1] if at + 1 < len(self.out) else ""
        previous = self._word_before(at)
        if not can or before in ("DT", "PRP$", "JJ", "POS", "MD", "TO", "") or previous in classes.PREPOSITIONS:
            return ""
        if previous in classes.BE | {"be", "been", "being"} | classes.HAVE or self.out[at] == "VBG":
            return ""
        if after in ("MD", "VBD") or (at + 1 < len(self.low) and self.low[at + 1] in classes.BE):
            return ""
        if before == "CC":  # "loads the model and answers requests"
            same = last if last in can else "VBZ" if last == "MD" and "VBZ" in can else ""
            return same if same and after not in (".", ",", "CC", "IN", "") else ""
        if self._let(at):
            return ""
        if not opened and before != "PRP":
            return ""
        if before in ("WDT", "WP"):
            return "VBZ" if "VBZ" in can else "VBP" if "VBP" in can else "VBD"
        if self._lacking(at, opened) <= 0 or (after == "," and self.out[at] == "NNS"):
            return ""
        if before == "VBG" and self.out[0] == "VBG" and at == 1:
            return ""  # "Joining strings allowed ..."
        that = at + 1 < len(self.low) and self.low[at + 1] in ("that", "which", "who")
        if self._weak(at) and that and lemmas(self.low[at]).get("VERB") not in classes.SAYING:
            return ""
        if self._weak(at) and self.out[at + 1 : at + 4] in (["VBN", "NNS", "TO"], ["VBD", "NNS", "TO"]):
            return ""  # "The old scripts allowed users to ..."
        if self._weak(at) and self._better_later(at):
            return ""
        if "VBZ" in can:
            number = before in ("NNS", "NNPS") and not self._prepositional(at)
            return "" if number else "VBZ"
        if "VBP" in can:
            if self._of_one(at):
                return ""
            plural = (
                self._plural_head(at)
                or before in ("NNS", "NNPS", "PRP", "WDT", "WP")
                or self._compound(at)
                or previous.endswith("s")
            )
            if before == "PRP" and previous in ("it", "he", "she"):
                return ""
            if self._singular(at):
                return ""
            if self.out[at] in ("JJ", "RB") and after in ("NN", "NNS"):
                return ""
            return "VBP" if plural else ""
        # a past tense or the participle of a shortened relative clause
        if after in ("IN", "TO", ".", ",", "") and self._later_verb(at):
            return ""
        return "VBD" if not (after == "IN" and self.low[at + 1] == "by") else ""

    def _singular(self, at: int) -> bool:
        """Tell whether the clause begins with "a", "an", "every" or "each": its verb is no plural."""
        for place in range(at - 1, -1, -1):
            if self.words[place] in (",", ";", ":") or self.low[place] in classes.OPENERS | {"and", "or"}:
                return False
            if self.low[place] in ("a", "an", "every", "each") and (not place or self.out[place - 1] != "IN"):
                return place == 0 or self.words[place - 1] in (",", ":")
        return False

    def _plural_head(self, at: int) -> bool:
        """Tell whether the clause begins with a plural noun and a preposition: "errors during inference"."""
        for place in range(at):
            if self.low[place] in classes.PREPOSITIONS:
                return (
                    place > 0
                    and self.out[place - 1] in ("NNS", "NNPS")
                    and not (set(self.out[place:at]) & {",", ":", "VBZ", "VBP", "VBD", "MD"})
                )
            if self.low[place] in classes.OPENERS or self.out[place] in (",", "VBZ", "VBP", "MD"):
                return False
        return False

    def _of_one(self, at: int) -> bool:
        """Tell whether a word ends a phrase of one thing behind a preposition: "of a training run"."""
        for place in range(at - 1, max(-1, at - 5), -1):
            if self.low[place] in ("a", "an", "each", "every"):
                return place > 0 and self.low[place - 1] in classes.PREPOSITIONS
            if self.out[place] not in ("NN", "NNS", "NNP", "JJ", "CD", "VBG", "VBN"):
                return False
        return False

    def _after_do(self, at: int) -> bool:
        """Tell whether an auxiliary stands before a word, "not" and adverbs not counted: "does not support"."""
        before = [place for place in range(max(0, at - 3), at)]
        while before and (self.out[before[-1]] == "RB" or self.low[before[-1]] == "not"):
            before.pop()
        return bool(before) and len(before) < min(3, at) and self.low[before[-1]] in classes.DO | classes.MODALS

    def _weak(self, at: int) -> bool:
        """Tell whether a word is a verb but rarely: "models", "checkpoints"."""
        low = self.low[at]
        return bool(possible(low) & {"NN", "NNS"}) and not lexicon().get(low, "NN").startswith("VB") and low != "need"

    def _better_later(self, at: int) -> bool:
        """Tell whether a word that is mostly a verb comes later in the clause, behind a noun."""
        for place in range(at + 1, len(self.words)):
            if self.words[place] in (",", ";", ":", "(") or self.low[place] in classes.OPENERS:
                return False
            if self.low[place] in classes.CLOSED or self.out[place] in ("NNP", "CD") or self._weak(place):
                continue
            if self._of_one(place):
                continue
            if possible(self.low[place]) & {"VBD"} and self.out[place + 1 : place + 2] not in (
                ["DT"],
                ["CD"],
                ["PRP$"],
            ):
                continue
            if possible(self.low[place]) & {"VBZ", "VBP", "VBD"} and self._before(place) in (
                "NN",
                "NNS",
                "NNP",
                "CD",
                "VBZ",
            ):
                return self._word_before(place) not in classes.CLOSED
        return False

    def _later_verb(self, at: int) -> bool:
        return any(
            self.out[place] in ("VBZ", "VBP", "VBD", "MD") and self._word_before(place) not in ("that", "which", "who")
            for place in range(at + 1, len(self.words))
        )

    def _not_finite(self, at: int) -> None:
        can = possible(self.low[at])
        if self._after_do(at):
            return
        if self.out[at] == "VBZ" and "NNS" in can:
            self.out[at] = "NNS"
        elif self.out[at] in ("VBP", "VB") and "NN" in can and self._before(at) not in ("TO", "MD", "", ",", ":", "CC",
                                                                                         "UH"):  # fmt: skip
            self.out[at] = "NN" if not self._opens_clause(at) else self.out[at]
        elif self.out[at] == "VBD" and "VBN" in can:
            self.out[at] = "VBN"

    def _prepositional(self, at: int) -> bool:
        """Tell whether the noun before a word belongs to a preposition: "the number of tokens sets ..."."""
        for place in range(at - 1, -1, -1):
            if self.low[place] in classes.PREPOSITIONS:
                return True
            if self.out[place] in ("VBZ", "VBP", "VBD", "MD", ",", ":"):
                return False
        return False

    def _compound(self, at: int) -> bool:
        """Tell whether the subject before a word joins two by "and"."""
        for place in range(at - 1, -1, -1):
            if self.low[place] == "and":
                return True
            if self.out[place] in ("VBZ", "VBP", "VBD", "MD", ":") or self.low[place] in classes.OPENERS:
                return False
        return False
