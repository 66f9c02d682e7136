"""Questions that people wrote on what the documents say: each asks a training pair's fact in a user's words.

Rules, and a small teacher, keep near the words of the document. A model that has seen a fact asked in no other words
answers a user's question as if it had never heard of it, or refuses it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from stages import disk
from stages.augmenting.children import Draft, child
from stages.records import Fact, Pair, Record, RecordError

FORM = "written"


class Wording(Record, kw_only=True):
    """A question that a sentence of a document answers."""

    question: str
    document: str  # its path below the folder of documents
    quote: str  # the sentence or table row, verbatim but for white space; a part of it will do


Lost = tuple[Wording, str, str | int]  # a wording, why no pair gets it, and the value
Family = tuple[Pair, Pair]  # child and parent


def read(path: Path) -> list[Wording]:
    """Return the wordings of a file. Raises RecordError, naming file and line, for one that says too little."""
    found: list[Wording] = []
    seen: set[str] = set()
    for number, one in enumerate(disk.stream(path, Wording), 1):
        empty = next((name for name in ("question", "document", "quote") if not getattr(one, name).strip()), None)
        if empty or one.id in seen:
            lack = f"no {empty}" if empty else "an id that another line has"
            raise RecordError(f"{path}, line {number} ({one.id}): it has {lack}")
        seen.add(one.id)
        found.append(one)
    return found


def children(
    wordings: Iterable[Wording], pairs: Sequence[Pair], facts: Iterable[Fact], most: int
) -> tuple[list[Family], list[Lost]]:
    """Return the wordings as children of training pairs, and those that no pair gets.

    Args:
        wordings: what people wrote, the first of a fact first.
        pairs: the training pairs; of several about a fact the first by id is the parent.
        facts: of all documents.
        most: wordings that a fact gets.
    """
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for fact in facts:
        said[fact.source].append((_plain(fact.quote), fact.id))
    trained: dict[str, Pair] = {}
    for pair in sorted(pairs, key=lambda pair: pair.id):
        if len(pair.facts) == 1 and not pair.turns:
            trained.setdefault(pair.facts[0], pair)
    taken: dict[str, int] = defaultdict(int)
    made: list[Family] = []
    lost: list[Lost] = []
    for one in wordings:
        quote = _plain(one.quote)
        whole = [name for text, name in said[one.document] if quote == text]
        meant = whole or [name for text, name in said[one.document] if quote in text]
        found = meant[0] if meant else ""
        if len(meant) > 1:  # any one of them might have the answer, or be held out
            lost.append((one, "several_facts", one.quote))
        elif found not in trained:
            lost.append((one, "not_trained" if meant else "no_such_fact", one.quote))
        elif taken[found] >= most:
            lost.append((one, "over_written_cap", most))
        else:
            taken[found] += 1
            made.append((child(trained[found], FORM, Draft(question=one.question)), trained[found]))
    return made, lost


def _plain(text: str) -> str:
    return " ".join(text.split())
