"""Reads the records and metrics of a data folder into plain structures, and checks that they add up."""

import csv
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stages import records
from stages.records import Answer, Chunk, Document, Fact, Pair, R, Reject, Row

EXAMPLES = 3  # rejects shown of each reason
LONGEST = 400  # characters of a reject's text
BASE, ORACLE = "base", "oracle"
SETS = ("reworded", "faq", "held_out", "trained", "unanswerable", "general")  # what is asked for first comes first
TEACHING = ("training", "reworded", "held_out")  # where a pair can end up

# Stage: what it takes in, and what it keeps.
UNITS = {
    "collect": ("sources", "sources"),
    "parse": ("documents", "documents"),
    "filter": ("documents", "documents"),
    "chunk": ("statements", "facts"),
    "generate": ("questions", "pairs"),
    "curate": ("pairs", "pairs"),
    "dedup": ("pairs", "pairs"),
    "split": ("pairs", "pairs"),
    "augment": ("pairs", "pairs"),
    "mix": ("rows", "rows"),
}


class GatherError(ValueError):
    """Something the report needs is missing or does not add up; the message says which stage to run."""


@dataclass(frozen=True)
class Example:
    """One reject: what it says, and what the gate measured."""

    text: str
    value: str


@dataclass(frozen=True)
class Reason:
    """Why a stage rejected some."""

    name: str
    count: int
    examples: list[Example]


@dataclass(frozen=True)
class Step:
    """One stage of the funnel. `relation` says how what came in follows from what the stage before kept."""

    stage: str
    unit: str
    kept_unit: str
    received: int
    kept: int
    reasons: list[Reason]
    relation: str
    figures: dict[str, Any]

    @property
    def rejected(self) -> int:
        """How many were rejected, over all reasons."""
        return sum(reason.count for reason in self.reasons)


@dataclass
class Coverage:
    """Of a heading or a document: its facts, and the pairs that stand on them by where they ended up."""

    facts: set[str] = field(default_factory=set)
    covered: set[str] = field(default_factory=set)
    pairs: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in TEACHING})

    @property
    def reached(self) -> int:
        """How many pairs reached training or evaluation."""
        return len(set().union(*self.pairs.values()))


@dataclass
class DocumentRow:
    """A document with what became of it."""

    title: str
    source: str
    licence: str
    language: str
    sections: int
    words: int
    chunks: int
    coverage: Coverage
    headings: dict[tuple[str, ...], Coverage]


@dataclass(frozen=True)
class Quarantined:
    """A source or document that was rejected before it had facts."""

    title: str
    source: str
    stage: str
    reason: str
    value: str


@dataclass(frozen=True)
class Uncovered:
    """A fact that no row and no evaluation item stands on, and where its questions were lost."""

    document: str
    heading: str
    quote: str
    lost: str


