"""Measure every pair: the scores that the gates of `decide` look at. Nothing is dropped here.

    python -m stages.curate data/generate/pairs.jsonl data/chunk data/sources/judge_labels.jsonl data/curate \
        data/metrics/curate.json --language en

A question that points at something unseen gets its subject from title and headings put in, once, where that mends it.
Labelled pairs are measured too, as they are, so that `decide` can say what its gates are worth.
"""

from collections.abc import Callable, Iterable
from pathlib import Path

import click
import msgspec

from stages import disk, engine
from stages.command import Stage
from stages.curation.context import Documents
from stages.curation.measure import Context, measure
from stages.curation.scored import Labelled, Scored
from stages.records import Chunk, Fact, Pair
from stages.tally import Tally, progress

Given = tuple[Pair, Context, str]


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
    pairs = disk.read(pairs_file, Pair)
    documents = Documents(
        disk.read(chunk / "facts.jsonl", Fact), disk.read(chunk / "chunks.jsonl", Chunk), abbreviations
    )
    given = ((pair, documents.context(pair), language) for pair in progress(pairs, "curate"))
    found = (one for some in engine.in_order(measured, given, len(pairs)) for one in some)
    by_id = {pair.id: pair for pair in pairs}

    def again(identity: str) -> Scored:
        return measure(by_id[identity], documents.context(by_id[identity]), language, mend=False)

    scored = twins_unmended(found, again, set(by_id))
    disk.write(output / "pairs.jsonl", scored)
    disk.write(output / "labels.jsonl", [labelled(one, documents, language) for one in disk.read(labels, Labelled)])
    mended = sum("repaired" in pair.scores for pair in scored)
    after = sum(pair.scores["dangling"] > 0 for pair in scored)
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=len(scored), facts=len(documents.facts),
        dangling_before=mended + after, dangling_after_repair=after, repaired=mended,
    )  # fmt: skip


def labelled(one: Labelled, documents: Documents, language: str) -> Labelled:
    """Return a labelled pair as measured, and not mended: the label is of what it says."""
    found = measure(one, documents.context(one), language, mend=False)
    return msgspec.structs.replace(one, scores=found.scores, found=found.found)


def measured(given: list[Given]) -> list[Scored]:
    """Return pairs as measured, each given with its context and language."""
    return [measure(*one) for one in given]


def twins_unmended(scored: Iterable[Scored], again: Callable[[str], Scored], taken: set[str]) -> list[Scored]:
    """Return the pairs; one that mending made equal to another is as it was, and will be rejected as dangling.

    Args:
        scored: measured pairs.
        again: returns the pair of an id, measured and not mended.
        taken: ids of all pairs before they were measured.
    """
    result = []
    for one in scored:
        if "repaired" in one.scores and one.id in taken and one.parent is not None:
            one = again(one.parent)
        taken.add(one.id)
        result.append(one)
    return result


if __name__ == "__main__":
    main()
