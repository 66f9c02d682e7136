"""What is asked: the same items of every system, in sets that are reported apart."""

from collections.abc import Sequence
from pathlib import Path

from stages import disk
from stages.quality.leaks import read_faq
from stages.records import Item, Pair, Record, Row, content_id

TRAINED, REWORDED, HELD_OUT, FAQ = "trained", "reworded", "held_out", "faq"
UNANSWERABLE, GENERAL = "unanswerable", "general"
SETS = (TRAINED, REWORDED, HELD_OUT, FAQ, UNANSWERABLE, GENERAL)
ON_DOCUMENTS = (TRAINED, REWORDED, HELD_OUT, FAQ)  # a document answers them


class GeneralItem(Record, kw_only=True):
    """A question that has nothing to do with the documents: a line of general.jsonl."""

    kind: str  # knowledge, arithmetic, language, ...
    question: str
    answer: str
    accept: list[str]  # one of these is in a right answer


def read(split: Path, rows: Path, faq: Path, general: Path | None, trained_max: int, seed: int) -> list[Item]:
    """Return the items of all sets, sorted by set and id.

    Args:
        split: the folder with train.jsonl, reworded.jsonl and held_out.jsonl.
        rows: the rows that were trained; only pairs among them are `trained` items.
        faq: the hand-written questions.
        general: questions of general ability, if any.
        trained_max: most trained items, drawn by a hash of their id.
        seed: of that hash.

    Raises records.RecordError if a line of a file is not as expected.
    """
    taught = {row.pair for row in disk.stream(rows, Row)}
    trained = [pair for pair in disk.stream(split / "train.jsonl", Pair) if pair.id in taught]
    trained.sort(key=lambda pair: content_id(seed, pair.id))
    found = _of_pairs(TRAINED, trained[:trained_max])
    for name in (REWORDED, HELD_OUT):
        found += _of_pairs(name, disk.read(split / f"{name}.jsonl", Pair))
    for one in read_faq(faq):
        found.append(
            Item(
                id=one.id,
                set=FAQ if one.answerable else UNANSWERABLE,
                question=one.question,
                answer=one.answer,
                evidence=one.quote if one.answerable else None,
                facts=[content_id(one.document, one.quote)] if one.quote else [],
                source=one.document,
            )
        )
    for each in disk.stream(general, GeneralItem) if general else ():
        found.append(Item(id=each.id, set=GENERAL, question=each.question, answer=each.answer, accept=each.accept))
    return sorted(found, key=lambda item: (SETS.index(item.set), item.id))


def _of_pairs(name: str, pairs: Sequence[Pair]) -> list[Item]:
    return [
        Item(
            id=pair.id,
            set=name,
            question=pair.question,
            answer=pair.answer,
            evidence="\n".join(dict.fromkeys(evidence.quote for evidence in pair.evidence)) or None,
            facts=pair.facts,
            source=pair.source,
        )
        for pair in pairs
    ]


def cluster(item: Item) -> str:
    """Return what items that stand or fall together have in common: their first fact."""
    return item.facts[0] if item.facts else item.id
