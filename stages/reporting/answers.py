"""Answers of all systems side by side, for the page's filters."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stages.records import Answer
from stages.reporting.gather import load

MOST = 1000  # items on the page


def side_by_side(data: Path, systems: Sequence[str], sets: Sequence[str], most: int = MOST) -> dict[str, Any]:
    """Return the items with what each system answered.

    Args:
        data: the data folder.
        systems: in the order in which they are shown.
        sets: likewise.
        most: how many items; of more, as many of each set as there are, drawn by a hash.

    Returns: `of`, how many items there are; `systems`; `sets`; and `items`, each with `set` (its place in `sets`), `q`,
        `ref`, and by system, in their order, `a` (the answer, null for none), `p` (its points, see `points`) and `r`
        (whether it refuses).
    """
    items: dict[tuple[str, str], dict[str, Answer]] = defaultdict(dict)
    for answer in load(data, "evaluate", "answers.jsonl", Answer):
        items[answer.set, answer.item][answer.system] = answer
    names = [*sets, *sorted({name for name, _ in items} - set(sets))]
    shown = []
    for name, item in drawn(list(items), most):
        by_system = items[name, item]
        first = next(iter(by_system.values()))
        given = [by_system.get(system) for system in systems]
        shown.append(
            {
                "set": names.index(name),
                "q": first.question,
                "ref": first.reference,
                "a": [one and one.answer for one in given],
                "p": [one and points(one) for one in given],
                "r": [one is not None and bool(one.scores.get("refusal")) for one in given],
            }
        )
    shown.sort(key=lambda one: (one["set"], one["q"]))
    return {"of": len(items), "systems": list(systems), "sets": names, "items": shown}


def drawn(items: Sequence[tuple[str, str]], most: int) -> list[tuple[str, str]]:
    """Return at most so many (set, item), one of each set in turn, so that a small set is not crowded out."""
    places: Counter[str] = Counter()
    in_turn = []
    for name, item in sorted(items, key=lambda key: hashlib.sha256("\x1f".join(key).encode()).hexdigest()):
        in_turn.append((places[name], name, item))
        places[name] += 1
    return [(name, item) for _, name, item in sorted(in_turn)[:most]]


def points(answer: Answer) -> float | None:
    """Return by what answers are compared: token F1, or whether it is right; where only refusing is right, that."""
    scores = answer.scores
    return scores.get("token_f1", scores.get("correct", scores.get("refusal")))
