"""Getting the answers from an endpoint that serves the student and its adapters: vLLM, or llama.cpp."""

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from stages.llm import gateway
from stages.llm.replies import Replies
from stages.scoring.answering import Results, Speed
from stages.scoring.systems import ComparisonError, Student, System
from stages.scoring.tasks import Task
from stages.tuning import models


def answers(
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
def _served(system: System, endpoint: str, served: str, student: Student) -> Iterator[gateway.Model]:
    """Yield who is asked at an endpoint for a system."""
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
