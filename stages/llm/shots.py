"""Which worked examples stand in a prompt: chosen for each request, the same ones whenever it is made again.

`prompts.spread` gives all requests one list, which a server evaluates once: right for a small model on a CPU, where a
prompt costs as much as its reply. `choose` gives each request a third that all requests of its form share, which
stands first and is evaluated once a form, and behind it examples like the fact at hand, the likest last: better
questions, for the price of evaluating these for each fact. (All samples of one fact share their whole prompt.)
A choice is made of comparisons between two texts only, never of a statistic over all examples: an example that is
added or edited changes the prompts that it enters or leaves, and no others.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

from stages.llm.prompts import Example
from stages.quality import mentions
from stages.quality.tokens import NUMBER_WORDS, stems, words

_SAME_FORM = 1.0  # what the same form of question is worth, beside a likeness between 0 and 1
_TURNS = (
    "what",
    "how",
    "which",
    "how_many",
    "why",
    "command",
    "when",
    "definition",
    "where",
    "purpose",
)  # then by name
_REPEATS = 0.7  # what likeness to an example that was already chosen costs


class Shape(msgspec.Struct, frozen=True, gc=False):
    """What a statement looks like, whatever it is about."""

    marks: frozenset[str]
    stems: frozenset[str]
    length: int  # words


_MARKS: dict[str, Callable[[str], object]] = {
    "flag": mentions.flags,
    "url": mentions.urls,
    "identifier": mentions.identifiers,
    "number": lambda text: re.search(r"\d", text) or NUMBER_WORDS.keys() & set(words(text)),
    "command": lambda text: re.search(r"`[\w.-]+ |\bcommand\b|(?:^|\s)\$ \w", text),
    "condition": re.compile(r"\b(?:if|when|unless|once|until|after|before|as long as)\b", re.I).search,
    "reason": re.compile(r"\b(?:because|since|so that|in order to|therefore|hence|due to)\b", re.I).search,
    "negation": re.compile(r"\b(?:not|no|never|cannot|without)\b|n't\b", re.I).search,
    "definition": re.compile(r"^[^,.]{1,60}? (?:is|are) (?:an?|the|one of)\b").search,
    "purpose": re.compile(r"\b(?:used|designed|meant|intended|serves?|helps?) (?:to|for)\b|^To \w", re.I).search,
    "list": re.compile(r"\w, [^,]+(?:, | )(?:and|or) ").search,
    "comparison": re.compile(r"\b(?:than|whereas|while|unlike|instead of|compared)\b", re.I).search,
    "message": re.compile(r"[\"“][^\"”]+[\"”]|\b(?:error|warning|exception)\b", re.I).search,
    "rule": re.compile(r"\b(?:must|may|should|can|cannot|allowed|required)\b", re.I).search,
    "imperative": re.compile(r"^(?:Use|Run|Set|Pass|Add|Call|Start|Choose|Open|Type|Enter|Install|Create)\b").search,
}


@lru_cache(maxsize=65536)
def shape(statement: str) -> Shape:
    """Return what a statement looks like: its marks, its stems, its length."""
    marks = frozenset(name for name, found in _MARKS.items() if found(statement))
    return Shape(marks, frozenset(stems(statement)), len(statement.split()))


def likeness(one: Shape, other: Shape) -> float:
    """Return how alike two statements are made, 0 to 1: marks first, then length, then words in common."""
    both = one.marks | other.marks
    marks = len(one.marks & other.marks) / len(both) if both else 1.0
    length = min(one.length, other.length) / max(one.length, other.length, 1)
    fewer = min(len(one.stems), len(other.stems))
    shared = len(one.stems & other.stems) / fewer if fewer else 0.0
    return 0.5 * marks + 0.2 * length + 0.3 * shared


def choose(examples: Sequence[Example], topic: str, answer: str, form: str, count: int) -> list[Example]:
    """Return `count` examples for a request: first those that all requests of its form share, then the likest.

    Args:
        examples: all of them, in any order.
        topic: topic of the fact.
        answer: the fact's statement.
        form: form of the wanted question, such as how_many; "" if any is welcome.
        count: how many; fewer if there are fewer examples.

    Ties go to the smaller id.
    """
    ordered = sorted(examples, key=lambda example: example.id)
    chosen = _various([example for example in ordered if example.form != form], count // 3)
    taken = {example.id for example in chosen}
    left = {example.id: example for example in ordered if example.id not in taken}
    shapes = {example.id: shape(f"{example.answer} {example.topic}") for example in left.values()}
    wanted = shape(f"{answer} {topic}")
    alike = {one: likeness(wanted, shapes[one]) for one in left}
    near: list[Example] = []
    # Half of the same form; beyond these, form counts nothing.
    for bonus, enough in ((_SAME_FORM, (count - len(chosen) + 1) // 2), (0.0, count - len(chosen))):
        most = {one: alike[one] + bonus * (left[one].form == form) for one in left}
        order = sorted(most, key=lambda one: (-most[one], one))
        while order and len(near) < enough:
            best, found = float("-inf"), ""
            for one in order:
                if most[one] < best:
                    break  # what follows is less even without its repeats
                score = most[one] - _REPEATS * max((_alike(shapes[e.id], shapes[one]) for e in near), default=0.0)
                if score > best or (score == best and one < found):
                    best, found = score, one
            order.remove(found)
            near.append(left.pop(found))
    return chosen + sorted(near, key=lambda example: (alike[example.id], example.id))


def _alike(one: Shape, other: Shape) -> float:
    """Return how much two examples say the same: words in common, not marks, which are wanted alike."""
    fewer = min(len(one.stems), len(other.stems))
    return len(one.stems & other.stems) / fewer if fewer else 0.0


def _various(examples: Sequence[Example], count: int) -> list[Example]:
    """Return the first example of each form in turn: the same for every request of one form."""
    forms: dict[str, list[Example]] = {}
    for example in examples:
        forms.setdefault(example.form, []).append(example)
    order = sorted(forms, key=lambda form: (_TURNS.index(form) if form in _TURNS else len(_TURNS), form))
    turns = (forms[form][turn] for turn in range(len(examples)) for form in order if turn < len(forms[form]))
    return list(itertools.islice(turns, count))
