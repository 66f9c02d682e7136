"""Coverage: which facts of which documents reached training or evaluation, and where the others were lost."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from stages.records import Chunk, Document, Fact, Pair, Reject, Row
from stages.reporting.funnel import measured
from stages.reporting.gather import GatherError, load

WRITTEN = "written"  # form of a pair that was not made: a question of data/sources/wordings.jsonl
TEACHING = ("training", "reworded", "held_out")  # where a pair can end up


@dataclass
class Coverage:
    """Of a heading or a document: its facts, and the pairs that stand on them by where they ended up."""

    facts: set[str] = field(default_factory=set)
    covered: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)  # of these, those with hand-written wordings only
    pairs: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in TEACHING})

    @property
    def reached(self) -> int:
        """How many pairs reached training or evaluation."""
        return len(set().union(*self.pairs.values()))


@dataclass
class DocumentRow:
    """A document with what became of it."""

    title: str
    source: str
    licence: str
    language: str
    pages: int | None  # None where the format has none
    scanned: int  # pages that are pictures without text
    sections: int
    words: int
    dropped: dict[str, int]  # reason: words
    flags: dict[str, int]
    also: int  # sections that stand in other documents too
    chunks: int
    coverage: Coverage
    headings: dict[tuple[str, ...], Coverage]


@dataclass(frozen=True)
class Quarantined:
    """A source or document that was rejected before it had facts."""

    title: str
    source: str
    stage: str
    reason: str
    value: str


@dataclass(frozen=True)
class Uncovered:
    """A fact of which the pipeline made no pair that reached a row or an item, and where its questions were lost."""

    document: str
    heading: str
    quote: str
    lost: str


@dataclass(frozen=True)
class Concept:
    """A concept: how many facts are on it, how many of them are covered, and the pairs that reached an end."""

    name: str
    facts: int
    covered: int
    pairs: int


def documents(data: Path) -> tuple[list[DocumentRow], list[Quarantined], list[Uncovered]]:
    """Return the documents with their coverage, those that were quarantined, and the facts that are not covered."""
    chunks = {chunk.id: chunk for chunk in load(data, "chunk", "chunks.jsonl", Chunk)}
    facts = load(data, "chunk", "facts.jsonl", Fact)
    ends = _ends(data)
    by_fact: dict[str, list[tuple[str, str]]] = defaultdict(list)  # fact: (end, pair)
    generated: set[str] = set()  # facts with a pair that the pipeline made
    for end, pairs in ends.items():
        for pair in pairs:
            for identity in pair.facts:
                by_fact[identity].append((end, pair.id))
            if pair.form != WRITTEN:
                generated.update(pair.facts)

    rows = {}
    per_document = Counter(chunk.document for chunk in chunks.values())
    for document in load(data, "refine", "documents.jsonl", Document):
        rows[document.id] = DocumentRow(
            title=document.title,
            source=document.source,
            licence=document.licence or "unknown",
            language=document.language or "",
            pages=document.pages,
            scanned=len(document.scanned),
            sections=len(document.sections),
            words=sum(len(section.text.split()) for section in document.sections),
            dropped=_dropped(document),
            flags=document.flags,
            also=sum(bool(section.also) for section in document.sections),
            chunks=per_document[document.id],
            coverage=Coverage(),
            headings={tuple(section.heading): Coverage() for section in document.sections},
        )
    lost = _lost(data)
    uncovered = []
    for fact in sorted(facts, key=lambda fact: (fact.source, fact.span, fact.id)):
        row = rows.get(fact.document)
        if row is None:
            raise GatherError(
                f"{data}/chunk/facts.jsonl: the fact {fact.id} is of the document {fact.document}, which refine did "
                "not keep; run `dvc repro chunk`"
            )
        heading = tuple(chunks[fact.chunk].heading) if fact.chunk in chunks else ()
        for coverage in (row.coverage, row.headings.setdefault(heading, Coverage())):
            coverage.facts.add(fact.id)
            for end, reached in by_fact[fact.id]:
                coverage.covered.add(fact.id)
                coverage.pairs[end].add(reached)
                if fact.id not in generated:
                    coverage.written.add(fact.id)
        if fact.id not in generated:
            why = lost.get(fact.id, "no question was asked")
            why += "; hand-written wordings are trained" if by_fact[fact.id] else ""
            uncovered.append(Uncovered(row.title, " › ".join(heading), fact.quote, why))
    return sorted(rows.values(), key=lambda row: (row.title, row.source)), _quarantined(data), uncovered


def concepts(data: Path) -> list[Concept]:
    """Return each concept with its facts and the pairs on them, those with the fewest pairs first."""
    pairs: dict[str, set[str]] = defaultdict(set)
    reached: set[str] = set()
    for some in _ends(data).values():
        for pair in some:
            reached.update(pair.facts)
            for concept in pair.concepts:
                pairs[concept].add(pair.id)
    facts, covered = Counter[str](), Counter[str]()
    for fact in load(data, "chunk", "facts.jsonl", Fact):
        facts.update(set(fact.concepts))
        covered.update(set(fact.concepts) if fact.id in reached else ())
    found = [Concept(name, count, covered[name], len(pairs[name])) for name, count in facts.items()]
    return sorted(found, key=lambda one: (one.pairs, one.name))


def _dropped(document: Document) -> dict[str, int]:
    """Return how many words of a document are no content, by reason, most first."""
    words: Counter[str] = Counter()
    for drop in document.drops:
        words[drop.reason] += len(drop.text.split())
    return dict(words.most_common())


def _ends(data: Path) -> dict[str, list[Pair]]:
    """Return the pairs that reached the training rows, and the two evaluation sets made of pairs."""
    taught = {row.pair for row in load(data, "mix", "train.jsonl", Row)}
    return {
        "training": [pair for pair in load(data, "augment", "pairs.jsonl", Pair) if pair.id in taught],
        "reworded": load(data, "split", "reworded.jsonl", Pair),
        "held_out": load(data, "split", "held_out.jsonl", Pair),
    }


def _lost(data: Path) -> dict[str, str]:
    """Return for each fact the last stage that rejected questions on it, with its reasons."""
    last: dict[str, tuple[str, Counter[str]]] = {}
    for stage in ("generate", "decide", "dedup", "split"):
        for reject in load(data, stage, "rejected.jsonl", Reject):
            if not isinstance(reject.record, dict):
                continue
            for fact in reject.record.get("facts") or [reject.record.get("fact")]:
                if last.get(fact, ("", Counter()))[0] != stage:
                    last[fact] = (stage, Counter())
                last[fact][1][reject.reason] += 1
    return {
        fact: f"{stage}: " + ", ".join(f"{reason} {count}" for reason, count in sorted(reasons.items()))
        for fact, (stage, reasons) in last.items()
    }


def _quarantined(data: Path) -> list[Quarantined]:
    found = []
    stages = ("collect", "parse", "filter", "refine")
    for stage in stages:
        for reject in load(data, stage, "rejected.jsonl", Reject):
            record = reject.record if isinstance(reject.record, dict) else {}
            source = str(record.get("source") or record.get("path") or reject.value or reject.id)
            title = str(record.get("title") or "")
            found.append(Quarantined(title, source, stage, reject.reason, measured(reject.value)))
    return sorted(found, key=lambda one: (stages.index(one.stage), one.source))
