"""Part the pairs by fact into train, reworded and held_out, then take out of train what an evaluation item asks.

    python -m stages.split data/dedup/pairs.jsonl data/sources/faq.jsonl data/split data/metrics/split.json

Groups (same fact, cluster or sentence) are never parted between held_out and train, and where a group goes depends on
its key and the seed alone: a new document moves no old group. `reworded` holds other wordings of trained facts.
"""

import hashlib
from collections import defaultdict
from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.quality import leaks
from stages.records import Decision, Pair
from stages.tally import Tally


@click.command(cls=Stage, help=__doc__)
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("faq", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--held-out", default=0.1, show_default=True, type=click.FloatRange(0, 1), help="Share of groups held out."
)
@click.option("--reworded-max", default=120, show_default=True, type=click.IntRange(0), help="Most pairs in reworded.")
@click.option("--seed", default=0, show_default=True, help="Of the hash by which groups are drawn.")
def main(
    pairs_file: Path, faq: Path, output: Path, metrics: Path, held_out: float, reworded_max: int, seed: int
) -> None:
    """Read pairs, group, draw, decontaminate, write."""
    tally = Tally("split", "pairs")
    pairs = grouped(disk.read(pairs_file, Pair))
    faq_sets = leaks.faq_sets(leaks.read_faq(faq))
    report = {}

    def drop(members: list[Pair], reached: dict[int, str], reason: str) -> list[Pair]:
        for index, item in reached.items():
            pair = members[index]
            tally.reject(pair.id, reason, item, msgspec.structs.replace(
                pair, decision=Decision(kept=False, reason=reason, value=item)))  # fmt: skip
        return [pair for index, pair in enumerate(members) if index not in reached]

    left = pairs
    for name, items in faq_sets.items():
        reached, report[name] = leaks.contamination([pair.question for pair in left], items)
        left = drop(left, reached, "leak_faq")
    sets = draw(left, held_out, reworded_max, seed)
    for name in ("held_out", "reworded"):
        items = [(pair.id, pair.question) for pair in sets[name]]
        reached, report[name] = leaks.contamination([pair.question for pair in sets["train"]], items)
        sets["train"] = drop(sets["train"], reached, "leak_eval")
    # A leak may have taken the last trained wording of a fact, and what was never trained is no test of rewording.
    trained = {fact for pair in sets["train"] for fact in pair.facts}
    untrained = {i: "" for i, pair in enumerate(sets["reworded"]) if not trained.issuperset(pair.facts)}
    sets["reworded"] = drop(sets["reworded"], untrained, "untrained_fact")

    for name, members in sets.items():
        disk.write(output / f"{name}.jsonl", [msgspec.structs.replace(pair, split=name) for pair in members])
    disk.write_json(output / "contamination.json", report)
    groups = {name: len({pair.group for pair in members}) for name, members in sets.items()}
    counts = {name: len(members) for name, members in sets.items()}
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=sum(counts.values()), sets=counts, groups=groups
    )


def draw(pairs: list[Pair], held_out: float, reworded_max: int, seed: int) -> dict[str, list[Pair]]:
    """Return the pairs by split. A group is held out whole; of the others one spare wording each may be reworded."""
    groups: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        groups[pair.group or pair.id].append(pair)
    sets: dict[str, list[Pair]] = {"train": [], "reworded": [], "held_out": []}
    spare: dict[str, Pair] = {}
    for key, members in groups.items():
        if fraction(seed, "held_out", key) < held_out:
            sets["held_out"] += members
            continue
        for pair in sorted(members, key=lambda pair: fraction(seed, "reworded", pair.id)):
            others = {fact for other in members if other is not pair for fact in other.facts}
            if len(members) > 1 and others.issuperset(pair.facts):
                spare[key] = pair
                break
        sets["train"] += members
    chosen = sorted(spare, key=lambda key: fraction(seed, "cap", key))[:reworded_max]
    sets["reworded"] = [spare[key] for key in chosen]
    taken = {pair.id for pair in sets["reworded"]}
    sets["train"] = [pair for pair in sets["train"] if pair.id not in taken]
    return sets


def grouped(pairs: list[Pair]) -> list[Pair]:
    """Return the pairs with `group` set: joined by fact, cluster and sentence, named after the lowest fact id."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        parent.setdefault(name, name)
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in pairs:
        names = [f"fact:{fact}" for fact in pair.facts]
        names += [f"quote:{' '.join(evidence.quote.casefold().split())}" for evidence in pair.evidence]
        names += [f"cluster:{pair.cluster}"] if pair.cluster else []
        for name in names:
            parent[root(name)] = root(f"pair:{pair.id}")
    lowest: dict[str, str] = {}
    for pair in pairs:
        key, name = root(f"pair:{pair.id}"), min(pair.facts, default=pair.id)
        lowest[key] = min(lowest.get(key, name), name)
    return [msgspec.structs.replace(pair, group=lowest[root(f"pair:{pair.id}")]) for pair in pairs]


def fraction(*parts: object) -> float:
    """Return a number in 0..1 that depends on the parts alone."""
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64


if __name__ == "__main__":
    main()
