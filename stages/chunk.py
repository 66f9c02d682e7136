"""Cut documents into chunks under a token budget and note the facts in them.

python -m stages.chunk data/filter/documents.jsonl data/chunk data/metrics/chunk.json --student embedded

Writes chunks.jsonl, facts.jsonl and rejected.jsonl (sentences, list items, table rows and code blocks that are no
fact, each with its reason). Metrics count facts. What was made of a document once is kept in the cache.
"""

import hashlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.documents import chunker
from stages.documents import facts as statements
from stages.memory import Memory
from stages.records import Chunk, Document, Fact
from stages.tally import Tally, progress


class Cut(msgspec.Struct, gc=False):
    """What became of one document."""

    chunks: list[Chunk]
    facts: list[Fact]
    dropped: list[statements.Dropped]


@click.command(cls=Stage, context_settings={"show_default": True})
@click.argument("documents", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.argument("metrics", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--student", default="embedded", help="Its tokenizer counts: embedded, a folder, GGUF file or hub id.")
@click.option("--revision", default="main", help="Revision of a hub id.")
@click.option("--max-tokens", default=256, type=click.IntRange(8), help="Most tokens of a chunk, 8 or more.")
@click.option("--overlap", default=0, type=click.IntRange(0, 10), help="Sentences repeated from the chunk before.")
@click.option("--min-words", default=5, type=click.IntRange(1), help="Least words of a fact.")
@click.option("--max-words", default=40, type=click.IntRange(1), help="Most words of a fact.")
def main(
    documents: Path, output: Path, metrics: Path, student: str, revision: str, max_tokens: int, overlap: int,
    min_words: int, max_words: int,
) -> None:  # fmt: skip
    """Cut documents into chunks and note their facts."""
    tally = Tally("chunk", "facts")
    found = sorted(disk.read(documents, Document), key=lambda document: (document.source, document.id))
    tokenizer, count = counter(student, revision) if found else ("", len)
    memory = Memory("chunk", ("documents",), ("tokenizers",))
    chunks: list[Chunk] = []
    kept: list[Fact] = []
    for document in progress(found, "documents"):
        key = memory.key(document, tokenizer, max_tokens, overlap, min_words, max_words)
        cut = memory.get(key, Cut)
        if cut is None:
            try:
                made = make(document, max_tokens, count, overlap, min_words, max_words)
            except ValueError as error:
                raise click.ClickException(f"{documents}: {error}; run the filter stage again") from error
            cut = memory.put(key, made)
        chunks += cut.chunks
        kept += cut.facts
        for drop in cut.dropped:
            tally.reject(drop.fact.id, drop.reason, drop.value, drop.fact)
    memory.close()
    disk.write(output / "chunks.jsonl", chunks)
    disk.write(output / "facts.jsonl", kept)
    tokens = [chunk.tokens for chunk in chunks] or [0]
    tally.close(
        metrics,
        output / "rejected.jsonl",
        received=len(kept) + len(tally.rejects),
        kept=len(kept),
        documents=len(found),
        chunks=len(chunks),
        tokens={"min": min(tokens), "median": sorted(tokens)[(len(tokens) - 1) // 2], "max": max(tokens)},
        over_budget=sum(chunk.tokens > max_tokens for chunk in chunks),
        chunks_without_facts=len({chunk.id for chunk in chunks} - {fact.chunk for fact in kept}),
    )
    click.echo(f"chunk: {memory.made} documents cut, {memory.found} known from before", err=True)


def make(
    document: Document, max_tokens: int, count: chunker.Count, overlap: int, min_words: int, max_words: int
) -> Cut:
    """Return a document's chunks, facts and what is no fact. A source stands in a run once, and so do its ids."""
    chunks = chunker.chunks(document, max_tokens, count, Counter(), overlap)
    stated, dropped = statements.extract(document, chunks, Counter(), min_words, max_words)
    return Cut(chunks, stated, dropped)


def counter(student: str, revision: str = "main") -> tuple[str, Callable[[str], int]]:
    """Return what tells a student's tokenizer from others, and what counts the tokens of a text.

    The tokenizer is loaded when the first text is counted: a run in which nothing changed needs none.
    """
    from stages.tuning import models

    try:
        file = models.tokenizer_file(student, revision)
    except models.ModelError as error:
        raise click.ClickException(f"chunk: {error}") from error
    loaded: list[Any] = []

    def count(text: str) -> int:
        if not loaded:
            from tokenizers import Tokenizer  # slow to import

            loaded.append(Tokenizer.from_file(str(file)))
        return len(loaded[0].encode(text, add_special_tokens=False).ids)

    return hashlib.sha256(Path(file).read_bytes()).hexdigest(), count


if __name__ == "__main__":
    main()
