"""Does an answer say the opposite of its evidence, or give one thing what its evidence gives another? By rule.

An answer's clause is held against the clause of the evidence with which it shares most words. A negation or an
opposite ("enabled", "disabled") that only one of the two has, and values that stand with another name, are told.
"""

import functools
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from stages.quality.mentions import names
from stages.quality.tokens import FUNCTION_WORDS, normal_form, stem, stems

DATA = "polarity.en.yaml"


class Polarity(msgspec.Struct, forbid_unknown_fields=True):
    """The words of polarity.en.yaml."""

    negations: str
    soft: str
    opposites: list[tuple[str, str]]


@functools.cache
def _data() -> tuple[frozenset[str], frozenset[str], list[tuple[frozenset[str], frozenset[str]]], frozenset[str]]:
    given = msgspec.yaml.decode((Path(__file__).parent / DATA).read_bytes(), type=Polarity)
    sides = [(frozenset(one.split()), frozenset(other.split())) for one, other in given.opposites]
    every = frozenset().union(*(one | other for one, other in sides))
    return frozenset(given.negations.split()), frozenset(f"{given.negations} {given.soft}".split()), sides, every


_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[\"'“(]?[A-Z\d`])|\n+")
_AND = r"(?=the\b|[A-Z\d][^\s;,.]*(?: [A-Z\d][^\s;,.]*)* [a-z]|[a-z]+ [A-Z\d]\b)"  # a clause, no name alone
_BESIDE = rf";|,? (?:but|while|whereas|although)\b|,? and {_AND}"
_CONTRAST = re.compile(rf"\s*(?:{_BESIDE})\s*")
_CLAUSE = re.compile(rf"\s*(?:{_BESIDE}|, (?:and|which|who|where)\b)\s*")
_NOUGHT = re.compile(r"^(?:yes|no)\s*[,.:;–-]\s*", re.IGNORECASE)
_WORD = re.compile(r"[\w-]*\w")


_CELL = re.compile(r"(?i)([:|]\s*)(?:no|none|not \w+)\s*(?=[;,.|\n]|$)")  # of a table
_BEHIND = re.compile(r"(?<=\w )no(?=\s*(?:[,;.|\n]|$))")  # "Grouped-query attention no, ..."
_CANNOT = re.compile(r"\bcan ?not\b|\bcan't\b")
_NOT = re.compile(r"\b(is|are|was|were|do|does|did|has|have|had|wo|would|should|could|must|need)n't\b")
_BOUND = re.compile(
    r"\b(?:no|not|never) (?:longer|more|less|fewer|later|earlier|higher|lower) than\b|\bnot only\b|\bno matter\b|"
    r"\b(?:nothing|nobody|none|no one) (?:but|except|other than)\b"
)


@functools.lru_cache(maxsize=1024)  # each clause of an evidence is held against each sentence of some answers
def _words(text: str) -> tuple[str, ...]:
    if ":" in text or "|" in text:
        text = _CELL.sub(r"\1", text)
    text = _BEHIND.sub("", text) if " no" in text else text
    text = text.casefold()
    text = _CANNOT.sub("can not", text) if "can" in text else text
    text = _NOT.sub(r"\1 not", text) if "n't" in text else text
    text = _BOUND.sub(" ", text) if "no" in text or "never" in text else text
    return tuple(_WORD.findall(text))


@functools.lru_cache(maxsize=1024)
def _telling(text: str) -> tuple[str, ...]:
    """Return the stems of the words that are no function words, in order."""
    return tuple(stem(word) for word in _words(text) if word not in FUNCTION_WORDS)


