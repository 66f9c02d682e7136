"""How do the adapters do on questions by which no setting was chosen?

    dvc repro
    python benchmarks/confirming/confirm.py      # some four minutes on two cores, once; then from the journal

The sets of the pipeline's own evaluation have chosen the settings of params.yaml, so that they flatter them. The items
in items.jsonl were written after that, on the same documents: trained facts in wordings never trained, an
FAQ, and questions that no document answers. Left out and counted are those that a training row reaches, by the test of
stage split, and those on facts that are not trained. They stay of use as long as nobody chooses by them.

The last line is one JSON object: {adapter: {token_f1_reworded, gap_closed_reworded, ..., refuses_unanswerable, ...}}.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import yaml

from stages import disk, settings
from stages.llm.replies import Replies
from stages.quality import leaks
from stages.records import Chunk, Item, Pair, Row
from stages.scoring import answering, comparison, headline, items, passages, systems, tasks
from stages.scoring.systems import Student

ITEMS = Path(__file__).parent / "items.jsonl"
SHOWN = ((items.REWORDED, "token_f1"), (items.FAQ, "token_f1"), (items.UNANSWERABLE, "refusal"),
         (items.REWORDED, "refusal"), (items.FAQ, "refusal"))  # fmt: skip


def main() -> None:
    """Read, leave out, ask, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the pipeline wrote")
    parser.add_argument("--items", type=Path, default=ITEMS, help="what is asked")
    parser.add_argument("--adapters", type=Path, help="folder with one folder an adapter; else those of the pipeline")
    given = parser.parse_args()
    if not (given.data / "mix" / "train.jsonl").exists():
        parser.error(f"{given.data} holds no training rows and no adapters: run `dvc repro`, or name another --data")
    params = yaml.safe_load(Path("params.yaml").read_text())
    student, chat, how = params["student"], params["chat"], params["evaluate"]
    who = Student(name=student["student"], revision=student["revision"], dtype=student["dtype"],
                  quantization=how["quantization"])  # fmt: skip
    asked, left = usable(
        disk.read(given.items, Item),
        disk.read(given.data / "mix" / "train.jsonl", Row),
        disk.read(given.data / "split" / "train.jsonl", Pair),
    )
    print(f"confirm: {len(asked)} items; left out {left['reached']} that a training row reaches, "
          f"{left['untrained']} on facts that are not trained")  # fmt: skip
    found = passages.look_up(asked, disk.read(given.data / "chunk" / "chunks.jsonl", Chunk), how["passages"])
    all_of_them = systems.systems(given.adapters or given.data / "adapters", who, bool(found.shown))
    planned = tasks.plan(asked, all_of_them, chat["system"], found.shown)
    replies = Replies(settings.cache() / "confirm.jsonl")
    results = answering.answers(planned, all_of_them, [], who, replies, how["max-new-tokens"])
    replies.save()
    answers = [
        comparison.scored(task, text, nll, chat["refusal"])
        for task, text, nll in zip(planned, results.answers, results.nlls, strict=True)
        if text is not None
    ]
    figures = comparison.summary(asked, answers, all_of_them, {}, found.recall, how["draws"], how["seed"])
    print(table(figures, [one.name for one in all_of_them]))
    for name in (one.name for one in all_of_them if one.adapter and one.reads == "nothing"):
        for of in (items.REWORDED, items.FAQ):
            for other in (systems.BASE, systems.RETRIEVAL):
                one = figures["differences"][of].get(f"{name} - {other}", {}).get("token_f1")
                if one:
                    print(f"{name} - {other}, token F1 on {of}: {one['value']:+.2f} ({one['low']:+.2f} to "
                          f"{one['high']:+.2f}; p {one['p']:.4f}), {one['verdict']}")  # fmt: skip
    told = headline.numbers(figures, all_of_them)
    few = {name: {key: value for key, value in one.items() if value is not None} for name, one in told.items()}
    print(json.dumps(few))


def usable(asked: list[Item], rows: list[Row], trained: list[Pair]) -> tuple[list[Item], dict[str, int]]:
    """Return the items that test what they are to test, and how many were left out, by reason.

    Args:
        asked: all items.
        rows: that are trained.
        trained: the pairs whose facts they teach.
    """
    said = [[message.content for message in row.prompt if message.role == "user"] for row in rows]
    hit = {item for _, item, _ in leaks.reached(said, [], [(one.id, one.question) for one in asked])}
    facts = {fact for pair in trained for fact in pair.facts}
    free = [one for number, one in enumerate(asked) if number not in hit]
    kept = [one for one in free if one.set != items.REWORDED or facts.issuperset(one.facts)]
    return kept, {"reached": len(asked) - len(free), "untrained": len(free) - len(kept)}


def table(figures: dict[str, Any], names: list[str]) -> str:
    """Return the scores that matter, with intervals, as a Markdown table of the systems."""
    lines = ["| " + " | ".join(["system", *(f"{of}: {metric.replace('_', ' ')}" for of, metric in SHOWN)]) + " |"]
    lines.append("|---" * (len(SHOWN) + 1) + "|")
    for name in names:
        cells = []
        for of, metric in SHOWN:
            one = figures[of].get(name, {}).get(metric)
            cells.append(f"{one['value']:.2f} ({one['low']:.2f}-{one['high']:.2f})" if one else "")
        lines.append("| " + " | ".join([name, *cells]) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
