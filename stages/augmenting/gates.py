"""Whether a child may stay: the gates of curate against its evidence, and what it asks beside all other questions."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from stages.augmenting.children import asked
from stages.curation import gates
from stages.curation.context import Documents
from stages.curation.measure import measure
from stages.llm.rewording import letters
from stages.quality import leaks, pointing, similarity
from stages.records import Pair

Reason = tuple[str, float | str | None]
TWO_FACTS = ("comparison", "composed")
ANOTHER_WORDING = ("reordered", "restated", "reversed", "paraphrase")  # pointless if it says what the parent says
# What a form lacks on purpose: no question mark, half a sentence, two questions; lower case hides what is a name.
_MEANT = {
    "terse": {"not_a_question", "heading"},
    "casual": {"not_a_question", "heading", "foreign_name", "dangling"},
    "followup": {"not_a_question", "heading", "off_topic"},
    "composed": {"two_questions"},
}
_JOINT = re.compile(r"(?<=\d),(?= (?:and )?(?:what|which|who|how|why|when|where|in which|is|are|do|does|can|should)\b)")


class Gates:
    """The gates of `curate` and `decide`, for children.

    Args:
        documents: what pairs are measured against.
        thresholds: those of `decide`.
        language: of the pairs, ISO 639-1, or "any".
    """

    def __init__(self, documents: Documents, thresholds: gates.Thresholds, language: str):
        self.documents, self.thresholds, self.language = documents, thresholds, language

    def failed(self, child: Pair, parent: Pair) -> Reason | None:
        """Return the first gate that rejects a child and its value, None if all keep it.

        What the parent fails itself, and a person has accepted, is held against no child.
        """
        meant = _MEANT.get(child.form or "", set())
        verdicts = [verdict for verdict in self._verdicts(child, parent) if verdict[0] not in meant]
        if not verdicts:
            return None
        known = {reason for reason, _ in self._verdicts(parent, parent)}
        return next((verdict for verdict in verdicts if verdict[0] not in known), None)

    def _verdicts(self, pair: Pair, parent: Pair) -> list[gates.Verdict]:
        # A parent's form says how it may be answered (yes or no); what stands on two facts may ask for both.
        form = "multi_hop" if pair.form in TWO_FACTS else None if pair.form == "reversed" else parent.form
        question = _JOINT.sub(" ,", pair.question)  # "For Llama 2, what ...": no list of numbers
        judged = msgspec.structs.replace(pair, question=question, form=form, scores={})
        scored = measure(judged, self.documents.context(pair), self.language, mend=False)
        if pair.turns:
            said = " ".join(turn.content for turn in pair.turns)
            spoken = pair.language or self.language
            found = pointing.dangling(pair.question, said, spoken)
            found += pointing.dangling(pair.answer, f"{said} {pair.question}", spoken)
            scored.scores["dangling"], scored.found["dangling"] = float(len(found)), ", ".join(found)
        return gates.failed(scored, self.thresholds)


class Asked:
    """All that is asked already, in training with its answers, and in evaluation.

    Args:
        pairs: the training pairs.
        evaluation: the items of all evaluation sets, by name of set.
        external: those of external files; a child of a pair that stays in spite of one may reach it, too.
    """

    def __init__(
        self, pairs: Iterable[Pair], evaluation: Mapping[str, leaks.Items], external: Mapping[str, leaks.Items]
    ):
        self.sets = {**evaluation, **external}
        self.external = frozenset(external)
        self.flagged: set[str] = set()
        self.taken: set[str] = set()
        self.answers: dict[tuple[str, ...], set[str]] = defaultdict(set)  # by the words that make a question
        self.pairs = list(pairs)
        for pair in self.pairs:
            self.add(pair)
            if leaks.flagged(pair):
                self.flagged.add(pair.id)

    def add(self, pair: Pair) -> None:
        """Take note of a pair that stays."""
        self.taken.add(" / ".join(plain(text) for text in asked(pair)))
        self.answers[_words(pair)].add(pair.answer)

    def leaks(self, children: Sequence[Pair]) -> dict[str, str]:
        """Return the evaluation item that a child reaches, by the child's id, for those that reach one."""
        found: dict[str, str] = {}
        for name, items in self.sets.items():
            said = [asked(one) for one in children], [one.answer for one in children]
            met = leaks.reached(*said, items, self.pairs)  # what mix finds among all rows
            for number, item, kind in met:
                one = children[number]
                if name not in self.external or one.parent not in self.flagged:
                    found.setdefault(one.id, f"{name} {items[item][0]}, {kind}")
        return found

    def failed(self, child: Pair, parent: Pair) -> Reason | None:
        """Return why a child adds nothing, or asks what another pair answers otherwise; None if neither is so."""
        if " / ".join(plain(text) for text in asked(child)) in self.taken:
            return "already_asked", None
        if child.form in ANOTHER_WORDING and letters(child.question) == letters(parent.question):
            return "same_again", None
        if others := self.answers[_words(child)] - {child.answer}:
            return "ambiguous", min(others)
        return None


def _words(pair: Pair) -> tuple[str, ...]:
    """Return the words that make a question, in any order, behind those of each turn before it."""
    return tuple(word for text in asked(pair) for word in (*sorted(similarity.normalise(text)), "|"))


def plain(question: str) -> str:
    """Return a question without what makes no difference to two equal ones."""
    return " ".join(question.casefold().split())
