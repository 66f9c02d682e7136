"""Make further forms of the training questions, each with its parent's id, through the gates of its parent.

    python -m stages.augment data/split data/chunk data/sources/faq.jsonl data/teach data/augment \
        data/replies/augment.jsonl data/metrics/augment.json --forms terse --forms followup --per-pair 1

terse: keywords; polite; casual: typed in a hurry; reordered; restated: by rule in other words; reversed: asks for the
thing instead of what is said of it; followup: after a question and its answer; comparison of two facts; composed: two
questions in one; paraphrase: in the teacher's words, the best of n. All but the last are made by rule: no model.
Beside these each fact gets the questions that people wrote on it (--wordings), in a user's words; no held-out one does.
"""

from pathlib import Path
from typing import Any

import click
import msgspec

from stages import disk
from stages.augmenting import children, family, written
from stages.augmenting.gates import Asked, Gates
from stages.augmenting.paraphrase import Plan, Teacher, best_first
from stages.command import Stage
from stages.curation.context import Documents
from stages.curation.gates import Thresholds
from stages.llm import cost, gateway
from stages.llm.replies import Replies
from stages.quality import external, leaks
from stages.records import Chunk, Decision, Fact, Pair
from stages.tally import Tally, note

SHARE = click.FloatRange(0, 1)
DEFAULT = ("terse", "polite", "casual", "reordered", "restated", "reversed", "followup", "comparison", "composed")


@click.command(cls=Stage, help=__doc__, context_settings={"show_default": True})
@click.argument("split", type=click.Path(exists=True, path_type=Path))
@click.argument("chunk", type=click.Path(exists=True, path_type=Path))
@click.argument("faq", type=click.Path(exists=True, path_type=Path))
@click.argument("teach", type=click.Path(path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("ledger", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option("--evaluation", default="data/sources/evaluation", type=click.Path(path_type=Path), help="Folder of "
              "further evaluation sets, which no child may reach.")  # fmt: skip
@click.option("--wordings", default="data/sources/wordings.jsonl", type=click.Path(dir_okay=False, path_type=Path),
              help="JSONL of written questions: id, question, document and quote.")  # fmt: skip
@click.option("--written", "most", default=6, type=click.IntRange(0), help="Of them for a fact, at most.")
@click.option("--forms", multiple=True, type=click.Choice(children.FORMS), default=DEFAULT, help="To draw from.")
@click.option("--per-pair", default=1, type=click.IntRange(0), help="Forms of each pair that gets any.")
@click.option("--share", default=0.4, type=SHARE, help="Of the training pairs, given forms.")
@click.option("--samples", default=4, type=click.IntRange(1), help="Paraphrases asked for, of which one is kept.")
@click.option("--temperature", default=0.9, type=click.FloatRange(0, 2), help="Of their sampling.")
@click.option("--seed", default=0, help="Of the hash by which pairs and forms are drawn, and of the sampling.")
@click.option("--model", default="embedded", help="Teacher: embedded, or a name the endpoint knows.")
@click.option("--revision", default="main", help="Revision of the teacher, part of every key.")
@click.option("--endpoint", default="embedded", help="Embedded, or a name in engine.yaml.")
@click.option("--scorer", default="embedded", help="Whose likelihoods rank: a model, or teacher (vLLM).")
@click.option("--written-in", default="English", help="Language of paraphrases, as the prompt names it.")
@click.option("--gain-weight", default=0.3, type=float, help="Of the information gain in a paraphrase's rank.")
@click.option("--nll-penalty", default=3.0, type=float, help="Of its own nll in it.")
@click.option("--language", default="en", help="Language of the pairs, ISO 639-1; any: each its own.")
@click.option("--abbreviations", multiple=True, help="What readers know though no document spells it out.")
@click.option("--min-coverage", default=0.5, type=SHARE, help="As of stage decide, like the following four.")
@click.option("--max-unknown", default=4, type=click.IntRange(0))
@click.option("--max-gives-away", default=0.85, type=SHARE)
@click.option("--max-answer-words", default=60, type=click.IntRange(1))
@click.option("--min-language-score", default=0.8, type=SHARE)
def main(
    split: Path, chunk: Path, faq: Path, teach: Path, output: Path, ledger: Path, metrics: Path,
    evaluation: Path, wordings: Path, most: int, forms: tuple[str, ...], per_pair: int, share: float, seed: int,
    model: str, revision: str, endpoint: str, scorer: str, language: str, abbreviations: tuple[str, ...], **knobs: Any,
) -> None:  # fmt: skip
    """Read the training pairs, make children, check them, write both."""
    tally = Tally("augment", "pairs")
    pairs = disk.read(split / "train.jsonl", Pair)
    sets: dict[str, leaks.Items] = {**leaks.faq_sets(leaks.read_faq(faq))}
    apart = {name: disk.read(split / f"{name}.jsonl", Pair) for name in ("reworded", "held_out")}
    sets |= {name: leaks.pair_items(some, name) for name, some in apart.items()}
    facts = disk.read(chunk / "facts.jsonl", Fact)
    families = family.Families(
        children.drawn(pairs, share, seed), children.Material(pairs, facts), forms, per_pair, seed
    )
    documents = Documents(facts, disk.stream(chunk / "chunks.jsonl", Chunk), abbreviations)
    gates = Gates(documents, msgspec.convert(knobs, Thresholds), language)
    asked, replies = Asked(pairs, sets, external.read(evaluation)), Replies(ledger)
    given = written.read(wordings) if most and wordings.exists() else []  # absent: nobody has written any
    matched, unmatched = written.children(given, pairs, facts, apart["held_out"], most)
    by_hand, lost = family.of_people(matched, asked)
    if wanted := families.to_paraphrase():
        try:
            teacher = Teacher(
                model, revision, endpoint, scorer, teach, msgspec.convert(knobs | {"seed": seed}, Plan), replies
            )
            found, changed = teacher.ask(wanted)
            passing = family.passing(wanted, found, gates, asked)
            families.fill(best_first(found, passing, teacher.scorer, teacher.plan, replies))
        except (gateway.EndpointError, cost.BudgetError) as error:
            raise click.ClickException(f"augment: {error}") from error
        lost += [(one, reason, None) for one, reason in changed]
        spent = {"estimate": teacher.budget.total, "actual": cost.actual(replies, endpoint)}
        note(metrics.parent.parent / "usage.json", "augment", spent)
        click.echo(f"augment: asking took {spent['actual']}", err=True)
    made, rejected = families.choose(gates, asked, asked.leaks(families.children()))
    made = by_hand + made
    lost += rejected
    for wording, why, said in unmatched:
        tally.reject(wording.id, why, said, wording)
    for one, reason, value in lost:
        decision = Decision(kept=False, reason=reason, value=value)
        tally.reject(one.id, reason, value, msgspec.structs.replace(one, decision=decision))
    disk.write(output / "pairs.jsonl", pairs + made)
    replies.save()
    forms = (*forms, written.FORM) if given else forms
    of_forms = family.yields(made, [(one, reason) for one, reason, _ in lost], forms)
    click.echo("augment: " + ", ".join(f"{form} {of['kept']}/{of['made']}" for form, of in of_forms.items()))
    kept, stay = len(pairs) + len(made), {form: of["kept"] for form, of in of_forms.items()}
    tally.close(
        metrics, output / "rejected.jsonl", received=kept + len(lost) + len(unmatched), kept=kept,
        parents=len(pairs), children=stay, yields=of_forms,
    )  # fmt: skip


if __name__ == "__main__":
    main()
