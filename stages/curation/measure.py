"""All that rules can tell of a pair: a score for each gate, and the words that were found; nothing is decided here."""

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from stages.curation.scored import Scored
from stages.quality import (
    abbreviations,
    completeness,
    grounding,
    language,
    mentions,
    pointing,
    polarity,
    privacy,
    repair,
    tokens,
    wording,
)
from stages.records import Pair

ANY = "any"
_CHOICE = re.compile(r"\b(?:which|what|who|whether)\b.*,.* or .*\?", re.IGNORECASE)  # holds both answers
_YES_NO = re.compile(r"(?:yes|no|ja|nein)\b", re.IGNORECASE)
_MARKED = re.compile(r"[?？]\s*$")


class Context(msgspec.Struct, kw_only=True, frozen=True):
    """What a pair is measured against."""

    known: str  # its evidence, facts, topic and header: the words that it may use
    said: str = ""  # of that what is said, without the names of places; by default the evidence
    links: tuple[str, ...] = ()  # URLs that its document holds, or is read at
    defined: frozenset[str] = frozenset()  # abbreviations that the documents spell out
    subject: str | None = None  # what title and headings say that it is about


class Case:
    """A pair with what several measures need of it."""

    def __init__(self, pair: Pair, context: Context, spoken: str):
        self.pair, self.question, self.answer = pair, pair.question, pair.answer
        self.context, self.known, self.asked_for = context, context.known, spoken
        self.quotes = "\n".join(evidence.quote for evidence in pair.evidence) or context.known
        self.text = f"{pair.question}\n{pair.answer}"
        self.detected, self.sure = language.detect(f"{pair.question} {pair.answer}")
        self.spoken = pair.language or (spoken if spoken != ANY else self.detected)

    @property
    def other_language(self) -> bool:
        """Whether it seems to be in another language than it should."""
        return self.asked_for != ANY and self.detected not in (self.spoken, language.UNKNOWN)


def measure(pair: Pair, context: Context, spoken: str = "en", mend: bool = True) -> Scored:
    """Return the pair with all its scores; one that leans on its place is mended, once, if its subject mends it.

    A mended pair has an id of its own, the other's as `parent`, and the score `repaired`.

    Args:
        pair: question and answer.
        context: what they are held against.
        spoken: language of the pairs, ISO 639-1, or "any".
        mend: is it mended?
    """
    first, second = both(pair, context, spoken) if mend else (_scored(Case(pair, context, spoken)), None)
    return second or first


def both(pair: Pair, context: Context, spoken: str = "en") -> tuple[Scored, Scored | None]:
    """Return the pair with its scores as it is, and as it was mended, None if it was not; see `measure`."""
    case = Case(pair, context, spoken)
    first = _scored(case)
    mended = repair.repaired(pair, context.subject, case.spoken) if context.subject else None
    if mended is None:
        return first, None
    second = _scored(Case(mended, context, spoken))
    if second.scores["dangling"]:
        return first, None
    return first, msgspec.structs.replace(second, scores=second.scores | {"repaired": 1.0})


def _scored(case: Case) -> Scored:
    scores = {name: measured(case) for name, measured in SCORES.items()}
    found = {name: find(case) for name, find in FOUND.items()}
    scores |= {name: float(len(some)) for name, some in found.items() if name not in scores}
    pair = case.pair
    return Scored(
        **{name: getattr(pair, name) for name in Pair.__struct_fields__ if name != "scores"},
        scores=pair.scores | scores,
        found={name: ", ".join(some) for name, some in sorted(found.items()) if some},
    )


def is_heading(question: str, topic: str) -> bool:
    """Tell whether a question is but the heading that it stands under, which is none itself."""
    asked = tokens.words(question)
    headings = [part.strip() for part in topic.split(" > ")]
    return any(asked == tokens.words(heading) and not _MARKED.search(heading) for heading in headings)


def _gives_away(case: Case) -> float:
    polar = case.pair.form in wording.POLAR or _YES_NO.match(case.answer) and wording.is_yes_no(case.question)
    if polar or _CHOICE.search(case.question):
        return 0.0
    return round(wording.gives_away(case.question, case.answer, case.pair.topic), 4)


def _unsupported(case: Case) -> list[str]:
    links = _allowed(case.answer, case.context.links)
    return grounding.unsupported(case.answer, f"{case.known}\n{links}" if links else case.known, case.spoken)


def _allowed(answer: str, links: tuple[str, ...]) -> str:
    """Return those of the document's links that the answer gives: they are no foreign words."""
    given = {url.casefold() for url in mentions.urls(answer)}
    if not given:
        return ""
    return "\n".join(link for link in links if any(url.casefold() in given for url in mentions.urls(link)))


def bad_links(pair: Pair, context: Context) -> list[str]:
    """Return the URLs of the answer, and the pair's own link, that its document does not hold."""
    given, own = mentions.urls(pair.answer), mentions.urls(pair.link or "") if context.links else []
    if not given and not own:
        return []
    held = _held(context.known, context.links)
    return list(dict.fromkeys(url for url in given + own if url not in held))


@lru_cache(maxsize=64)  # pairs of a fact, one behind the other, share it
def _held(known: str, links: tuple[str, ...]) -> frozenset[str]:
    return frozenset(url for text in (known, *links) for url in mentions.urls(text))


def _some(one: str | None) -> list[str]:
    return [one] if one else []


# By score. What is found is told, and counted as the score of its name.
SCORES: dict[str, Callable[[Case], float]] = {
    "question": lambda case: float(wording.is_question(case.question, case.spoken)),
    "questions": lambda case: float(wording.asked(case.question)),
    "heading": lambda case: float(is_heading(case.question, case.pair.topic)),
    "answer_words": lambda case: float(len(case.answer.split())),
    "on_topic": lambda case: float(len(tokens.stems(case.question) & tokens.stems(case.known))),
    "gives_away": _gives_away,
    "coverage": lambda case: round(grounding.coverage(case.answer, case.question, case.known, spoken=case.spoken), 4),
    "unknown": lambda case: float(
        len(grounding.unknown(case.answer, case.question, case.known, spoken=case.spoken))
    ),
    "other_language": lambda case: round(case.sure, 4) if case.other_language else 0.0,
}  # fmt: skip
FOUND: dict[str, Callable[[Case], list[str]]] = {
    "dangling": lambda case: pointing.dangling(case.question, "", case.spoken)
    + pointing.dangling(case.answer, case.question, case.spoken),
    "cut_off": lambda case: [tail for tail in [completeness.cut_off(case.answer, case.quotes)] if tail is not None],
    "dangling_list": lambda case: _some(completeness.dangling_list(case.answer)),
    "unsupported": _unsupported,
    "foreign": lambda case: grounding.foreign(case.question, case.known, case.spoken),
    "negated": lambda case: _some(polarity.opposed(case.answer, case.context.said or case.quotes)),
    "swapped": lambda case: _some(polarity.swapped(case.answer, case.quotes, case.question)),
    "links": lambda case: bad_links(case.pair, case.context),
    "abbreviation": lambda case: abbreviations.unexplained(
        case.text, case.known, case.pair.topic, case.context.defined
    ),
    "personal_data": lambda case: sorted({hit.kind for hit in privacy.find_new(case.text, case.known)}),
    "other_language": lambda case: [case.detected] if case.other_language and round(case.sure, 4) else [],
}  # fmt: skip
