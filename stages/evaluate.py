"""Have every system answer the same items and score the answers, with intervals.

    python -m stages.evaluate data/split data/mix/train.jsonl data/sources/faq.jsonl data/adapters data/evaluate \
        data/replies/evaluate.jsonl data/metrics/evaluate.json --chunks data/chunk/chunks.jsonl \
        --general data/sources/general.jsonl

Systems: `base` (the untuned student), `oracle` (the same with the evidence in its prompt), `retrieval` (with the
passages that a search finds for the question), every adapter in closed book, and every adapter with these passages.
What was answered before, by the same model to the same prompt, comes from the ledger; a run with nothing to ask loads
no model. All scores are in evaluate.json, the few by which experiments are compared in headline.json.
"""

from pathlib import Path

import click
import msgspec

from stages import disk, records
from stages.command import Stage
from stages.llm.endpoints import EndpointError
from stages.llm.replies import Replies
from stages.records import Chunk
from stages.scoring import (
    answering,
    comparison,
    general_text,
    headline,
    items,
    meaning,
    passages,
    serving,
    systems,
    tasks,
)
from stages.scoring.systems import Student
from stages.tally import Tally, note
from stages.tuning.models import ModelError
from stages.tuning.rows import RowsError

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TRANSFORMERS = "transformers"


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("split", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("rows", type=FILE)
@click.argument("faq", type=FILE)
@click.argument("adapters", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--chunks", type=FILE, help="What is searched for passages; without it no system reads any.")
@click.option("--general", type=FILE, help="Questions of general ability, by which forgetting shows.")
@click.option("--student", default="embedded", help="Model: embedded, a folder, a GGUF file, or a hub id.")
@click.option("--revision", default="main", help="Revision of a hub id: a branch, tag or commit.")
@click.option("--dtype", default="auto", help="Of the weights; see train.")
@click.option("--quantization", default="none", type=click.Choice(["none", "int8", "nf4"]), help="Of the weights.")
@click.option("--engine", default=TRANSFORMERS, help="Who generates: transformers, embedded, or a name in engine.yaml.")
@click.option("--served", default="student", help="What such an endpoint calls the student; adapters have their names.")
@click.option("--system", default="", help="System message of every prompt, as in training.")
@click.option("--refusal", default="I do not know: the documents do not say.", help="The taught answer to the unknown.")
@click.option("--max-new-tokens", default=48, type=click.IntRange(1), help="Longest answer, tokens.")
@click.option("--passages", "depth", default=2, type=click.IntRange(0), help="Chunks shown with retrieval; 0: none.")
@click.option(
    "--encoder", default=meaning.NONE, help="Sentence encoder of search and similarity: none, a folder or a hub id."
)
@click.option("--encoder-revision", default="main", help="Revision of a hub id.")
@click.option("--trained-max", default=60, type=click.IntRange(0), help="Most `trained` items.")
@click.option("--draws", default=2000, type=click.IntRange(100), help="Of the bootstrap.")
@click.option("--seed", default=0, help="Of the bootstrap and of the sample of trained items.")
def main(
    split: Path, rows: Path, faq: Path, adapters: Path, output: Path, ledger: Path, metrics: Path, chunks: Path | None,
    general: Path | None, student: str, revision: str, dtype: str, quantization: str, engine: str, served: str,
    system: str, refusal: str, max_new_tokens: int, depth: int, encoder: str, encoder_revision: str, trained_max: int,
    draws: int, seed: int,
) -> None:  # fmt: skip
    """Read the items, search, answer, score, compare, write."""
    tally, replies = Tally("evaluate", "answers"), Replies(ledger)
    untuned = Student(name=student, revision=revision, dtype=dtype, quantization=quantization)
    try:
        asked = items.read(split, rows, faq, general, trained_max, seed)
        encoding = meaning.encoder(encoder, encoder_revision)
        found = passages.look_up(asked, disk.read(chunks, Chunk) if chunks else [], depth, encoding)
        who = systems.systems(adapters, untuned, bool(found.shown))
        planned = tasks.plan(asked, who, system, found.shown)
        texts = general_text.passages() if general and engine == TRANSFORMERS else []
        if engine == TRANSFORMERS:
            results = answering.answers(planned, who, texts, untuned, replies, max_new_tokens)
        else:
            results = serving.answers(planned, engine, served, untuned, replies, max_new_tokens)
    except (systems.ComparisonError, ModelError, RowsError, EndpointError) as error:
        raise click.ClickException(f"evaluate: {error}") from error
    answers = []
    for task, text, nll in zip(planned, results.answers, results.nlls, strict=True):
        if text is None:
            tally.reject(records.content_id(task.item.id, task.system.name), str(task.lacking), None, task.item)
        else:
            answers.append(comparison.scored(task, text, nll, refusal))
    if encoding:
        comparison.add_similarity(answers, encoding)
    replies.save()
    figures = comparison.summary(asked, answers, who, results.texts, found.recall, draws, seed)
    told = headline.numbers(figures, who)
    disk.write(output / "items.jsonl", asked)
    disk.write(output / "answers.jsonl", answers)
    disk.write_bytes(output / "scores.csv", headline.table(figures).encode())
    disk.write_json(metrics.with_name("headline.json"), told)
    for name, speed in results.speeds.items():  # of this machine: no function of the input
        note(metrics.parent.parent / "speed" / "answers.json", name, msgspec.to_builtins(speed))
    tally.close(
        metrics, output / "rejected.jsonl", received=len(planned), kept=len(answers), **figures,
        systems=[one.name for one in who], **({"general_text": general_text.digest(texts)} if texts else {}),
    )  # fmt: skip
    came = replies.summary()  # not among the metrics: it says how this run went, not what came out
    told_of = ", ".join(f"{n} {k.replace('_', ' ')}" for k, n in came.items())
    click.echo(f"evaluate: of {sum(came.values())} replies {told_of}")
    for line in headline.sentences(told, figures):
        click.echo(f"evaluate: {line}")


if __name__ == "__main__":
    main()
