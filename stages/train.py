"""Train one LoRA adapter on chat rows; the loss is on the answers only.

    python -m stages.train data/mix data/adapters/all-linear data/loss/all-linear.csv \
        data/metrics/train-all-linear.json --student embedded --targets all-linear --rank 16 --epochs 6

Before the first step the loader proves on every row that the model is taught what the row says. Same rows, same
options, same machine and threads: the same bytes. Outputs appear complete at the end, or not at all.
"""

from pathlib import Path

import click

from stages import disk, records
from stages.records import Row
from stages.tally import Tally, progress


@click.command(help=__doc__)
@click.argument("mix", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("adapter", type=click.Path(path_type=Path))
@click.argument("loss", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--student", default="embedded", show_default=True, help="Model: embedded, a folder, or a hub id.")
@click.option("--revision", default="main", show_default=True, help="Revision of a hub id: a branch, tag or commit.")
@click.option(
    "--dtype",
    default="auto",
    show_default=True,
    help="Of the frozen weights: auto, float32, bfloat16, float16; auto: bfloat16 where the machine computes in it.",
)
@click.option(
    "--quantization",
    default="none",
    show_default=True,
    type=click.Choice(["none", "int8", "nf4"]),
    help="Of the frozen weights; nf4 is QLoRA.",
)
@click.option(
    "--targets",
    default=["all-linear"],
    show_default=True,
    multiple=True,
    help="Layers with an adapter: all-linear, attention (q_proj and k_proj), or the names of modules, one an option.",
)
@click.option("--rank", default=16, show_default=True, type=click.IntRange(1), help="Rank of the adapter's matrices.")
@click.option(
    "--alpha",
    default=32,
    show_default=True,
    type=click.IntRange(1),
    help="Scale of the adapter: alpha / rank times its product.",
)
@click.option(
    "--dropout",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the adapter's inputs dropped.",
)
@click.option(
    "--learning-rate",
    default=5e-4,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Highest learning rate of AdamW.",
)
@click.option("--epochs", default=6, show_default=True, type=click.IntRange(1), help="Passes over the rows.")
@click.option("--batch-size", default=8, show_default=True, type=click.IntRange(1), help="Rows a step.")
@click.option(
    "--warmup",
    default=0.03,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the steps over which the learning rate rises.",
)
@click.option(
    "--schedule",
    default="linear",
    show_default=True,
    type=click.Choice(["linear", "cosine", "constant"]),
    help="How the learning rate falls after it.",
)
@click.option(
    "--max-length",
    default=256,
    show_default=True,
    type=click.IntRange(8),
    help="Most tokens of a row; a longer row stops the training, nothing is cut.",
)
@click.option(
    "--eval-rows",
    default=64,
    show_default=True,
    type=click.IntRange(0),
    help="Most rows whose loss is measured after each epoch.",
)
@click.option(
    "--seed", default=0, show_default=True, type=int, help="Of the adapter's start and the order of the rows."
)
def main(mix: Path, adapter: Path, loss: Path, metrics: Path, eval_rows: int, **options: object) -> None:
    """Read rows, train, write the adapter, its losses and its figures."""
    tally = Tally(metrics.stem, "rows")
    try:
        training = disk.read(mix / "train.jsonl", Row)
        evaluation = disk.read(mix / "eval.jsonl", Row)[:eval_rows]  # sorted by content hash: a random sample
    except records.RecordError as error:
        raise click.ClickException(f"train: {error}") from error

    from stages.tuning import models, rows
    from stages.tuning import training as loop

    lines: list[str] = []
    try:
        figures = loop.train(loop.Recipe(**options), training, evaluation, adapter, lines.append, progress)  # type: ignore[arg-type]
    except (loop.TrainingError, rows.RowsError, models.ModelError) as error:
        raise click.ClickException(f"train: {error}") from error
    disk.write_bytes(loss, ("\n".join(lines) + "\n").encode())
    tally.close(metrics, None, received=len(training), kept=len(training), **figures)


if __name__ == "__main__":
    main()
