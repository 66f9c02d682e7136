"""Say what `dvc repro` would ask the teacher for, and what that costs, before anything is asked.

    python -m stages.estimate

Reads params.yaml and dvc.yaml as the pipeline does, the facts in data/chunk and the known replies (ledger and
journal): what is counted is exactly what is missing, at the prices in engine.yaml. Asking again for facts that stay
below their quota comes on top, as far as the budget allows. Tokens are those of the embedded model's tokenizer.
"""

import shlex
from pathlib import Path

import click

from stages import disk, generate
from stages.command import Stage
from stages.llm import cost, generation
from stages.llm.endpoints import EndpointError
from stages.llm.prompts import Example
from stages.llm.replies import Replies
from stages.records import Chunk, Fact


@click.command(cls=Stage, help=__doc__)
def main() -> None:
    """Resolve the stage's command, and count what it would ask for."""
    words = command("generate")
    if not (Path(words[0]) / "facts.jsonl").exists():
        raise click.ClickException(f"estimate: there are no facts in {words[0]} yet; run `dvc repro chunk` first")
    given = generate.main.make_context("generate", words).params
    chunk, examples, teach, ledger = (given.pop(name) for name in ("chunk", "examples", "teach", "ledger"))
    facts = [one for one in disk.read(chunk / "facts.jsonl", Fact) if one.question is None]
    chunks = disk.read(chunk / "chunks.jsonl", Chunk)
    if given["endpoint"] == "embedded" and not teach.is_dir():
        click.echo(f"{teach} is not made yet (dvc repro teach): counted as if there were no question writer", err=True)
    try:
        run = generation.Run(teach, disk.read(examples, Example), given, Replies(ledger))
        found = run.open(chunks, facts, given["multi_hop"])
    except cost.BudgetError as error:
        raise click.ClickException(str(error)) from error
    except EndpointError as error:
        raise click.ClickException(f"estimate: {error}") from error
    click.echo(f"generate: {len(facts)} facts in {len(chunks)} chunks; {found}")
    if run.strategy == "answer_first" and run.quota.top_up:
        click.echo(f"and up to {run.quota.top_up} times again for facts and concepts below their quota")


def command(name: str) -> list[str]:
    """Return the arguments of a stage's script, as DVC makes them of dvc.yaml and params.yaml.

    Raises click.ClickException if there is no such pipeline here.
    """
    from dvc.exceptions import DvcException  # slow to import
    from dvc.repo import Repo

    try:
        found = next(stage.cmd for stage in Repo(".").index.stages if getattr(stage, "name", None) == name)
    except (DvcException, StopIteration) as error:
        raise click.ClickException(f"estimate: no stage {name} in dvc.yaml here: {error}") from error
    return shlex.split(found)[3:]  # python -m stages.<name>


if __name__ == "__main__":
    main()
