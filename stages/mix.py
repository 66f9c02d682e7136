"""Mix pairs, refusals and replay into chat rows, and stop the run if an evaluation item is within reach of one.

    python -m stages.mix data/augment/pairs.jsonl data/split data/sources data/mix data/metrics/mix.json \
        --refusals 24 --unanswerable data/generate/unanswerable.jsonl

Questions to refuse are hand-written ones and, for at most half of the places, those made near the documents. Rows are
sorted by id; training shuffles them by its own seed.
"""

from collections import Counter
from pathlib import Path

import click

from stages import disk
from stages.command import Stage
from stages.quality import leaks, similarity
from stages.records import Message, Pair, Record, Row, content_id
from stages.tally import Tally


class Unanswerable(Record, kw_only=True):
    """A question that the documents do not answer, to train refusing."""

    question: str


class Made(Unanswerable, kw_only=True):
    """One that stage generate made near the documents (`stages.llm.unanswerable`)."""

    topic: str
    about: str
    subject: str
    origin: str


class Replay(Record, kw_only=True):
    """A general instruction that keeps everyday abilities alive."""

    question: str
    answer: str


Given = tuple[str, str, str]  # id, question, answer


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
@click.option(
    "--unanswerable",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Further questions to refuse, made by stage generate: at most half of the refusals.",
)
@click.option("--replay", default=16, show_default=True, type=click.IntRange(0), help="Most replayed rows.")
@click.option("--seed", default=0, show_default=True, help="Of the hash by which refusals and replay are drawn.")
def main(
    pairs_file: Path, split: Path, sources: Path, output: Path, metrics: Path, system: str, refusal: str, refusals: int,
    unanswerable: Path | None, replay: int, seed: int,
) -> None:  # fmt: skip
    """Read all sources, make rows, assert that none leaks, write."""
    tally = Tally("mix", "rows")
    pairs = {pair.id: pair for pair in disk.stream(pairs_file, Pair)}
    if not pairs:
        raise click.ClickException(f"mix: {pairs_file} holds no pair: an adapter would learn refusals only; see "
                                   "data/metrics for where the pairs were lost")  # fmt: skip
    evaluated = {p.id: p for name in ("reworded", "held_out") for p in disk.stream(split / f"{name}.jsonl", Pair)}
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

    def clean(origin: str, given: list[Given], known: list[str], reason: str) -> list[Given]:
        """Return those that ask nothing known, drawn by the seed; the others are rejected."""
        met = {index for index, _, _ in similarity.matches([question for _, question, _ in given], known)}
        for identity, question, _ in (given[index] for index in sorted(met)):
            tally.reject(content_id(origin, identity), reason, identity, question)
        left = [item for index, item in enumerate(given) if index not in met]
        return sorted(left, key=lambda item: content_id(seed, origin, item[0]))

    def take(origin: str, given: list[Given], most: int) -> None:
        """Add at most so many rows; the others are rejected."""
        rows.extend(row(identity, origin, question, answer) for identity, question, answer in given[:most])
        for identity, question, _ in given[most:]:
            tally.reject(content_id(origin, identity), f"over_{origin}_cap", most, question)

    no_answer = given_in(sources / "unanswerable.jsonl", Unanswerable, refusals)
    made = given_in(unanswerable, Made, refusals) if unanswerable else []
    general = given_in(sources / "replay.jsonl", Replay, replay)
    received += len(no_answer) + len(made) + len(general)
    written = clean("refusal", [(item.id, item.question, refusal) for item in no_answer], asked, "leak_eval")
    near = clean("refusal", [(item.id, item.question, refusal) for item in made], asked, "leak_eval")
    near = clean("refusal", near, [question for _, question, _ in written], "written_by_hand")
    few = min(len(near), refusals // 2)
    take("refusal", near, few)
    take("refusal", written, refusals - few)
    take("replay", clean("replay", [(item.id, item.question, item.answer) for item in general], asked, "leak_eval"),
         replay)  # fmt: skip

    try:
        leaks.assert_clean(rows, evaluation, pairs, evaluated)
    except leaks.LeakError as error:
        raise click.ClickException(f"mix: {error}") from error
    wording = [row(p.id, p.origin, p.question, p.answer) for p in evaluated.values() if p.split == "reworded"]
    disk.write(output / "train.jsonl", rows)
    disk.write(output / "eval.jsonl", wording)
    counts = Counter(row.origin for row in rows)
    delivered = {origin: {"rows": n, "share": round(n / len(rows), 4)} for origin, n in sorted(counts.items())}
    tally.close(
        metrics, output / "rejected.jsonl", received=received, kept=len(rows), eval=len(wording), delivered=delivered,
        asked={"refusal": refusals, "replay": replay}, refusals_made=few,
    )  # fmt: skip


def given_in(path: Path, kind: type[disk.R], wanted: int) -> list[disk.R]:
    """Return the records of a source file, which may be absent where none is wanted."""
    if not path.exists():
        if wanted:
            raise click.ClickException(
                f"mix: {path} is absent, but {wanted} rows of it are asked for; add it or ask for 0"
            )
        return []
    return disk.read(path, kind)


if __name__ == "__main__":
    main()
