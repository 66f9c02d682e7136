"""Getting the answers from the ledger, and what is missing from the student on this machine."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from stages import settings
from stages.llm.replies import Replies
from stages.scoring import general_text
from stages.scoring.systems import Student, System
from stages.scoring.tasks import Task, answer_key, nll_key, text_key
from stages.tuning import models

if TYPE_CHECKING:
    from stages.scoring.decoding import Said, Wanted


class Speed(msgspec.Struct, kw_only=True):
    """How fast a system answered, of what was generated now."""

    answers: int
    tokens: int
    seconds: float


class Results(msgspec.Struct, kw_only=True):
    """What came of all tasks, in their order, and of the general texts by system."""

    answers: list[str | None]  # None: no reply; the task says why
    nlls: list[float | None]  # of the reference, mean nats a token
    texts: dict[str, list[float]]  # system: of each general text, likewise
    speeds: dict[str, Speed]


class _Work(msgspec.Struct, kw_only=True):
    """What is to be run for one system, with the keys of what comes: answer, nll."""

    wanted: "list[Wanted]" = []
    keys: list[tuple[str | None, str | None]] = []
    texts: dict[str, str] = {}  # key: text


def answers(
    tasks: Sequence[Task],
    systems: Sequence[System],
    texts: Sequence[str],
    student: Student,
    replies: Replies,
    max_new_tokens: int,
) -> Results:
    """Return answers, nlls and likelihoods of general texts; what is not known yet comes from the student.

    Its weights are loaded once, for all adapters, and not at all if nothing is missing. Each batch is in the journal
    as soon as it is there: a run that is killed and started again generates nothing twice.

    Args:
        tasks: what is asked of whom.
        systems: all of them.
        texts: general texts, which systems that read nothing else are scored on.
        student: the untuned model.
        replies: what is known already; takes what is new.
        max_new_tokens: where an answer is cut off.
    """
    base = student.key
    keys = [
        (None, None) if one.lacking
        else (answer_key(base, one, max_new_tokens), nll_key(base, one) if one.reference else None)
        for one in tasks
    ]  # fmt: skip
    read = {one.name: [text_key(base, one, text) for text in texts] for one in systems if one.reads == "nothing"}
    work = {one.name: _Work() for one in systems}
    for name, places in read.items():
        work[name].texts = {key: text for key, text in zip(places, texts, strict=True) if replies.get(key) is None}
    _plan(tasks, keys, replies, work)
    speeds = _run(work, systems, student, replies, max_new_tokens)
    return Results(
        answers=[None if answer is None else str(replies.get(answer)) for answer, _ in keys],
        nlls=[None if nll is None else replies.get(nll) for _, nll in keys],
        texts={name: [float(replies.used[key]) for key in places] for name, places in read.items()},
        speeds=speeds,
    )


def _plan(
    tasks: Sequence[Task], keys: Sequence[tuple[str | None, str | None]], replies: Replies, work: dict[str, _Work]
) -> None:
    """Note what is missing, once, even if two systems ask the same of the same weights."""
    from stages.scoring.decoding import Wanted

    planned: set[str] = set()
    for task, (answer, nll) in zip(tasks, keys, strict=True):
        lacks = [key if key and key not in planned and replies.get(key) is None else None for key in (answer, nll)]
        if any(lacks):
            planned.update(key for key in lacks if key)
            one = work[task.system.name]
            one.wanted.append(
                Wanted(
                    messages=task.messages, answer=lacks[0] is not None, reference=task.reference if lacks[1] else None
                )
            )
            one.keys.append((lacks[0], lacks[1]))


def _run(
    work: dict[str, _Work], systems: Sequence[System], student: Student, replies: Replies, max_new_tokens: int
) -> dict[str, Speed]:
    """Run what is missing, all systems of an adapter one after the other, and put it into the replies."""
    busy = [one for one in systems if work[one.name].wanted or work[one.name].texts]
    if not busy:
        return {}
    from stages.scoring import decoding
    from stages.tuning import weights

    tokenizer = models.load_tokenizer(student.name, student.revision)
    model = weights.load(student.name, student.revision, student.dtype, student.quantization)
    engine = settings.load().get("generation", {})
    sizes = int(engine.get("batch_size", 64)), int(engine.get("batch_tokens", 8192))
    speeds = {}
    for digest in dict.fromkeys(one.digest for one in busy):
        of_adapter = [one for one in busy if one.digest == digest]
        with _with(model, of_adapter[0], student) as answering:
            for system in of_adapter:
                todo, started = work[system.name], time.perf_counter()

                def arrived(said: "dict[int, Said]", todo: _Work = todo) -> None:
                    found: dict[str, Any] = {}
                    for number, one in said.items():
                        answer, nll = todo.keys[number]
                        found |= {answer: one.text} if answer else {}
                        found |= {nll: one.nll} if nll and one.nll is not None else {}
                    replies.put_all(found)

                said = decoding.run(answering, tokenizer, todo.wanted, max_new_tokens, *sizes, arrived)
                made = [one for one in said if one.text is not None]
                seconds = round(time.perf_counter() - started, 2)
                if made:
                    tokens = sum(one.tokens for one in made)
                    speeds[system.name] = Speed(answers=len(made), tokens=tokens, seconds=seconds)
                if todo.texts:
                    values = general_text.nlls(answering, tokenizer, list(todo.texts.values()))
                    replies.put_all(dict(zip(todo.texts, values, strict=True)))
    return speeds


@contextmanager
def _with(model: Any, system: System, student: Student) -> Iterator[Any]:
    """Yield the student's model as the system has it: merged with its adapter, beside weights that are quantised."""
    if system.adapter is None:
        yield model
        return
    from stages.tuning import weights

    base, exact = models.fingerprint(student.name, student.revision), models.resolved(student.name, student.revision)
    merged = student.quantization == "none"
    with weights.tuned(model, system.adapter, merged=merged, base=base, revision=exact) as tuned:
        yield tuned
