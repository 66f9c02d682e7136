"""Finds the main clause of a statement: what stands before it, its subject, its verbs, and the rest."""

import re

from stages.documents import wordclasses as classes
from stages.documents.lexicon import lemmas
from stages.documents.tagging import Token, tokens
from stages.llm.transform import phrases
from stages.llm.transform.clause import Clause

_FINITE = {"VBZ", "VBP", "VBD", "MD"}
_NOUNS = {"NN", "NNS", "NNP", "NNPS", "CD", "VBG"}
_NO_SUBJECT = set(
    "neither nor no few none it they this these those that he she there we i here such which who what one both".split()
)
_LEFT_OUT = set(
    "also then now still however currently therefore thus generally usually typically additionally often always "
    "even already just instead additionally further merely mostly primarily".split()
)


def parse(text: str) -> Clause | None:
    """Return the main clause of a statement, or None where it is not understood."""
    text = re.sub(r"\bought to\b", "should", text)
    words = list(tokens(text))
    while words and words[-1].text in {".", "!"}:
        words.pop()
    if len(words) < 3 or words[0].tag in ("VB", "UH"):
        return None
    end = next((at for at, word in enumerate(words) if word.text == ";"), None)
    words = words[:end]
    if len(words) < 3:
        return None
    start = _behind_front(words)
    if start is None:
        return None
    front = text[words[0].start : words[start - 2].end] if start else ""
    verb = _finite(words, start)
    if verb is None or verb == start:
        return None
    subject = _subject(text, words[start:verb])
    if subject is None:
        return None
    return _verbs(text, words, verb, front, subject, words[start:verb])


def _behind_front(words: list[Token]) -> int | None:
    """Return where the subject begins, behind a phrase or clause that ends with a comma; None if that is unclear."""
    first = words[0]
    low = first.text.lower()
    if phrases.QUANTITY.match(" ".join(word.text for word in words[:5])):
        return 0  # "About 13,000 examples were ..."
    if low in ("currently", "typically", "generally", "usually", "additionally", "today") and len(words) > 3:
        return None if words[1].text == "," and len(words) < 5 else (2 if words[1].text == "," else None)
    opens = low in classes.PREPOSITIONS or low in classes.OPENERS or first.tag in ("TO", "RB") or low == "once"
    if not opens and not (first.tag in ("VBG", "VBN") and _comma_before_subject(words)):
        return 0
    needs_verb = low in classes.OPENERS or low in ("once", "as", "after", "before", "until", "since")
    seen_verb = False
    for at, word in enumerate(words[:-2]):
        seen_verb = seen_verb or word.tag in _FINITE
        if word.text == "," and (seen_verb or not needs_verb or not _clause_like(words[:at])):
            following = words[at + 1]
            if following.tag in ("CC", "VBG", "VBN", "IN", "RB", "WDT") or _listed(words, at):
                continue
            return at + 1
    return None


def _clause_like(words: list[Token]) -> bool:
    return words[0].text.lower() in classes.OPENERS


def _listed(words: list[Token], comma: int) -> bool:
    """Tell whether a comma belongs to an enumeration: another one with "and" or "or" comes before any verb."""
    for at in range(comma + 1, len(words)):
        if words[at].tag in _FINITE:
            return False
        if words[at].text == "," and at + 1 < len(words) and words[at + 1].tag == "CC":
            return True
    return False


def _comma_before_subject(words: list[Token]) -> bool:
    for at, word in enumerate(words[:-2]):
        if word.tag in _FINITE:
            return False
        if word.text == "," and at > 1 and words[at + 1].tag in ("DT", "PRP", "NNP"):
            return True
    return False


def _finite(words: list[Token], start: int) -> int | None:
    """Return where the main clause's finite verb is: relative clauses and brackets before it are passed."""
    lacking, depth, relative = 0, 0, False
    for at in range(start, len(words)):
        word = words[at]
        if word.text in "([":
            depth += 1
        elif word.text in ")]":
            depth -= 1
        if depth > 0:
            continue
        if word.text == ":" or (word.tag == "SYM" and word.text in "=|"):
            return None
        if word.text.lower() in classes.OPENERS and at > start and word.tag in ("WDT", "WP", "IN", "WRB", "PRP$"):
            if words[at + 1 : at + 2] and words[at + 1].tag == "TO":
                continue  # "how to add datasets"
            lacking, relative = lacking + 1, True
        elif word.tag in _FINITE:
            if relative and words[at - 1].tag == "CC":
                continue  # still of the relative clause
            if not lacking:
                return at
            if not (word.tag == "MD" or (at and words[at - 1].tag == "CC")) or word.tag == "MD":
                lacking -= 1
    return None


