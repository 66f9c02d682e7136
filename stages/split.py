"""Part the pairs by fact into train, reworded and held_out, then take out of train what an evaluation item asks.

    python -m stages.split data/dedup/pairs.jsonl data/chunk/facts.jsonl data/sources/faq.jsonl data/split \
        data/metrics/split.json --evaluation data/sources/evaluation

What shares a fact, a sentence or a cluster is never parted between held_out and train, and a new document moves
nothing: a pair that would be on both sides is rejected (`spans_split`). `reworded` holds other wordings of trained
facts. contamination.json says of every evaluation set what reached it; review.jsonl lists what only an encoder finds.
"""

from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.curation import decontamination, splitting
from stages.quality import external, leaks
from stages.quality import semantic as encoders
from stages.records import Decision, Fact, Pair
from stages.tally import Tally
from stages.tuning.models import ModelError


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("facts_file", type=click.Path(exists=True, path_type=Path))
@click.argument("faq", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--held-out", default=0.1, type=click.FloatRange(0, 1),
    help="Share of each document's facts that is held out.",
)  # fmt: skip
@click.option("--by-document/--no-by-document", default=False, help="Hold out whole documents.")
@click.option("--reworded-max", default=120, type=click.IntRange(0), help="Most pairs in reworded.")
@click.option("--seed", default=0, help="Of the hashes by which facts are drawn.")
@click.option(
    "--evaluation", type=click.Path(file_okay=False, path_type=Path),
    help="Folder of further evaluation files (jsonl, json, csv, tsv), a set each.",
)  # fmt: skip
@click.option(
    "--leaks", "on_leak", default="remove", type=click.Choice(["remove", "flag"]),
    help="What happens to a pair that reaches an item of these files.",
)  # fmt: skip
@click.option("--semantic", default="none", help="Encoder that looks for paraphrases: folder or hub id.")
@click.option("--revision", default="main", help="Of its hub id.")
@click.option("--min-cosine", default=0.9, type=click.FloatRange(-1, 1), help="How near they must be.")
def main(
    pairs_file: Path, facts_file: Path, faq: Path, output: Path, metrics: Path, held_out: float, by_document: bool,
    reworded_max: int, seed: int, evaluation: Path | None, on_leak: str, semantic: str, revision: str,
    min_cosine: float,
) -> None:  # fmt: skip
    """Read pairs and evaluation sets, part, decontaminate, write."""
    tally = Tally("split", "pairs")
    pairs = sorted(disk.read(pairs_file, Pair), key=lambda pair: pair.id)
    facts = {fact.id: fact for fact in disk.stream(facts_file, Fact)}
    own = leaks.faq_sets(leaks.read_faq(faq))
    others = external.read(evaluation) if evaluation else {}
    report: dict[str, dict[str, object]] = {}

    def reject(pair: Pair, reason: str, value: str | None = None) -> None:
        decision = Decision(kept=False, reason=reason, value=value)
        tally.reject(pair.id, reason, value, msgspec.structs.replace(pair, decision=decision))

    def clean(members: list[Pair], guarded: dict[str, decontamination.Guarded]) -> list[Pair]:
        """Return the pairs without those that reach an item, which are rejected."""
        cleaned = decontamination.clean(members, guarded)
        report.update(cleaned.reports)
        for pair, reason, item in cleaned.removed:
            reject(pair, reason, item)
        return cleaned.kept

    parted = splitting.part(pairs, facts, held_out, seed, by_document)
    for pair, other in parted.withdrawn:
        reject(pair, "spans_split", other)
    guarded = {name: decontamination.Guarded(items, "leak_faq") for name, items in own.items()}
    for name, items in others.items():
        guarded[name] = decontamination.Guarded(items, f"leak_{name}", on_leak == "flag")
    train = clean(parted.trained, guarded)
    spare = splitting.reworded(train, parted, facts, reworded_max, seed)
    taken = {pair.id for pair in spare}
    train = [pair for pair in train if pair.id not in taken]
    held = leaks.pair_items(parted.held_out, "held_out")
    evaluated = {"held_out": held, "reworded": leaks.pair_items(spare, "reworded")}
    train = clean(train, {name: decontamination.Guarded(items, "leak_eval") for name, items in evaluated.items()})
    # A leak may have taken the last trained wording of a fact, and what was never trained is no test of rewording.
    lost = splitting.untrained(spare, train, facts)
    for pair in lost:
        reject(pair, "untrained_fact", "")
    try:  # rewordings of trained questions are what `reworded` is for
        near = [] if semantic == "none" else decontamination.candidates(
            train, {**own, **others, "held_out": held}, encoders.load(semantic, revision), min_cosine)  # fmt: skip
    except ModelError as error:
        raise click.ClickException(f"split: {error}") from error
    sets = {"train": train, "reworded": [pair for pair in spare if pair not in lost], "held_out": parted.held_out}
    everything = splitting.grouped([pair for some in sets.values() for pair in some], facts)
    groups = {pair.id: pair.group for pair in everything}
    for name, members in sets.items():
        disk.write(output / f"{name}.jsonl", [
            msgspec.structs.replace(pair, split=name, group=groups[pair.id]) for pair in members
        ])  # fmt: skip
    disk.write_json(output / "contamination.json", report)
    disk.write_bytes(output / "review.jsonl", b"".join(msgspec.json.encode(one) + b"\n" for one in near))
    counts = {name: len(members) for name, members in sets.items()}
    met = splitting.figures(parted, held_out, parted.held_out)
    for name in others:
        click.echo(f"split: {name}: {report[name]['leaked']} of {report[name]['items']} items reached, "
                   f"{report[name]['rows_removed']} pairs removed, {report[name]['rows_flagged']} flagged")  # fmt: skip
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=sum(counts.values()), sets=counts,
        groups={name: len({groups[pair.id] for pair in some}) for name, some in sets.items()}, review=len(near), **met,
    )  # fmt: skip


if __name__ == "__main__":
    main()
