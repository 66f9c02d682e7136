"""Parts of speech (Penn tags) of the words of a sentence, for technical English.

Two dictionaries that come inside wheels, no model and no download: TextBlob's lexicon says what a word mostly is,
lemminflect's says what else it can be. Where both a noun and a verb are possible, the sentence decides: every clause
has one finite verb, so "sets" is one if the clause would have none without it.
"""

import functools
import re
from typing import NamedTuple

from stages.documents import wordclasses as classes
from stages.documents.clauses import Clauses
from stages.documents.lexicon import lemmas, lexicon, possible


class Token(NamedTuple):
    """A word, sign or piece of code of a sentence: sentence[start:end]."""

    text: str
    tag: str
    start: int
    end: int


def tags(sentence: str) -> list[tuple[str, str]]:
    """Return (word, Penn tag) of each word and sign; code, flags, file names and identifiers are nouns."""
    return [(token.text, token.tag) for token in tokens(sentence)]


@functools.lru_cache(4096)
def tokens(sentence: str) -> tuple[Token, ...]:
    """Return the tagged words and signs of a sentence with their places."""
    found = [(match[0], match.start(), match.end()) for match in _WORD.finditer(sentence)]
    words = [word for word, _, _ in found]
    tagged = _Tagger(words).tags()
    return tuple(Token(word, tag, start, end) for (word, start, end), tag in zip(found, tagged, strict=True))


_WORD = re.compile(
    r"""`[^`]+`                                        # code
    |https?://[^\s<>"]*[\w/]
    |(?:[A-Za-z]\.){2,}(?=\W|$)                        # e.g. U.S.
    |\$?-{1,2}[A-Za-z][\w.\[\]-]*(?:=[^\s,;)]*\w)?     # a flag
    |<[\w/|]+>|\[/?[A-Z]+\]                            # special tokens
    |\$?\d{1,3}(?:,\d{3})+(?!\d)
    |\w[\w+#]*(?:(?:[./:@=+&*-]|::|__)[\w+#*]+)*(?:\(\))?(?:[%+#](?!\w))?(?:n['’]t\b)?
    |['’](?:s|ll|re|ve|d|m)\b
    |\.{3}|\S""",
    re.VERBOSE,
)
_CODE = re.compile(r"^`|^--?[A-Za-z]|_|\(\)$|^\w+[./:@=]\w|^<|^\[|https?:|[a-z][A-Z]|\w\.\w|::|[+#]$")
_NUMBER = re.compile(r"^[$~]?\d[\d.,:]*(?:st|nd|rd|th|k|K|M|B|T|%|x|e-?\d+)?$|^\d[\d.,]*-[a-z]")
_SIGNS = {",": ",", ".": ".", "!": ".", "?": ".", ";": ":", ":": ":", "(": "(", ")": ")", "...": ":", "—": ":",
          "–": ":", "-": ":", "&": "CC", "/": "CC"}  # fmt: skip