@functools.lru_cache(maxsize=4096)
def _clauses(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return the sentences of a text and their clauses, each with its stems."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        parts = [part for part in _CLAUSE.split(sentence) if part and part.strip()]
        found += [sentence, *(parts if len(parts) > 1 else [])]
    return tuple((one, frozenset(stems(one))) for one in found if one.strip())


def _closest(clause: str, evidence: str) -> str | None:
    """Return the clause or sentence of the evidence that shares most with one of the answer, the shorter of equals."""
    wanted = stems(clause)
    best, most = None, 0.0
    for one, held in _clauses(evidence):
        shared = len(wanted & held)
        score = shared - 0.1 * len(held - wanted)
        if shared and (best is None or score > most):
            best, most = one, score
    return best


@functools.lru_cache(maxsize=64)  # questions about a fact have one answer
def opposed(answer: str, evidence: str) -> str | None:
    """Return the word by which the answer says the opposite of its evidence, None if there is none.

    Args:
        answer: any text; "Yes, " and "No, " before it say nothing about the statement behind them.
        evidence: the words that it stands on.
    """
    negations, negative, sides, opposite = _data()
    answer, evidence = normal_form(answer).strip(), normal_form(evidence)
    if answer.casefold() in evidence.casefold():
        return None
    for sentence in _SENTENCE.split(_NOUGHT.sub("", answer)):
        said = _words(sentence)
        ours = set(said)
        near = _closest(sentence, evidence)
        if near is None:
            continue
        whole = next((one for one in _SENTENCE.split(evidence) if near in one), near)
        held, around = set(_words(near)), set(_words(whole))
        for one, other in sides if ours & opposite else ():
            for left, right in ((one, other), (other, one)):
                mine = left & ours
                if not mine or right & ours or not right & held or mine & held or negations & (ours | held):
                    continue
                if _follows(said, mine) == _follows(_words(near), right) != "":
                    return min(mine)
        mine, theirs = negations & ours, negations & held
        excused = bool(
            negations & around or "longer" in said and _GONE & around or (negative & around) - {"only"} - ours
        )
        # "not open" is closed
        turned = any(a & ours and b & held and not a & held for one in sides for a, b in (one, one[::-1]))
        if mine and not excused and not turned and not _un(around):
            return min(mine)
        excused = bool(mine or (negative & ours) - held) or "|" in near or near.count(":") > 1  # cells of a row
        if theirs and not excused and not turned and not _un(ours):
            denied = _denied(near, negations)
            if denied and len(denied & stems(sentence)) * 2 > len(denied):
                return f"without {min(theirs)}"
    return None


_GONE = frozenset(
    "remove removes removed drop drops dropped stop stops stopped end ends ended deprecated until".split()
)
_ORDER = frozenset("before after than more less faster slower larger bigger greater smaller higher lower".split())


def _follows(listed: Sequence[str], some: set[str] | frozenset[str]) -> str | None:
    """Return the word that tells what "before" or "faster than" is said of; None of words that need none."""
    place = next(n for n, word in enumerate(listed) if word in some)
    if listed[place] not in _ORDER:
        return None
    if any(word in ("that", "this", "which") for word in listed[place + 1 : place + 2]):
        return ""
    if "than" in listed[place:]:
        start = listed.index("than", place)
    else:
        start = place if listed[place] in ("before", "after") else len(listed)
    return next((stem(word) for word in listed[start + 1 :] if word not in FUNCTION_WORDS), None)


def _un(some: set[str]) -> bool:
    return any(_UN.match(word) and word not in _PLAIN for word in some)


_UN = re.compile(r"(?:un|non-|dis|in(?=[acdefoséiv])|ir|im)[a-z]{4,}")


_PLAIN = frozenset(
    "under until unit units unless unique unix universal union unified university underlying understand input "
    "index include includes included including information install installs installed installation inference "
    "instruct instruction instructions instance interface internal internet integer initial image images import "
    "important imports increase increases indicate indicates individual industry inside display displays disk "
    "distance distributed distribution discussion discord implementation implement implements improve improves "
    "intended interval invite involves directory inspect insert inserts integration instead intel irc disc "
    "dispatch district discover".split()
)


def _denied(clause: str, negations: frozenset[str]) -> set[str]:
    """Return the stems of the few words behind the first negation of a clause: what is denied."""
    listed = _words(clause)
    place = next((n for n, word in enumerate(listed) if word in negations), None)
    if place is None:
        return set()
    after = [stem(word) for word in listed[place + 1 :] if word not in FUNCTION_WORDS]
    return set(after[:3])


def swapped(answer: str, evidence: str, question: str = "") -> str | None:
    """Return what an answer gives to one thing although its evidence gives it to another, None where it does not.

    "A needs 14 GB and B needs 26 GB" does not give A the 26 GB; nor does a table whose rows are A's and B's. Two names
    that change places in a sentence of the same voice are told, too. "respectively" is not judged.

    Args:
        answer: any text.
        evidence: the words that it stands on; rows of tables as lines with bars.
        question: in which the subject may be named instead.
    """
    answer, evidence, question = normal_form(answer), normal_form(evidence), normal_form(question)
    if answer.strip().casefold() in evidence.casefold() or "respectively" in f"{answer} {evidence}".casefold():
        return None
    if found := _of_another_row(answer, evidence, question):
        return found
    for sentence in _SENTENCE.split(evidence):
        parts = [part for part in _CONTRAST.split(sentence) if part and part.strip()]
        for one, other in pairwise(parts):
            if found := _mixed(answer, one, other) or _mixed(answer, other, one):
                return found
    for sentence in _SENTENCE.split(answer):
        mine = _names(sentence)
        for clause, _ in _clauses(evidence):
            theirs = _names(clause)
            if _reversed(sentence, clause, mine, theirs):
                return mine[0]
            if found := _transposed(sentence, clause):
                return found
    return None


_LETTERED = re.compile(r"\b[A-Za-z][a-z]{2,} [B-HJ-Z]\b|\b[A-Z][a-z]+ A\b|(?<![\w-])[A-Z][\w.+-]* \d[\d.]*\w?(?![\w%])")
_JOINED = re.compile(r"\b[a-z]+_[A-Z]\b")
_CAPITAL = re.compile(r"(?<![\w-])[A-Z][\w.+-]*\w")
_CODE = re.compile(r"`[^`]+`")


@functools.lru_cache(maxsize=256)
def _keys(text: str) -> frozenset[str]:
    """Return the names, numbers and code of a text, and any other word with a capital."""
    for pair in _LETTERED.findall(text):
        text = text.replace(pair, pair.replace(" ", "_"))
    text = _JOINED.sub(lambda match: match.group().capitalize(), text)
    capital = {word.casefold() for word in _CAPITAL.findall(text)}
    return frozenset(({*_VALUE.findall(text), *_CODE.findall(text)} | capital) - FUNCTION_WORDS)


def _mixed(answer: str, one: str, other: str) -> str | None:
    """Return the key of a clause that the answer joins with what the clause beside it says of another."""
    told, mine, theirs = _keys(answer), _keys(one) - _keys(other), _keys(other) - _keys(one)
    words, left, right = stems(answer), stems(one), stems(other)
    has, lacks = told & mine, mine - told
    rest = left - right - {stem(key) for key in mine}
    if not has or not (lacks or len(rest) > 1 and len(rest & words) * 2 < len(rest)) or not theirs - told:
        return None
    borrowed = right - left - {stem(key) for key in theirs}
    if told & theirs or len(borrowed & words) > 1 and len(borrowed & words) > len(rest & words):
        return min(has)
    return None


def _of_another_row(answer: str, evidence: str, question: str) -> str | None:
    """Return the label of a table's row if an answer about it gives a cell of another row."""
    if "|" not in evidence:
        return None
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in evidence.splitlines()
            if line.strip().startswith("|") and not _RULE.fullmatch(line)]  # fmt: skip
    if len(rows) < 2:
        return None
    about = f"{question} {answer}"
    for row in rows[1:]:
        given = [n for n, cell in enumerate(row) if n and cell and _holds(answer, cell)]
        if not given or _holds(answer, row[0]) or _holds(question, row[0]):
            continue
        for other in rows[1:]:
            named = other is not row and len(other) == len(row) and other[0] != row[0] and _holds(about, other[0])
            if named and all(other[n] != row[n] and not _holds(answer, other[n]) for n in given):
                return other[0]
    return None


