"""Does an evaluation item reach the training rows? What a split checks, and the last word before training.

A question is reached by one that asks the same, and by a text in which it stands (`similarity.matches`). A long answer
is reached by one that says nearly all of it to a question that shares a rare word: kind `answer`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from stages import disk
from stages.quality import similarity
from stages.quality.tokens import content_tokens, stems
from stages.records import Pair, Record, RecordError, Row

OWN = ("faq", "unanswerable", "general", "held_out", "reworded")  # the sets of this pipeline; all others are external
EXAMPLES = 5  # shown of each set
KINDS = ("exact", "near", "contained", "answer")  # the first that fits is told
LONG = 8  # content words from which an answer is told by its words
COVERED = 0.8  # share of them that another answer says
RARE = 75  # questions or answers, of which one at most has a rare word
COMMON = 300  # questions, from which on a word is never rare
_SAID = ("user", "system")  # in rows whose system message is their own
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


class Item(NamedTuple):
    """An item of an evaluation set; an answer is given where saying it is a leak too."""

    id: str
    question: str
    answer: str = ""


Items = Sequence[tuple[str, str] | Item]


class FaqItem(Record, kw_only=True):
    """A hand-written question of the evaluation; one with no answer in the documents is not answerable."""

    question: str
    answer: str = ""
    document: str | None = None
    quote: str | None = None
    answerable: bool = True


class LeakError(ValueError):
    """A training row is within reach of an evaluation item."""


def read_faq(path: Path) -> list[FaqItem]:
    """Return the FAQ items of a file. Raises RecordError, naming file and item, if one cannot be asked or scored."""
    items: list[FaqItem] = []
    seen: set[str] = set()
    for number, item in enumerate(disk.stream(path, FaqItem), 1):
        lack = (
            "no question" if not item.question.strip()
            else "no answer although it is answerable" if item.answerable and not item.answer.strip()
            else "an id that another item has" if item.id in seen
            else None
        )  # fmt: skip
        if lack:
            raise RecordError(f"{path}, item {number} ({item.id}): it has {lack}")
        seen.add(item.id)
        items.append(item)
    return items


def faq_sets(items: Iterable[FaqItem]) -> dict[str, Items]:
    """Return (id, question) of the items by name of set: `faq` and `unanswerable`."""
    given = list(items)
    return {
        name: [(item.id, item.question) for item in given if item.answerable is answerable]
        for name, answerable in (("faq", True), ("unanswerable", False))
    }


def pair_items(pairs: Iterable[Pair], name: str) -> list[Item]:
    """Return the pairs of a split as items. To say the answer is a leak of what is held out, but not of the reworded,
    whose facts are trained."""
    return [Item(pair.id, pair.question, pair.answer if name == "held_out" else "") for pair in pairs]


def reached(
    asked: Sequence[Sequence[str]], answers: Sequence[str], items: Items, among: Sequence[Pair] = ()
) -> list[tuple[int, int, str]]:
    """Return (row, item, kind) for each item within reach of a row, sorted.

    Args:
        asked: what the user says in each row, turn by turn.
        answers: what each row teaches to answer; empty to look at questions only.
        items: of an evaluation set; kind `answer` for those that have one.
        among: pairs that tell which words are rare, so that some rows are judged as all are; none: the rows do.
    """
    given = [Item(*item) for item in items]
    questions = [item.question for item in given]
    turns = [(row, text) for row, texts in enumerate(asked) for text in texts]
    found = {(turns[n][0], item, kind) for n, item, kind in similarity.matches([text for _, text in turns], questions)}
    found.update((row, item, "contained") for row, item in _inside(answers, questions))
    if answers:
        found.update((row, item, "answer") for row, item in _answered(asked, answers, given, among))
    first: dict[tuple[int, int], str] = {}
    for row, item, kind in sorted(found, key=lambda one: KINDS.index(one[2])):
        first.setdefault((row, item), kind)
    return [(row, item, kind) for (row, item), kind in sorted(first.items())]


def _inside(answers: Sequence[str], questions: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (answer, question) where the question stands in the answer.

    One with a question mark as a question: as a statement, "Does A need B?" is no more than what "A needs B" says.
    """
    asking = [" ".join(one for one in _SENTENCE.split(text) if one.endswith("?")) for text in answers]
    for mark, texts in ((True, asking), (False, answers)):
        some = [n for n, question in enumerate(questions) if question.rstrip().endswith("?") is mark]
        spoken = [n for n, text in enumerate(texts) if text]
        for row, item, _ in similarity.matches([texts[n] for n in spoken], [questions[n] for n in some]):
            words = len(similarity.normalise(questions[some[item]]))
            if similarity.CONTAINED <= words <= len(similarity.normalise(texts[spoken[row]])):
                yield spoken[row], some[item]


