"""Questions on two facts of two training pairs: two things compared, and two questions in one."""

import re
from collections import defaultdict
from collections.abc import Sequence

from stages.augmenting.subjects import subject, with_pronoun
from stages.llm import contrasts
from stages.llm.multi_hop import Written, overlap
from stages.quality import wording
from stages.quality.tokens import INTERROGATIVES, stems
from stages.records import Fact, Pair, content_id

MOST = 1_000_000  # comparisons of all facts: a pair gets one of its own
MAX_WORDS = 60  # of a joined answer
MAX_ASKED = 28  # words of a composed question
ALIKE = 0.35  # overlap of two questions' words from which the second asks too much of what the first asks

Partner = tuple[Pair, str, str]  # the other parent, question and answer


class Comparisons:
    """Comparisons of two facts that are built alike; see `stages.llm.contrasts`.

    Args:
        pairs: the training pairs, of which those on one fact are compared.
        facts: all facts by id.
    """

    def __init__(self, pairs: Sequence[Pair], facts: dict[str, Fact]):
        self.pairs: dict[str, Pair] = {}  # by fact, its first pair
        self.of: dict[str, list[tuple[Pair, Written]]] = defaultdict(list)  # by pair: the other one, what is asked
        for pair in pairs:
            if len(pair.facts) == 1 and pair.facts[0] in facts and pair.answer == facts[pair.facts[0]].says:
                self.pairs.setdefault(pair.facts[0], pair)
        known = {pair.question for pair in pairs}  # generate made some of these
        made, _ = contrasts.made_by_rule([facts[fact] for fact in self.pairs], MOST)
        for join, written in made:
            if written.question in known:
                continue
            self.of[self.pairs[join.first.id].id].append((self.pairs[join.second.id], written))

    def draw(self, pair: Pair, seed: int) -> Partner | None:
        """Return one comparison of which a pair's fact is the first, drawn by hash."""
        options = self.of.get(pair.id, [])
        if not options:
            return None
        other, written = min(options, key=lambda option: content_id(seed, "comparison", pair.id, option[0].id))
        return other, written.question, written.answer


def by_subject(pairs: Sequence[Pair]) -> dict[str, list[Pair]]:
    """Return the pairs on one fact whose questions are about one name alone, by that name."""
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        if len(pair.facts) == 1 and (name := subject(pair)):
            found[name].append(pair)
    return found


def composed(pair: Pair, others: Sequence[Pair], name: str, seed: int) -> Partner | None:
    """Return two questions about one name in one, and both answers: "What is X, and what is its licence?".

    Args:
        pair: whose question comes first.
        others: pairs about the same name.
        name: that name.
        seed: of the hash by which the other one is drawn.
    """
    for other in sorted(others, key=lambda other: content_id(seed, "composed", pair.id, other.id)):
        second = with_pronoun(other.question, name)
        if second is None or not _joinable(pair.question) or not _joinable(second) or not apart(pair, other, name):
            continue
        question = f"{pair.question[:-1]}, and {second[:1].lower()}{second[1:]}"
        answer = " ".join(sentence(text) for text in (pair.answer, other.answer))
        if len(question.split()) <= MAX_ASKED and len(answer.split()) <= MAX_WORDS:
            return other, question, answer
    return None


def _joinable(question: str) -> bool:
    """Tell whether a question can be half of one: it opens with a question word, and has one clause."""
    opens = question.split()[0].casefold() in INTERROGATIVES or re.match(r"In (?:what|which) ", question)
    return bool(opens) and question.endswith("?") and not re.search(r"[,;:]|\b(?:and|or|if|when) ", question[4:])


def apart(pair: Pair, other: Pair, name: str) -> bool:
    """Tell whether two pairs about one name ask and answer different things."""
    if set(pair.facts) & set(other.facts) or pair.answer == other.answer:
        return False
    common = stems(name)
    asked = overlap(stems(pair.question) - common, stems(other.question) - common)
    told = overlap(stems(pair.answer) - common, stems(other.answer) - common)
    polar = wording.is_yes_no(pair.question) and wording.is_yes_no(other.question)
    return asked < ALIKE and told < 2 * ALIKE and not polar


def sentence(text: str) -> str:
    """Return a text with a full stop, if it ends without a mark."""
    text = " ".join(text.split())
    return text if re.search(r"[.!?][\"”)]?$", text) else f"{text}."
