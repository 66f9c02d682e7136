"""Mix pairs, refusals and replay into chat rows, and stop the run if an evaluation item is within reach of one.

    python -m stages.mix data/augment/pairs.jsonl data/split data/sources data/mix data/metrics/mix.json \
        --collected data/collect/sources.jsonl --by source --sampling temperature --temperature 2

By default every pair is taken once. With quotas the shares of the groups are their weights: --by origin
--sampling quotas --weight seed=2 --weight generated=1 makes two thirds of the pairs seeds. With temperature they are
weight times size ** (1 / temperature). The weights of sources are those of their manifest (trust: that trust).
What a group cannot fill with --max-repeats of each pair goes to the others; what was asked and what was delivered is
in the metrics, and rows and tokens by origin, source, form and trust in mixture.json.

Rows are sorted by id. Training shuffles each epoch by its own seed; with a curriculum it sees the rows of its first
epoch by their field `order`: short answers first, with refusals and replay spread evenly.
"""

from pathlib import Path
from typing import Any

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.mixing import account, drawing, given, order, rows, tokens
from stages.quality import external, leaks
from stages.records import Pair, Source
from stages.scoring import items
from stages.tally import Tally
from stages.tuning.models import ModelError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
GROUPS = click.Choice(["none", "source", "origin", "form", "trust"])
SAMPLING = click.Choice(["all", "quotas", "temperature"])
ORDERS = click.Choice(["shuffle", "curriculum"])


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("split", type=click.Path(exists=True, path_type=Path))
@click.argument("sources", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--system", default="", help="System prompt of every row; empty: none.")
@click.option("--refusal", default="I do not know: the documents do not say.", help="The answer of refusals.")
@click.option("--refusals", default=500, type=click.IntRange(0), help="Most refusals, rows.")
@click.option("--unanswerable", type=FILE, help="Questions to refuse that generate made: at most half of the refusals.")
@click.option("--replay", default=200, type=click.IntRange(0), help="Most replayed rows.")
@click.option("--replay-file", default="data/sources/replay.jsonl", type=click.Path(dir_okay=False, path_type=Path),
              help=f"JSONL to replay, each line with {given.SHAPES}.")  # fmt: skip
@click.option("--replay-max-tokens", default=192, type=click.IntRange(1), help="Longer ones are not replayed, tokens.")
@click.option("--collected", type=FILE, help="What collect noted: weight and trust of the sources.")
@click.option("--student", default="embedded", help="Its tokenizer counts: embedded, a folder, GGUF file or hub id.")
@click.option("--revision", default="main", help="Revision of a hub id.")
@click.option("--by", default="none", type=GROUPS, help="What groups of pairs get shares.")
@click.option("--sampling", default="all", type=SAMPLING, help="Each pair once, or shares as above.")
@click.option("--weight", multiple=True, default=(), help="NAME=NUMBER: of a group, 0 and up; else as above, or 1.")
@click.option("--temperature", default=1.0, type=click.FloatRange(0.1), help="1: natural shares; higher: more even.")
@click.option("--total", default=0, type=click.IntRange(0), help="Of the pairs, in units; 0: as many as there are.")
@click.option("--unit", default="rows", type=click.Choice(["rows", "tokens"]), help="Rows, or tokens of answers.")
@click.option("--max-repeats", default=2, type=click.IntRange(1), help="How often a pair is taken at most.")
@click.option("--order", "sequence", default="shuffle", type=ORDERS, help="Of the first epoch.")
@click.option("--seed", default=0, help="Of the hashes by which rows are drawn.")
def main(
    pairs_file: Path, split: Path, sources: Path, output: Path, metrics: Path, system: str, refusal: str, refusals: int,
    unanswerable: Path | None, replay: int, replay_file: Path, replay_max_tokens: int, collected: Path | None,
    student: str, revision: str, weight: tuple[str, ...], sequence: str, seed: int, **mixture: Any,
) -> None:  # fmt: skip
    """Read all sources, draw, make rows, assert that quotas are met and that nothing leaks, write."""
    tally = Tally("mix", "rows")
    pairs = rows.families(disk.stream(pairs_file, Pair))
    if not pairs:
        raise click.ClickException(f"mix: {pairs_file} holds no pair: an adapter would learn refusals only; see "
                                   "data/metrics for where the pairs were lost")  # fmt: skip
    evaluated = {p.id: p for name in ("reworded", "held_out") for p in disk.stream(split / f"{name}.jsonl", Pair)}
    evaluation = leaks.faq_sets(leaks.read_faq(sources / "faq.jsonl"))
    for name in ("reworded", "held_out"):
        evaluation[name] = leaks.pair_items((pair for pair in evaluated.values() if pair.split == name), name)
    if (sources / "general.jsonl").exists():
        general = disk.stream(sources / "general.jsonl", items.GeneralItem)
        evaluation[items.GENERAL] = [(one.id, one.question) for one in general]
    others = external.read(sources / "evaluation")
    asked = [item[1] for some in (*evaluation.values(), *others.values()) for item in some]
    told = {one.path: one for one in disk.stream(collected, Source)} if collected else {}
    wanted = drawing.Mixture(weights=weight, seed=seed, **mixture)

    by_hand = sources / "unanswerable.jsonl"
    written = given.questions(by_hand, given.Unanswerable, refusal) if there(by_hand, refusals) else []
    made = given.questions(unanswerable, given.Made, refusal) if unanswerable else []
    instructions = given.instructions(replay_file) if there(replay_file, replay) else []
    try:
        count = tokens.counter(student, revision)
        answers = dict(zip(pairs, count([pair.answer for pair in pairs.values()]), strict=True))
        drawn = drawing.draw(pairs.values(), wanted, told, answers)
        refused = given.refusals(written, made, asked, refusals, seed)
        again = given.replay(instructions, asked, replay, seed, lambda one: sum(count(one.texts)), replay_max_tokens)
        taught = [(rows.of_pair(pair, system, repeat), repeat) for pair, repeat in drawn.taken]
        spread = [[rows.of_given(one, "refusal", system) for one in refused.taken],
                  [rows.of_given(one, "replay", system) for one in again.taken]]  # fmt: skip
        mixed = [row for row, _ in taught] + spread[0] + spread[1]
        long = account.lengths(mixed, count)
        tables = account.tables(mixed, long, pairs, told)
        before = disk.read(split / "train.jsonl", Pair)  # augment's measure of what is rare, so that it finds the same
        leaks.assert_clean(mixed, evaluation, pairs, evaluated, others, before)
    except (drawing.MixtureError, leaks.LeakError, ModelError) as error:
        raise click.ClickException(f"mix: {error}") from error
    units = account.delivered(drawn, mixed, long, wanted.unit)
    drawing.verify(drawn, units)
    if sequence == "curriculum":
        parents = {pair.id: pair.parent for pair in pairs.values()}
        ladder = order.curriculum(taught, spread, parents, answers, seed)
        mixed = [msgspec.structs.replace(row, order=place) for place, row in enumerate(ladder, 1)]

    for pair, group in drawn.left:
        tally.reject(pair.id, "over_quota", group, pair)
    for origin, chosen in (("refusal", refused), ("replay", again)):
        for identity, one, reason, value in given.named(origin, chosen):
            tally.reject(identity, reason, value, one.question)
    wording = [rows.of_pair(pair, system) for pair in evaluated.values() if pair.split == "reworded"]
    disk.write(output / "train.jsonl", mixed)
    disk.write(output / "eval.jsonl", wording)
    disk.write_json(output / "mixture.json", tables)
    disk.write_json(output / "licences.json", account.licences(mixed, pairs, told))
    near = {one.id for one in made}
    repeats = sum(repeat > 0 for _, repeat in drawn.taken)
    shares = account.against(drawn, units)
    tally.close(
        metrics, output / "rejected.jsonl", kept=len(mixed), eval=len(wording), delivered=tables["origin"],
        received=len(pairs) + len(written) + len(made) + len(instructions) + repeats, repeats=repeats,
        asked={"refusal": refusals, "replay": replay}, refusals_made=sum(one.id in near for one in refused.taken),
        **({"quotas": shares} if shares else {}),
    )  # fmt: skip
    for line in account.told(tables["origin"], shares):
        click.echo(f"mix: {line}")


def there(path: Path, wanted: int) -> bool:
    """Tell whether a source file is there. It may be absent where none of its rows is wanted."""
    if wanted and not path.exists():
        raise click.ClickException(f"mix: {path} is absent, but {wanted} rows of it are asked for; add it or ask for 0")
    return path.exists()


if __name__ == "__main__":
    main()
