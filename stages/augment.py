"""Make further forms of the training questions, by rule, each with its parent's id.

python -m stages.augment data/split data/augment data/metrics/augment.json --forms terse --forms polite --per-pair 1
"""

from collections import defaultdict
from pathlib import Path

import click
import msgspec

from stages import disk
from stages.command import Stage
from stages.quality import pointing, similarity, wording
from stages.quality.forms import FORMS
from stages.records import Decision, Pair, content_id
from stages.tally import Tally


@click.command(cls=Stage, help=__doc__)
@click.argument("split", type=click.Path(exists=True, path_type=Path))
@click.argument("output", type=click.Path(path_type=Path))
@click.argument("metrics", type=click.Path(path_type=Path))
@click.option(
    "--forms",
    multiple=True,
    type=click.Choice(sorted(FORMS)),
    default=tuple(FORMS),
    show_default=True,
    help="Forms to choose from: keywords only, polite frame, typed in a hurry.",
)
@click.option("--per-pair", default=1, show_default=True, type=click.IntRange(0), help="Forms made of each pair.")
@click.option(
    "--share", default=0.15, show_default=True, type=click.FloatRange(0, 1), help="Of the training pairs, given forms."
)
@click.option("--seed", default=0, show_default=True, help="Of the hash by which pairs and forms are drawn.")
def main(
    split: Path, output: Path, metrics: Path, forms: tuple[str, ...], per_pair: int, share: float, seed: int
) -> None:
    """Read the training pairs, make children, check them, write both."""
    tally = Tally("augment", "pairs")
    parents = disk.read(split / "train.jsonl", Pair)
    evaluated = [p.question for name in ("reworded", "held_out") for p in disk.stream(split / f"{name}.jsonl", Pair)]
    drawn = [parent for parent in parents if int(content_id(seed, "share", parent.id), 16) < share * 16**16]
    children = [child for parent in drawn for child in made(parent, forms, per_pair, seed)]

    answers: dict[tuple[str, ...], set[str]] = defaultdict(set)  # what a set of content words is answered with
    for parent in parents:
        answers[tuple(sorted(similarity.normalise(parent.question)))].add(parent.answer)
    taken = {plain(question) for question in evaluated} | {plain(parent.question) for parent in parents}
    leaked = {index for index, _, _ in similarity.matches([child.question for child in children], evaluated)}
    kept = list(parents)
    for index, child in enumerate(children):
        reason = None
        if plain(child.question) in taken:
            reason = "already_asked"
        elif index in leaked:
            reason = "leak_eval"
        elif answers[tuple(sorted(similarity.normalise(child.question)))] - {child.answer}:
            reason = "ambiguous"
        elif child.form == "polite" and not stands_alone(child.question):
            reason = "malformed"
        if reason:
            decision = Decision(kept=False, reason=reason)
            tally.reject(child.id, reason, child.parent, msgspec.structs.replace(child, decision=decision))
            continue
        taken.add(plain(child.question))
        answers[tuple(sorted(similarity.normalise(child.question)))].add(child.answer)
        kept.append(child)
    disk.write(output / "pairs.jsonl", kept)
    counts = {form: sum(pair.form == form and pair.parent is not None for pair in kept) for form in sorted(set(forms))}
    tally.close(
        metrics, output / "rejected.jsonl", received=len(parents) + len(children), kept=len(kept), parents=len(parents),
        children=counts,
    )  # fmt: skip


def made(parent: Pair, forms: tuple[str, ...], per_pair: int, seed: int) -> list[Pair]:
    """Return the children of a pair: of the forms that apply the first ones in the pair's own order."""
    children: list[Pair] = []
    for form in sorted(set(forms), key=lambda form: content_id(seed, parent.id, form)):
        question = FORMS[form](parent.question, str(seed)) if len(children) < per_pair else None
        if question:
            identity = content_id(question, parent.answer, parent.id, form)
            children.append(msgspec.structs.replace(
                parent, id=identity, question=question, origin="paraphrase", form=form, parent=parent.id, prompt=None,
                model=None, scores={}, decision=Decision(kept=True)))  # fmt: skip
    return children


def stands_alone(question: str) -> bool:
    """Tell whether a child is still one question that points at nothing outside itself."""
    return wording.is_question(question) and not pointing.dangling(question)


def plain(question: str) -> str:
    """Return a question without what makes no difference to two equal ones."""
    return " ".join(question.casefold().split())


if __name__ == "__main__":
    main()
