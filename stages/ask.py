"""Ask the tuned model: one question in the terminal, or, without a question, as many as you like on a page.

    python -m stages.ask "What context length does Llama 2 have?"
    python -m stages.ask

Answers as the evaluation does: same prompts, most likely token by token, with the settings of dvc.yaml and params.yaml.
Below an answer are the passages of the documents by which to check it; with --retrieval the model reads them first.
"""

import itertools
import json
import secrets
import sys
from pathlib import Path
from typing import Any

import click
import msgspec

from stages import disk, evaluate, pipeline
from stages.chat import terminal
from stages.chat.answerer import Answered, Answerer, Token, Waiting
from stages.chat.prompt import PromptError
from stages.command import Stage
from stages.records import Chunk, Pair, RecordError
from stages.reporting.evaluation import best_system, evaluation
from stages.reporting.gather import GatherError
from stages.scoring.systems import BASE, Student
from stages.tuning.models import ModelError

SAMPLES, LONGEST = 4, 70  # questions to click on the page, and their characters


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("question", required=False)
@click.option("--adapter", help=f"A folder of data/adapters, or {BASE}: untuned. Default: the best by the evaluation.")
@click.option("--retrieval/--no-retrieval", default=False, help="Does the model read passages that a search finds?")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--port", default=8766, type=click.IntRange(0, 65535), help="Of the page; 0: any. If taken, the next.")
@click.option("--open/--no-open", "browse", default=False, help="Open the page in a browser.")
def main(question: str | None, adapter: str | None, retrieval: bool, as_json: bool, port: int, browse: bool) -> None:
    """Resolve the settings; answer, or serve until Ctrl-C. A QUESTION of - is read from standard input."""
    given = settings()
    answerer = made(given)
    chosen = choice(adapter, list(answerer.adapters), given["metrics"].parent.parent)
    if question is None:
        serve(answerer, chosen, given["split"], port, browse)
        return
    question = (click.get_text_stream("stdin").read() if question == "-" else question).strip()
    if not question:
        raise click.ClickException("ask: the question is empty")
    try:
        answer(answerer, question, chosen, retrieval, as_json)
    except (ModelError, PromptError) as error:
        raise click.ClickException(f"ask: {error}") from error


def settings() -> dict[str, Any]:
    """Return the settings of the evaluation, as DVC resolves them; None for a file that is not here."""
    words = pipeline.command("evaluate")
    given = evaluate.main.make_context("evaluate", words, resilient_parsing=True).params
    for name, stage in (("adapters", "train"), ("chunks", "chunk")):
        if not given[name]:
            raise click.ClickException(
                f"ask: there is nothing from the stage {stage} here yet: run `dvc repro`, or `dvc pull` what others made"
            )
    return given


def made(given: dict[str, Any]) -> Answerer:
    """Return who answers; no model is loaded yet."""
    student = Student(**{name: given[name] for name in ("student", "revision", "dtype", "quantization")})
    ...
