"""Mix pairs, refusals and replay into chat rows, and stop the run if an evaluation item is within reach of one.

    python -m stages.mix data/augment/pairs.jsonl data/split data/sources data/mix data/metrics/mix.json --refusals 24

Rows are sorted by id; training shuffles them by its own seed.
"""

from collections import Counter
from pathlib import Path

import click

from stages import records
from stages.command import Stage
from stages.quality import leaks, similarity
from stages.records import Message, Pair, Record, Row, content_id
from stages.tally import Tally


class Unanswerable(Record, kw_only=True):
    """A question that the documents do not answer, to train refusing."""

    question: str


class Replay(Record, kw_only=True):
    """A general instruction that keeps everyday abilities alive."""

    question: str
    answer: str


@click.command(cls=Stage, help=__doc__)
@click.argument("pairs_file", type=click.Path(exists=True, path_type=Path))
@click.argument("split", type=click.Path(exists=True, path_type=Path))
@click.argument("sources", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--system", default="", show_default=True, help="System prompt of every row; empty: none.")
@click.option(
    "--refusal",
    default="I do not know: the documents do not say.",
    show_default=True,
    help="The answer to a question that the documents do not answer.",
)
@click.option("--refusals", default=16, show_default=True, type=click.IntRange(0), help="Most refusals, rows.")
@click.option("--replay", default=16, show_default=True, type=click.IntRange(0), help="Most replayed rows.")
@click.option("--seed", default=0, show_default=True, help="Of the hash by which refusals and replay are drawn.")
def main(
    pairs_file: Path, split: Path, sources: Path, output: Path, metrics: Path, system: str, refusal: str, refusals: int,
    replay: int, seed: int,
) -> None:  # fmt: skip
    """Read all sources, make rows, assert that none leaks, write."""
    tally = Tally("mix", "rows")
    pairs = {pair.id: pair for pair in records.stream(pairs_file, Pair)}
    if not pairs:
        raise click.ClickException(f"mix: {pairs_file} holds no pair: an adapter would learn refusals only; see "
                                   "data/metrics for where the pairs were lost")  # fmt: skip
    evaluated = {p.id: p for name in ("reworded", "held_out") for p in records.stream(split / f"{name}.jsonl", Pair)}
    evaluation = leaks.faq_sets(leaks.read_faq(sources / "faq.jsonl"))
    for name in ("reworded", "held_out"):
        evaluation[name] = [(pair.id, pair.question) for pair in evaluated.values() if pair.split == name]

    def row(identity: str, origin: str, question: str, answer: str, weight: float = 1.0) -> Row:
        prompt = [Message(role="system", content=system)] if system else []
        prompt.append(Message(role="user", content=question))
        completion = [Message(role="assistant", content=answer)]
        made = content_id(identity, origin, system, question, answer)
        return Row(id=made, pair=identity, origin=origin, prompt=prompt, completion=completion, weight=weight)

    rows = [row(pair.id, pair.origin, pair.question, pair.answer, pair.weight) for pair in pairs.values()]
    received = len(rows)
    asked = [question for items in evaluation.values() for _, question in items]
    no_answer = given_in(sources / "unanswerable.jsonl", Unanswerable, refusals)
    general = given_in(sources / "replay.jsonl", Replay, replay)
    for origin, most, given in (
        ("refusal", refusals, [(item.id, item.question, refusal) for item in no_answer]),
        ("replay", replay, [(item.id, item.question, item.answer) for item in general]),
    ):
        received += len(given)
        leaked = {index for index, _, _ in similarity.matches([question for _, question, _ in given], asked)}
        left = []
        for index, (identity, question, answer) in enumerate(given):
            if index in leaked:
                tally.reject(content_id(origin, identity), "leak_eval", identity, question)
            else:
                left.append((identity, question, answer))
        left.sort(key=lambda item: content_id(seed, origin, item[0]))
        rows += [row(identity, origin, question, answer) for identity, question, answer in left[:most]]
        for identity, question, _ in left[most:]:
            tally.reject(content_id(origin, identity), f"over_{origin}_cap", most, question)

    try:
        leaks.assert_clean(rows, evaluation, pairs, evaluated)
    except leaks.LeakError as error:
        raise click.ClickException(f"mix: {error}") from error
    wording = [row(p.id, p.origin, p.question, p.answer) for p in evaluated.values() if p.split == "reworded"]
    records.write(output / "train.jsonl", rows)
    records.write(output / "eval.jsonl", wording)
    counts = Counter(row.origin for row in rows)
    delivered = {origin: {"rows": n, "share": round(n / len(rows), 4)} for origin, n in sorted(counts.items())}
    tally.close(
        metrics, output / "rejected.jsonl", received=received, kept=len(rows), eval=len(wording), delivered=delivered,
        asked={"refusal": refusals, "replay": replay},
    )  # fmt: skip


def given_in(path: Path, kind: type[records.R], wanted: int) -> list[records.R]:
    """Return the records of a source file, which may be absent where none is wanted."""
    if not path.exists():
        if wanted:
            raise click.ClickException(
                f"mix: {path} is absent, but {wanted} rows of it are asked for; add it or ask for 0"
            )
        return []
    return records.read(path, kind)


if __name__ == "__main__":
    main()
