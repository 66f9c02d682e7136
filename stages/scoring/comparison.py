"""What the answers come to: scores by set and system, differences between systems, and how much of a gap is closed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from stages.records import Answer, Item, content_id
from stages.scoring import meaning, metrics, statistics
from stages.scoring.items import FAQ, GENERAL, ON_DOCUMENTS, REWORDED, SETS, UNANSWERABLE, cluster
from stages.scoring.passages import DEPTHS
from stages.scoring.systems import BASE, ORACLE, RETRIEVAL, WITH, System
from stages.scoring.tasks import Task

if TYPE_CHECKING:
    from stages.quality.semantic import Encoder

TESTED = (
    "token_f1",
    "rouge_l",
    "key_match",
    "exact",
    "wrong_keys",
    "refusal",
    "correct",
    "similarity",
    "nll",
    "text_nll",
)
GAPS = ("token_f1", "key_match")  # of which the gap between base and oracle is told
_PRECISION = (REWORDED, FAQ, UNANSWERABLE)  # sets over which it is right or wrong to refuse
Values = dict[tuple[str, str, str], dict[str, float]]  # (set, system, metric): item: value


def scored(task: Task, text: str, nll: float | None, refusal: str) -> Answer:
    """Return the answer with its scores; `nll` is that of the reference."""
    item = task.item
    scores = metrics.score(item, text, refusal) | ({} if nll is None else {"nll": round(nll, 4)})
    return Answer(
        id=content_id(item.id, item.set, task.system.name),
        item=item.id,
        set=item.set,
        system=task.system.name,
        question=item.question,
        reference=item.answer,
        answer=text,
        scores=scores,
    )


def add_similarity(answers: Sequence[Answer], by: "Encoder") -> None:
    """Add to each answer that has a reference how near to it it is in meaning."""
    on = [one for one in answers if one.set in ON_DOCUMENTS]
    near = meaning.similarities([one.answer for one in on], [one.reference for one in on], by)
    for one, value in zip(on, near, strict=True):
        one.scores["similarity"] = value


def summary(
    items: Sequence[Item],
    answers: Sequence[Answer],
    systems: Sequence[System],
    texts: Mapping[str, Sequence[float]],
    recall: Mapping[str, Mapping[str, Sequence[float]]],
    draws: int,
    seed: int,
) -> dict[str, Any]:
    """Return {set: {system: {metric: {value, low, high, n}}}}, `differences` of systems, `gap_closed` and `recall`.

    Args:
        items: what was asked.
        answers: what was answered.
        systems: by whom.
        texts: nats a token of general texts, by system.
        recall: of the search, by set and item at each of `passages.DEPTHS`.
        draws: of the bootstrap.
        seed: of the draws.
    """
    clusters = {(item.set, item.id): cluster(item) for item in items}
    values: Values = defaultdict(dict)
    for one in sorted(answers, key=lambda one: one.item):
        for metric, value in sorted(one.scores.items()):
            values[one.set, one.system, metric][one.item] = value
    for system, nlls in texts.items():
        for number, value in enumerate(nlls):
            name = f"text {number}"
            clusters[GENERAL, name] = name
            values[GENERAL, system, "text_nll"][name] = value
    figures: dict[str, Any] = {name: {} for name in SETS}
    for (name, system, metric), by_item in sorted(values.items()):
        found = statistics.bootstrap(list(by_item.values()), [clusters[name, item] for item in by_item], seed, draws)
        figures[name].setdefault(system, {})[metric] = shown(found, len(by_item))
    for system, found, n in _precisions(values, clusters, seed, draws):
        figures[UNANSWERABLE].setdefault(system, {})["refusal_precision"] = shown(found, n)
    for system, kept, n in _kept(values, clusters, seed, draws):
        figures[GENERAL].setdefault(system, {})["kept"] = shown(kept, n)
    compared = _differences(values, clusters, [(one.name, other.name) for one, other in pairs(systems)], seed, draws)
    closed = _gaps(values, clusters, systems, seed, draws)
    found_at = _recalls(recall, clusters, seed, draws)
    return figures | {"differences": compared, "gap_closed": closed, "recall": found_at}


def shown(found: tuple[float, float, float], n: int) -> dict[str, Any]:
    """Return a value with its interval as it is written: four digits, None for what there is not."""
    names = ("value", "low", "high")
    return {name: None if each != each else round(each, 4) for name, each in zip(names, found, strict=True)} | {"n": n}


def pairs(systems: Sequence[System]) -> list[tuple[System, System]]:
    """Return what is compared: each system with base; each adapter with the oracle, with what a reader would otherwise
    use (retrieval), with itself when it reads passages, and with the other adapters."""
    named = {one.name: one for one in systems}
    adapters = [one for one in systems if one.adapter and one.reads == "nothing"]
    found = [(one, named[BASE]) for one in systems if one.name != BASE]
    for place, one in enumerate(adapters):
        found.append((one, named[ORACLE]))
        if RETRIEVAL in named:
            helped = named[one.name + WITH]
            found += [(one, named[RETRIEVAL]), (helped, named[RETRIEVAL]), (helped, one)]
        found += [(one, other) for other in adapters[place + 1 :]]
    return found


def _differences(
    values: Values, clusters: Mapping[tuple[str, str], str], compared: Sequence[tuple[str, str]], seed: int, draws: int
) -> dict[str, Any]:
    """Return {set: {"left - right": {metric: difference}}}; those of a set and metric are a family for Holm."""
    told: dict[str, Any] = {name: {} for name in SETS}
    for name in SETS:
        for metric in TESTED:
            found: dict[str, statistics.Difference] = {}
            sizes = []
            better_high = metric not in metrics.LOWER_IS_BETTER and (metric != "refusal" or name == UNANSWERABLE)
            for left, right in compared:
                ours, theirs = values.get((name, left, metric), {}), values.get((name, right, metric), {})
                both = [item for item in ours if item in theirs]
                if not both:
                    continue
                groups = [clusters[name, item] for item in both]
                sizes.append(len(set(groups)))
                found[f"{left} - {right}"] = statistics.paired(
                    [ours[item] for item in both],
                    [theirs[item] for item in both],
                    groups,
                    seed,
                    draws,
                    better_high,
                    metrics.MATTERS.get(metric, statistics.MATTERS),
                )
            for pair, one in zip(found, statistics.corrected(list(found.values()), sizes, better_high), strict=True):
                told[name].setdefault(pair, {})[metric] = {
                    key: round(value, 4) if isinstance(value, float) else value
                    for key, value in msgspec.to_builtins(one).items()
                }
    return told


def _gaps(
    values: Values, clusters: Mapping[tuple[str, str], str], systems: Sequence[System], seed: int, draws: int
) -> dict[str, Any]:
    """Return {set: {system: {metric: share of the gap between base and oracle that it closes}}}."""
    found: dict[str, Any] = {}
    for name in ON_DOCUMENTS:
        for system in systems:
            for metric in GAPS:
                three = [values.get((name, one, metric), {}) for one in (system.name, BASE, ORACLE)]
                both = [item for item in three[0] if item in three[1] and item in three[2]]
                if system.name in (BASE, ORACLE) or not both:
                    continue
                tuned, base, oracle = ([one[item] for item in both] for one in three)
                groups = [clusters[name, item] for item in both]
                closed = statistics.gap_closed(tuned, base, oracle, groups, seed, draws)
                found.setdefault(name, {}).setdefault(system.name, {})[metric] = shown(closed, len(both))
    return found


def _kept(
    values: Values, clusters: Mapping[tuple[str, str], str], seed: int, draws: int
) -> list[tuple[str, tuple[float, float, float], int]]:
    """Return for each system but base its right answers to general questions as a share of base's."""
    right = {
        system: by_item for (name, system, metric), by_item in values.items() if (name, metric) == (GENERAL, "correct")
    }
    of_base = right.pop(BASE, {})
    found = []
    for system, by_item in sorted(right.items()):
        both = [item for item in by_item if item in of_base]
        groups = [clusters[GENERAL, item] for item in both]
        ours, theirs = ([one[item] for item in both] for one in (by_item, of_base))
        found.append((system, statistics.ratio(ours, theirs, groups, seed, draws), len(both)))
    return found


