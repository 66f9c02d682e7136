"""Getting the answers: from the ledger, from the student on this machine, or from an endpoint that serves adapters."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from stages import settings
from stages.llm.replies import Replies
from stages.scoring import general_text
from stages.scoring.systems import ComparisonError, Student, System
from stages.scoring.tasks import Task, answer_key, nll_key, text_key
from stages.tuning import models

if TYPE_CHECKING:
    from stages.llm import gateway
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


def by_transformers(
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
        nlls=[None if nll is None else float(replies.get(nll) or 0.0) for _, nll in keys],
        texts={name: [float(replies.get(key) or 0.0) for key in places] for name, places in read.items()},
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
    batch_size = int(settings.load().get("generation", {}).get("batch_size", 64))
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
                        found |= ({answer: one.text} if answer else {}) | ({nll: one.nll} if nll else {})
                    replies.put_all(found)

                said = decoding.run(answering, tokenizer, todo.wanted, max_new_tokens, batch_size, arrived)
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


def by_endpoint(
    tasks: Sequence[Task], endpoint: str, served: str, student: Student, replies: Replies, max_new_tokens: int
) -> Results:
    """Return the answers of an endpoint that serves the student and each adapter; it tells no likelihoods.

    vLLM serves an adapter by a name of its own (`--enable-lora --lora-modules NAME=data/adapters/NAME`), which has to
    be the adapter's. The embedded endpoint (llama.cpp) is started anew with each adapter.

    Args:
        tasks: what is asked of whom.
        endpoint: `embedded`, or a name in engine.yaml.
        served: what the endpoint calls the student.
        student: the untuned model.
        replies: what is known already; takes what is new.
        max_new_tokens: where an answer is cut off.

    Raises ComparisonError if it serves another student, EndpointError if it cannot be used or does not answer.
    """
    from stages.llm import gateway

    if endpoint == models.EMBEDDED != student.name:
        raise ComparisonError(
            f"engine embedded answers with the embedded model, the student is {student.name}: take transformers, "
            "or an endpoint of engine.yaml that serves it"
        )
    results = Results(answers=[None] * len(tasks), nlls=[None] * len(tasks), texts={}, speeds={})
    for name in dict.fromkeys(task.system.name for task in tasks if not task.lacking):
        places = [place for place, task in enumerate(tasks) if task.system.name == name and not task.lacking]
        system = tasks[places[0]].system
        requests = [
            gateway.Request(
                messages=tuple((each["role"], each["content"]) for each in tasks[place].messages),
                temperature=0.0,
                max_tokens=max_new_tokens,
            )
            for place in places
        ]
        with _served(system, endpoint, served, student) as model:
            started, before = time.perf_counter(), replies.asked
            said = gateway.ask_or_stop(requests, model, replies, name)
            seconds = round(time.perf_counter() - started, 2)
        for place, reply in zip(places, said, strict=True):
            results.answers[place] = reply.get("text")
            tasks[place].lacking = None if "text" in reply else f"no_reply_{reply['error']}"
        if replies.asked > before:
            tokens = sum(int((reply.get("usage") or {}).get("completion_tokens", 0)) for reply in said)
            results.speeds[name] = Speed(answers=replies.asked - before, tokens=tokens, seconds=seconds)
    return results


@contextmanager
def _served(system: System, endpoint: str, served: str, student: Student) -> Iterator["gateway.Model"]:
    """Yield who is asked at an endpoint for a system."""
    from stages.llm import gateway

    if endpoint != models.EMBEDDED:
        name = system.adapter.name if system.adapter else served
        yield gateway.Model(name=name, revision=student.revision, adapter=system.digest, endpoint=endpoint)
        return
    revision = models.fingerprint(models.EMBEDDED)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "adapter.gguf" if system.adapter else None
        if system.adapter and file:
            from stages.tuning import gguf_adapter

            gguf_adapter.write(system.adapter, models.locate(models.EMBEDDED), file)
        yield gateway.Model(
            name=models.EMBEDDED, revision=revision, adapter=system.digest, endpoint=endpoint, adapter_file=file
        )