@dataclass(frozen=True)
class Score:
    """A figure with its interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int | None
    verdict: str = ""


@dataclass(frozen=True)
class Evaluation:
    """Scores by set, system and metric; differences by set, (left, right) and metric; gap closed by set and system."""

    sets: list[str]
    systems: list[str]
    metrics: list[str]
    scores: dict[str, dict[str, dict[str, Score]]]
    differences: dict[str, dict[tuple[str, str], dict[str, Score]]]
    gaps: dict[str, dict[str, dict[str, Score]]]
    not_asked: dict[str, int]

    def items(self, name: str, metric: str) -> int:
        """Return how many items of a set were scored by a metric, at most, over the systems."""
        found = [metrics[metric].n or 0 for metrics in self.scores[name].values() if metric in metrics]
        return max(found, default=0)


@dataclass(frozen=True)
class Adapter:
    """One training: its losses by step, and its figures."""

    name: str
    steps: list[int]
    epochs: list[float]
    train: list[float]
    evaluated: list[tuple[int, float]]  # step, held-out loss
    figures: dict[str, Any]


@dataclass(frozen=True)
class Compared:
    """One item with the answers of all systems: (system, answer, scores)."""

    set: str
    question: str
    reference: str
    answers: list[tuple[str, str, dict[str, float]]]
    value: float  # what items are ordered by


def needed(path: Path, stage: str) -> Path:
    """Return the path. Raises GatherError, naming the stage that makes it, if it is missing."""
    if not path.exists():
        raise GatherError(f"{path} is missing: it is made by the stage {stage}; run `dvc repro {stage}` first")
    return path


def metrics(data: Path, stage: str, dvc_name: str | None = None) -> dict[str, Any]:
    """Return the metrics of a stage, whose books are checked."""
    path = needed(data / "metrics" / f"{stage}.json", dvc_name or stage)
    try:
        figures: dict[str, Any] = json.loads(path.read_text())
        received, kept, rejected = int(figures["in"]), int(figures["kept"]), dict(figures["rejected"])
    except (ValueError, KeyError, TypeError) as error:
        raise GatherError(
            f"{path}: expected a JSON object with in, kept and rejected ({error!r}); run the stage {stage} again"
        ) from error
    if received != kept + sum(rejected.values()):
        raise GatherError(
            f"{path}: {received} came in, but {kept} were kept and {sum(rejected.values())} rejected; "
            f"the stage {stage} lost something or counted it twice"
        )
    return figures


def load(data: Path, stage: str, file: str, kind: type[R]) -> list[R]:
    """Return the records of data/<stage>/<file>."""
    return records.read(needed(data / stage / file, stage), kind)


def adapter_names(parameters: dict[str, Any], data: Path) -> list[str]:
    """Return the adapters of params.yaml in its order; without such a section, those that have losses."""
    named = parameters.get("adapters")
    return list(named) if isinstance(named, dict) else sorted(path.stem for path in (data / "loss").glob("*.csv"))


# --- funnel -----------------------------------------------------------------------------------------------------------


def funnel(data: Path, adapters: Iterable[str] = ()) -> list[Step]:
    """Return the stages from sources to training rows.

    Raises GatherError if a stage's books do not balance, or if what came in is not what the stage before kept.
    """
    known = {stage: metrics(data, stage) for stage in UNITS}
    kept = {stage: int(figures["kept"]) for stage, figures in known.items()}
    received = {stage: int(figures["in"]) for stage, figures in known.items()}
    parts = known["split"].get("sets") or {
        name: len(load(data, "split", f"{name}.jsonl", Pair)) for name in ("train", "reworded", "held_out")
    }
    _same("split", sum(parts.values()), kept["split"], "pairs in its three sets", "pairs that it kept")
    trained = int(parts["train"])
    for stage, before in (("parse", "collect"), ("filter", "parse"), ("curate", "generate"), ("dedup", "curate"),
                          ("split", "dedup")):  # fmt: skip
        _same(stage, received[stage], kept[before], f"{UNITS[stage][0]} that came in", f"that {before} kept")
    for stage, name, before, expected in (
        ("chunk", "documents", "filter", kept["filter"]),
        ("generate", "facts", "chunk", kept["chunk"]),
        ("augment", "parents", "split", trained),
    ):
        if name in known[stage]:
            _same(stage, int(known[stage][name]), expected, f"{name} that came in", f"that {before} kept for it")
    for stage, least, before in (("augment", trained, "split"), ("mix", kept["augment"], "augment")):
        if received[stage] < least:
            raise GatherError(
                f"{data}/metrics/{stage}.json: {received[stage]} {UNITS[stage][0]} came in, fewer than the {least} "
                f"that {before} kept; run `dvc repro {stage}`"
            )
    for name in adapters:
        rows = int(metrics(data, f"train-{name}", f"train@{name}")["in"])
        _same(f"train@{name}", rows, kept["mix"], "rows that came in", "that mix kept")

    evaluated = ", ".join(f"{count:,} {name}" for name, count in sorted(parts.items()) if name != "train")
    relations = {
        "collect": "files and URLs that were found",
        "parse": f"= {kept['collect']:,} sources that collect kept",
        "filter": f"= {kept['parse']:,} documents that parse kept",
        "chunk": _times(kept["filter"], "documents", received["chunk"], "statements"),
        "generate": _times(kept["chunk"], "facts", received["generate"], "questions"),
        "curate": f"= {kept['generate']:,} pairs that generate kept",
        "dedup": f"= {kept['curate']:,} pairs that curate kept",
        "split": f"= {kept['dedup']:,} pairs that dedup kept",
        "augment": f"= {trained:,} pairs for training (split kept {kept['split']:,}: {evaluated} are for evaluation) "
        f"+ {received['augment'] - trained:,} new forms of them",
        "mix": f"= {kept['augment']:,} pairs that augment kept + {received['mix'] - kept['augment']:,} refusals "
        "and replay rows",
    }
    return [
        Step(
            stage=stage,
            unit=UNITS[stage][0],
            kept_unit=UNITS[stage][1],
            received=received[stage],
            kept=kept[stage],
            reasons=_reasons(data, stage, known[stage]["rejected"]),
            relation=relations[stage],
            figures=known[stage],
        )
        for stage in UNITS
    ]


def _same(stage: str, found: int, expected: int, what: str, other: str) -> None:
    if found != expected:
        raise GatherError(
            f"{stage}: {found} {what}, but {expected} {other}: its metrics are of another run; run `dvc repro {stage}`"
        )


def _times(before: int, unit: str, after: int, into: str) -> str:
    return f"= {before:,} {unit} × {after / before:.1f} {into}" if before else f"of {before} {unit}"


def _reasons(data: Path, stage: str, counts: dict[str, int]) -> list[Reason]:
    """Return the reasons of a stage, most frequent first, with examples in the order of their ids."""
    examples: dict[str, list[Example]] = {name: [] for name in counts}
    found: Counter[str] = Counter()
    for reject in load(data, stage, "rejected.jsonl", Reject):
        found[reject.reason] += 1
        if found[reject.reason] <= EXAMPLES and reject.reason in examples:
            examples[reject.reason].append(Example(text=told(reject.record), value=_value(reject.value)))
    if dict(found) != {name: count for name, count in counts.items() if count}:
        raise GatherError(
            f"{data / stage / 'rejected.jsonl'} holds {dict(sorted(found.items()))}, but the metrics say "
            f"{dict(sorted(counts.items()))}: they are of two runs; run `dvc repro {stage}`"
        )
    return [
        Reason(name=name, count=count, examples=examples[name])
        for name, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    ]


def told(record: Any) -> str:
    """Return what a rejected record says, whatever it is, cut to what can be read at a glance."""
    if isinstance(record, dict):
        text = str(record.get("question") or record.get("quote") or "")
        if text and record.get("answer"):
            text = f"{text} → {record['answer']}"
        text = text or " · ".join(str(record[key]) for key in ("title", "source", "path") if record.get(key))
        text = text or json.dumps(record, ensure_ascii=False, sort_keys=True)
    else:
        text = "" if record is None else str(record)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _value(value: float | str | None) -> str:
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) else value[:LONGEST]


# --- documents and coverage -------------------------------------------------------------------------------------------


def documents(data: Path) -> tuple[list[DocumentRow], list[Quarantined], list[Uncovered]]:
    """Return the documents with their coverage, those that were quarantined, and the facts that are not covered."""
    chunks = {chunk.id: chunk for chunk in load(data, "chunk", "chunks.jsonl", Chunk)}
    facts = load(data, "chunk", "facts.jsonl", Fact)
    ends = _ends(data)
    by_fact: dict[str, list[tuple[str, str]]] = defaultdict(list)  # fact: (end, pair)
    for end, pairs in ends.items():
        for pair in pairs:
            for identity in pair.facts:
                by_fact[identity].append((end, pair.id))

    rows = {}
    per_document = Counter(chunk.document for chunk in chunks.values())
    for document in load(data, "filter", "documents.jsonl", Document):
        rows[document.id] = DocumentRow(
            title=document.title,
            source=document.source,
            licence=document.licence or "unknown",
            language=document.language or "",
            sections=len(document.sections),
            words=sum(len(section.text.split()) for section in document.sections),
            chunks=per_document[document.id],
            coverage=Coverage(),
            headings={tuple(section.heading): Coverage() for section in document.sections},
        )
    lost = _lost(data)
    uncovered = []
    for fact in sorted(facts, key=lambda fact: (fact.source, fact.span, fact.id)):
        row = rows.get(fact.document)
        if row is None:
            raise GatherError(
                f"{data}/chunk/facts.jsonl: the fact {fact.id} is of the document {fact.document}, which filter did "
                "not keep; run `dvc repro chunk`"
            )
        heading = tuple(chunks[fact.chunk].heading) if fact.chunk in chunks else ()
        for coverage in (row.coverage, row.headings.setdefault(heading, Coverage())):
            coverage.facts.add(fact.id)
            for end, reached in by_fact[fact.id]:
                coverage.covered.add(fact.id)
                coverage.pairs[end].add(reached)
        if not by_fact[fact.id]:
            why = lost.get(fact.id, "no question was asked")
            uncovered.append(Uncovered(row.title, " › ".join(heading), fact.quote, why))
    return sorted(rows.values(), key=lambda row: (row.title, row.source)), _quarantined(data), uncovered


def _ends(data: Path) -> dict[str, list[Pair]]:
    """Return the pairs that reached the training rows, and the two evaluation sets made of pairs."""
    taught = {row.pair for row in load(data, "mix", "train.jsonl", Row)}
    return {
        "training": [pair for pair in load(data, "augment", "pairs.jsonl", Pair) if pair.id in taught],
        "reworded": load(data, "split", "reworded.jsonl", Pair),
        "held_out": load(data, "split", "held_out.jsonl", Pair),
    }


def _lost(data: Path) -> dict[str, str]:
    """Return for each fact the last stage that rejected questions on it, with its reasons."""
    last: dict[str, tuple[str, Counter[str]]] = {}
    for stage in ("generate", "curate", "dedup", "split"):
        for reject in load(data, stage, "rejected.jsonl", Reject):
            if not isinstance(reject.record, dict):
                continue
            for fact in reject.record.get("facts") or [reject.record.get("fact")]:
                if last.get(fact, ("", Counter()))[0] != stage:
                    last[fact] = (stage, Counter())
                last[fact][1][reject.reason] += 1
    return {
        fact: f"{stage}: " + ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        for fact, (stage, reasons) in last.items()
    }


def _quarantined(data: Path) -> list[Quarantined]:
    found = []
    for stage in ("collect", "parse", "filter"):
        for reject in load(data, stage, "rejected.jsonl", Reject):
            record = reject.record if isinstance(reject.record, dict) else {}
            source = str(record.get("source") or record.get("path") or reject.value or reject.id)
            title = str(record.get("title") or "")
            found.append(Quarantined(title, source, stage, reject.reason, _value(reject.value)))
    return sorted(found, key=lambda one: (list(UNITS).index(one.stage), one.source))


# --- training ---------------------------------------------------------------------------------------------------------


def adapters(data: Path, names: Iterable[str]) -> list[Adapter]:
    """Return the losses and figures of the adapters."""
    return [_adapter(data, name) for name in names]


def _adapter(data: Path, name: str) -> Adapter:
    path = needed(data / "loss" / f"{name}.csv", f"train@{name}")
    figures = metrics(data, f"train-{name}", f"train@{name}")
    try:
        with open(path, newline="", encoding="utf-8") as file:
            lines = list(csv.DictReader(file))
        steps = [int(line["step"]) for line in lines]
        return Adapter(
            name=name,
            steps=steps,
            epochs=[float(line["epoch"]) for line in lines],
            train=[float(line["train"]) for line in lines],
            evaluated=[(step, float(line["eval"])) for step, line in zip(steps, lines, strict=True) if line["eval"]],
            figures=figures,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise GatherError(
            f"{path}: expected the columns step, epoch, train and eval with numbers ({error!r}); "
            f"run `dvc repro train@{name}` again"
        ) from error


# --- evaluation -------------------------------------------------------------------------------------------------------


def evaluation(data: Path, names: Iterable[str]) -> Evaluation:
    """Return the scores of base, the adapters in the order given, oracle, and whatever else was evaluated."""
    figures = metrics(data, "evaluate")
    scores = {
        name: {system: _scores(value) for system, value in systems.items()}
        for name, systems in figures.items()
        if name not in ("differences", "gap_closed", "rejected") and _is_set(systems)
    }
    differences: dict[str, dict[tuple[str, str], dict[str, Score]]] = {}
    for name, pairs in figures.get("differences", {}).items():
        for pair, value in pairs.items():
            left, _, right = pair.partition(" - ")
            differences.setdefault(name, {})[left, right] = _scores(value)
    gaps = {
        name: {system: _scores({"": value} if _is_score(value) else value) for system, value in systems.items()}
        for name, systems in figures.get("gap_closed", {}).items()
    }
    found = {system for systems in scores.values() for system in systems}
    order = [BASE, *names, ORACLE]
    measured = {metric for systems in scores.values() for each in systems.values() for metric in each}
    first = ("token_f1", "key_match", "rouge_l", "refusal")
    return Evaluation(
        sets=_ordered(scores, SETS),
        systems=_ordered(found, order),
        metrics=_ordered(measured, first),
        scores=scores,
        differences=differences,
        gaps=gaps,
        not_asked=figures["rejected"],
    )


def _ordered(names: Iterable[str], first: Iterable[str]) -> list[str]:
    names, first = set(names), list(first)
    return [name for name in first if name in names] + sorted(names - set(first))


def _is_score(value: Any) -> bool:
    return isinstance(value, dict) and "value" in value and not isinstance(value["value"], dict)


def _is_set(value: Any) -> bool:
    """Tell whether this is {system: {metric: score}} with at least one score."""
    systems = list(value.values()) if isinstance(value, dict) else []
    return bool(systems) and all(isinstance(s, dict) and s and all(map(_is_score, s.values())) for s in systems)


def _scores(value: dict[str, Any]) -> dict[str, Score]:
    return {
        metric: Score(each["value"], each.get("low"), each.get("high"), each.get("n"), each.get("verdict", ""))
        for metric, each in value.items()
        if _is_score(each)
    }


def compared(data: Path, order: list[str], best: str, most: int = 30) -> list[Compared]:
    """Return items drawn by a hash of their id, as many of each set as there are, highest value first.

    Args:
        data: the data folder.
        order: the systems in the order in which they are shown.
        best: the system by whose token F1 (refusal where there is no such) items are ordered.
        most: how many items.
    """
    items: dict[tuple[str, str], list[Answer]] = defaultdict(list)
    for answer in load(data, "evaluate", "answers.jsonl", Answer):
        items[answer.set, answer.item].append(answer)
    places: Counter[str] = Counter()
    drawn = []  # one of each set in turn, so that a small set is not crowded out
    for name, item in sorted(items, key=lambda key: hashlib.sha256("\x1f".join(key).encode()).hexdigest()):
        drawn.append((places[name], name, item))
        places[name] += 1
    found = []
    for _, name, item in sorted(drawn)[:most]:
        answers = sorted(items[name, item], key=lambda one: (_place(order, one.system), one.system))
        judged = next((one for one in answers if one.system == best), answers[0])
        value = judged.scores.get("token_f1", judged.scores.get("refusal", 0.0))
        found.append(
            Compared(
                set=name,
                question=judged.question,
                reference=judged.reference,
                answers=[(one.system, one.answer, one.scores) for one in answers],
                value=value,
            )
        )
    return sorted(found, key=lambda one: (-one.value, one.set, one.question))


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
