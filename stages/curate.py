"""Measure every pair: the scores that the gates of `decide` look at. Nothing is dropped here.

    python -m stages.curate data/generate/pairs.jsonl data/chunk data/sources/judge_labels.jsonl data/curate \
        data/metrics/curate.json --language en

A question that points at something unseen gets its subject from title and headings put in, once, where that mends it.
Labelled pairs are measured too, as they are, so that `decide` can say what its gates are worth.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import msgspec

from stages import disk, engine
from stages.command import Stage
from stages.curation import rows
from stages.curation.context import Documents
from stages.curation.measure import measure
from stages.curation.scored import Labelled
from stages.records import Chunk, Fact, Pair
from stages.tally import Tally, progress


@click.command(cls=Stage, help=__doc__)
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("chunk", type=click.Path(exists=True, path_type=Path))
@click.argument("labels", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--language", default="en", show_default=True, help="Language of the pairs, ISO 639-1; any: each its own."
)
@click.option("--abbreviations", multiple=True, help="What readers know though no document spells it out; repeatable.")
def main(
    pairs_file: Path, chunk: Path, labels: Path, output: Path, metrics: Path, language: str,
    abbreviations: tuple[str, ...],
) -> None:  # fmt: skip
    """Read pairs, measure, write."""
    tally = Tally("curate", "pairs")
    documents = Documents(
        disk.stream(chunk / "facts.jsonl", Fact), disk.stream(chunk / "chunks.jsonl", Chunk), abbreviations
    )
    order = sorted((pair.facts, place, pair.id) for place, pair in disk.located(pairs_file, Pair))
    read = disk.lines_at(pairs_file, (place for _, place, _ in progress(order, "curate")))
    given = ((line, documents.context(rows.decode(line)), language) for line in read)
    found = (one for some in engine.in_order(rows.measured, given, len(order)) for one in some)
    counts: Counter[str] = Counter()
    kept = rows.twins_unmended(found, {identity for _, _, identity in order})
    disk.write_sorted(output / "pairs.jsonl", counted(kept, counts))
    disk.write(output / "labels.jsonl", [labelled(one, documents, language) for one in disk.read(labels, Labelled)])
    tally.close(
        metrics, output / "rejected.jsonl", received=len(order), kept=counts["all"], facts=len(documents.facts),
        dangling_before=counts["repaired"] + counts["dangling"], dangling_after_repair=counts["dangling"],
        repaired=counts["repaired"],
    )  # fmt: skip


def labelled(one: Labelled, documents: Documents, language: str) -> Labelled:
    """Return a labelled pair as measured, and not mended: the label is of what it says."""
    found = measure(one, documents.context(one), language, mend=False)
    return msgspec.structs.replace(one, scores=found.scores, found=found.found)


def counted(kept: Iterable[rows.Row], counts: Counter[str]) -> Iterator[tuple[str, bytes]]:
    """Yield ids and lines, and count what they are of."""
    for one in kept:
        counts.update(all=1, dangling=one.dangling, repaired=one.repaired)
        yield one.id, one.line


if __name__ == "__main__":
    main()
