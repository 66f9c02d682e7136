"""Does an adapter know what it is asked, or the question? Scores by how alike the nearest training question is.

    dvc repro
    python benchmarks/confirming/likeness.py
    python benchmarks/confirming/likeness.py --data ../official/data --adapter all-linear

Stage split removes training questions that ask the same in nearly the same words; facts that are trained in other words
are what `reworded` and `faq` are about. Here the items are parted by thefuzz's `token_sort_ratio` to the nearest
training question, 0 to 100. A gain that stays where few words are shared is no echo of them.

The last line is one JSON object: {set: {below: {n, refused, gain, low, high, p}}}, gain in token F1 over base.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from thefuzz import fuzz, process

from stages import disk
from stages.records import Answer, Item, Row
from stages.scoring import items, statistics
from stages.scoring.systems import BASE

BELOW = (101, 85, 75, 65)


def main() -> None:
    """Read, part, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the pipeline wrote")
    parser.add_argument("--adapter", default="all-linear", help="whose answers")
    given = parser.parse_args()
    if not (given.data / "evaluate" / "answers.jsonl").exists():
        parser.error(f"{given.data} holds no answers: run `dvc repro evaluate`, or name another --data")
    asked = disk.read(given.data / "evaluate" / "items.jsonl", Item)
    scores = {(one.system, one.set, one.item): one.scores
              for one in disk.stream(given.data / "evaluate" / "answers.jsonl", Answer)}  # fmt: skip
    if not any(system == given.adapter for system, *_ in scores):
        parser.error(f"no answers of {given.adapter}, but of {', '.join(sorted({name for name, *_ in scores}))}")
    near = likeness(asked, disk.read(given.data / "mix" / "train.jsonl", Row))
    figures: dict[str, Any] = {}
    for name in (items.REWORDED, items.FAQ, items.UNANSWERABLE):
        for below in BELOW:
            some = [one for one in asked if one.set == name and near[one.set, one.id] < below]
            if some:
                figures.setdefault(name, {})[below] = found = compared(some, scores, given.adapter)
                gain = f"{found['gain']:+.2f} ({found['low']:+.2f} to {found['high']:+.2f})" if "gain" in found else "-"
                print(f"{name}, {'all' if below > 100 else f'below {below}'}: {found['n']} items, token F1 over base "
                      f"{gain}, refused {found['refused']:.0%}")  # fmt: skip
    print(json.dumps(figures))


def likeness(asked: Sequence[Item], rows: Sequence[Row]) -> dict[tuple[str, str], int]:
    """Return of each item, by set and id, how alike the nearest training question is, 0 to 100."""
    said = [message.content for row in rows for message in row.prompt if message.role == "user"]
    return {(one.set, one.id): process.extractOne(one.question, said, scorer=fuzz.token_sort_ratio)[1] for one in asked}


def compared(
    some: Sequence[Item], scores: dict[tuple[str, str, str], dict[str, float]], adapter: str
) -> dict[str, Any]:
    """Return what an adapter refuses of some items and, where they have an answer, its gain over base in token F1."""
    ours, theirs = ([scores[system, one.set, one.id] for one in some] for system in (adapter, BASE))
    found: dict[str, Any] = {"n": len(some), "refused": sum(one["refusal"] for one in ours) / len(some)}
    if some[0].set == items.UNANSWERABLE:
        return found
    gain = statistics.paired([one["token_f1"] for one in ours], [one["token_f1"] for one in theirs],
                             [items.cluster(one) for one in some])  # fmt: skip
    return found | {"gain": gain.value, "low": gain.low, "high": gain.high, "p": gain.p}


if __name__ == "__main__":
    main()
