"""Ask a model whether the systems' answers are right, with reference and evidence in view, and which of two is better.

    python -m stages.grade data/evaluate data/sources/answer_labels.jsonl data/grade data/replies/grade.jsonl \
        data/metrics/grade.json --model my-judge --endpoint teacher --samples 3

Off by default (model none). Labelled answers are asked about in the same way: a judge that does not agree with them is
marked unreliable, and what it says decides nothing. A reply that cannot be read is an abstention.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from stages import disk
from stages.command import Stage
from stages.llm import cost, gateway, judging
from stages.llm.budget import Budget
from stages.llm.endpoints import EMBEDDED
from stages.llm.prompts import Prompt
from stages.llm.replies import Replies
from stages.records import Answer, Item
from stages.scoring import duels, grading
from stages.tally import Tally, note

NONE = "none"


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("evaluate", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("labels", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--model", default=NONE, help="Who is asked: none, embedded, or a name that the endpoint knows.")
@click.option("--revision", default="main", help="Revision of the model, part of every key.")
@click.option("--endpoint", default=EMBEDDED, help="Embedded, or a name in engine.yaml.")
@click.option("--samples", default=3, type=click.IntRange(1), help="Opinions an answer, each in another order.")
@click.option("--sets", default=["reworded", "faq"], multiple=True, type=click.Choice(grading.SETS), help="Judged.")
@click.option("--pairwise/--no-pairwise", default=True, help="Also ask which of two systems' answers is better.")
@click.option("--temperature", default=0.0, type=click.FloatRange(0, 2), help="Of the sampling.")
@click.option("--max-tokens", default=200, type=click.IntRange(8), help="Length of a reply, tokens.")
@click.option("--min-kappa", default=0.6, type=click.FloatRange(-1, 1), help="From where the judge is reliable: least "
              "Cohen's kappa with the labels, lower end of its interval.")  # fmt: skip
@click.option("--draws", default=2000, type=click.IntRange(100), help="Of the bootstrap.")
@click.option("--seed", default=0, help="Of sampling, orders and bootstrap; another one asks everything again.")
def main(
    evaluate: Path, labels: Path, output: Path, ledger: Path, metrics: Path, model: str, revision: str, endpoint: str,
    samples: int, sets: tuple[str, ...], pairwise: bool, temperature: float, max_tokens: int, min_kappa: float,
    draws: int, seed: int,
) -> None:  # fmt: skip
    """Read answers and labels, ask, measure, write."""
    tally = Tally("grade", "answers and comparisons")
    labelled, items, answers = grading.read_labels(labels), {}, []
    if model == NONE:
        labelled = []
    else:
        items = {(one.set, one.id): one for one in disk.stream(evaluate / "items.jsonl", Item)}
        answers = grading.chosen(disk.stream(evaluate / "answers.jsonl", Answer), items, sets)
    pairs = duels.between(answers) if pairwise else []
    asking = {"seed": seed, "temperature": temperature, "max_tokens": max_tokens}
    alone = grading.requests(labelled, answers, items, Prompt("judge_answer"), samples=samples, **asking)
    requests = alone + duels.requests(pairs, items, Prompt("judge_two"), **asking)
    replies = Replies(ledger)
    said = _asked(requests, replies, metrics, model, revision, endpoint) if requests else []

    of_labels, of_answers = grading.opinions(labelled, answers, said[: len(alone)], samples)
    compared = duels.compared(pairs, said[len(alone) :])
    judged: list[grading.OfAnswer | duels.Compared] = [*of_answers, *compared]
    for each in judged:
        if each.problem:
            tally.reject(each.id, each.problem, None, each)
    verdicts = [one for one in of_answers if not one.problem]
    comparisons = [one for one in compared if not one.problem]
    disk.write(output / "labels.jsonl", of_labels)
    disk.write(output / "verdicts.jsonl", verdicts)
    disk.write(output / "comparisons.jsonl", comparisons)
    replies.save()
    agreement = grading.agreement(of_labels, min_kappa)
    tally.close(
        metrics, output / "rejected.jsonl", received=len(answers) + len(pairs),
        kept=len(verdicts) + len(comparisons), labels=len(labelled), answers=len(answers), comparisons=len(pairs),
        abstained=sum(one.verdicts.count(None) for one in (*of_labels, *of_answers))
        + sum(one.said.count(None) for one in compared),
        order_flips=sum(one.flipped for one in compared), **agreement,
        scores=grading.scores(verdicts, items, draws, seed),
        win_rate=duels.win_rates(comparisons, items, draws, seed),
    )  # fmt: skip
    if requests:
        click.echo("grade: " + ", ".join(f"{n} {how.replace('_', ' ')}" for how, n in replies.summary().items()))
        if not agreement["reliable"]:
            click.echo(f"grade: unreliable: {grading.told(agreement)}, not surely at least {min_kappa}; "
                       "its scores and win rates decide nothing")  # fmt: skip


def _asked(
    requests: Sequence[gateway.Request], replies: Replies, metrics: Path, model: str, revision: str, endpoint: str
) -> list[dict[str, Any]]:
    """Return what was said, within the budget; note what it took."""
    try:
        who, budget = judging.asker("grade", model, revision, endpoint), Budget()
        click.echo(f"grade: {budget.open(requests, who, replies)}", err=True)
        said = gateway.ask_or_stop(requests, who, replies, "grade")
    except (gateway.EndpointError, cost.BudgetError) as error:
        raise click.ClickException(f"grade: {error}") from error
    spent = {"estimate": budget.total, "actual": cost.actual(replies, endpoint)}
    note(metrics.parent.parent / "usage.json", "grade", spent)
    click.echo(f"grade: it took {spent['actual']}", err=True)
    return said


if __name__ == "__main__":
    main()
