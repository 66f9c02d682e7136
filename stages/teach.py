"""Teach the embedded teacher to write questions: a LoRA adapter from worked examples.

    python -m stages.teach data/sources/examples.jsonl data/sources/writer data/teach data/metrics/teach.json \
        --writer taught --squad dev-v1.1.json

`carried` takes the adapter that comes with the repository, which this stage made; `taught` makes one anew (six
minutes on two cores). A teacher behind another endpoint is asked without one, but the embedded model ranks its
questions with the writer's help.
"""

from pathlib import Path

import click

from stages import disk
from stages.command import Stage
from stages.llm import squad as reading
from stages.llm import teaching
from stages.llm import writer as writers
from stages.llm.prompts import Example, Prompt
from stages.tally import Tally, progress
from stages.tuning.gguf_adapter import AdapterError


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("examples", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("carried", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--endpoint", default="embedded", help="Of the teacher.")
@click.option("--scorer", default="embedded", help="Of the questions; embedded, it ranks with the writer's help.")
@click.option("--writer", default="carried", type=click.Choice(["carried", "taught", "none"]), help="Which to use.")
@click.option("--squad", multiple=True, default=(), type=click.Path(path_type=Path), help="SQuAD-format file, too.")
@click.option("--squad-rows", default=800, type=click.IntRange(0), help="Most rows of those files, forms alike.")
@click.option("--rank", default=8, type=click.IntRange(1), help="Rank of the adapter's matrices.")
@click.option("--alpha", default=16, type=click.IntRange(1), help="Scale of the adapter: alpha / rank.")
@click.option("--learning-rate", default=1e-3, type=click.FloatRange(0, 1), help="Highest learning rate of AdamW.")
@click.option("--epochs", default=2, type=click.IntRange(1), help="Passes over the rows.")
@click.option("--batch-size", default=16, type=click.IntRange(1), help="Rows a step.")
@click.option("--seed", default=0, help="Of the adapter's start and the order of the rows.")
def main(
    examples: Path, carried: Path, output: Path, metrics: Path, endpoint: str, scorer: str, writer: str,
    squad: tuple[Path, ...], squad_rows: int, **options: float,
) -> None:  # fmt: skip
    """Read examples, take or train the writer, write it with its card."""
    tally = Tally("teach", "examples")
    prompt = Prompt("answer_first")
    own = disk.read(examples, Example)
    if writer == "none" or "embedded" not in (endpoint, scorer):
        writers.leave_out(output)
        tally.close(metrics, None, received=len(own), kept=len(own), writer="none")
        return
    try:
        if writer == "carried":
            card = writers.take(carried, output, prompt)
            if card.examples.get("own") != writers.digest(own):
                click.echo(f"teach: {examples} has changed since the writer in {carried} was taught; "
                           "teach.writer: taught in params.yaml teaches one anew", err=True)  # fmt: skip
            tally.close(metrics, None, received=len(own), kept=len(own), writer="carried", **card.figures)
            return
        found = {example.id: example for file in squad for example in reading.examples(file)}
        chosen = reading.spread(list(found.values()), squad_rows)
        figures = teaching.teach(own, chosen, prompt, output, options, progress)
    except (reading.SquadError, writers.WriterError, AdapterError, OSError) as error:
        raise click.ClickException(f"teach: {error}") from error
    tally.close(metrics, None, received=len(own) + len(chosen), kept=len(own) + len(chosen), writer="taught", **figures)


if __name__ == "__main__":
    main()
