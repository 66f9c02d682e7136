"""Evaluation: scores with intervals by set, system and metric."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stages.reporting.gather import metrics

BASE, ORACLE, RETRIEVAL = "base", "oracle", "retrieval"
NO_SETS = frozenset({"differences", "gap_closed", "recall", "rejected"})  # what else the figures hold
# What is asked, and what is measured, in the order of the page.
SETS = {
    "reworded": "facts that were trained, in a wording that was not",
    "faq": "written by hand, and nothing alike is trained",
    "held_out": "facts that were never trained",
    "trained": "facts and wording that were trained",
    "unanswerable": "not answered by the documents: refusing is right",
    "general": "general instructions, nothing to do with the documents",
}
METRICS = {
    "token_f1": ("Token F1", "Overlap of the answer's words with the reference's, 0 to 1"),
    "key_match": ("Key match", "Share of the reference's numbers, names, flags and URLs that the answer holds"),
    "exact": ("Exact", "Share of answers that hold all these keys, and none that neither reference nor evidence has"),
    "wrong_keys": (
        "Wrong keys",
        "Share of answers with a key that neither reference nor evidence has; lower is better",
    ),
    "rouge_l": ("ROUGE-L", "Longest common sequence of words, 0 to 1"),
    "similarity": ("Similarity", "Cosine of answer and reference in meaning, by the sentence encoder"),
    "nll": ("Nll of the reference", "How unlikely the system finds the reference, nats a token; lower is better"),
    "refusal": ("Refusal rate", "Share of answers that say that they do not know: right only for unanswerable"),
    "refusal_precision": (
        "Refusal precision",
        "Share of refusals that were right, over reworded, faq and unanswerable",
    ),
    "correct": ("Correct", "Share of general questions with a right answer: what was kept of it in tuning"),
    "kept": ("Kept", "Right answers to general questions, as a share of base's"),
    "text_nll": ("Nll of general text", "Of Python's own manual, nats a token; what tuning adds to it is forgetting"),
    "words": ("Words", "Length of the answers"),
}


@dataclass(frozen=True)
class Score:
    """A figure with its interval."""

    value: float | None
    low: float | None
    high: float | None
    n: int | None
    verdict: str = ""
    needed: int = 0  # items that would tell


@dataclass(frozen=True)
class Evaluation:
    """Scores by set, system and metric; differences by set, (left, right) and metric; gap closed by set and system."""

    sets: list[str]
    systems: list[str]
    metrics: list[str]
    scores: dict[str, dict[str, dict[str, Score]]]
    differences: dict[str, dict[tuple[str, str], dict[str, Score]]]
    gaps: dict[str, dict[str, dict[str, Score]]]
    recall: dict[str, dict[str, Score]]  # of the search for passages, by set and depth
    not_asked: dict[str, int]

    def items(self, name: str, metric: str) -> int:
        """Return how many items of a set were scored by a metric, at most, over the systems."""
        found = [metrics[metric].n or 0 for metrics in self.scores[name].values() if metric in metrics]
        return max(found, default=0)


def evaluation(data: Path, names: Iterable[str]) -> Evaluation:
    """Return the scores of base, the adapters in the order given, oracle, and whatever else was evaluated."""
    figures = metrics(data, "evaluate")
    scores = {
        name: {system: _scores(value) for system, value in systems.items()}
        for name, systems in figures.items()
        if name not in NO_SETS and _is_set(systems)
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
    names = list(names)
    order = [BASE, RETRIEVAL, *names, *(f"{name}+{RETRIEVAL}" for name in names), ORACLE]
    measured = {metric for systems in scores.values() for each in systems.values() for metric in each}
    return Evaluation(
        sets=_ordered(scores, SETS),
        systems=_ordered(found, order),
        metrics=_ordered(measured, METRICS),
        scores=scores,
        differences=differences,
        gaps=gaps,
        recall={
            name: dict(sorted(_scores(by_depth).items(), key=lambda one: int(one[0])))
            for name, by_depth in figures.get("recall", {}).items()
        },
        not_asked=figures["rejected"],
    )


def best_system(results: Evaluation, names: list[str]) -> str:
    """Return the adapter with the highest token F1 on the first set that has one; base if there is no adapter."""
    for name in results.sets:
        of = {system: metrics.get("token_f1") for system, metrics in results.scores[name].items()}
        values = {system: score.value for system, score in of.items() if score and score.value is not None}
        tuned = [system for system in names if system in values]
        if tuned:
            return max(tuned, key=lambda system: values[system])
    return BASE


def speeds(data: Path) -> dict[str, dict[str, float]]:
    """Return how fast each system answered when it last did, in a batch: answers, tokens and seconds."""
    file = data / "speed" / "answers.json"
    found: dict[str, dict[str, float]] = json.loads(file.read_text()) if file.exists() else {}
    return {name: one for name, one in found.items() if one["seconds"]}


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
        metric: Score(
            each["value"], each.get("low"), each.get("high"), each.get("n"), each.get("verdict", ""),
            each.get("needed", 0),
        )
        for metric, each in value.items()
        if _is_score(each)
    }  # fmt: skip
