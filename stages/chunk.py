"""Cut documents into chunks under a token budget and note the facts in them.

python -m stages.chunk data/filter/documents.jsonl data/chunk data/metrics/chunk.json --student embedded

Writes chunks.jsonl, facts.jsonl and rejected.jsonl (sentences, list items, table rows and code blocks that are no
fact, each with its reason). Metrics count facts.
"""

import statistics
from collections import Counter
from pathlib import Path

import click

from stages import records
from stages.command import Stage
from stages.documents import chunker, facts
from stages.records import Chunk, Document, Fact
from stages.tally import Tally, progress


@click.command(cls=Stage, context_settings={"show_default": True})
@click.argument("documents", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("output", type=click.Path(path_type=Path, file_okay=False))
@click.argument("metrics", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--student", default="embedded", help="Model whose tokenizer counts: embedded, a folder or a hub id.")
@click.option("--revision", default="main", help="Revision of a hub id.")
@click.option("--max-tokens", default=256, type=click.IntRange(8), help="Most tokens of a chunk, 8 or more.")
@click.option("--min-words", default=5, type=click.IntRange(1), help="Least words of a fact.")
@click.option("--max-words", default=40, type=click.IntRange(1), help="Most words of a fact.")
def main(
    documents: Path, output: Path, metrics: Path, student: str, revision: str, max_tokens: int, min_words: int,
    max_words: int,
) -> None:  # fmt: skip
    """Cut documents into chunks and note their facts."""
    tally = Tally("chunk", "facts")
    found = sorted(records.read(documents, Document), key=lambda document: (document.source, document.id))
    count = counter(student, revision) if found else len
    chunks: list[Chunk] = []
    kept: list[Fact] = []
    seen_chunks: Counter[tuple[str, ...]] = Counter()
    seen_facts: Counter[tuple[str, ...]] = Counter()
    for document in progress(found, "documents"):
        try:
            cut = chunker.chunks(document, max_tokens, count, seen_chunks)
        except ValueError as error:
            raise click.ClickException(f"{documents}: {error}; run the filter stage again") from error
        stated, dropped = facts.extract(document, cut, seen_facts, min_words, max_words)
        chunks += cut
        kept += stated
        for drop in dropped:
            tally.reject(drop.fact.id, drop.reason, drop.value, drop.fact)
    records.write(output / "chunks.jsonl", chunks)
    records.write(output / "facts.jsonl", kept)
    tokens = [chunk.tokens for chunk in chunks] or [0]
    tally.close(
        metrics,
        output / "rejected.jsonl",
        received=len(kept) + len(tally.rejects),
        kept=len(kept),
        documents=len(found),
        chunks=len(chunks),
        tokens={"min": min(tokens), "median": statistics.median_low(tokens), "max": max(tokens)},
        over_budget=sum(chunk.tokens > max_tokens for chunk in chunks),
        chunks_without_facts=len({chunk.id for chunk in chunks} - {fact.chunk for fact in kept}),
    )


def counter(student: str, revision: str = "main") -> chunker.Count:
    """Return what counts the tokens of a text for a student."""
    from tokenizers import Tokenizer  # slow to import

    from stages.tuning import models

    try:
        tokenizer = Tokenizer.from_file(str(models.tokenizer_file(student, revision)))
    except models.ModelError as error:
        raise click.ClickException(f"chunk: {error}") from error
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


if __name__ == "__main__":
    main()
