"""Ask the teacher for questions about every fact, answer first, and keep the most telling ones.

    python -m stages.generate data/chunk data/sources/examples.jsonl data/generate data/replies/generate.jsonl \
        data/metrics/generate.json --model embedded --samples 8

The replies and the scores are in the ledger: what was asked once, in this workspace or by a team mate whose ledger
was pulled, is not asked again, and a run with nothing to ask loads no model.
"""

from pathlib import Path
from typing import Any

import click
import msgspec

from stages import records
from stages.command import Stage
from stages.llm import gateway, questions
from stages.llm.prompts import Example, Prompt, spread
from stages.llm.replies import Replies
from stages.records import Chunk, Evidence, Fact, Pair, content_id
from stages.tally import Tally
from stages.tuning import models

SHARE = click.FloatRange(0, 1)


@click.command(cls=Stage, help=__doc__)
@click.argument("chunk", type=click.Path(exists=True, path_type=Path))
@click.argument("examples", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--model", default="embedded", show_default=True, help="Teacher: embedded, or a name the endpoint knows.")
@click.option("--revision", default="main", show_default=True, help="Revision of the teacher, part of every key.")
@click.option("--endpoint", default="embedded", show_default=True, help="Embedded, or a name in engine.yaml.")
@click.option("--scorer", default="embedded", show_default=True, help="Model whose likelihoods rank questions.")
@click.option("--shots", default=8, show_default=True, type=click.IntRange(0), help="Worked examples in the prompt.")
@click.option("--samples", default=6, show_default=True, type=click.IntRange(1), help="Questions sampled a fact.")
@click.option("--rules/--no-rules", default=True, show_default=True, help="Add questions made by rule from a fact.")
@click.option("--questions-per-fact", "keep", default=4, show_default=True, type=click.IntRange(1), help="Kept a fact.")
@click.option("--temperature", default=0.8, show_default=True, type=click.FloatRange(0, 2), help="Of the sampling.")
@click.option("--top-p", default=0.95, show_default=True, type=SHARE, help="Nucleus of the sampling.")
@click.option("--max-tokens", default=40, show_default=True, type=click.IntRange(8), help="Length of a reply, tokens.")
@click.option("--max-gives-away", default=0.85, show_default=True, type=SHARE, help="Of the answer, in a question.")
@click.option("--max-drift", default=0.34, show_default=True, type=SHARE, help="Of a question's words, not the fact's.")
@click.option("--nll-penalty", default=1.0, show_default=True, type=float, help="Weight of a question's own nll.")
@click.option("--rule-bonus", default=1.8, show_default=True, type=float, help="Added to the rank of rules' questions.")
@click.option("--max-alike", default=0.85, show_default=True, type=SHARE, help="Overlap of kept questions of a fact.")
@click.option("--seed", default=0, show_default=True, help="Of the sampling; another one asks everything again.")
def main(
    chunk: Path, examples: Path, output: Path, ledger: Path, metrics: Path, model: str, revision: str, endpoint: str,
    scorer: str, shots: int, **knobs: Any,
) -> None:  # fmt: skip
    """Read facts, ask, score, choose, write pairs."""
    tally = Tally("generate", "questions")
    facts = records.read(chunk / "facts.jsonl", Fact)
    links = {c.id: c.links[0].url if c.links else c.url for c in records.stream(chunk / "chunks.jsonl", Chunk)}
    prompt, shown = Prompt("answer_first"), spread(records.read(examples, Example), shots)
    fingerprint = models.fingerprint(model) if model == models.EMBEDDED else revision
    teacher = gateway.Model(name=model, revision=fingerprint, endpoint=endpoint)
    plan = msgspec.convert(knobs, questions.Plan)
    replies = Replies(ledger)
    try:
        candidates = questions.propose(
            [fact for fact in facts if fact.question is None], prompt, shown, teacher, plan, replies
        )
    except gateway.EndpointError as error:
        raise click.ClickException(f"generate: {error}") from error
    asked = replies.summary()  # before scoring adds its own
    questions.select(candidates, scorer, plan, replies)
    pairs = [given(fact, links.get(fact.chunk)) for fact in facts if fact.question is not None]
    seeds = len(pairs)
    for candidate in candidates:
        fact = candidate.fact
        if candidate.reason:
            identity = content_id(fact.id, candidate.sample)
            tally.reject(identity, candidate.reason, candidate.value, {"question": candidate.question, "fact": fact.id})
            continue
        by_model = candidate.form == "model"
        pairs.append(
            Pair(
                id=content_id(candidate.question, fact.quote, fact.id),
                question=candidate.question,
                answer=fact.quote,
                facts=[fact.id],
                evidence=[Evidence(document=fact.document, quote=fact.quote, span=fact.span)],
                source=fact.source,
                link=links.get(fact.chunk),
                topic=fact.topic,
                concepts=fact.concepts,
                origin="generated",
                form=candidate.form,
                prompt=prompt.hash if by_model else None,
                model=f"{model}@{fingerprint}" if by_model else None,
                scores=candidate.scores(plan),
            )
        )
    records.write(output / "pairs.jsonl", pairs)
    replies.save()
    covered = {pair.facts[0] for pair in pairs}
    tally.close(
        metrics, output / "rejected.jsonl", received=len(candidates) + seeds, kept=len(pairs),
        facts=len(facts), facts_covered=len(covered), seeds=seeds,
    )  # fmt: skip
    came = ", ".join(f"{count} {where.replace('_', ' ')}" for where, count in asked.items())
    click.echo(f"generate: of {sum(asked.values())} replies {came}")


def given(fact: Fact, link: str | None) -> Pair:
    """Return an item of a structured FAQ file as the pair that it is: nothing is asked for it."""
    return Pair(
        id=content_id(fact.question, fact.quote, fact.id),
        question=fact.question or "",
        answer=fact.quote,
        facts=[fact.id],
        evidence=[Evidence(document=fact.document, quote=fact.quote, span=fact.span)],
        source=fact.source,
        link=link,
        topic=fact.topic,
        concepts=fact.concepts,
        origin="seed",
    )


if __name__ == "__main__":
    main()
