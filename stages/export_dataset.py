"""Write the dataset of a run for other tools: rows in five formats, and a dataset card.

\b
    python -m stages.export_dataset out
    python -m stages.export_dataset out --format alpaca --files jsonl --no-provenance
    python -m stages.export_dataset out --push OWNER/NAME --private

OUT gets a folder a format with a file a split (train, reworded, held_out; the last two are for evaluation), README.md
and SHA256SUMS. `datasets.load_dataset("out", "alpaca")` reads it. --rows training: exactly what the adapters are
trained on, with system prompt, refusals, general instructions and repeats. --rows pairs: the accepted pairs and their
further forms only. README.md says what the run knows of sources, licences, makers, rejects, leaks and limits.

\b
messages           {"messages": [{"role", "content"}, ...]}, as TRL and chat templates read it
alpaca             instruction, input, output, system, history (earlier turns)
sharegpt           {"conversations": [{"from", "value"}, ...]}
openai             {"messages": [...]} and nothing else, as OpenAI's fine-tuning wants it
prompt-completion  prompt and completion as messages; TRL's SFTTrainer learns the completion only

Same run, same bytes. An earlier export in OUT is replaced; anything else in it is only with --force.
"""

from pathlib import Path

import click

from stages.command import Stage
from stages.exporting import card, dataset, examples, files, hub
from stages.exporting.provenance import Provenance
from stages.exporting.shapes import SHAPES
from stages.records import Source
from stages.reporting import gather
from stages.sources.errors import printable

KINDS = {"jsonl": ["jsonl"], "parquet": ["parquet"], "both": ["jsonl", "parquet"]}
HERE = "path/to/this/folder"  # what the card loads where no name is known


def named(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Return the name of a dataset of the hub. Raises click.BadParameter if it is none."""
    if value is not None and not hub.NAME.fullmatch(value):
        raise click.BadParameter("expected OWNER/NAME, of letters, digits, and between them '.', '_' or '-'; no .git")
    return value


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--data", default="data", type=click.Path(exists=True, file_okay=False, path_type=Path),
              help="Folder of the run.")  # fmt: skip
@click.option("--rows", default="training", type=click.Choice(["training", "pairs"]), help="What is written.")
@click.option(
    "--format", "formats", multiple=True, type=click.Choice([*SHAPES]), help="May be repeated.  [default: all]"
)
@click.option("--files", "kind", default="both", type=click.Choice([*KINDS]),
              help="Kind of the files; `datasets` reads the Parquet ones if there are both.")  # fmt: skip
@click.option("--provenance/--no-provenance", "traced", default=True, help="Columns that say where a row comes from.")
@click.option("--force", is_flag=True, help="Replace OUT whatever is in it.")
@click.option("--push", metavar="OWNER/NAME", callback=named, help="Upload OUT as this dataset of the Hugging Face "
              "hub, with the token of `hf auth login` or HF_TOKEN.")  # fmt: skip
@click.option("--private", is_flag=True, help="The uploaded dataset must be private.")
def main(
    out: Path, data: Path, rows: str, formats: tuple[str, ...], kind: str, traced: bool, force: bool, push: str | None,
    private: bool,
) -> None:  # fmt: skip
    """Gather, write beside OUT, put it there, upload."""
    if private and not push:
        raise click.UsageError("--private needs --push")
    try:
        files.check(out, force, data)
        if push:
            hub.ready()
        found = examples.training(data) if rows == "training" else examples.accepted(data)
        collected = gather.load(data, "collect", "sources.jsonl", Source)
        provenance = Provenance(found, collected)
        told = card.content(data, rows, found, provenance)
        with files.replaced(out) as folder:
            dataset.write(folder, found, told, provenance, traced, formats or [*SHAPES], KINDS[kind], push or HERE)
        click.echo(f"export_dataset: {out / card.FILE}; rows: {counts(told['splits'])}")
        for adapter in [name for name, same in told["adapters"].items() if not same]:
            click.echo(
                f"export_dataset: the adapter {printable(adapter)} in {data / 'adapters'} was trained on other rows "
                "than these; `dvc repro` trains it on them"
            )
        if push:
            click.echo(f"export_dataset: {hub.push(out, push, private, [f'{form}/*' for form in SHAPES])}")
    except (files.FolderError, gather.GatherError, hub.PushError, OSError) as error:
        raise click.ClickException(f"export_dataset: {error}") from error


def counts(splits: dict[str, int]) -> str:
    """Return how many rows each split has, in words."""
    return ", ".join(f"{name} {number:,}" for name, number in splits.items())


if __name__ == "__main__":
    main()
