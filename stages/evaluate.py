"""Have every system answer the same items and score the answers, with intervals.

    python -m stages.evaluate data/split data/mix/train.jsonl data/sources/faq.jsonl data/adapters data/evaluate \
        data/replies/evaluate.jsonl data/metrics/evaluate.json --student embedded --trained-max 60

Systems: `base` (the untuned student), `oracle` (the same with the evidence in its prompt) and every adapter, which
answer in closed book. What was answered before, by the same model to the same prompt, comes from the ledger; a run
with nothing to ask loads no model.
"""

from pathlib import Path

import click

from stages import disk, records
from stages.llm.replies import Replies
from stages.scoring import comparison
from stages.tally import Tally


@click.command(help=__doc__)
@click.argument("split", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("rows", type=click.Path(exists=True, path_type=Path))
@click.argument("faq", type=click.Path(exists=True, path_type=Path))
@click.argument("adapters", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--student", default="embedded", show_default=True, help="Model: embedded, a folder, a GGUF file, or a hub id."
)
@click.option("--revision", default="main", show_default=True, help="Revision of a hub id: a branch, tag or commit.")
@click.option("--dtype", default="auto", show_default=True, help="Of the weights; see train.")
@click.option(
    "--quantization",
    default="none",
    show_default=True,
    type=click.Choice(["none", "int8", "nf4"]),
    help="Of the student's weights, for every system.",
)
@click.option("--system", required=True, help="System message of every prompt, as in training.")
@click.option(
    "--refusal", default="I do not know: the documents do not say.", help="The answer taught for what is not known."
)
@click.option("--max-new-tokens", default=48, show_default=True, type=click.IntRange(1), help="Longest answer, tokens.")
@click.option("--trained-max", default=60, show_default=True, type=click.IntRange(0), help="Most `trained` items.")
@click.option("--draws", default=2000, show_default=True, type=click.IntRange(100), help="Of the bootstrap.")
@click.option("--seed", default=0, show_default=True, help="Of the bootstrap and of the sample of trained items.")
def main(
    split: Path,
    rows: Path,
    faq: Path,
    adapters: Path,
    output: Path,
    ledger: Path,
    metrics: Path,
    student: str,
    revision: str,
    dtype: str,
    quantization: str,
    system: str,
    refusal: str,
    max_new_tokens: int,
    trained_max: int,
    draws: int,
    seed: int,
) -> None:
    """Read the items, answer, score, compare, write."""
    from stages.tuning.models import ModelError

    tally = Tally("evaluate", "answers")
    try:
        items = comparison.items(split, rows, faq, trained_max, seed)
        systems = comparison.systems(adapters, student, revision, dtype, quantization)
        planned = comparison.plan(items, systems, system, max_new_tokens)
        for task in planned:
            if task.lacking:
                tally.reject(records.content_id(task.item.id, task.system.name), task.lacking, None, task.item)
        tasks = [task for task in planned if not task.lacking]
        replies = Replies(ledger)
        comparison.answer(tasks, replies, student, revision, dtype, quantization, max_new_tokens)
    except (comparison.ComparisonError, records.RecordError, ModelError) as error:
        raise click.ClickException(f"evaluate: {error}") from error
    answered = [comparison.scored(task, str(replies.get(task.key)), refusal) for task in tasks]
    replies.save()
    disk.write(output / "answers.jsonl", answered)
    tally.close(
        metrics,
        output / "rejected.jsonl",
        received=len(planned),
        kept=len(answered),
        **comparison.summary(items, answered, [one.name for one in systems], draws, seed),
        systems=[one.name for one in systems],
    )
    came = replies.summary()  # not among the metrics: it says how this run went, not what came out
    click.echo(
        f"evaluate: of {sum(came.values())} replies " + ", ".join(f"{n} {k.replace('_', ' ')}" for k, n in came.items())
    )


if __name__ == "__main__":
    main()
