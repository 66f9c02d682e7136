"""Ask a model what it thinks of the pairs that are worth it, and of those that are labelled. Nothing is dropped here.

    python -m stages.judge data/curate data/judge data/replies/judge.jsonl data/metrics/judge.json \
        --model my-judge --endpoint teacher --samples 3

Off by default (model none). Pairs that a gate without a threshold rejects are not asked about: no threshold brings them
back. What the opinions are worth, by the labels, and whether they may reject, is decided in `decide`.
"""

from pathlib import Path
from typing import Any

import click

from stages import disk
from stages.command import Stage
from stages.curation import gates
from stages.curation.scored import Labelled, Opinion, Scored
from stages.llm import cost, gateway, judging, round_trip
from stages.llm.budget import Budget
from stages.llm.endpoints import EMBEDDED
from stages.llm.prompts import Prompt
from stages.llm.replies import Replies
from stages.records import Pair
from stages.tally import Tally, note

NONE = "none"


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("curate", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--model", default=NONE, help="Who is asked: none, embedded, or a name that the endpoint knows.")
@click.option("--revision", default="main", help="Revision of the model, part of every key.")
@click.option("--endpoint", default=EMBEDDED, help="Embedded, or a name in engine.yaml.")
@click.option("--samples", default=3, type=click.IntRange(1), help="Opinions a pair, each in another order.")
@click.option("--round-trip/--no-round-trip", "again", default=False, help="Also have each question answered again.")
@click.option("--temperature", default=0.0, type=click.FloatRange(0, 2), help="Of the sampling.")
@click.option("--max-tokens", default=200, type=click.IntRange(8), help="Length of a reply, tokens.")
@click.option("--seed", default=0, help="Of sampling and orders; another one asks everything again.")
def main(
    curate: Path, output: Path, ledger: Path, metrics: Path, model: str, revision: str, endpoint: str, samples: int,
    again: bool, temperature: float, max_tokens: int, seed: int,
) -> None:  # fmt: skip
    """Read measured pairs and labels, ask, write opinions."""
    tally = Tally("judge", "pairs")
    labelled: list[Pair] = list(disk.read(curate / "labels.jsonl", Labelled))
    pairs: list[Pair] = [one for one in disk.stream(curate / "pairs.jsonl", Scored) if gates.worth_asking(one)]
    replies = Replies(ledger)
    if model == NONE:
        labelled, pairs = [], []
    asked = [*labelled, *pairs]
    requests = judging.of_pairs(asked, Prompt("judge_pair"), samples, seed, temperature, max_tokens)
    trips = round_trip.of_pairs(asked, Prompt("answer_again"), seed, max_tokens) if again else []
    said: list[dict[str, Any]] = []
    if asked:
        try:
            who, budget = judging.asker("judge", model, revision, endpoint), Budget()
            click.echo(f"judge: {budget.open([*requests, *trips], who, replies)}", err=True)
            said = gateway.ask_or_stop([*requests, *trips], who, replies, "judge")
        except (gateway.EndpointError, cost.BudgetError) as error:
            raise click.ClickException(f"judge: {error}") from error
        spent = {"estimate": budget.total, "actual": cost.actual(replies, endpoint)}
        note(metrics.parent.parent / "usage.json", "judge", spent)
        click.echo(f"judge: it took {spent['actual']}", err=True)
    opinions: list[Opinion] = []
    for number, pair in enumerate(asked):
        scores, reason, problem = judging.opinion(said[number * samples : (number + 1) * samples])
        if again:
            start = len(requests) + 2 * number
            scores |= round_trip.scores(pair, said[start : start + 2])
        opinions.append(Opinion(id=pair.id, scores=scores, said=reason))
        if problem and number >= len(labelled):
            tally.reject(pair.id, problem, None, pair)
    disk.write(output / "labels.jsonl", opinions[: len(labelled)])
    disk.write(output / "pairs.jsonl", opinions[len(labelled) :])
    replies.save()
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs), kept=len(pairs) - len(tally.rejects),
        labels=len(labelled),
    )  # fmt: skip


if __name__ == "__main__":
    main()