def _recalls(
    recall: Mapping[str, Mapping[str, Sequence[float]]], clusters: Mapping[tuple[str, str], str], seed: int, draws: int
) -> dict[str, Any]:
    """Return {set: {depth: share of items whose evidence is among so many chunks}}."""
    return {
        name: {
            str(depth): shown(
                statistics.bootstrap(
                    [one[place] for one in by_item.values()], [clusters[name, item] for item in by_item], seed, draws
                ),
                len(by_item),
            )
            for place, depth in enumerate(DEPTHS)
        }
        for name, by_item in sorted(recall.items())
    }


def _precisions(
    values: Values, clusters: Mapping[tuple[str, str], str], seed: int, draws: int
) -> list[tuple[str, tuple[float, float, float], int]]:
    """Return for each system the share of its refusals that were right, and how many there were."""
    found = []
    for system in sorted({system for name, system, _ in values if name == UNANSWERABLE}):
        refused = [(name, item, value) for name in _PRECISION
                   for item, value in values.get((name, system, "refusal"), {}).items()]  # fmt: skip
        right = [value if name == UNANSWERABLE else 0.0 for name, _, value in refused]
        groups = [clusters[name, item] for name, item, _ in refused]
        n = int(sum(value for *_, value in refused))
        share = statistics.ratio(right, [value for *_, value in refused], groups, seed, draws)
        if share[0] in (0, 1):  # no draw differs from it, which is no certainty
            on = {group for group, (*_, value) in zip(groups, refused, strict=True) if value}
            share = (share[0], *statistics.wilson(share[0], len(on)))
        found.append((system, share, n))
    return found
