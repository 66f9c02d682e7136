"""One way to ask any model: an OpenAI-compatible endpoint, asked only for what no one has asked before."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
from tqdm import tqdm

from stages import settings
from stages.llm.replies import Replies, key


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Who is asked: all of it is part of a request's key, except the endpoint, which is only where it runs."""

    name: str
    revision: str  # or the hash of its file
    quantization: str = "none"
    adapter: str | None = None  # digest
    endpoint: str = "embedded"


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """One sample of one prompt."""

    messages: tuple[tuple[str, str], ...]  # (role, content)
    temperature: float
    max_tokens: int
    top_p: float = 1.0
    seed: int = 0
    sample: int = 0


class EndpointError(RuntimeError):
    """The endpoint cannot be used at all; the message says which and what to do."""


def request_key(model: Model, request: Request) -> str:
    """Return the key of a request: SHA-256 of model and request, without the endpoint's place."""
    who = {"name": model.name, "revision": model.revision, "quantization": model.quantization, "adapter": model.adapter}
    return key(model=who, request=msgspec.to_builtins(request))


def ask(requests: Sequence[Request], model: Model, replies: Replies, what: str = "asking") -> list[dict[str, Any]]:
    """Return one reply per request, in order; each is `{"text", "finish", ...}` or, if it failed, `{"error"}`.

    Known replies come from ledger or journal; no server is started and no package loaded when nothing is missing.
    A failure is not kept: the next run asks again.

    Raises EndpointError if the endpoint is not configured or no request at all got through to it.
    """
    keys = [request_key(model, request) for request in requests]
    found = {k: replies.get(k) for k in keys}
    missing: dict[tuple[Any, ...], list[Request]] = {}  # samples of one prompt, which share its evaluation
    for k, request in dict(zip(keys, requests, strict=True)).items():
        if found[k] is None:
            same = (request.messages, request.temperature, request.max_tokens, request.top_p, request.seed)
            missing.setdefault(same, []).append(request)
    if missing:
        failures = asyncio.run(_ask_all(list(missing.values()), model, replies, what))
        if replies.asked == 0 and failures:
            url = settings.load().get("endpoints", {}).get(model.endpoint, {}).get("url", "the embedded server")
            raise EndpointError(
                f"endpoint {model.endpoint} ({url}): no request got through; is it running, and does it know the model "
                f"{model.name}? The first error: {failures[0]}"
            )
        for k in keys:
            found[k] = replies.used.get(k) or found[k] or {"error": failures[0] if failures else "no reply"}
    return [found[k] or {"error": "no reply"} for k in keys]


async def _ask_all(prompts: list[list[Request]], model: Model, replies: Replies, what: str) -> list[str]:
    """Ask for all samples of all prompts with bounded concurrency; return the errors."""
    import openai

    failures: list[str] = []
    with endpoint(model.endpoint) as (url, secret, options):
        at_once = asyncio.Semaphore(int(options.get("concurrency", 8)))
        per_call = int(options.get("samples_per_call", 1))
        client = openai.AsyncOpenAI(
            base_url=url,
            api_key=secret,
            timeout=float(options.get("timeout", 300)),
            max_retries=int(options.get("retries", 5)),  # with jitter, for 408, 409, 429, 5xx; honours Retry-After
        )
        bar = tqdm(total=sum(map(len, prompts)), desc=what, disable=not sys.stderr.isatty(), leave=False)

        async def call(samples: list[Request]) -> None:
            first = samples[0]
            async with at_once:
                try:
                    answer = await client.chat.completions.create(
                        model=model.name,
                        messages=[{"role": role, "content": content} for role, content in first.messages],  # type: ignore[misc]
                        temperature=first.temperature,
                        max_tokens=first.max_tokens,
                        top_p=first.top_p,
                        seed=first.seed + first.sample,
                        n=len(samples),
                    )
                    choices = answer.choices
                except openai.OpenAIError as error:
                    failures.append(f"{type(error).__name__}: {error}")
                    choices = []
            for sample, choice in zip(samples, choices, strict=False):
                text = choice.message.content or ""
                replies.put(request_key(model, sample), {"text": text, "finish": choice.finish_reason})
            if choices and len(choices) < len(samples):
                failures.append(f"asked for {len(samples)} samples, got {len(choices)}")
            bar.update(len(samples))

        calls = [p[start : start + per_call] for p in prompts for start in range(0, len(p), per_call)]
        try:
            await asyncio.gather(*(call(samples) for samples in calls))
        finally:
            bar.close()
            await client.close()
    return failures


@contextmanager
def endpoint(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield (base URL, key, options) of an endpoint named in engine.yaml; the embedded one is started for it.

    The key comes from the environment variable that `key_env` names, and from nowhere else.
    """
    if name == "embedded":
        from stages.llm import embedded

        slots = int(settings.load().get("embedded", {}).get("slots", 8))
        with embedded.serve() as url:
            # one prompt at a time, all its samples in one batch
            yield url, "none", {"concurrency": 1, "samples_per_call": slots, "timeout": 600}
        return
    options = settings.load().get("endpoints", {}).get(name)
    if not options or "url" not in options:
        raise EndpointError(
            f"endpoint {name} is not in engine.yaml: expected endpoints: {{{name}: {{url: https://.../v1}}}}, "
            f"or set FAQTUNE_ENDPOINTS__{name.upper()}__URL"
        )
    variable = options.get("key_env", "OPENAI_API_KEY")
    yield options["url"], os.environ.get(variable, "none"), options
