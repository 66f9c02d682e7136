"""The children of a training pair: which forms apply to it, and each as a pair that knows its parent."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

import msgspec

from stages.augmenting import followup, joined, reorder, reverse, styles
from stages.augmenting.subjects import subject
from stages.records import Decision, Fact, Message, Pair, content_id


class Draft(msgspec.Struct, kw_only=True):
    """What a form makes of a pair: what differs from it."""

    question: str
    answer: str | None = None  # None: the parent's
    turns: list[Message] = []
    other: Pair | None = None  # the second parent


class Material:
    """All that forms look up beside the pair itself; each index is built when the first form needs it.

    Args:
        pairs: the training pairs.
        facts: those of all documents.
    """

    def __init__(self, pairs: Sequence[Pair], facts: Iterable[Fact]):
        self.pairs = pairs
        self.facts = {fact.id: fact for fact in facts}

    @cached_property
    def tables(self) -> reverse.Tables:
        """The cells of all tables."""
        return reverse.Tables(self.facts.values())

    @cached_property
    def comparisons(self) -> joined.Comparisons:
        """The comparisons of two training facts."""
        return joined.Comparisons(self.pairs, self.facts)

    @cached_property
    def about(self) -> dict[str, list[Pair]]:
        """The pairs about one name, by it."""
        return joined.by_subject(self.pairs)

    @cached_property
    def templates(self) -> followup.Templates:
        """The pairs that ask the same of different names."""
        return followup.Templates(self.pairs)


Form = Callable[[Pair, Material, int], Draft | None]


def _reversed(pair: Pair, material: Material, seed: int) -> Draft | None:
    fact = material.facts.get(pair.facts[0]) if len(pair.facts) == 1 else None
    question = reverse.reversed_(pair, fact, material.tables) if fact else None
    return Draft(question=question) if question else None


def _followup(pair: Pair, material: Material, seed: int) -> Draft | None:
    name = subject(pair)
    about = material.about.get(name, []) if name else []
    made = followup.followup(pair, material.templates.alike(pair), about, name, seed)
    return Draft(question=made[0], turns=made[1]) if made else None


def _comparison(pair: Pair, material: Material, seed: int) -> Draft | None:
    return _joined(material.comparisons.draw(pair, seed))


def _composed(pair: Pair, material: Material, seed: int) -> Draft | None:
    name = subject(pair) if len(pair.facts) == 1 else None
    return _joined(joined.composed(pair, material.about.get(name, []), name, seed)) if name else None


def _joined(made: joined.Partner | None) -> Draft | None:
    return Draft(other=made[0], question=made[1], answer=made[2]) if made else None


def _plain(rule: Callable[[str, str], str | None]) -> Form:
    """Return a form that looks at the question alone."""

    def form(pair: Pair, material: Material, seed: int) -> Draft | None:
        question = rule(pair.question, str(seed))
        return Draft(question=question) if question else None

    return form


PARAPHRASE = "paraphrase"  # the only form that a teacher makes; see `paraphrase`
RULES: dict[str, Form] = {
    "terse": _plain(styles.terse),
    "polite": _plain(styles.polite),
    "casual": _plain(styles.casual),
    "reordered": _plain(lambda question, _: reorder.reordered(question)),
    "restated": lambda pair, *_: Draft(question=made) if (made := reorder.restated(pair)) else None,
    "reversed": _reversed,
    "followup": _followup,
    "comparison": _comparison,
    "composed": _composed,
}
FORMS = (*RULES, PARAPHRASE)
MANNERS = ("terse", "polite", "casual")
MANNER = 0.25  # weight of each of these in the draw; that of the others is 1


def drawn(pairs: Iterable[Pair], share: float, seed: int) -> list[Pair]:
    """Return the share of pairs that get forms, each drawn by its own hash."""
    return [pair for pair in pairs if int(content_id(seed, "share", pair.id), 16) < share * 16**16]


def in_order(pair: Pair, forms: Iterable[str], seed: int) -> list[str]:
    """Return the forms in the pair's own order, by hash: it gets the first ones that apply and pass.

    Weighted (Efraimidis and Spirakis 2006): a manner of asking fits every question, and would crowd out what does not.
    """

    def key(form: str) -> float:
        drawn = int(content_id(seed, pair.id, form), 16) / 16**16
        return float(drawn ** (1 / MANNER if form in MANNERS else 1))

    return sorted(sorted(set(forms)), key=key, reverse=True)


def made(pair: Pair, form: str, material: Material, seed: int) -> Pair | None:
    """Return the child of a form made by rule, None where the form does not apply."""
    draft = RULES[form](pair, material, seed)
    return child(pair, form, draft) if draft and draft.question != pair.question else None


def child(parent: Pair, form: str, draft: Draft, prompt: str | None = None, model: str | None = None) -> Pair:
    """Return a draft as a pair of its own; one with two parents stands on the facts and the evidence of both."""
    answer = parent.answer if draft.answer is None else draft.answer
    both = [parent, draft.other] if draft.other else [parent]
    evidence = [one for pair in both for one in pair.evidence]
    said = [(turn.role, turn.content) for turn in draft.turns]
    return msgspec.structs.replace(
        parent,
        id=content_id(draft.question, answer, parent.id, form, said),
        question=draft.question,
        answer=answer,
        facts=list(dict.fromkeys(fact for pair in both for fact in pair.facts)),
        evidence=[one for place, one in enumerate(evidence) if one not in evidence[:place]],
        concepts=list(dict.fromkeys(concept for pair in both for concept in pair.concepts)),
        turns=draft.turns,
        origin="paraphrase",
        form=form,
        parent=parent.id,
        prompt=prompt,
        model=model,
        scores={},
        decision=Decision(kept=True),
    )


def asked(pair: Pair) -> list[str]:
    """Return all that the user says in a pair, turn by turn: what must not reach an evaluation item."""
    return [turn.content for turn in pair.turns if turn.role == "user"] + [pair.question]