_RULE = re.compile(r"[|:\s-]+")  # below a table's head


@functools.lru_cache(maxsize=1024)
def _holds(text: str, cell: str) -> bool:
    bare = cell.strip("`* ")
    if text.isascii() and bare.isascii() and bare.casefold() not in text.casefold():
        return False  # spares most patterns
    return bool(bare) and re.search(rf"(?<![\w.]){re.escape(bare)}(?![\w]|\.\d)", text, re.IGNORECASE) is not None


_VALUE = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?!\w)")


_SHAPED = re.compile(r"(?<!\w)\d+(?:\.\d+)?[BMK]\b|`[^`]+`")


@functools.lru_cache(maxsize=8192)
def _names(text: str) -> tuple[str, ...]:
    shaped = _SHAPED.findall(text)
    return tuple(dict.fromkeys(one.casefold() for one in [*names(text), *shaped]))


def _transposed(sentence: str, clause: str) -> str | None:
    """Return the word that changed places with another, where nothing else tells a sentence from its evidence."""
    ours, theirs = _telling(sentence), _telling(clause)
    if len(ours) != len(theirs) or len(ours) < 4:
        return None
    apart = [place for place, (one, other) in enumerate(zip(ours, theirs, strict=True)) if one != other]
    if len(apart) != 2 or ours[apart[0]] != theirs[apart[1]] or ours[apart[1]] != theirs[apart[0]]:
        return None
    middle = f" {sentence.casefold()} "
    alike = all((f" {word} " in middle) == (f" {word} " in f" {clause.casefold()} ") for word in ("by", "and", "or"))
    return ours[apart[0]] if alike and " and " not in middle and " or " not in middle else None


def _reversed(sentence: str, clause: str, mine: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    """Tell whether two names stand in the other order, in clauses of the same voice that are otherwise alike."""
    both = [name for name in mine if name in theirs]
    if len(both) != 2 or len(theirs) > 3:
        return False
    ours, other = sentence.casefold(), clause.casefold()
    if (ours.find(both[0]) < ours.find(both[1])) == (other.find(both[0]) < other.find(both[1])):
        return False
    left, right = stems(sentence), stems(clause)
    voice = all((f" {word} " in ours) == (f" {word} " in other) for word in ("by", "than", "and", "or"))
    return voice and len(left ^ right) <= 1 and not _BOTH.search(other)


_BOTH = re.compile(r"\b(?:and|or|with|between)\b")