class _Tagger(Clauses):
    """Guesses the tag of each word, then lets its neighbours and its clause correct it."""

    def __init__(self, words: list[str]) -> None:
        super().__init__(words)
        self.out = [self._first_guess(at) for at in range(len(words))]

    def tags(self) -> list[str]:
        for at in range(len(self.words)):
            self.out[at] = self._locally(at)
        self.find_verbs()
        for at in range(len(self.words)):
            if self._is_version(at):
                self.out[at] = "NNP"
        return self.out

    def _first_guess(self, at: int) -> str:
        word, low = self.words[at], self.low[at]
        if word in _SIGNS:
            return _SIGNS[word]
        if low in classes.CLOSED and not (word.isupper() and len(word) > 1):
            return classes.CLOSED[low]
        if not word[0].isalnum() and not _CODE.search(word):
            return "POS" if low == "'s" else "SYM"
        if _NUMBER.match(word) or low in classes.NUMBERS:
            return "CD"
        if _CODE.search(word) and low not in classes.LEMMAS:
            return "NNP" if word.isalnum() else "NN"
        starts = at == 0 or self.words[at - 1] in {":", '"', "“", "."}
        if word[0].isupper():
            # a name, unless it opens the sentence and is a known word
            if not starts or word[1:] != word[1:].lower() or len(word) == 1:
                return "NNP"
            known = lexicon().get(low, "")
            after = self.words[at + 1] if at + 1 < len(self.words) else ""
            if after[:1].isupper() and low not in classes.IMPERATIVES and known in ("NN", "VB", "JJ", ""):
                return "NNP"  # "Prompt Guard", "Visual Studio"
            if re.fullmatch(r"\d[\d.]*[A-Z]?", after) and low not in classes.IMPERATIVES | {"about", "version"}:
                return "NNP"
            return known if known and possible(low) and not known.startswith("NNP") else self._unknown(low, "NNP")
        known = lexicon().get(word, "")
        if not known or known.startswith("NNP"):
            return self._unknown(low, "NN")
        if known in ("RB", "JJ") and low.endswith("ly") and "ADV" in lemmas(low):
            return "RB"
        return known

    @staticmethod
    def _unknown(low: str, otherwise: str) -> str:
        can = possible(low)
        for tag in ("NN", "NNS", "JJ", "RB", "VBZ", "VBG", "VBN", "VB"):
            if tag in can:
                return tag
        if otherwise == "NNP":
            return "NNP"
        if low.endswith("ly"):
            return "RB"
        if "-" in low:
            last = low.rsplit("-", 1)[1]
            if last.endswith("ed") or lexicon().get(last) in ("JJ", "VBN", "VBG") or last in ("based", "aware", "only"):
                return "JJ"
            return "NNS" if possible(last) & {"NNS"} else "NN"
        if low.endswith("s") and not low.endswith(("ss", "us", "is")):
            return "NNS"
        return otherwise

    def _locally(self, at: int) -> str:
        """Return the tag that the neighbours of a word enforce, or the one that it has."""
        tag, low = self.out[at], self.low[at]
        if low in ("that", "only"):
            return self._that(at) if low == "that" else self._only(at)
        if low in classes.CLOSED or tag in ("NNP", "CD", "SYM") or not self.words[at][0].isalpha():
            return tag
        if _CODE.search(self.words[at]) and low not in classes.LEMMAS:
            return tag
        can = possible(low)
        before, word_before = self._before(at), self.low[at - 1] if at else ""
        after = self.out[at + 1] if at + 1 < len(self.out) else ""
        if tag == "JJ" and "NN" in can and before == "DT" and after in ("IN", "VBZ", "WDT", "MD", ".", ",", "TO"):
            return "NN"
        if self._opens_clause(at) and "VB" in can and self._takes(at):
            return "VB"
        if at == 0 and tag in ("VB", "VBP") and "NN" in can and after in ("NN", "NNS", "VBZ", "MD"):
            return "NN"
        if before in ("MD", "TO") and "VB" in can:
            leads = self.low[at - 2] if at > 1 else ""  # "due to use", "access to code"
            if before == "MD" or tag != "NN" or leads not in classes.BEFORE_TO:
                return "VB"
        if "VB" in can and self._after_do(at):
            return "VB"
        if self._after_be(at):
            if "VBG" in can and low.endswith("ing"):
                return "VBG"
            if "VBN" in can and (tag != "JJ" or "-" in low):
                return "VBN"
        if self._before(at) in ("VBZ", "VBP", "VBD") and self._word_before(at) in classes.HAVE and "VBN" in can:
            return "VBN"
        if before in ("DT", "PRP$", "POS") or (before == "JJ" and word_before not in ("able", "available")):
            if tag in ("VB", "VBP") and "NN" in can:
                return "NN"
            if tag == "VBZ" and "NNS" in can:
                return "NNS"
            if tag == "VBD" and "VBN" in can:
                return "VBN"
        if tag == "VBD" and before in ("IN", "CC") and "VBN" in can and word_before in classes.PREPOSITIONS:
            return "VBN"
        if before == "IN" and word_before in classes.PREPOSITIONS and tag in ("VB", "VBP") and "NN" in can:
            return "NN"
        return tag

    def _that(self, at: int) -> str:
        """Tell the relative pronoun from the determiner and the conjunction."""
        if at and self.out[at - 1] in ("NN", "NNS", "NNP", "CD", ")"):
            return "WDT"
        if at and self.out[at - 1] == "JJ" and "NN" in possible(self.low[at - 1]):
            return "WDT"
        after = self.out[at + 1] if at + 1 < len(self.out) else ""
        return "DT" if after == "NN" and (not at or self.low[at - 1] in classes.PREPOSITIONS) else "IN"

    def _only(self, at: int) -> str:
        article = at > 0 and self.low[at - 1] in ("the", "an", "its", "your", "their")
        return "JJ" if article else "RB"

    def _takes(self, at: int) -> bool:
        """Tell whether a base form is followed as an imperative is, by its object or a preposition."""
        after = self.out[at + 1] if at + 1 < len(self.out) else ""
        low_after = self.low[at + 1] if at + 1 < len(self.low) else ""
        low = self.low[at]
        if low not in classes.IMPERATIVES and not lexicon().get(low, "").startswith("VB"):
            return False
        if after in ("MD", "VBZ", "VBD", "VBP", "POS", "CC") or low_after in classes.BE:
            return False
        if after in ("DT", "PRP", "PRP$", "WDT", "WP", "CD", "TO") or low_after in ("that", "if", "all", "sure"):
            return "NN" not in possible(low) or low in classes.IMPERATIVES or after in ("DT", "PRP$", "CD")
        if self.words[at + 1 : at + 2] and _CODE.search(self.words[at + 1]):
            return low in classes.IMPERATIVES
        if after in ("NN", "NNS", "NNP", "JJ", "VBG", "VBN", "RB", "IN", "SYM"):
            # "Use padding ..." but "Batch size is ...": another finite verb makes it a noun
            return low in classes.IMPERATIVES and not self._finite_later(at)
        return False

    def _finite_later(self, at: int) -> bool:
        for place in range(at + 1, len(self.out)):
            low = self.low[place]
            stop = low in classes.OPENERS | {"before", "after", "until"}
            if stop or self.out[place] in (",", ":", "WDT", "TO", "CC"):
                return False
            if low in classes.BE or self.out[place] in ("MD", "VBZ"):
                return True
            can = possible(low) if low not in classes.CLOSED else frozenset()
            after = self.out[place + 1] if place + 1 < len(self.out) else ""
            if "VBD" in can and self._before(place) in ("NN", "NNS", "CD") and after in ("DT", "PRP$"):
                return True
            if "VBP" in can and self._before(place) in ("NNS", "NN") and (not can & {"NN"} or low in ("mean", "need")):
                return True
        return False

    def _after_be(self, at: int) -> bool:
        return self._word_before(at) in classes.BE | {"being", "been", "be", "get", "gets", "isn't", "aren't", "wasn't"}

    def _is_version(self, at: int) -> bool:
        """Tell whether a number belongs to the name before it: "Python 3", "Qwen 2 7B"."""
        if not at or self.out[at] != "CD" or self.out[at - 1] != "NNP" or self.low[at - 1] in classes.MONTHS:
            return False
        return re.fullmatch(r"\d[\d.]*[A-Za-z]{0,2}(?:-\w+)*", self.words[at]) is not None
