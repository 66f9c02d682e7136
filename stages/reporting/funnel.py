"""The funnel: how many of what each stage took in, kept and rejected, and why; the books must balance."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.records import Pair, Reject
from stages.reporting.gather import GatherError, load, metrics

EXAMPLES = 3  # rejects shown of each reason
OF_GATES = 20  # likewise of each gate
LONGEST = 400  # characters of a reject's text
# Stage: what it takes in, and what it keeps.
UNITS = {
    "collect": ("sources", "sources"),
    "parse": ("documents", "documents"),
    "filter": ("documents", "documents"),
    "refine": ("documents", "documents"),
    "chunk": ("statements", "facts"),
    "generate": ("questions", "pairs"),
    "curate": ("pairs", "pairs"),
    "decide": ("pairs", "pairs"),
    "dedup": ("pairs", "pairs"),
    "split": ("pairs", "pairs"),
    "augment": ("pairs", "pairs"),
    "mix": ("rows", "rows"),
}


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
    for stage, before in (("parse", "collect"), ("filter", "parse"), ("refine", "filter"), ("curate", "generate"),
                          ("decide", "curate"), ("dedup", "decide"), ("split", "dedup")):  # fmt: skip
        _same(stage, received[stage], kept[before], f"{UNITS[stage][0]} that came in", f"that {before} kept")
    for stage, name, before, expected in (
        ("chunk", "documents", "refine", kept["refine"]),
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

    repeats = int(known["mix"].get("repeats", 0))
    evaluated = ", ".join(f"{count:,} {name}" for name, count in sorted(parts.items()) if name != "train")
    relations = {
        "collect": "files and URLs that were found",
        "parse": f"= {kept['collect']:,} sources that collect kept",
        "filter": f"= {kept['parse']:,} documents that parse kept",
        "refine": f"= {kept['filter']:,} documents that filter kept",
        "chunk": _times(kept["refine"], "documents", received["chunk"], "statements"),
        "generate": _times(kept["chunk"], "facts", received["generate"], "questions"),
        "curate": f"= {kept['generate']:,} pairs that generate kept",
        "decide": f"= {kept['curate']:,} pairs that curate measured",
        "dedup": f"= {kept['decide']:,} pairs that decide kept",
        "split": f"= {kept['dedup']:,} pairs that dedup kept",
        "augment": f"= {trained:,} pairs for training (split kept {kept['split']:,}: {evaluated} are for evaluation) "
        f"+ {received['augment'] - trained:,} new forms of them",
        "mix": f"= {kept['augment']:,} pairs that augment kept + "
        f"{received['mix'] - kept['augment'] - repeats:,} refusals and replay rows"
        + (f" + {repeats:,} repeats" if repeats else ""),
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
        most = OF_GATES if stage == "decide" else EXAMPLES
        if found[reject.reason] <= most and reject.reason in examples:
            examples[reject.reason].append(Example(text=told(reject.record), value=measured(reject.value)))
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


def measured(value: float | str | None) -> str:
    """Return what a gate measured as it is shown."""
    if value is None:
        return ""
    return f"{value:g}" if isinstance(value, int | float) else value[:LONGEST]
