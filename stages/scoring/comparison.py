"""The same items, asked of every system: what is asked, who answers, and how they compare."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from stages import disk, settings
from stages.llm import replies as ledger
from stages.llm.prompts import Prompt
from stages.llm.replies import Replies
from stages.quality.leaks import read_faq
from stages.records import Answer, Item, Pair, Row, content_id
from stages.scoring import metrics, statistics
from stages.tuning import adapter_folder, models

SETS = ("trained", "reworded", "held_out", "faq", "unanswerable")
BASE, ORACLE = "base", "oracle"
UNANSWERABLE = "unanswerable"


class ComparisonError(ValueError):
    """The systems cannot be compared; the message says what is missing and what to do."""


class System(msgspec.Struct, kw_only=True, frozen=True):
    """Who answers: the student, with evidence or without, or with an adapter."""

    name: str
    model: str  # what identifies the model in keys
    adapter: Path | None = None
    digest: str | None = None  # of the adapter

    @property
    def open_book(self) -> bool:
        """Whether the evidence is in the prompt."""
        return self.name == ORACLE


class Task(msgspec.Struct, kw_only=True):
    """One item for one system."""

    item: Item
    system: System
    messages: list[dict[str, str]] = []
    key: str = ""
    lacking: str | None = None  # why it cannot be asked


def items(split: Path, rows: Path, faq: Path, trained_max: int, seed: int) -> list[Item]:
    """Return the items of all sets.

    Args:
        split: the folder with train.jsonl, reworded.jsonl and held_out.jsonl.
        rows: the rows that were trained; only pairs among them are `trained` items.
        faq: the hand-written questions.
        trained_max: most trained items, drawn by a hash of their id.
        seed: of that hash.
    """
    taught = {row.pair for row in disk.stream(rows, Row)}
    trained = [pair for pair in disk.stream(split / "train.jsonl", Pair) if pair.id in taught]
    trained.sort(key=lambda pair: content_id(seed, pair.id))
    pairs = {"trained": trained[:trained_max]}
    for name in ("reworded", "held_out"):
        pairs[name] = disk.read(split / f"{name}.jsonl", Pair)
    found = [
        Item(
            id=pair.id,
            set=name,
            question=pair.question,
            answer=pair.answer,
            evidence="\n".join(dict.fromkeys(evidence.quote for evidence in pair.evidence)) or None,
            facts=pair.facts,
            source=pair.source,
        )
        for name, some in pairs.items()
        for pair in some
    ]
    for one in read_faq(faq):
        found.append(
            Item(
                id=one.id,
                set="faq" if one.answerable else UNANSWERABLE,
                question=one.question,
                answer=one.answer,
                evidence=one.quote if one.answerable else None,
                facts=[content_id(one.document, one.quote)] if one.quote else [],
                source=one.document,
            )
        )
    return sorted(found, key=lambda item: (SETS.index(item.set), item.id))


def systems(adapters: Path, student: str, revision: str, dtype: str, quantization: str) -> list[System]:
    """Return base, oracle and one system for each folder of adapters; none of them is loaded."""
    base = models.fingerprint(student, revision)
    made = f"{base} {dtype} {quantization}"
    found = [System(name=BASE, model=made), System(name=ORACLE, model=made)]
    for folder in sorted(path for path in adapters.iterdir() if path.is_dir() and not path.name.startswith(".")):
        digest = adapter_digest(folder)
        trained_on = adapter_folder.config(folder).get("base_model_name_or_path")
        if trained_on != models.public_name(student):
            raise ComparisonError(
                f"{folder}: this adapter was trained on {trained_on!r}, the student is "
                f"{models.public_name(student)!r}; train it again or set --student"
            )
        adapter_folder.check(folder, base)
        if folder.name in (BASE, ORACLE):
            raise ComparisonError(f"{folder}: an adapter cannot be called {folder.name}; rename it in params.yaml")
        found.append(System(name=folder.name, model=made, adapter=folder, digest=digest))
    if len(found) == 2:
        raise ComparisonError(f"{adapters}: there is no adapter in it; run `dvc repro train`")
    return found


def adapter_digest(folder: Path) -> str:
    """Return the SHA-256 of an adapter: of its weights and its configuration."""
    digest = hashlib.sha256()
    for name in (adapter_folder.CONFIG, adapter_folder.WEIGHTS):
        if not (folder / name).exists():
            raise ComparisonError(f"{folder}: expected an adapter, but it has no {name}; run the train stage again")
        digest.update(hashlib.sha256((folder / name).read_bytes()).digest())
    return digest.hexdigest()


def plan(items: Sequence[Item], systems: Sequence[System], chat_system: str, max_new_tokens: int) -> list[Task]:
    """Return what is asked of whom; the oracle is not asked what has no answer."""
    oracle = Prompt("oracle")
    tasks = []
    for system in systems:
        for item in items:
            task = Task(item=item, system=system)
            tasks.append(task)
            if system.open_book and item.set == UNANSWERABLE:
                tasks.pop()
            elif system.open_book and not item.evidence:
                task.lacking = "no_evidence"
            else:
                if system.open_book:
                    given = oracle.messages(system=chat_system, evidence=item.evidence, question=item.question)
                    task.messages = [{"role": role, "content": content} for role, content in given]
                else:
                    task.messages = [models.to_dict(message) for message in models.chat(chat_system, item.question)]
                task.key = ledger.key(
                    model=system.model,
                    adapter=system.digest,
                    messages=task.messages,
                    max_new_tokens=max_new_tokens,
                    decoding="greedy",
                )
    return tasks


def answer(
    tasks: Sequence[Task],
    replies: Replies,
    student: str,
    revision: str,
    dtype: str,
    quantization: str,
    max_new_tokens: int,
) -> None:
    """Get the replies that are not known yet; each model is loaded once, and none if nothing is missing."""
    groups: dict[str | None, dict[str, Task]] = defaultdict(dict)  # by adapter; a prompt asked twice is asked once
    for task in tasks:
        if replies.get(task.key) is None:
            groups[task.system.digest][task.key] = task
    if not groups:
        return
    from stages.scoring import answers

    tokenizer = models.load_tokenizer(student, revision)
    for group in groups.values():
        missing = list(group.values())

        def arrived(number: int, text: str, missing: list[Task] = missing) -> None:
            replies.put(missing[number].key, text)

        model = answers.load_system(student, revision, dtype, quantization, missing[0].system.adapter)
        answers.greedy(
            model,
            tokenizer,
            [task.messages for task in missing],
            max_new_tokens,
            int(settings.load().get("generation", {}).get("batch_size", 64)),
            arrived,
        )
        del model  # before the next one is loaded


def scored(task: Task, text: str, refusal: str) -> Answer:
    """Return the answer with its scores; only whether it refuses counts for a question without an answer."""
    item = task.item
    if item.set == UNANSWERABLE:
        scores = {"refusal": float(metrics.refuses(text, refusal))}
    else:
        scores = metrics.score(item.question, item.answer, text, refusal)
    return Answer(
        id=content_id(item.id, item.set, task.system.name),
        item=item.id,
        set=item.set,
        system=task.system.name,
        question=item.question,
        reference=item.answer,
        answer=text,
        scores=scores,
    )


def summary(
    items: Sequence[Item], answers: Sequence[Answer], names: Sequence[str], draws: int, seed: int
) -> dict[str, Any]:
    """Return {set: {system: {metric: {value, low, high, n}}}} and the differences between systems."""
    clusters = {(item.set, item.id): item.facts[0] if item.facts else item.id for item in items}
    values: dict[tuple[str, str, str], dict[str, float]] = defaultdict(dict)  # (set, system, metric): item: value
    for one in sorted(answers, key=lambda one: one.item):
        for metric, value in sorted(one.scores.items()):
            values[one.set, one.system, metric][one.item] = value
    figures: dict[str, Any] = {name: {} for name in SETS}
    differences: dict[str, Any] = {name: {} for name in SETS}
    for (name, system, metric), by_item in values.items():
        value, low, high = statistics.bootstrap(
            list(by_item.values()), [clusters[name, item] for item in by_item], seed, draws
        )
        shown = {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4), "n": len(by_item)}
        figures[name].setdefault(system, {})[metric] = shown
    for left, right in pairs_of(names):
        for (name, system, metric), by_item in values.items():
            other = values.get((name, right, metric), {})
            both = [item for item in by_item if item in other]
            if system != left or not both:
                continue
            difference = statistics.paired(
                [by_item[item] for item in both],
                [other[item] for item in both],
                [clusters[name, item] for item in both],
                seed,
                draws,
                higher_is_better=metric != "refusal" or name == UNANSWERABLE,
            )
            shown_difference = {
                key: round(value, 4) if isinstance(value, float) else value
                for key, value in msgspec.to_builtins(difference).items()
            }
            differences[name].setdefault(f"{left} - {right}", {})[metric] = shown_difference
    return figures | {"differences": differences}


def pairs_of(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the comparisons: oracle and each adapter with base, each adapter with oracle, adapters with each other."""
    adapters = [name for name in names if name not in (BASE, ORACLE)]
    pairs = [(ORACLE, BASE)]
    for place, name in enumerate(adapters):
        pairs += [(name, BASE), (name, ORACLE)] + [(name, other) for other in adapters[place + 1 :]]
    return pairs
