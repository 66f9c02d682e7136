"""Keep the best pairs of each cluster of questions that ask the same thing, or all of them at a lower weight.

    python -m stages.dedup data/decide/pairs.jsonl data/dedup data/metrics/dedup.json --method guard

What a removal costs in wordings of facts is in clusters.jsonl. Where two such questions have answers that contradict
each other, both go to conflicts.jsonl for a person to look at; what only an encoder finds alike goes to review.jsonl.
"""

from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.curation import duplicates, paraphrases, repetition
from stages.curation.conflicts import Conflict
from stages.quality import linkage, similarity
from stages.quality import semantic as encoders
from stages.records import Decision, Pair, content_id
from stages.tally import Tally
from stages.tuning.models import ModelError


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--method", default="guard", type=click.Choice(["guard", "thefuzz", "recordlinkage"]),
              help="How duplicates are told: by the guard, by a plain threshold (it merges 7B with 13B), or by linking "
              "question, answer and source of records (extra linkage).")  # fmt: skip
@click.option("--threshold", default=90, type=click.IntRange(0, 100), help="Of thefuzz and recordlinkage, percent.")
@click.option("--keep-per-cluster", default=1, type=click.IntRange(1), help="Pairs that stay of those that say the "
              "same, the best first.")  # fmt: skip
@click.option("--surplus", default="remove", type=click.Choice(["remove", "down-weight"]),
              help="What becomes of the others; down-weight: all stay, their weights sum to as many.")  # fmt: skip
@click.option("--semantic", default="none", help="Sentence encoder that looks for candidates: a folder or a hub id.")
@click.option("--revision", default="main", help="Of its hub id.")
@click.option("--min-cosine", default=0.9, type=click.FloatRange(-1, 1), help="How near candidates must be.")
def main(
    pairs_file: Path, output: Path, metrics: Path, method: str, threshold: int, keep_per_cluster: int, surplus: str,
    semantic: str, revision: str, min_cosine: float,
) -> None:  # fmt: skip
    """Read pairs, cluster, choose, write."""
    tally = Tally("dedup", "pairs")
    pairs = disk.read(pairs_file, Pair)

    def linked(some: Sequence[Pair]) -> list[int]:
        questions = [pair.question for pair in some]
        if method == "thefuzz":
            return linkage.thefuzz_clusters(questions, threshold)
        return linkage.linked_clusters(
            questions, [pair.answer for pair in some], [pair.source for pair in some], threshold
        )

    def decided(matcher: duplicates.Matcher) -> tuple[list[duplicates.Choice], list[Pair]]:
        found = duplicates.choices(pairs, matcher, keep_per_cluster, surplus == "down-weight")
        return found, [pair for choice in found for pair in choice.kept]

    try:
        choices, kept = decided(guard if method == "guard" else linked)
        review = (
            [] if semantic == "none"
            else paraphrases.candidates(kept, encoders.load(semantic, revision), min_cosine)
        )  # fmt: skip
    except (linkage.LinkageError, ModelError) as error:
        raise click.ClickException(f"dedup: {error}") from error
    for choice in choices:
        for reason, dropped in (("near_duplicate", choice.merged), ("conflict", choice.refused)):
            for pair, other in dropped:
                decision = Decision(kept=False, reason=reason, value=other.id)
                tally.reject(pair.id, reason, other.id, msgspec.structs.replace(
                    pair, cluster=choice.cluster[0].id, decision=decision))  # fmt: skip
    clusters = repetition.clusters(pairs, choices)
    figures = repetition.figures(clusters, choices, pairs)
    if method != "guard":
        figures["guard_would_keep"] = len({pair.id for pair in decided(guard)[1]} - {pair.id for pair in kept})
    disk.write(output / "pairs.jsonl", kept)
    disk.write(output / "clusters.jsonl", clusters)
    disk.write(output / "conflicts.jsonl", [
        Conflict(id=content_id(one.id, other.id), pairs=[one, other])
        for choice in choices for one, other in choice.conflicts
    ])  # fmt: skip
    disk.write_bytes(output / "review.jsonl", b"".join(msgspec.json.encode(one) + b"\n" for one in review))
    click.echo(
        f"dedup: {figures['clusters']} clusters, the largest of {figures['largest']}; {figures['merged']} pairs "
        f"merged, {figures['conflicts']} conflicts, {len(review)} candidates to review"
        + (f"; the guard would keep {figures['guard_would_keep']} of what went" if method != "guard" else "")
    )
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=len(kept), review=len(review),
        review_same_fact=sum(one.same_fact for one in review), **figures,
    )  # fmt: skip


def guard(pairs: Sequence[Pair]) -> list[int]:
    """Return the clusters of pairs by the matcher of the pipeline."""
    return similarity.clusters([pair.question for pair in pairs])


if __name__ == "__main__":
    main()