def _answered(
    asked: Sequence[Sequence[str]], answers: Sequence[str], items: Sequence[Item], among: Sequence[Pair]
) -> Iterator[tuple[int, int]]:
    """Yield (row, item) where the row's answer says the item's, to a question that shares a rare word with its.

    It says COVERED of its words, and of its rare ones (many answers may begin alike), and all that hold a digit.
    """
    long = [n for n, item in enumerate(items) if len(content_tokens(item.answer)) >= LONG]
    if not long:
        return
    asking: dict[str, list[int]] = defaultdict(list)  # rows by word
    for row, texts in enumerate(asked):
        for word in set().union(*(stems(text) for text in texts)):
            asking[word].append(row)
    said = [stems(answer) for answer in answers]
    in_answers = Counter(word for one in ([stems(pair.answer) for pair in among] or said) for word in one)
    in_questions = Counter({word: len(rows) for word, rows in asking.items()})
    if among:
        in_questions = Counter(word for pair in among for word in stems(pair.question))
    most = min(COMMON, max(2, len(among or asked) // RARE))
    for number in long:
        words = stems(items[number].answer)
        rare = {word for word in words if in_answers[word] <= most}
        exact = {word for word in words if any(letter.isdigit() for letter in word)}
        shared = [
            asking[word] for word in stems(items[number].question) if word in asking and in_questions[word] <= most
        ]
        for row in sorted(set().union(*shared)):
            both = words & said[row]
            if exact <= both and len(both) >= COVERED * len(words) and len(rare & both) >= COVERED * len(rare):
                yield row, number


def contamination(
    questions: Sequence[str], items: Items, answers: Sequence[str] = (), flag: bool = False
) -> tuple[dict[int, str], dict[str, Any]]:
    """Return which questions reach an item (index: item id) and what to report of the set.

    Args:
        questions: of the pairs for training.
        items: of an evaluation set.
        answers: to the questions; without them only questions are compared.
        flag: whether the pairs stay, flagged; only the report differs.
    """
    found = reached([[question] for question in questions], answers, items)
    given = [Item(*item) for item in items]
    met: dict[int, str] = {}
    for index, item, _ in found:
        met.setdefault(index, given[item].id)
    shown = sorted(found, key=lambda one: KINDS.index(one[2]))[:EXAMPLES]
    examples = [
        {"question": questions[index], "item": given[item].id, "asks": given[item].question, "kind": kind}
        for index, item, kind in shown
    ]
    return met, {
        "items": len(items),
        "leaked": len({item for _, item, _ in found}),
        "kinds": dict(sorted(Counter(kind for _, _, kind in found).items())),
        "examples": examples,
        "rows_removed": 0 if flag else len(met),
        "rows_flagged": len(met) if flag else 0,
    }


def flagged(pair: Pair | None) -> bool:
    """Tell whether a pair stays although an external item is within its reach."""
    return bool(pair and pair.decision and pair.decision.kept and (pair.decision.reason or "").startswith("leak_"))


def assert_clean(
    rows: list[Row],
    evaluation: Mapping[str, Items],
    pairs: Mapping[str, Pair] | None = None,
    evaluated: Mapping[str, Pair] | None = None,
    external: Mapping[str, Items] | None = None,
    among: Sequence[Pair] = (),
) -> None:
    """Stop if a training row reaches an evaluation item.

    Args:
        rows: all training rows.
        evaluation: the items of the sets of one's own, by name of set.
        pairs: the pairs of the training rows by id.
        evaluated: the pairs of `reworded` and `held_out` by id, with their `split` set.
        external: the items of external files, by name of set; rows of flagged pairs and of their children pass.
        among: as of `reached`.

    Raises:
        LeakError: names rows and set, for a row that reaches an item, a fact, sentence or group that is held out, a
            pair that is evaluated itself, or a child that is in another split than its parent.
    """
    pairs, evaluated = pairs or {}, evaluated or {}
    problems: list[str] = []
    asked = [
        [message.content for message in row.prompt if message.role in (_SAID if row.origin == "replay" else ("user",))]
        for row in rows
    ]
    answers = [" ".join(message.content for message in row.completion) for row in rows]
    allowed = {index for index, row in enumerate(rows) if (pair := pairs.get(row.pair))
               and (flagged(pair) or flagged(pairs.get(pair.parent or "")))}  # fmt: skip
    for passing, sets in ((set(), evaluation), (allowed, external or {})):
        for name, items in sets.items():
            for index, item, kind in reached(asked, answers, items, among):
                if index in passing:
                    continue
                identity, question, *_ = items[item]
                told = " / ".join(asked[index])
                problems.append(f"row {rows[index].id} ({told!r}) matches {name} {identity} ({question!r}), {kind}")
    held_out = [pair for pair in evaluated.values() if pair.split == "held_out"]
    held = {fact: pair.id for pair in held_out for fact in pair.facts}
    # The first evidence is the fact's own sentence; others may be what supports it, as a table's head does.
    quotes = {evidence.quote: pair.id for pair in held_out for evidence in pair.evidence[:1]}
    groups = {pair.group: pair.id for pair in held_out if pair.group}
    for row in rows:
        pair = pairs.get(row.pair)
        if row.pair in evaluated:
            problems.append(f"row {row.id} is made of pair {row.pair}, which is in {evaluated[row.pair].split}")
        if pair is None:
            continue
        taught = [fact for fact in pair.facts if fact in held]
        problems += [f"row {row.id} teaches fact {fact} of held_out pair {held[fact]}" for fact in taught]
        problems += [
            f"row {row.id} stands on the same sentence as held_out pair {quotes[evidence.quote]}"
            for evidence in pair.evidence[:1]
            if evidence.quote in quotes and not taught
        ]
        if pair.group in groups:
            problems.append(f"row {row.id} is in one group with held_out pair {groups[pair.group]}")
        if pair.split not in (None, "train"):
            problems.append(f"row {row.id} is made of pair {pair.id}, whose split is {pair.split}")
        if pair.parent and pair.parent not in pairs:
            where = evaluated[pair.parent].split if pair.parent in evaluated else "no split"
            problems.append(f"row {row.id} is a child of pair {pair.parent}, which is in {where}, not in train")
    if problems:
        more = f"\n... and {len(problems) - 10} more" if len(problems) > 10 else ""
        raise LeakError(
            f"{len(problems)} leaks of evaluation items into the training rows; no row is written:\n"
            + "\n".join(problems[:10]) + more
        )  # fmt: skip
