"""Ask the teacher for questions about every fact, answer first, and keep the most telling ones.

    python -m stages.generate data/chunk data/sources/examples.jsonl data/teach data/generate \
        data/replies/generate.jsonl data/metrics/generate.json --model embedded --samples 6

The replies and the scores are in the ledger: what was asked once, in this workspace or by a team mate whose ledger
was pulled, is not asked again, and a run with nothing to ask loads no model.
"""

from pathlib import Path
from typing import Any

import click

from stages import disk
from stages.command import Stage
from stages.llm import cost, coverage, gateway, generation
from stages.llm import unanswerable as nearby
from stages.llm.prompts import Example
from stages.llm.replies import Replies
from stages.records import Chunk, Fact, Reject, content_id
from stages.tally import Tally, note

SHARE = click.FloatRange(0, 1)


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("chunk", type=click.Path(exists=True, path_type=Path))
@click.argument("examples", type=click.Path(exists=True, path_type=Path))
@click.argument("teach", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--model", default="embedded", help="Teacher: embedded, or a name the endpoint knows.")
@click.option("--revision", default="main", help="Revision of the teacher, part of every key.")
@click.option("--endpoint", default="embedded", help="Embedded, or a name in engine.yaml.")
@click.option("--scorer", default="embedded", help="Whose likelihoods rank: a model, or teacher (vLLM).")
@click.option("--shots", default=8, type=click.IntRange(0), help="Worked examples in a prompt, of an untaught teacher.")
@click.option("--shots-by", default="shared", type=click.Choice(["shared", "near"]), help="Same for all, or likest.")
@click.option("--samples", default=1, type=click.IntRange(1), help="Questions sampled a fact.")
@click.option("--rules/--no-rules", default=True, help="Add questions made by rule from a fact.")
@click.option("--questions-per-fact", "keep", default=2, type=click.IntRange(1), help="Most questions kept a fact.")
@click.option("--min-pairs-per-fact", default=1, type=click.IntRange(0), help="Below it a fact is asked for again.")
@click.option("--min-pairs-per-concept", default=3, type=click.IntRange(0), help="Likewise for a concept's facts.")
@click.option("--enough", default=0.5, help="Rank (log-odds) from which a question counts for these.")
@click.option(
    "--strategy",
    default="answer_first",
    type=click.Choice(["answer_first", "question_first"]),
    help="Questions for each fact, or, of a capable teacher, pairs for each chunk.",
)
@click.option(
    "--ask",
    default="short",
    type=click.Choice(["short", "all"]),
    help="About which facts: those that rules leave below their quota, or all.",
)
@click.option("--language", default="English", help="Of the pairs that are asked for; named in the prompt.")
@click.option("--multi-hop", default=16, type=click.IntRange(0), help="Most pairs that need two facts.")
@click.option("--unanswerable", default=24, type=click.IntRange(0), help="Most questions without an answer, to refuse.")
@click.option("--top-up", default=1, type=click.IntRange(0), help="How often it is asked again.")
@click.option("--temperature", default=0.5, type=click.FloatRange(0, 2), help="Of the sampling.")
@click.option("--top-p", default=0.95, type=SHARE, help="Nucleus of the sampling.")
@click.option("--max-tokens", default=40, type=click.IntRange(8), help="Length of a reply, tokens.")
@click.option("--max-gives-away", default=0.85, type=SHARE, help="Of the answer, in a question.")
@click.option("--max-drift", default=0.34, type=SHARE, help="Of a question's words, not the fact's.")
@click.option("--rank-offset", default=0.6, type=float, help="Of the rank, the log-odds that a pair is valid.")
@click.option("--gain-weight", default=0.3, type=float, help="Of the information gain in it.")
@click.option("--nll-penalty", default=3.0, type=float, help="Of a question's own nll in it.")
@click.option("--rule-bonus", default=4.7, type=float, help="Added to it for questions made by rule.")
@click.option("--teacher-bonus", default=4.7, type=float, help="Likewise for a teacher's, the embedded one's never.")
@click.option("--diversity", default=2.0, type=click.FloatRange(0), help="Rank that likeness to a kept question costs.")
@click.option("--max-alike", default=0.85, type=SHARE, help="Overlap of kept questions of a fact.")
@click.option("--seed", default=0, help="Of the sampling; another one asks everything again.")
def main(
    chunk: Path, examples: Path, teach: Path, output: Path, ledger: Path, metrics: Path, multi_hop: int,
    unanswerable: int, **knobs: Any,
) -> None:  # fmt: skip
    """Read facts, ask, score, choose, ask again where there are too few, write pairs."""
    tally = Tally("generate", "questions")
    facts, chunks = disk.read(chunk / "facts.jsonl", Fact), disk.read(chunk / "chunks.jsonl", Chunk)
    asked = [fact for fact in facts if fact.question is None]
    try:
        run = generation.Run(teach, disk.read(examples, Example), knobs, Replies(ledger))
        click.echo(f"generate: {run.open(chunks, asked, multi_hop)}", err=True)
        made = run.pairs(chunks, asked)
        made += run.multi_hop(asked, multi_hop)
    except (gateway.EndpointError, cost.BudgetError) as error:
        raise click.ClickException(f"generate: {error}") from error
    pairs = [generation.given(fact) for fact in facts if fact.question is not None]
    seeds = len(pairs)
    pairs = generation.linked([*pairs, *made.pairs], facts, chunks)
    for drop in made.dropped:
        tally.reject(drop.id, drop.reason, drop.value, drop.about)
    refused, passed = nearby.propose(pairs, facts, chunks, unanswerable, run.plan.seed) if unanswerable else ([], [])
    missed = made.missed(asked)
    disk.write(output / "pairs.jsonl", pairs)
    disk.write(output / "unanswerable.jsonl", refused)
    disk.write(output / "passed.jsonl", [Reject(id=content_id("unanswerable", one.question), stage="generate",
                  reason=one.reason, value=one.value, record=one.question) for one in passed])  # fmt: skip
    disk.write(output / "uncovered.jsonl", [Reject(id=fact.id, stage="generate", reason=missed[fact.id],
                  record=fact) for fact in asked if fact.id in missed])  # fmt: skip
    run.replies.save()
    good = [pair for pair in pairs if pair.scores.get("rank", run.quota.enough) >= run.quota.enough]
    concepts = coverage.of_concepts(facts, good)
    few = coverage.short_concepts(concepts, run.plan, run.quota)
    disk.write(output / "short_concepts.jsonl", few)
    tally.close(
        metrics, output / "rejected.jsonl", received=len(pairs) + len(made.dropped), kept=len(pairs), seeds=seeds,
        facts=len(facts), facts_covered=len({one for pair in good for one in pair.facts}),
        concepts=len(concepts), concept_quota=run.quota.min_pairs_per_concept, concepts_short=len(few),
        multi_hop=sum(len(pair.facts) > 1 for pair in pairs), unanswerable=len(refused),
    )  # fmt: skip
    spent = {"estimate": run.budget.total, "actual": cost.actual(run.replies, run.endpoint)}
    note(metrics.parent.parent / "usage.json", "generate", spent)
    click.echo(f"generate: it took {spent['actual']}", err=True)


if __name__ == "__main__":
    main()
