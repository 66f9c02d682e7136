"""Take in question-answer pairs that other tools made, as a source with a weight and a trust of its own.

    python -m stages.import_recipe data.json --weight 0.5 --trust 0.3 --licence CC-BY-4.0

Reads JSON or JSON Lines: lists of questions and answers under any usual names (the data.json of llama-recipes), the
files of synthetic-data-kit, Alpaca, ShareGPT, messages of OpenAI, prompts and completions of TRL. Writes NAME.jsonl in
the folder `imported` of the sources and an entry in its manifest imported.yaml, so that `dvc repro` reads the pairs and
its gates judge them as all others. The same file again changes nothing, a new version of it replaces the old one.

Such pairs are claims. So each is looked up in the passages of the last run. It is kept only if one statement there, or
two neighbours, hold the numbers, names, flags and words of its answer and do not say otherwise, and if the run has no
pair of its own that asks the same. This is a check by rule: words can agree and mean something else.
What is not kept is in the folder of rejects, with its reason.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from stages import disk
from stages.command import Stage
from stages.documents.blocks import ReadError
from stages.importing import against, own, reading, source
from stages.importing.reading import Given, Refused
from stages.records import Reject, content_id
from stages.sources.errors import SourcesError, printable
from stages.tally import progress

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command(cls=Stage, help=__doc__)
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--sources", default="data/sources/documents", show_default=True, type=FOLDER,
              help="Folder of the documents, the one that collect.sources names.")  # fmt: skip
@click.option("--rejected", default="data/sources/rejected", show_default=True, type=FOLDER,
              help="Folder for NAME.jsonl with what is not kept.")  # fmt: skip
@click.option("--against", "run", default="data", show_default=True, type=FOLDER,
              help="Folder of a run's outputs, with the passages in chunk and its own pairs in dedup.")  # fmt: skip
@click.option("--min-coverage", default=0.5, show_default=True, type=click.FloatRange(0, 1),
              help="Least share of the words that an answer adds to its question, to be in one statement.")  # fmt: skip
@click.option("--unchecked", is_flag=True, help="Hold pairs against no run: each answer is its own evidence.")
@click.option("--name", help="Of the source, if one file is given.  [default: the file's]")
@click.option("--title", help="For the manifest.  [default: NAME]")
@click.option("--licence", help="For the manifest.  [default: that of collect.licence]")
@click.option("--language", help="For the manifest and the check, ISO 639-1.  [default: detected]")
@click.option("--weight", type=click.FloatRange(0),
              help="For the manifest: the source's share where mix.by is source.  [default: 0.5]")  # fmt: skip
@click.option("--trust", type=click.FloatRange(0, 1), help="For the manifest.  [default: 0.3]")
def main(
    files: tuple[Path, ...], sources: Path, rejected: Path, run: Path, min_coverage: float, unchecked: bool,
    name: str | None, **said: Any,
) -> None:  # fmt: skip
    """Read all files, hold the pairs against the run, write."""
    names = [source.name_of(name or file.stem) for file in files]
    if "" in names or len(set(names)) < len(names):
        raise click.UsageError("each file needs a name of its own: import them one by one, with --name")
    if not sources.is_dir():
        raise click.ClickException(f"{sources} is no folder of documents; name it with --sources")
    chunks = run / "chunk" / "chunks.jsonl"
    if not unchecked and not chunks.exists():
        raise click.ClickException(f"{chunks} is missing, in which pairs are looked up: run `dvc repro dedup` first, "
                                   "name the outputs with --against, or check nothing with --unchecked")  # fmt: skip
    pairs_of_run = run / "dedup" / "pairs.jsonl"
    if not unchecked and not pairs_of_run.exists():
        click.echo(f"import_recipe: {pairs_of_run} is missing: nothing tells which questions the run asks already "
                   "(no asked_already); run `dvc repro dedup` first, or import again after it", err=True)  # fmt: skip
    given = [read(file, sources) for file in files]
    judge = against.unchecked if unchecked else against.Run(run, said["language"] or "any", min_coverage).judged
    told = {key: value for key, value in said.items() if value is not None}
    for file, known_as, found in zip(files, names, given, strict=True):
        judgements = list(progress(judge(found), known_as, len(found)))
        refused = [one for one in judgements if isinstance(one, Refused)]
        pairs = [one for one in judgements if not isinstance(one, Refused)]
        line = f"import_recipe: {printable(str(file))}: {len(found)} in, {len(pairs)} kept, {len(refused)} rejected"
        reasons = sorted(Counter(one.reason for one in refused).items())
        line += f" ({', '.join(f'{reason} {count}' for reason, count in reasons)})" if reasons else ""
        try:
            disk.write(rejected / f"{known_as}.jsonl", rejects(refused))
            if not pairs:
                raise click.ClickException(f"{line}: nothing is imported; see {rejected / known_as}.jsonl")
            done = source.write(sources, known_as, pairs, told)
        except (SourcesError, ValueError, OSError) as error:
            raise click.ClickException(str(error)) from error
        click.echo(f"{line}; {sources / source.FOLDER / known_as}.jsonl is {done}")


def read(file: Path, sources: Path) -> list[Given | Refused]:
    """Return what is in a file. Raises click.ClickException if it cannot be read, or is this pipeline's own."""
    shown = printable(str(file))
    try:
        records = reading.records(file.read_bytes())
        if reason := own.why(file, records, sources):
            raise click.ClickException(f"{shown}: {reason}; give what another tool wrote")
        return reading.pairs(records)
    except ReadError as error:
        raise click.ClickException(f"{shown}: expected JSON or JSON Lines of questions and answers: {error}") from error


def rejects(refused: list[Refused]) -> list[Reject]:
    """Return what is not kept as records; a number tells equal ones apart."""
    return [
        Reject(id=content_id("import", number, one.reason, one.record), stage="import_recipe", reason=one.reason,
               value=one.value, record=one.record)
        for number, one in enumerate(refused)
    ]  # fmt: skip


if __name__ == "__main__":
    main()
