"""What lies before one reviewer: queues of pairs, one pair with all that is known of it, and what she decides."""

from collections.abc import Iterable, Mapping
from typing import Any

from stages.curation import people, review
from stages.curation.gates import Thresholds
from stages.curation.people import Ruling
from stages.records import Pair
from stages.reviewing import queues, words
from stages.reviewing.cases import Case
from stages.reviewing.decisions import Decisions
from stages.reviewing.passages import Library

Reviewed = dict[str, list[Ruling]]  # the decisions on each pair that has some, by its id


class Refusal(ValueError):
    """A decision that cannot be taken; the message says why, and what to do."""


class Desk:
    """All queues for one reviewer.

    Args:
        cases: what there is to review, by id.
        library: the documents.
        statements: of facts, what they say read alone.
        decisions: the file of decisions, which knows who the reviewer is.
        thresholds: what `decide` asked for.
    """

    def __init__(
        self, cases: Mapping[str, Case], library: Library, statements: Mapping[str, str], decisions: Decisions,
        thresholds: Thresholds,
    ):  # fmt: skip
        self.cases, self.library, self.statements, self.decisions = cases, library, statements, decisions
        self._mended = {one.pair.parent: identity for identity, one in cases.items() if one.pair.parent}
        self._texts = {(one.pair.question, one.pair.answer): identity for identity, one in cases.items()}
        self._members = queues.members(cases, thresholds)
        self._order = {identity: number for number, identity in enumerate(self._members["doubt"])}

    def state(self) -> dict[str, Any]:
        """Return how far each queue is, how reviewers agree, and how many changes can be undone."""
        reviewed = self._reviewed()
        return {
            "who": self.decisions.who, "file": str(self.decisions.path), "undo": len(self.decisions.changes()),
            "queues": [
                {"key": key, "name": name, "about": about, "total": self._total(key, reviewed),
                 "left": len(self._open(key, reviewed))}
                for key, (name, about) in queues.QUEUES.items()
            ],
            "agreement": review.agreement((self.cases[one].pair, rulings) for one, rulings in reviewed.items()),
        }  # fmt: skip

    def groups(self, by: str) -> list[tuple[str, int, int]]:
        """Return the concepts, or the reasons of gates: name, how many pairs, how many of them nobody decided on."""
        if by not in queues.GROUPS:
            raise LookupError(f"expected one of {', '.join(queues.GROUPS)}, got {by}")
        reviewed, prefix = self._reviewed(), f"{by}:"
        found = [
            (key.removeprefix(prefix), len(members), len(self._open(key, reviewed)))
            for key, members in self._members.items() if key.startswith(prefix)
        ]  # fmt: skip
        return sorted(found, key=lambda one: (-one[1], one[0]))

    def queue(self, key: str, search: str = "") -> dict[str, Any]:
        """Return the ids of a queue's pairs in their order, those that hold a text, or whose id it is."""
        reviewed, wanted = self._reviewed(), search.strip().casefold()
        found = self._open(key, reviewed)
        if wanted:
            found = [one for one in found if wanted == one or wanted in _text(self.cases[one].pair).casefold()]
        return {"ids": found, "total": self._total(key, reviewed)}

    def show(self, identity: str) -> dict[str, Any]:
        """Return a pair, its evidence, scores and decisions; those of others only once the reviewer has decided."""
        case = self._case(identity)
        pair, rulings = case.pair, people.on(case.pair, self.decisions.read())
        own = self._own(rulings)
        hidden = len(rulings) if own is None else 0
        doubt, rivals = case.doubt, str(case.value).split(", ") if case.reason == "conflict" else []
        return {
            "id": identity, "question": pair.question, "answer": pair.answer, "topic": pair.topic,
            "origin": pair.origin, "form": pair.form, "source": pair.source, "link": pair.link,
            "passages": self.library.passages(pair.evidence),
            "statements": [said for one in pair.facts if (said := self.statements.get(one)) and said != pair.answer],
            "outcome": None if hidden and case.by_people else _outcome(case),
            "doubt": doubt and (doubt.why, doubt.uncertainty, words.DOUBTS.get(doubt.why, "")),
            "found": getattr(pair, "found", {}),
            "scores": [(name, pair.scores[name], means) for name, means in words.SCORES.items() if name in pair.scores],
            "rivals": [self.cases[one].pair.answer for one in rivals if one in self.cases],
            "own": own, "others": [] if hidden else [one for one in rulings if one is not own], "hidden": hidden,
        }  # fmt: skip

    def decide(
        self, identity: str, decision: Any, why: str = "", question: str | None = None, answer: str | None = None
    ) -> None:
        """Write a decision on a pair. Raises Refusal if an edit changes nothing, or makes the pair that of another."""
        pair = self._case(identity).pair
        if decision == "edit":
            question, answer = _changed(question, pair.question), _changed(answer, pair.answer)
            if question is None and answer is None:
                raise Refusal("Nothing was changed: accept the pair as it is instead.")
            same = self._same(pair, (question or pair.question, answer or pair.answer))
            if same:
                raise Refusal(f"The pair {same} says just this: reject this one instead, or say something else.")
        elif question is not None or answer is not None:
            raise Refusal("Only an edit has a question or an answer.")
        place, who = self._place(pair), self.decisions.who
        ruling = Ruling(id=place, decision=decision, who=who, why=why.strip(), question=question, answer=answer)
        self.decisions.change(place, ruling)

    def take_back(self, identity: str) -> None:
        """Take back the reviewer's decision on a pair."""
        self.decisions.change(self._place(self._case(identity).pair), None)

    def undo(self) -> str | None:
        """Undo the reviewer's last change; return its pair, None if that is no longer there.

        Raises Refusal if nothing is left to undo.
        """
        undone = self.decisions.undo()
        if undone is None:
            raise Refusal("There is nothing to undo.")
        return self._known(undone)

    def _total(self, key: str, reviewed: Reviewed) -> int:
        """Return how many pairs a queue had if nobody had decided on any of them."""
        if key in self._members:
            return len(self._members[key])
        others = [len(rulings) - (self._own(rulings) is not None) for rulings in reviewed.values()]
        if key == "second":
            return sum(number > 0 for number in others)
        return sum(len(rulings) > 1 for rulings in reviewed.values()) if key == "disputed" else len(self.cases)

    def _open(self, key: str, reviewed: Reviewed) -> list[str]:
        """Return the ids of a queue's pairs in their order."""
        if key in self._members:
            return [one for one in self._members[key] if one not in reviewed]
        mine = {one for one, rulings in reviewed.items() if self._own(rulings)}
        if key == "second":
            return self._doubtful(reviewed.keys() - mine)
        if key == "disputed":
            return self._doubtful(one for one in mine if people.agreed(self.cases[one].pair, reviewed[one]) is None)
        if key == "decided":
            latest = dict.fromkeys(self._known(change.id) for change in reversed(self.decisions.changes()))
            first = [one for one in latest if one in mine]
            return [*first, *self._doubtful(mine.difference(first)), *self._doubtful(reviewed.keys() - mine)]
        raise LookupError(f"there is no queue {key}")

    def _doubtful(self, identities: Iterable[str]) -> list[str]:
        return sorted(identities, key=self._order.__getitem__)

    def _case(self, identity: str) -> Case:
        if identity not in self.cases:
            raise LookupError(f"there is no pair {identity} since decide ran last")
        return self.cases[identity]

    def _known(self, identity: str) -> str | None:
        """Return the id of the pair that a decision is on, which may have been mended since; None if it is gone."""
        return identity if identity in self.cases else self._mended.get(identity)

    def _reviewed(self) -> Reviewed:
        rulings = self.decisions.read()
        known = {found for one in rulings if (found := self._known(one))}
        return {one: people.on(self.cases[one].pair, rulings) for one in known}

    def _own(self, rulings: Iterable[Ruling]) -> Ruling | None:
        return next((one for one in rulings if one.who == self.decisions.who), None)

    def _place(self, pair: Pair) -> str:
        """Return under which id a decision on a pair stands: that of what it was mended from, if some stand there."""
        rulings = people.on(pair, self.decisions.read())
        return rulings[0].id if rulings else pair.id

    def _same(self, pair: Pair, texts: tuple[str, str]) -> str | None:
        """Return the id of another pair that says the same, or was edited to say it."""
        for one, rulings in self._reviewed().items():
            other = self.cases[one].pair
            said = ((edit.question or other.question, edit.answer or other.answer) for edit in rulings)
            if one != pair.id and texts in said:
                return one
        return self._texts.get(texts)


def _text(pair: Pair) -> str:
    return f"{pair.question}\n{pair.answer}"


def _changed(text: str | None, before: str) -> str | None:
    """Return a text without the blanks around it, None if it is as before. Raises Refusal if nothing is left."""
    if text is None or text.strip() == before.strip():
        return None
    if not text.strip():
        raise Refusal("A pair needs a question and an answer: reject it instead.")
    return text.strip()


def _outcome(case: Case) -> dict[str, Any]:
    means = words.REASONS.get(case.reason or "", "")
    return {"kept": case.kept, "reason": case.reason, "value": case.value, "means": means}
