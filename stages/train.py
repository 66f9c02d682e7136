"""Train one LoRA adapter on chat rows; the loss is on the answers only.

    python -m stages.train data/mix data/adapters/all-linear data/loss/all-linear.csv \
        data/metrics/train-all-linear.json --student embedded --targets all-linear --rank 16 --epochs 6

Before the first step the loader proves on every row and every batch that the model is taught what the row says, and
eight rows are learnt by heart. A training that was killed goes on from its last checkpoint. Same rows, same options,
same machine and threads: the same bytes. Outputs appear complete at the end, or not at all. Beside LOSS goes a JSON
file with rows as the model saw them, and data/speed gets the seconds of each step. What only makes it faster, smaller
or spread over several GPUs is in engine.yaml, section training.
"""

import os
from pathlib import Path
from typing import Any

import click

from stages import disk, records, settings
from stages.records import Row
from stages.tally import Tally, progress
from stages.tuning import launch
from stages.tuning import recipe as recipes


@click.command(help=__doc__)
@click.argument("mix", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("adapter", type=click.Path(path_type=Path))
@click.argument("loss", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--student", default="embedded", help="Model: embedded, a folder, a GGUF file, or a hub id.")
@click.option("--revision", default="main", help="Of a hub id: a branch, tag or commit; a commit pins it.")
@click.option("--dtype", default="auto", type=click.Choice(["auto", "float32", "bfloat16", "float16"]),
              help="Of the frozen weights; auto: bfloat16 where the machine computes in it, else float32; "
                   "float16: for GPUs.")  # fmt: skip
@click.option("--quantization", default="none", type=click.Choice(["none", "int8", "nf4"]),
              help="Of the frozen weights; nf4 is QLoRA, with double quantisation.")  # fmt: skip
@click.option("--targets", default=["all-linear"], multiple=True,
              help="Layers with an adapter: all-linear, attention (q_proj and k_proj), qv (q_proj and v_proj), or "
                   "names of modules, one an option.")  # fmt: skip
@click.option("--rank", default=16, type=click.IntRange(1), help="Rank of the adapter's matrices.")
@click.option("--alpha", default=32, type=click.IntRange(1), help="Scale: alpha / rank times their product.")
@click.option("--dropout", default=0.0, type=click.FloatRange(0, 1), help="Share of the adapter's inputs dropped.")
@click.option("--rslora/--no-rslora", default=False, help="Scale by alpha / sqrt(rank), for high ranks.")
@click.option("--dora/--no-dora", default=False, help="Learn magnitude and direction of the weights apart.")
@click.option("--start", default="default", type=click.Choice(["default", "pissa"]),
              help="Adapter's first values: default (no change), or pissa (largest singular values).")  # fmt: skip
@click.option("--optimizer", default="adamw", type=click.Choice(["adamw", "adamw-8bit", "paged-adamw-8bit"]),
              help="adamw is fused; the others keep their moments in 8 bits, paged only on a GPU.")  # fmt: skip
@click.option("--learning-rate", default=5e-4, type=click.FloatRange(0, 1, min_open=True),
              help="Highest learning rate.")  # fmt: skip
@click.option("--lora-plus", default=0.0, type=click.FloatRange(0), help="B learns so many times as fast; 0: as A.")
@click.option("--neftune", default=0.0, type=click.FloatRange(0), help="Noise on the embeddings, alpha; 0: none.")
@click.option("--epochs", default=6, type=click.IntRange(1), help="Passes over the rows.")
@click.option("--batch-size", default=8, type=click.IntRange(1), help="Rows a step, over all processes.")
@click.option("--warmup", default=0.03, type=click.FloatRange(0, 1), help="Share of steps over which the rate rises.")
@click.option("--schedule", default="linear", type=click.Choice(["linear", "cosine", "constant"]),
              help="How the learning rate falls after it.")  # fmt: skip
@click.option("--clip", default=1.0, type=click.FloatRange(0), help="Longest gradient, its norm; 0: not clipped.")
@click.option("--max-length", default=256, type=click.IntRange(8),
              help="Most tokens of a row; a longer row stops the training, nothing is cut.")  # fmt: skip
@click.option("--eval-rows", default=64, type=click.IntRange(0), help="Most held-out rows whose loss is measured.")
@click.option("--eval-every", default=0, type=click.IntRange(0), help="After so many steps; 0: after each epoch.")
@click.option(
    "--patience",
    default=0,
    type=click.IntRange(0),
    help="Stop after so many evaluations without a lower held-out loss, keep the best; 0: go on.",
)
@click.option("--restore-best/--no-restore-best", default=False, help="Keep the adapter of the lowest held-out loss.")
@click.option("--overfit-steps", default=100, type=click.IntRange(0),
              help="Most steps in which eight rows must first be learnt by heart; 0: no such check.")  # fmt: skip
@click.option("--first-token", default=1.0, type=click.FloatRange(0),
              help="Weight of an answer's first token, which tells answers from refusals; 1: that of all.")  # fmt: skip
@click.option("--keep", default=0.0, type=click.FloatRange(0),
              help="Weight of staying near the untuned model on texts of its own; 0: free to forget.")  # fmt: skip
@click.option("--keep-texts", default=512, type=click.IntRange(1), help="How many texts it writes for that.")
@click.option("--keep-rows", default=2, type=click.IntRange(1), help="How many of them a step rehearses.")
@click.option("--strength", default=1.0, type=click.FloatRange(0, 1, min_open=True),
              help="Share of what was learnt that is saved; less forgets less. Losses are of all.")  # fmt: skip
@click.option("--seed", default=0, type=int, help="Of the adapter's start and the order of the rows.")
def main(mix: Path, adapter: Path, loss: Path, metrics: Path, eval_rows: int, **options: Any) -> None:
    """Read rows, train, write the adapter, its losses, the rows it saw and its figures."""
    tally = Tally(metrics.stem, "rows")
    try:
        engine = recipes.engine(settings.load().get("training") or {})
        if engine.launch == "accelerate" and "LOCAL_RANK" not in os.environ:
            raise SystemExit(launch.again(Path(engine.launch_config)))
        training = disk.read(mix / "train.jsonl", Row)
        evaluation = disk.read(mix / "eval.jsonl", Row)[:eval_rows]  # sorted by content hash: a random sample
        licences = disk.read_json(mix / "licences.json")
    except (records.RecordError, launch.LaunchError, recipes.TrainingError, ValueError) as error:
        raise click.ClickException(f"train: {error}") from error

    from stages.tuning import checkpoints, models, rows
    from stages.tuning import training as adapters

    try:
        recipe = recipes.Recipe(**options)
        made = adapters.train(recipe, training, evaluation, adapter, engine, licences, progress)
        if made.first:
            disk.write_bytes(loss, ("\n".join(made.curve) + "\n").encode())
            disk.write_json(loss.with_suffix(".json"), made.examples)
            speed = metrics.parent.parent / "speed" / loss.name
            disk.write_bytes(speed, ("\n".join(made.speed) + "\n").encode())
            tally.close(metrics, None, received=len(training), kept=len(training), **made.figures)
            checkpoints.forget(made.checkpoints)
    except KeyboardInterrupt:
        click.echo("train: stopped; the same command goes on from its last checkpoint, if there is one", err=True)
        raise
    except (recipes.TrainingError, rows.RowsError, models.ModelError) as error:
        raise click.ClickException(f"train: {error}") from error
    except OSError as error:  # of what was trained nothing is lost: the checkpoints go last
        raise click.ClickException(f"train: a file could not be written or read: {error}") from error


if __name__ == "__main__":
    launch.on_large_pages()
    main()
