"""Questions that people wrote on what the documents say: each asks a fact in a user's words.

Rules, and a small teacher, keep near the words of the document. A model that has seen a fact asked in no other words
answers a user's question as if it had never heard of it, or refuses it. And of some facts neither makes a question that
passes the gates: these come to training by what people wrote alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from stages import disk
from stages.augmenting.children import Draft, child
from stages.curation.grouping import traits
from stages.records import Decision, Fact, Pair, Record, RecordError, content_id, evidence

FORM = "written"


class Wording(Record, kw_only=True):
    """A question that a sentence of a document answers."""

    question: str
    document: str  # its path below the folder of documents
    quote: str  # the sentence or table row, verbatim but for white space; a part of it will do


Lost = tuple[Wording, str, str | int]  # a wording, why no pair gets it, and the value
Family = tuple[Pair, Pair]  # child and parent; a pair on a fact that no other pair asks for is its own


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
    wordings: Iterable[Wording], pairs: Sequence[Pair], facts: Iterable[Fact], apart: Iterable[Pair], most: int
) -> tuple[list[Family], list[Lost]]:
    """Return the wordings as pairs for training, and those that become none.

    On a fact in training they are children of its pair; on a fact of which there is no pair they are pairs themselves.

    Args:
        wordings: what people wrote, the first of a fact first.
        pairs: the training pairs; of several about a fact the first by id is the parent.
        facts: of all documents.
        apart: the pairs that are never trained, nor what shares a fact or a sentence with them, nor a document of which
            all pairs are among them.
        most: wordings that a fact gets.
    """
    known = {fact.id: fact for fact in facts}
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for fact in known.values():
        said[fact.source].append((_plain(fact.quote), fact.id))
    trained: dict[str, Pair] = {}
    for pair in sorted(pairs, key=lambda pair: pair.id):
        if len(pair.facts) == 1 and not pair.turns:
            trained.setdefault(pair.facts[0], pair)
    held_out = list(apart)
    never = {trait for pair in held_out for trait in traits(pair, known)}
    whole_documents = {pair.source for pair in held_out} - {pair.source for pair in pairs}  # held out as they are
    taken: dict[str, int] = defaultdict(int)
    made: list[Family] = []
    lost: list[Lost] = []
    for one in wordings:
        quote = _plain(one.quote)
        whole = [name for text, name in said[one.document] if quote == text]
        meant = whole or [name for text, name in said[one.document] if quote in text]
        if len(meant) != 1:  # any one of several might have the answer, or be held out
            lost.append((one, "several_facts" if meant else "no_such_fact", one.quote))
            continue
        (name,) = meant
        parent = trained.get(name)
        pair = child(parent, FORM, Draft(question=one.question)) if parent else _first(one.question, known[name])
        if not parent and (one.document in whole_documents or any(each in never for each in traits(pair, known))):
            lost.append((one, "held_out", one.quote))
        elif taken[name] >= most:
            lost.append((one, "over_written_cap", most))
        else:
            taken[name] += 1
            made.append((pair, parent or pair))
    return made, lost


def _first(question: str, fact: Fact) -> Pair:
    """Return a question on a fact of which there is no pair."""
    return Pair(
        id=content_id(question, fact.says, fact.id),
        question=question,
        answer=fact.says,
        facts=[fact.id],
        evidence=evidence([fact]),
        source=fact.source,
        topic=fact.topic,
        concepts=fact.concepts,
        origin="seed",
        form=FORM,
        split="train",
        decision=Decision(kept=True),
    )


def _plain(text: str) -> str:
    return " ".join(text.split())
