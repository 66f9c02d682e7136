"""What a judge's verdicts on answers come to: scores, and whether the labelled answers bear the judge out.

A judge that was never held against labels has measured nothing. It is reliable as `curation.calibration` has it: the
lower end of the interval of Cohen's kappa with the labels is at least `min_kappa`. The rest is measured all the same.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from stages import disk
from stages.llm import judging
from stages.llm.gateway import Request
from stages.llm.prompts import Prompt
from stages.records import Answer, Item, Record, RecordError
from stages.scoring import statistics

SETS = ("trained", "reworded", "held_out", "faq", "unanswerable", "general")
MARKS = {"correct": 1.0, "partly": 0.5, "wrong": 0.0, "refused": 0.0}
Text = Annotated[str, msgspec.Meta(pattern=r"\S")]
Items = Mapping[tuple[str, str], Item]  # by set and id


class Label(Record, kw_only=True):
    """An answer of which somebody has said how good it is (data/sources/answer_labels.jsonl)."""

    question: Text
    reference: Text
    evidence: str  # blank where the documents do not say
    answer: Text
    verdict: Literal["correct", "partly", "wrong", "refused"]
    why: str
    who: Text


class Opinion(Record, kw_only=True):
    """What the samples of one answer come to."""

    verdicts: list[str | None]  # of each sample, None: it could not be read
    score: float | None  # mean mark of those that could, None: there is none
    correct: bool | None  # do most of them say so?
    said: str  # reason of the first of them
    problem: str | None  # why there is none


class OfLabel(Opinion, kw_only=True):
    """The opinion of a labelled answer."""

    label: str


class OfAnswer(Opinion, kw_only=True):
    """The opinion of a system's answer."""

    item: str
    set: str
    system: str


def read_labels(path: Path) -> list[Label]:
    """Return the labelled answers of a file. Raises RecordError, naming file and line or id, for one that is none."""
    labels: dict[str, Label] = {}
    for label in disk.stream(path, Label):
        if label.id in labels:
            raise RecordError(f"{path}: two labels have the id {label.id}")
        labels[label.id] = label
    return list(labels.values())


def chosen(answers: Iterable[Answer], items: Items, sets: Sequence[str]) -> list[Answer]:
    """Return the answers of the sets, by id. Raises RecordError if the item of one is not there."""
    found = sorted((one for one in answers if one.set in sets), key=lambda one: one.id)
    for one in found:
        if (one.set, one.item) not in items:
            raise RecordError(f"answer {one.id}: its item, {one.item} of the set {one.set}, is not among the items; "
                              "run evaluate again")  # fmt: skip
    return found


def requests(
    labels: Sequence[Label], answers: Sequence[Answer], items: Items, prompt: Prompt, **asking: Any
) -> list[Request]:
    """Return what is asked about labels and then about answers, in the same way; see `judging.of_answers`."""
    cases = [(one.question, one.answer, one.reference, one.evidence) for one in labels]
    cases += [(one.question, one.answer, one.reference, items[one.set, one.item].evidence or "") for one in answers]
    return judging.of_answers(cases, prompt, **asking)


def opinions(
    labels: Sequence[Label], answers: Sequence[Answer], replies: Sequence[dict[str, Any]], samples: int
) -> tuple[list[OfLabel], list[OfAnswer]]:
    """Return what the replies to `requests` come to."""
    found = (_opinion(replies[start : start + samples]) for start in range(0, len(replies), samples))
    of_labels = [OfLabel(id=one.id, label=one.verdict, **next(found)) for one in labels]
    return of_labels, [
        OfAnswer(id=one.id, item=one.item, set=one.set, system=one.system, **next(found)) for one in answers
    ]


def _opinion(replies: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the fields of an `Opinion`. A sample that cannot be read is left out, and no low mark."""
    read = [judging.exactly(reply, judging.Verdict) for reply in replies]
    found = [one for one, _ in read if one is not None]
    verdicts = [None if one is None else one.verdict for one, _ in read]
    if not found:
        return {"verdicts": verdicts, "score": None, "correct": None, "said": "", "problem": read[0][1]}
    return {
        "verdicts": verdicts,
        "score": round(math.fsum(MARKS[one.verdict] for one in found) / len(found), 4),
        "correct": 2 * sum(one.verdict == "correct" for one in found) > len(found),
        "said": found[0].reason,
        "problem": None,
    }


def agreement(labelled: Sequence[OfLabel], min_kappa: float) -> dict[str, Any]:
    """Return `kappa`, whether the judge is `reliable`, and `label_abstentions`, the share of samples that say nothing.

    The raters are the labels and the majority of the samples, who say of each answer whether it is correct.
    """
    rated = [(one.label == "correct", one.correct) for one in labelled if one.correct is not None]
    value, low, high = statistics.kappa(rated) if rated else (math.nan,) * 3
    samples = [said is None for one in labelled for said in one.verdicts]
    share = sum(samples) / len(samples) if samples else math.nan
    return {
        "kappa": _shown(value, low, high, len(rated)),
        "reliable": low >= min_kappa,
        "label_abstentions": _shown(share, *statistics.wilson(share, len(samples)), len(samples)),
    }


def told(found: Mapping[str, Any]) -> str:
    """Return an `agreement` in words."""
    kappa = found["kappa"]
    if not kappa["n"]:
        return "no labelled answer got a verdict that could be read"
    return f"its kappa with {kappa['n']} labels is {kappa['value']} ({kappa['low']} to {kappa['high']})"


def scores(given: Iterable[OfAnswer], items: Items, draws: int, seed: int) -> dict[str, Any]:
    """Return {set: {system: {value, low, high, n}}}, the mean scores of opinions."""
    return table([(one.set, one.system, one.item, one.score) for one in given if one.score is not None],
                 items, draws, seed)  # fmt: skip


def table(rows: Iterable[tuple[str, str, str, float]], items: Items, draws: int, seed: int) -> dict[str, Any]:
    """Return {set: {name: {value, low, high, n}}} of (set, name, item, value).

    Items on one fact are drawn together. Where all values are the same no draw differs: the interval is then Wilson's,
    since nothing from 0 to 1 varies more than yes and no.
    """
    values: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for place, name, item, value in sorted(rows):
        values[place, name][item] = value
    found: dict[str, Any] = {}
    for (place, name), by_item in values.items():
        given = list(by_item.values())
        stands_on = [(items[place, item].facts or [item])[0] for item in by_item]
        mean, low, high = statistics.bootstrap(given, stands_on, seed, draws)
        if len(set(given)) == 1:
            low, high = statistics.wilson(mean, len(set(stands_on)))
        found.setdefault(place, {})[name] = _shown(mean, low, high, len(given))
    return found


def _shown(value: float, low: float, high: float, n: int) -> dict[str, Any]:
    figures = {"value": value, "low": low, "high": high}
    return {name: None if math.isnan(one) else round(one, 4) for name, one in figures.items()} | {"n": n}
