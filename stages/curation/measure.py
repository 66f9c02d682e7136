"""All that rules can tell of a pair: a score for each gate, and the words that were found; nothing is decided here."""

import re

import msgspec

from stages.curation import repair
from stages.curation.scored import Scored
from stages.quality import (
    abbreviations,
    completeness,
    grounding,
    language,
    pointing,
    polarity,
    privacy,
    tokens,
    wording,
)
from stages.records import Pair

ANY = "any"
_CHOICE = re.compile(r"\b(?:which|what|who|whether)\b.*,.* or .*\?", re.IGNORECASE)  # holds both answers
_YES_NO = re.compile(r"(?:yes|no|ja|nein)\b", re.IGNORECASE)


class Context(msgspec.Struct, kw_only=True, frozen=True):
    """What a pair is measured against."""

    known: str  # its evidence, facts, topic and header: the words that it may use
    links: tuple[str, ...] = ()  # URLs that its document holds, or is read at
    defined: frozenset[str] = frozenset()  # abbreviations that the documents spell out
    subject: str | None = None  # what title and headings say that it is about


def measure(pair: Pair, context: Context, spoken: str = "en", mend: bool = True) -> Scored:
    """Return the pair with all its scores; one that leans on its place is mended, once, if its subject mends it.

    A mended pair has an id of its own, the other's as `parent`, and the score `repaired`.

    Args:
        pair: question and answer.
        context: what they are held against.
        spoken: language of the pairs, ISO 639-1, or "any".
        mend: is it mended?
    """
    first = _measure(pair, context, spoken)
    mended = repair.repaired(pair, context.subject, _language(pair, spoken)) if mend and context.subject else None
    if mended is None:
        return first
    second = _measure(mended, context, spoken)
    if second.scores["dangling"]:
        return first
    return msgspec.structs.replace(second, scores=second.scores | {"repaired": 1.0})


def _language(pair: Pair, spoken: str) -> str:
    return pair.language or (spoken if spoken != ANY else language.detect(f"{pair.question} {pair.answer}")[0])


def _measure(pair: Pair, context: Context, spoken: str) -> Scored:
    question, answer, known = pair.question, pair.answer, context.known
    quotes = "\n".join(evidence.quote for evidence in pair.evidence) or known
    detected, sure = language.detect(f"{question} {answer}")
    of = pair.language or (spoken if spoken != ANY else detected)
    found: dict[str, list[str]] = {}
    scores: dict[str, float] = {
        "question": float(wording.is_question(question, of)),
        "questions": float(wording.asked(question)),
        "heading": float(is_heading(question, pair.topic)),
        "answer_words": float(len(answer.split())),
    }
    found["dangling"] = pointing.dangling(question, "", of) + pointing.dangling(answer, question, of)
    found["cut_off"] = [tail for tail in [completeness.cut_off(answer, quotes)] if tail is not None]
    found["dangling_list"] = [tail for tail in [completeness.dangling_list(answer)] if tail]
    shared = tokens.stems(question) & tokens.stems(known)
    scores["on_topic"] = float(len(shared))
    polar = pair.form in wording.POLAR or _YES_NO.match(answer) is not None and wording.is_yes_no(question)
    polar = polar or _CHOICE.search(question) is not None
    scores["gives_away"] = 0.0 if polar else round(wording.gives_away(question, answer, pair.topic), 4)
    scores["coverage"] = round(grounding.coverage(answer, question, known, spoken=of), 4)
    scores["unknown"] = float(len(grounding.unknown(answer, question, known, spoken=of)))
    links = _allowed(answer, context.links)
    found["unsupported"] = grounding.unsupported(answer, f"{known}\n{links}" if links else known, of)
    found["foreign"] = grounding.foreign(question, known, of)
    found["negated"] = [word for word in [polarity.opposed(answer, known)] if word]
    found["swapped"] = [name for name in [polarity.swapped(answer, quotes, question)] if name]
    found["links"] = bad_links(pair, context)
    found["abbreviation"] = abbreviations.unexplained(f"{question}\n{answer}", known, pair.topic, context.defined)
    private = privacy.find_new(f"{question}\n{answer}", known)
    found["personal_data"] = sorted({hit.kind for hit in private})
    other = spoken != ANY and detected not in (of, language.UNKNOWN)
    scores["other_language"] = round(sure, 4) if other else 0.0
    if scores["other_language"]:
        found["other_language"] = [detected]
    scores |= {name: float(len(some)) for name, some in found.items() if name not in scores}
    return Scored(
        **{name: getattr(pair, name) for name in Pair.__struct_fields__ if name != "scores"},
        scores=pair.scores | scores,
        found={name: ", ".join(some) for name, some in sorted(found.items()) if some},
    )


def is_heading(question: str, topic: str) -> bool:
    """Tell whether a question is but the heading that it stands under, which is none itself."""
    asked = tokens.words(question)
    headings = [part.strip() for part in topic.split(" > ")]
    return any(asked == tokens.words(heading) and not re.search(r"[?？]\s*$", heading) for heading in headings)


def _allowed(answer: str, links: tuple[str, ...]) -> str:
    """Return those of the document's links that the answer gives: they are no foreign words."""
    given = {url.casefold() for url in grounding.urls(answer)}
    return "\n".join(link for link in links if any(url.casefold() in given for url in grounding.urls(link)))


def bad_links(pair: Pair, context: Context) -> list[str]:
    """Return the URLs of the answer, and the pair's own link, that its document does not hold."""
    held = {url for text in (context.known, *context.links) for url in grounding.urls(text)}
    bad = [url for url in grounding.urls(pair.answer) if url not in held]
    own = [url for url in grounding.urls(pair.link or "") if context.links and url not in held]
    return list(dict.fromkeys(bad + own))
