"""Write a tuned model for other programs: vLLM, llama.cpp, Ollama, transformers.

    python -m stages.export_model all-linear out

    python -m stages.export_model all-linear out --what gguf --gguf q8_0 --verify 20

ADAPTER is a name in the folder of the run's adapters, or any PEFT folder. OUT gets

\b
adapter/       the PEFT folder, with tokenizer, chat template and card         (adapter)
merged/        student and adapter as one model, in transformers format        (merged)
adapter.gguf   the adapter for llama.cpp, which loads it beside the student    (gguf-adapter)
merged.gguf    student and adapter as one file for llama.cpp and Ollama        (gguf)
Modelfile      for `ollama create`
SERVING.md     the command lines of each server
export.json    what is in it, and what it was made of

Student, revision and system message are those of dvc.yaml and params.yaml, if not given; a system message in the
adapter's own record stands above both. Merging needs the memory of the whole student in the dtype that is written.
Same inputs, same bytes. An earlier export in OUT is replaced; anything else in it is only with --force.
"""

from pathlib import Path
from typing import Any

import click

from stages import disk, evaluate, pipeline
from stages.command import Stage
from stages.exporting import bars, figures, files, model, modelfile, served
from stages.exporting.wanted import FORMATS, Wanted
from stages.quality.leaks import read_faq
from stages.scoring.systems import ComparisonError
from stages.sources.errors import printable
from stages.tuning import gguf_merged
from stages.tuning.models import ModelError, quiet


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("adapter")
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--what", "formats", multiple=True, type=click.Choice(FORMATS),
              help="May be repeated; default: all that are possible.")  # fmt: skip
@click.option("--dtype", default="student", type=click.Choice(["student", "bfloat16", "float16", "float32"]),
              help="Of the merged weights; student: as the student's are kept.")  # fmt: skip
@click.option("--gguf", default="f16", type=click.Choice(gguf_merged.KINDS), help="Of the matrices in merged.gguf.")
@click.option("--adapter-dtype", default="float16", type=click.Choice(["float16", "float32"]),
              help="Of the matrices in adapter.gguf.")  # fmt: skip
@click.option("--verify", "count", default=0, type=click.IntRange(0), metavar="N",
              help="Ask transformers and llama.cpp N questions; say how many answers begin alike.")  # fmt: skip
@click.option("--questions", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="FAQ of --verify, and of the example in SERVING.md; by default the one of the run.")  # fmt: skip
@click.option("--student", help="Model: embedded, a folder, a GGUF file, or a hub id.")
@click.option("--revision", help="Revision of a hub id: a branch, tag or commit.")
@click.option("--system", help="System message of every prompt, as in training.")
@click.option("--force", is_flag=True, help="Replace OUT whatever is in it.")
def main(adapter: str, out: Path, formats: tuple[str, ...], dtype: str, gguf: str, adapter_dtype: str, count: int,
         questions: Path | None, force: bool, **given: str | None) -> None:  # fmt: skip
    """Resolve the settings, write beside OUT, put it there, ask."""
    run = resolved({name: value for name, value in given.items() if value is not None})
    folder = found(adapter, run["adapters"])
    faq = questions or run["faq"]
    try:
        example = next((one.question for one in read_faq(faq) if one.answerable), "") if faq and faq.exists() else ""
        wanted = Wanted(
            adapter=folder, student=run["student"], revision=run["revision"], system=run["system"], formats=formats,
            dtype=dtype, gguf=gguf, adapter_dtype=adapter_dtype, question=example, figures=measured(folder, run),
        )  # fmt: skip
        files.check(out, force, run["data"], wanted.files())
        if count and not faq:
            raise served.ServedError("--verify: name a file of questions: --questions FILE")
        if count and formats and not {"gguf", "gguf-adapter"} & set(formats):
            raise served.ServedError("--verify asks a GGUF file: add --what gguf")
        asked = [one.question for one in read_faq(faq)][:count] if count else []
        if count and not asked:
            raise served.ServedError(f"--verify: {faq} has no question")
        with files.replaced(out) as new, quiet(), bars.on_terminals_only():
            done = model.write(wanted, new)
        for note in done.notes:
            click.echo(f"export_model: {printable(note)}")
        click.echo(f"export_model: {out / 'SERVING.md'}; formats: {', '.join(done.formats)}")
        with quiet(), bars.on_terminals_only():
            for line in served.compared(wanted, done, out, asked) if asked else []:
                click.echo(f"export_model: {line}")
    except (files.FolderError, model.ExportError, modelfile.ModelfileError, served.ServedError, ModelError,
            ComparisonError, OSError) as error:  # fmt: skip
        raise click.ClickException(f"export_model: {printable(str(error))}") from error


def found(adapter: str, adapters: Path | None) -> Path:
    """Return the folder of an adapter: of the run, or any. Raises click.ClickException if there is none."""
    if adapters and (adapters / adapter).is_dir():
        return adapters / adapter
    if adapters and not Path(adapter).exists():
        there = ", ".join(sorted(one.parent.name for one in adapters.glob("*/adapter_config.json")))
        said = f"there is no adapter {adapter} in {adapters}: {there or 'none at all yet'}; or name a PEFT folder"
        raise click.ClickException(f"export_model: {printable(said)}")
    return Path(adapter)


def measured(folder: Path, run: dict[str, Any]) -> str:
    """Return how well an adapter of the run does, as a table; nothing of one that the run has not evaluated."""
    file = run["data"] / "metrics" / "evaluate.json"
    if not run["adapters"] or folder.parent != run["adapters"] or not file.exists():
        return ""
    try:
        return figures.table(disk.read_json(file), folder.name)
    except ValueError as error:
        raise click.ClickException(f"export_model: {printable(str(error))}; run `dvc repro evaluate`") from error


def resolved(given: dict[str, str]) -> dict[str, Any]:
    """Return student, revision, system, adapters, faq and data: what is given, else as DVC has them for evaluate."""
    run: dict[str, Any] = {"student": "embedded", "revision": "main", "system": "", "adapters": None, "faq": None}
    if pipeline.FILE.exists():
        words = pipeline.command("evaluate")
        here = evaluate.main.make_context("evaluate", words, resilient_parsing=True).params
        run = {name: here[name] for name in run}
    if "student" in given and "revision" not in given:
        run["revision"] = "main"
    return run | {"data": run["adapters"].parent if run["adapters"] else Path("data")} | given


if __name__ == "__main__":
    main()