def _subject(text: str, words: list[Token]) -> str | None:
    """Return a subject as it reads inside a question, or None if it is no noun phrase that stands alone."""
    words = [*words]
    while words and words[-1].tag == "RB":
        words.pop()
    relative = next((at for at, word in enumerate(words) if word.tag == "WDT"), None)
    if relative is not None and any(word.tag == "CC" for word in words[relative:]):
        return None
    about = words and phrases.QUANTITY.match(" ".join(word.text for word in words)) is not None
    if (
        not words
        or len(words) > 16
        or not about
        and (words[0].text.lower() in _NO_SUBJECT or words[0].tag in ("IN", "CC", "VBN", "RB"))
    ) and not (words and len(words) > 1 and words[0].tag in ("VBN", "RB") and words[1].tag in _NOUNS):
        return None
    if words[0].text.lower() == "one" and not (len(words) > 1 and words[1].text == "of"):
        return None
    if not any(word.tag in _NOUNS or word.tag == "PRP" for word in words):
        return None
    if words[-1].tag in ("CC", "DT", "IN", "TO", ",") and words[-1].text != ",":
        return None
    commas = [at for at, word in enumerate(words) if word.text == ","]
    if commas:
        if any(word.tag == "CC" for word in words[commas[-1] :]) and words[-1].text != ",":
            pass  # a list
        elif (
            words[-1].text == ","
            and len(commas) == 2
            or words[-1].text == ","
            and words[commas[0] + 1 : commas[0] + 2]
            and words[commas[0] + 1].tag in ("WDT", "WP")
        ):  # an apposition: "TGI, short for ..., is"
            words = words[: commas[0]]
        else:
            return None
    start, end = words[0].start, words[-1].end
    phrase = re.sub(r"\s+\([^()]+\)", "", text[start:end])
    phrase = re.sub(r" (?:itself|themselves)$", "", phrase)
    if phrase.lower() == "you":
        return "I"
    return phrases.inside(phrase)


def _verbs(
    text: str, words: list[Token], at: int, front: str, subject: str, head: list[Token]
) -> Clause | None:  # fmt: skip
    first = words[at]
    low = first.text.lower()
    negated = low.endswith("n't") or low == "cannot"
    do = {"cannot": "can", "can't": "can", "won't": "will"}.get(low, low.removesuffix("n't"))
    kept: list[str] = []  # adverbs that carry meaning
    chain = [first]
    place = at + 1
    while place < len(words):
        word = words[place]
        if (
            word.tag == "RB"
            and place + 1 < len(words)
            and (words[place + 1].tag.startswith(("VB", "RB")) or word.text in ("not", "never"))
        ):
            negated = negated or word.text.lower() in ("not", "never", "hardly")
            if word.text.lower() == "only":
                place += 1
                continue
            if word.text.lower() not in _LEFT_OUT | {"not", "never"}:
                kept.append(word.text)
        elif _continues(chain, word):
            chain.append(word)
        else:
            break
        place += 1
    while place < len(words) - 1 and words[place].text.lower() in (
        "mainly",
        "basically",
        "essentially",
        "simply",
        "now",
    ):
        place += 1
    rest, after = _cut(text, words, place)
    main = chain[-1]
    base = lemmas(main.text.lower()).get("VERB", main.text.lower())
    helpers = [word.text for word in chain[1:-1]]
    kind = "active"
    if base == "be" and main.text.lower() in classes.BE | {"be", "been"}:
        kind = "copula"
    elif main.tag == "VBN" and any(w.text.lower() in classes.BE | {"be", "been", "being"} for w in chain[:-1]):
        kind = "passive"
    elif main.tag == "VBG":
        kind = "progressive"
    if len(chain) == 1 and kind == "active":
        do = {"VBZ": "does", "VBP": "do", "VBD": "did"}.get(first.tag, "")
        verbs = base
    elif len(chain) == 1:
        verbs = ""
    else:
        verbs = " ".join([*helpers, *kept, main.text])
    if len(chain) == 1 and kept and verbs:
        verbs = " ".join([*kept, verbs])
    if not do or (first.tag == "MD" and len(chain) == 1):
        return None
    return Clause(
        front=front, subject=subject, head=head, do=do, verbs=verbs, verb=base, kind=kind, negated=negated, rest=rest,
        finite=text[first.start : main.end], after=after, text=text,
    )  # fmt: skip


def _continues(chain: list[Token], word: Token) -> bool:
    """Tell whether a word goes on with a group of verbs: "has been", "can be used"."""
    last = chain[-1].text.lower()
    if last in classes.MODALS or (last in classes.DO and word.tag == "VB"):
        return word.tag in ("VB", "VBP") or word.text in ("be", "have")
    if last in classes.BE | {"be", "been", "being"}:
        return (
            word.tag in ("VBN", "VBG") and not (word.tag == "VBG" and word.text in ("missing",)) or word.text == "being"
        )
    if last in classes.HAVE:
        return word.tag == "VBN" or word.text == "been"
    return False


def _cut(text: str, words: list[Token], start: int) -> tuple[list[Token], str]:
    """Return the rest up to a second predicate or a clause of equal rank, and what follows."""
    depth = 0
    for at in range(start, len(words)):
        word = words[at]
        depth += (word.text in "([") - (word.text in ")]")
        if depth > 0:
            continue
        following = words[at + 1 : at + 4]
        low = word.text.lower()
        finite = [w for w in following[:2] if w.tag in _FINITE]
        second = word.tag == "CC" and finite and (finite[0] is following[0] or following[0].tag == "RB")
        opened = any(w.text.lower() in classes.OPENERS for w in words[start:at])
        if second and not opened:
            return words[start:at], text[word.start : words[-1].end]
        if (
            word.text == ","
            and following
            and (
                following[0].text.lower() in ("whereas", "which", "while", "but", "although", "where")
                or (following[0].text == "so" and following[1:2] and following[1].text != "that")
                or (following[0].tag == "CC" and any(w.tag in _FINITE for w in words[at + 2 :]))
                and not any(w.text == "," and words[at:].index(w) > 0 for w in words[at + 1 : at + 3])
                and not opened
            )
        ):
            return words[start:at], text[following[0].start : words[-1].end]
        if low in ("whereas",) or word.text in ("—", "–"):
            return words[start:at], text[word.start : words[-1].end]
    return words[start:], ""
