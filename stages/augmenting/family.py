"""Which children a training pair gets: of the forms that apply, the first ones that every gate keeps."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence

from stages.augmenting.children import PARAPHRASE, Material, in_order, made
from stages.augmenting.gates import Asked, Gates, Reason
from stages.records import Pair

Slot = tuple[str, list[Pair]]  # a form, and the children of it, the best first: one at most stays
Lost = tuple[Pair, str, float | str | None]  # a child, why it is rejected, and the value


class Families:
    """The children of some training pairs, from the forms that apply to those that stay.

    Args:
        parents: the pairs that get children.
        material: what forms look up.
        forms: which to draw from.
        per_pair: children a pair, at most.
        seed: of the hashes by which forms and partners are drawn.
    """

    def __init__(self, parents: Sequence[Pair], material: Material, forms: Iterable[str], per_pair: int, seed: int):
        self.parents, self.per_pair = parents, per_pair
        self.slots: dict[str, list[Slot]] = {parent.id: [] for parent in parents}
        wanted = sorted(set(forms)) if per_pair else []
        for parent in parents:
            for form in in_order(parent, wanted, seed):
                one = None if form == PARAPHRASE else made(parent, form, material, seed)
                if one or form == PARAPHRASE:
                    self.slots[parent.id].append((form, [one] if one else []))

    def to_paraphrase(self) -> list[Pair]:
        """Return the pairs of whose first forms one is a paraphrase: the others ask no teacher."""
        return [
            parent for parent in self.parents
            if PARAPHRASE in [form for form, _ in self.slots[parent.id][: self.per_pair]]
        ]  # fmt: skip

    def fill(self, paraphrases: dict[str, list[Pair]]) -> None:
        """Take in paraphrases by parent, the best first."""
        for parent, found in paraphrases.items():
            self.slots[parent] = [(form, found if form == PARAPHRASE else some) for form, some in self.slots[parent]]

    def children(self) -> list[Pair]:
        """Return all children that are in the running."""
        return [one for slots in self.slots.values() for _, some in slots for one in some]

    def choose(self, gates: Gates, asked: Asked, leaks: dict[str, str]) -> tuple[list[Pair], list[Lost]]:
        """Return the children that stay, and those that were looked at and rejected; later forms were not needed.

        Args:
            gates: those of curate.
            asked: what is asked in training; grows by what stays.
            leaks: children that reach an evaluation question, by id.
        """
        kept: list[Pair] = []
        lost: list[Lost] = []
        for parent in self.parents:
            stay = 0
            for _, some in self.slots[parent.id]:
                if stay == self.per_pair:
                    break
                found = None
                for one in some:
                    reason = ("outranked", None) if found else judged(one, parent, gates, asked, leaks)
                    if reason:
                        lost.append((one, *reason))
                    else:
                        found = one
                if found:
                    kept.append(found)
                    asked.add(found)
                    stay += 1
        return kept, lost


def of_people(children: Iterable[tuple[Pair, Pair]], asked: Asked) -> tuple[list[Pair], list[Lost]]:
    """Return the children that stay of those that people wrote, and the others; no gate is made for their questions.

    Args:
        children: a child and its parent.
        asked: what is asked in training; grows by what stays.
    """
    given = list(children)
    leaks = asked.leaks([one for one, _ in given])
    kept: list[Pair] = []
    lost: list[Lost] = []
    for one, parent in given:
        reason = ("leak_eval", leaks[one.id]) if one.id in leaks else asked.failed(one, parent)
        if reason:
            lost.append((one, *reason))
        else:
            kept.append(one)
            asked.add(one)
    return kept, lost


def judged(child: Pair, parent: Pair, gates: Gates, asked: Asked, leaks: dict[str, str]) -> Reason | None:
    """Return why a child may not stay, with the value, the cheapest reasons first; None if it may."""
    if child.id in leaks:
        return "leak_eval", leaks[child.id]
    return asked.failed(child, parent) or gates.failed(child, parent)


def passing(
    parents: Sequence[Pair], found: dict[str, list[Pair]], gates: Gates, asked: Asked
) -> Callable[[Pair], bool]:
    """Return the test whether a child of these would stay as things are."""
    of = {parent.id: parent for parent in parents}
    leaks = asked.leaks([one for some in found.values() for one in some])
    return lambda one: judged(one, of[one.parent or ""], gates, asked, leaks) is None


def yields(
    kept: Iterable[Pair], lost: Iterable[tuple[Pair, str]], forms: Iterable[str]
) -> dict[str, dict[str, object]]:
    """Return of each form how many children were made and kept, and how many rejected for what reason."""
    good = Counter(one.form for one in kept)
    bad: dict[str, Counter[str]] = defaultdict(Counter)
    for one, reason in lost:
        bad[one.form or ""][reason] += 1
    return {
        form: {
            "made": good[form] + bad[form].total(), "kept": good[form], "rejected": dict(sorted(bad[form].items()))
        }
        for form in sorted(set(forms))
    }  # fmt: skip
