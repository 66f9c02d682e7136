"""Keep one pair of each cluster of questions that ask the same thing.

    python -m stages.dedup data/decide/pairs.jsonl data/dedup data/metrics/dedup.json --method guard

Where two such questions have answers that disagree, both go to conflicts.jsonl for a person to look at.
"""

from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.curation.conflicts import Conflict, agree
from stages.quality import similarity
from stages.records import Decision, Pair, content_id
from stages.tally import Tally


@click.command(cls=Stage, help=__doc__)
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--method",
    default="guard",
    show_default=True,
    type=click.Choice(["guard", "thefuzz"]),
    help="How duplicates are told: by the guard, or by a plain threshold (to compare; it merges 7B with 13B).",
)
@click.option(
    "--threshold", default=90, show_default=True, type=click.IntRange(0, 100), help="Of method thefuzz, percent."
)
def main(pairs_file: Path, output: Path, metrics: Path, method: str, threshold: int) -> None:
    """Read pairs, cluster, choose, write."""
    tally = Tally("dedup", "pairs")
    pairs = sorted(disk.read(pairs_file, Pair), key=lambda pair: pair.id)
    questions = [pair.question for pair in pairs]
    numbers = similarity.clusters(questions) if method == "guard" else similarity.thefuzz_clusters(questions, threshold)
    members: dict[int, list[Pair]] = {}
    for pair, number in zip(pairs, numbers, strict=True):
        members.setdefault(number, []).append(pair)

    kept: list[Pair] = []
    conflicts: list[Conflict] = []
    for cluster in members.values():
        best, *others = sorted(cluster, key=rank)
        facts = list(best.facts)
        for pair in others:
            agrees = agree(best.answer, pair.answer)
            reason = "near_duplicate" if agrees else "conflict"
            decision = Decision(kept=False, reason=reason, value=best.id)
            dropped = msgspec.structs.replace(pair, cluster=best.id, decision=decision)
            tally.reject(pair.id, reason, best.id, dropped)
            if agrees:  # the kept pair now speaks for the other's facts too, and the split may not part them
                facts += [fact for fact in pair.facts if fact not in facts]
            else:
                conflicts.append(Conflict(id=content_id(best.id, pair.id), pairs=[best, dropped]))
        kept.append(msgspec.structs.replace(best, cluster=best.id, facts=facts))
    disk.write(output / "pairs.jsonl", kept)
    disk.write(output / "conflicts.jsonl", conflicts)
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=len(kept), clusters=len(members),
        conflicts=len(conflicts),
    )  # fmt: skip


def rank(pair: Pair) -> tuple[bool, float, str]:
    """Return what pairs of a cluster are sorted by, best first: written by a person, highest rank, lowest id."""
    merit = pair.scores.get("rank", pair.scores.get("gain", 0.0))
    return (pair.origin not in ("seed", "reviewer"), -merit, pair.id)


if __name__ == "__main__":
    main()
