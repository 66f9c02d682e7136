"""Ask the tuned model: one question in the terminal, or, without a question, as many as you like on a page.

    python -m stages.ask "What context length does Llama 2 have?"

    python -m stages.ask

Answers as the evaluation does: same prompts, most likely token by token, with the settings of dvc.yaml and params.yaml.
Below an answer are the passages of the documents by which to check it; with --retrieval the model reads them first.
The page asks the adapters that were there when it was started: start it anew after `dvc repro`.
"""

import contextlib
import itertools
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from stages import disk, evaluate, pipeline
from stages.chat import choice, terminal
from stages.chat.answerer import Answered, Answerer, Token, Waiting
from stages.chat.prompt import PromptError
from stages.command import Stage
from stages.records import Chunk, Pair, RecordError
from stages.scoring.systems import BASE, Student
from stages.tuning.models import ModelError

SAMPLES, LONGEST = 4, 70  # questions to click on the page, and most characters of one


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("question", required=False)
@click.option("--adapter", help=f"A folder of data/adapters, or {BASE}: untuned. Default: the best by the evaluation.")
@click.option("--retrieval/--no-retrieval", default=False, help="Does the model read passages that a search finds?")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--port", default=8766, type=click.IntRange(0, 65535), help="0: any. If it is taken, the next one.")
@click.option("--open/--no-open", "browse", default=False, help="Open the page in a browser.")
def main(question: str | None, adapter: str | None, retrieval: bool, as_json: bool, port: int, browse: bool) -> None:
    """Resolve the settings; then answer, or serve until Ctrl-C. A QUESTION of - is read from standard input."""
    given = resolved()
    answerer = made(given)
    try:
        chosen = choice.chosen(adapter, list(answerer.adapters), given["metrics"].parent.parent)
        if question is None:
            serve(answerer, chosen, samples(given["split"]), port, browse)
        else:
            asked = sys.stdin.read() if question == "-" else question
            answer(answerer, asked.strip(), chosen, retrieval, as_json)
    except (choice.ChoiceError, ModelError, PromptError) as error:
        raise click.ClickException(f"ask: {error}") from error


def resolved() -> dict[str, Any]:
    """Return the options of the stage evaluate, as DVC resolves them; None where a file is not here."""
    words = pipeline.command("evaluate")
    given = evaluate.main.make_context("evaluate", words, resilient_parsing=True).params
    if not given["chunks"]:
        raise click.ClickException("ask: there are no chunks to search yet: run `dvc repro`, or `dvc pull`")
    return given


def made(given: dict[str, Any]) -> Answerer:
    """Return who answers, by the options of the stage evaluate; no model is loaded yet."""
    untuned = Student(
        name=given["student"], revision=given["revision"], dtype=given["dtype"], quantization=given["quantization"]
    )
    return Answerer(
        untuned,
        choice.folders(given["adapters"]),
        disk.read(given["chunks"], Chunk),
        **{name: given[name] for name in ("system", "refusal", "depth", "max_new_tokens")},
        encoder=given["encoder"],
        encoder_revision=given["encoder_revision"],
    )


def answer(answerer: Answerer, question: str, adapter: str, retrieval: bool, as_json: bool) -> None:
    """Print an answer as it comes, and what is below it; or, as JSON, when it is whole."""
    if not question:
        raise click.ClickException("ask: the question is empty")
    for event in answerer.stream(question, adapter, retrieval):
        if isinstance(event, Waiting) and sys.stderr.isatty():
            click.echo(f"{event.waiting} ...", err=True)
        elif isinstance(event, Token) and not as_json:
            click.echo(terminal.plain(event.token), nl=False)
            sys.stdout.flush()
        elif isinstance(event, Answered) and as_json:
            click.echo(json.dumps({"question": question} | msgspec.to_builtins(event)))  # ASCII: safe in a terminal
        elif isinstance(event, Answered):
            click.echo("\n\n" + "\n".join(terminal.below(event)))


def samples(split: Path | None) -> list[str]:
    """Return a few questions that were never trained in this wording, if there are any."""
    file = split / "reworded.jsonl" if split else None
    questions = (pair.question for pair in disk.stream(file, Pair)) if file and file.exists() else ()
    return list(itertools.islice((one for one in questions if len(one) <= LONGEST), SAMPLES))


def serve(answerer: Answerer, adapter: str, questions: list[str], port: int, browse: bool) -> None:
    """Serve the page until Ctrl-C, and the reviewer's beside it if there are pairs to review."""
    from stages import review
    from stages.web import app, chat
    from stages.web.review import routes as reviewing

    routes = chat.routes(answerer, adapter, questions)
    with contextlib.suppress(click.ClickException, RecordError):
        given = review.main.make_context("review", []).params
        routes += reviewing(review.desk(given["data"], given["decisions"], given["params"], given["who"]))
    token = secrets.token_urlsafe(24)
    try:
        app.serve(app.build(token, routes, "/ask"), "/ask", port, token, browse)
    except OSError as error:
        raise click.ClickException(f"ask: port {port}: {error.strerror}; choose another one with --port") from error


if __name__ == "__main__":
    main()
