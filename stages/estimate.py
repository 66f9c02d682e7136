"""Say what `dvc repro` would ask the teacher for, and what that costs, before anything is asked.

    python -m stages.estimate

Reads params.yaml and dvc.yaml as the pipeline does, the facts in data/chunk and the known replies (ledger and
journal): what is counted is exactly what is missing, at the prices in engine.yaml. Asking again for facts that stay
below their quota comes on top, as far as the budget allows. Tokens are those of the embedded model's tokenizer.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from stages import disk, generate, pipeline, settings
from stages.command import Stage
from stages.llm import cost, generation
from stages.llm.endpoints import EndpointError
from stages.llm.prompts import Example
from stages.llm.replies import Replies
from stages.records import Chunk, Fact, RecordError
from stages.reporting import parameters
from stages.reporting.state import Seen, State, Verdict
from stages.tuning import models


@click.command(cls=Stage, help=__doc__)
def main() -> None:
    """Say it of the pipeline here."""
    click.echo("\n".join(asked(pipeline.command("generate"))))


def asked(words: list[str]) -> list[str]:
    """Return in lines what `generate` with these arguments would ask for.

    Raises click.ClickException if that cannot be told, or is more than the budget.
    """
    if not (Path(words[0]) / "facts.jsonl").exists():
        raise click.ClickException(f"estimate: there are no facts in {words[0]} yet; run `dvc repro chunk` first")
    given = generate.main.make_context("generate", words).params
    chunk, examples, teach, ledger = (given.pop(name) for name in ("chunk", "examples", "teach", "ledger"))
    facts = [one for one in disk.read(chunk / "facts.jsonl", Fact) if one.question is None]
    chunks = disk.read(chunk / "chunks.jsonl", Chunk)
    lines = []
    if given["endpoint"] == "embedded" and not teach.is_dir():
        lines.append(f"{teach} is not made yet (dvc repro teach): counted as if there were no question writer")
    try:
        run = generation.Run(teach, disk.read(examples, Example), given, Replies(ledger))
        found = run.open(chunks, facts, given["multi_hop"])
    except cost.BudgetError as error:
        raise click.ClickException(str(error)) from error
    except EndpointError as error:
        raise click.ClickException(f"estimate: {error}") from error
    lines.append(f"generate: {len(facts)} facts in {len(chunks)} chunks; {found}")
    if run.strategy == "answer_first" and run.quota.top_up:
        lines.append(f"and up to {run.quota.top_up} times again for facts and concepts below their quota")
    return lines


def of_run(seen: Sequence[Seen], found: Sequence[Verdict]) -> list[str]:
    """Return in lines what a run would ask of models, as far as that can be told now and without unpacking a model."""
    states, lines = {one.name: one.state for one in found}, []
    for one in seen:
        given = parameters.options(one.command)
        if states[one.name] not in (State.WILL_RUN, State.MAY_RUN):
            continue
        if one.name == "generate":
            late = [name for name in one.before if states[name] != State.UP_TO_DATE]
            later = f"what generate would ask is known only after `dvc repro {' '.join(late)}`"
            lines += [later] if late else _questions(shlex.split(one.command)[3:])
        elif one.name in ("judge", "grade") and given.get("model", ["none"]) != ["none"]:
            lines.append(f"{one.name} may ask {given['model'][-1]}, which is not counted here")
        elif one.name == "augment" and "paraphrase" in given.get("forms", []):
            lines.append("augment may ask the teacher for paraphrases, which is not counted here")
    return lines


def _questions(words: list[str]) -> list[str]:
    try:
        if not (settings.cache() / "models" / models.file_digest(models.gguf_file()) / "tokenizer.json").exists():
            return [
                "`python -m stages.estimate` says what generate would ask; it first unpacks a model to count tokens"
            ]
        return asked(words)
    except click.ClickException as error:
        return [error.message]
    except (RecordError, models.ModelError) as error:
        return [f"what generate would ask is not known: {error}"]


if __name__ == "__main__":
    main()
