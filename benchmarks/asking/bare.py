"""The same requests asked in two ways at the same endpoint: by the stage's gateway, and by a loop without anything."""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import msgspec

from stages.llm import gateway
from stages.llm.replies import Replies

Calls = list[dict[str, gateway.Request]]  # samples of one prompt by key


class Server(NamedTuple):
    """Where it is asked: base URL, calls at once, most samples of one call, calls at once to begin with."""

    url: str
    concurrency: int
    per_call: int = 1
    start: int = 8


class Run(NamedTuple):
    """What a run took, and what the server said of it: tokens of prompts, and of these from its cache."""

    seconds: float
    prompt: int
    cached: int


def stage(requests: Sequence[gateway.Request], model: gateway.Model, server: Server) -> Run:
    """Ask as the stage generate does, with a journal and a ledger that are new."""
    names = ("URL", "CONCURRENCY", "SAMPLES_PER_CALL", "START", "TIMEOUT")
    for name, value in zip(names, (*server, 600), strict=True):
        os.environ[f"FAQTUNE_ENDPOINTS__BENCH__{name}"] = str(value)
    model = msgspec.structs.replace(model, endpoint="bench")
    with tempfile.TemporaryDirectory() as folder:
        replies = Replies(Path(folder) / "ledger.jsonl", Path(folder) / "journal.sqlite")
        started = time.perf_counter()
        values = gateway.ask(requests, model, replies)
        replies.save()
        seconds = time.perf_counter() - started
    assert not any("error" in value for value in values), "a call failed"
    usages = [value["usage"] for value in replies.used.values()]
    return Run(seconds, *(sum(usage.get(name, 0) for usage in usages) for name in ("prompt", "cached")))


def bare(calls: Calls, model: gateway.Model, server: Server) -> Run:
    """Ask with the openai client, so many calls at once, in the order given; nothing is kept or tried again."""
    import openai

    bodies = [_body(list(call.values()), model) for call in calls]

    async def ask() -> list[Any]:
        client = openai.AsyncOpenAI(base_url=server.url, api_key="none", max_retries=0, timeout=600)
        free = asyncio.Semaphore(server.concurrency)

        async def one(body: dict[str, Any]) -> Any:
            async with free:
                return await client.chat.completions.create(**body)

        async with client:
            return await asyncio.gather(*map(one, bodies))

    started = time.perf_counter()
    answers = asyncio.run(ask())
    seconds = time.perf_counter() - started
    cached = sum((answer.model_extra or {}).get("timings", {}).get("cache_n", 0) for answer in answers)
    details = [answer.usage.prompt_tokens_details for answer in answers]
    cached = sum(one.cached_tokens or 0 for one in details if one) or cached
    usages = [answer.usage for answer in answers]
    prompt = sum(usage.prompt_tokens for usage in usages)
    return Run(seconds, prompt, cached)


def _body(samples: Sequence[gateway.Request], model: gateway.Model) -> dict[str, Any]:
    first = samples[0]
    body = {
        "model": model.name,
        "messages": [{"role": role, "content": content} for role, content in first.messages],
        "temperature": first.temperature,
        "max_tokens": first.max_tokens,
        "top_p": first.top_p,
        "seed": first.seed + first.sample,
    }
    return body | ({"n": len(samples)} if len(samples) > 1 else {})


def grouped(requests: Sequence[gateway.Request], model: gateway.Model, per_call: int) -> Calls:
    """Return the requests as the calls that the gateway makes of them, in its order."""
    return gateway.grouped({gateway.request_key(model, request): request for request in requests}, per_call)


def ratio(rounds: Sequence[tuple[Run, Run]]) -> float:
    """Return the stage's throughput divided by the loop's: the median of the rounds, each (stage, loop)."""
    return round(median(loop.seconds / ours.seconds for ours, loop in rounds), 4)


def cache_share(run: Run) -> float:
    """Return the share of a run's prompt tokens that the server had in its cache."""
    return round(run.cached / run.prompt, 4) if run.prompt else 0.0
