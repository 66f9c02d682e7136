"""Does an evaluation question reach the training rows? What a split checks, and the last word before training."""

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from stages import disk
from stages.quality import similarity
from stages.records import Pair, Record, RecordError, Row

EXAMPLES = 5  # shown of each kind of leak


class FaqItem(Record, kw_only=True):
    """A hand-written question of the evaluation; one with no answer in the documents is not answerable."""

    question: str
    answer: str = ""
    document: str | None = None
    quote: str | None = None
    answerable: bool = True


class LeakError(ValueError):
    """A training row is within reach of an evaluation item."""


def read_faq(path: Path) -> list[FaqItem]:
    """Return the FAQ items of a file. Raises RecordError, naming file and item, if one cannot be asked or scored."""
    items: list[FaqItem] = []
    seen: set[str] = set()
    for number, item in enumerate(disk.stream(path, FaqItem), 1):
        lack = (
            "no question" if not item.question.strip()
            else "no answer although it is answerable" if item.answerable and not item.answer.strip()
            else "an id that another item has" if item.id in seen
            else None
        )  # fmt: skip
        if lack:
            raise RecordError(f"{path}, item {number} ({item.id}): it has {lack}")
        seen.add(item.id)
        items.append(item)
    return items


def faq_sets(items: Iterable[FaqItem]) -> dict[str, list[tuple[str, str]]]:
    """Return (id, question) of the items by name of set: `faq` and `unanswerable`."""
    sets: dict[str, list[tuple[str, str]]] = {"faq": [], "unanswerable": []}
    for item in items:
        sets["faq" if item.answerable else "unanswerable"].append((item.id, item.question))
    return sets


def contamination(questions: list[str], items: list[tuple[str, str]]) -> tuple[dict[int, str], dict[str, Any]]:
    """Return which questions match an item (index: item id) and what to report of the set."""
    found = similarity.matches(questions, [question for _, question in items])
    reached: dict[int, str] = {}
    for index, item, _ in found:
        reached.setdefault(index, items[item][0])
    examples = [
        {"question": questions[index], "item": items[item][0], "asks": items[item][1], "kind": kind}
        for index, item, kind in found[:EXAMPLES]
    ]
    return reached, {
        "items": len(items),
        "leaked": len({item for _, item, _ in found}),
        "kinds": dict(sorted(Counter(kind for _, _, kind in found).items())),
        "examples": examples,
        "rows_removed": len(reached),
    }


def assert_clean(
    rows: list[Row],
    evaluation: Mapping[str, list[tuple[str, str]]],
    pairs: Mapping[str, Pair] | None = None,
    evaluated: Mapping[str, Pair] | None = None,
) -> None:
    """Stop if a training row reaches an evaluation item.

    Args:
        rows: all training rows.
        evaluation: (id, question) of every item, by name of set.
        pairs: the pairs of the training rows by id.
        evaluated: the pairs of `reworded` and `held_out` by id, with their `split` set.

    Raises:
        LeakError: names rows and set, for a question that matches an item's, a fact that is held out, a pair that is
            evaluated itself, or a child that is in another split than its parent.
    """
    pairs, evaluated = pairs or {}, evaluated or {}
    problems: list[str] = []
    asked = [" ".join(message.content for message in row.prompt if message.role == "user") for row in rows]
    for name, items in evaluation.items():
        for index, item, kind in similarity.matches(asked, [question for _, question in items]):
            identity, question = items[item]
            problems.append(f"row {rows[index].id} ({asked[index]!r}) matches {name} {identity} ({question!r}), {kind}")
    held = {fact: pair.id for pair in evaluated.values() if pair.split == "held_out" for fact in pair.facts}
    quotes = {e.quote: pair.id for pair in evaluated.values() if pair.split == "held_out" for e in pair.evidence}
    for row in rows:
        pair = pairs.get(row.pair)
        if row.pair in evaluated:
            problems.append(f"row {row.id} is made of pair {row.pair}, which is in {evaluated[row.pair].split}")
        if pair is None:
            continue
        taught = [fact for fact in pair.facts if fact in held]
        problems += [f"row {row.id} teaches fact {fact} of held_out pair {held[fact]}" for fact in taught]
        problems += [
            f"row {row.id} stands on the same sentence as held_out pair {quotes[evidence.quote]}"
            for evidence in pair.evidence
            if evidence.quote in quotes and not taught
        ]
        if pair.split not in (None, "train"):
            problems.append(f"row {row.id} is made of pair {pair.id}, whose split is {pair.split}")
        if pair.parent and pair.parent not in pairs:
            where = evaluated[pair.parent].split if pair.parent in evaluated else "no split"
            problems.append(f"row {row.id} is a child of pair {pair.parent}, which is in {where}, not in train")
    if problems:
        more = f"\n... and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise LeakError(
            f"{len(problems)} leaks of evaluation items into the training rows; no row is written:\n"
            + "\n".join(problems[:10]) + more
        )  # fmt: skip
