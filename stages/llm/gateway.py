"""One way to ask any model: an OpenAI-compatible endpoint, asked only for what no one has asked before."""

import asyncio
import sys
from collections.abc import Sequence
from typing import Any

import msgspec
from tqdm import tqdm

from stages.llm import endpoints
from stages.llm.asking import Asking
from stages.llm.attempts import Caller
from stages.llm.endpoints import EndpointError
from stages.llm.replies import Replies
from stages.llm.request import Model, Request, request_key

__all__ = [
    "EndpointError",
    "Model",
    "Request",
    "ask",
    "ask_or_stop",
    "request_key",
    "unanswered",
    "will_be_asked_again",
]

UNREACHED = 0.02  # share of requests without any reply that a run bears


def ask(requests: Sequence[Request], model: Model, replies: Replies, what: str = "asking") -> list[dict[str, Any]]:
    """Return one reply per request, in order; each is `{"text", "finish", "usage"}` or `{"error", "raw", ...}`.

    Known replies come from ledger or journal; no server is started and no package loaded when nothing is missing.
    A reply that was paid for is kept, even if it cannot be used; what never arrived is not: the next run asks again.

    Raises EndpointError if the endpoint is not configured, refuses us, or no request at all got through to it.
    """
    by_key = {request_key(model, request): request for request in requests}
    keys = [request_key(model, request) for request in requests] if len(by_key) < len(requests) else list(by_key)
    missing = {k: request for k, request in by_key.items() if replies.get(k) is None}
    failed: dict[str, dict[str, Any]] = {}
    if missing:
        with endpoints.serving(model.endpoint, model.adapter_file) as (url, secret, options):
            calls = grouped(missing, options.samples_per_call)
            with tqdm(total=len(missing), desc=what, disable=not sys.stderr.isatty(), leave=False) as bar:

                async def run() -> dict[str, dict[str, Any]]:
                    caller = Caller(url, secret, options, model)
                    return await Asking(caller, replies, bar.update).run(calls, of=len(by_key))

                failed = asyncio.run(run())
    return [replies.used[k] if k in replies.used else failed[k] for k in keys]


def ask_or_stop(
    requests: Sequence[Request], model: Model, replies: Replies, what: str = "asking"
) -> list[dict[str, Any]]:
    """Return the replies as `ask` does, unless too many never arrived.

    Raises EndpointError then: a data set with holes would pass for a whole one. What arrived is kept.
    """
    said = ask(requests, model, replies, what)
    lost = [reply for reply in said if will_be_asked_again(reply)]
    if len(lost) > max(2, UNREACHED * len(said)):
        raise EndpointError(
            f"endpoint {model.endpoint}: {len(lost)} of {len(said)} requests got no reply ({lost[0]['error']}); what "
            "arrived is kept, and the next run asks for the rest"
        )
    return said


def unanswered(requests: Sequence[Request], model: Model, replies: Replies) -> dict[str, Request]:
    """Return those of the requests, by key, that `ask` would send; nothing counts as used."""
    by_key = {request_key(model, request): request for request in requests}
    return {k: request for k, request in by_key.items() if replies.peek(k) is None}


def will_be_asked_again(reply: dict[str, Any]) -> bool:
    """Return whether a reply is an error that was not kept: its request never got through."""
    return reply.get("kept") is False


def grouped(requests: dict[str, Request], per_call: int) -> list[dict[str, Request]]:
    """Return the requests as calls, of samples of one prompt each; calls whose prompts begin alike are neighbours."""
    prompts: dict[Any, dict[str, Request]] = {}
    for k, r in requests.items():
        form = None if r.schema is None else msgspec.json.encode(r.schema, order="deterministic")
        prompts.setdefault((r.messages, r.temperature, r.max_tokens, r.top_p, r.seed, form), {})[k] = r
    calls = []
    for _, samples in sorted(prompts.items(), key=lambda item: item[0][0]):
        items = list(samples.items())
        calls += [dict(items[start : start + per_call]) for start in range(0, len(items), per_call)]
    return calls
