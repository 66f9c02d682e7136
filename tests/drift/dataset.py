"""Datasets made of a few sentences, as the stages would write them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages import disk
from stages.drift.version import Version
from stages.records import Decision, Document, Drop, Fact, Pair, Record, Reject, Section, Source, content_id

TOPIC = "Manual > Parts"


def source(path: str, sentences: Sequence[str]) -> Source:
    sha256 = content_id(list(sentences)) * 4
    return Source(id=content_id(path, sha256), path=path, file=path, sha256=sha256)


def document(path: str, sentences: Sequence[str], *drops: Drop) -> Document:
    text = " ".join(sentences)
    section = Section(heading=[], text=text, span=(0, len(text)))
    known = source(path, sentences)
    return Document(id=known.id, source=path, sha256=known.sha256, title="Manual", sections=[section], drops=[*drops])


def fact(path: str, quote: str, topic: str = TOPIC, at: int = 0, **more: Any) -> Fact:
    return Fact(
        id=content_id(path, topic, quote), chunk="c", document="d", source=path, topic=topic, quote=quote,
        span=(at, at + len(quote)), concepts=quote.split()[:1], **more,
    )  # fmt: skip


def pair(one: Fact, question: str = "What is said of {}?", **more: Any) -> Pair:
    question = question.format(one.quote.split()[1])
    return Pair(
        id=content_id(question, one.says, one.id), question=question, answer=one.says, facts=[one.id],
        source=one.source, topic=one.topic, decision=Decision(kept=True), **({"origin": "generated"} | more),
    )  # fmt: skip


def reject(stage: str, record: Any, reason: str, value: float | str | None = None, identity: str = "") -> Reject:
    return Reject(id=identity or record.id, stage=stage, reason=reason, value=value, record=record)


def edited(one: Pair, question: str, reason: str | None) -> Pair:
    return msgspec.structs.replace(
        one, id=content_id(question, one.answer, *one.facts), question=question, parent=one.id,
        origin="reviewer" if reason else "generated", decision=Decision(kept=True, reason=reason),
    )  # fmt: skip


def written(folder: Path, files: Mapping[str, Sequence[Record]], name: str = "before") -> Version:
    """Return a version that has these files, and empty ones of what every version has."""
    empty = dict.fromkeys(("collect/sources", "chunk/facts", "dedup/pairs"), ())
    for file, records in (empty | dict(files)).items():
        disk.write(folder / "data" / f"{file}.jsonl", records)
    return Version(name, folder)


def dataset(folder: Path, texts: Mapping[str, Sequence[str]], more: Mapping[str, Sequence[Record]] | None = None):
    """Return a version in which each sentence of each document is a fact with one pair, which is trained."""
    facts = [
        fact(path, sentence, at=100 * number) for path, some in texts.items() for number, sentence in enumerate(some)
    ]
    pairs = [pair(one) for one in facts]
    files = {
        "collect/sources": [source(path, some) for path, some in texts.items()],
        "refine/documents": [document(path, some) for path, some in texts.items()],
        "chunk/facts": facts, "dedup/pairs": pairs, "split/train": pairs,
    }  # fmt: skip
    return written(folder, files | dict(more or {}), folder.name)
