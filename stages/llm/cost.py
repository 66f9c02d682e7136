"""What a run will ask for and what that costs, before anything is asked; and what it did cost."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import msgspec

from stages.llm import endpoints, gateway
from stages.llm.endpoints import Prices
from stages.llm.gateway import Model, Request
from stages.llm.replies import Replies

MESSAGE, START = 5, 3  # tokens that a chat template adds to a message, and to open the reply


class BudgetError(RuntimeError):
    """A run would ask for more than it may; the message says how much more, and nothing was asked."""


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """What is missing in ledger and journal; of several runs it is added up."""

    requests: int = 0  # samples
    calls: int = 0  # if the endpoint gives as many samples a call as it is asked for
    prompt_tokens: int = 0  # a prompt counts once a call, whatever part of it the server has in its cache
    completion_tokens: int = 0  # expected: as long as the replies that are known, or half of the most
    most_completion_tokens: int = 0
    cost: float | None = 0.0  # US dollars, expected; None: there are no prices
    most_cost: float | None = 0.0

    def __add__(self, other: "Estimate") -> "Estimate":
        pairs = {name: (getattr(self, name), getattr(other, name)) for name in self.__struct_fields__}
        sums: dict[str, Any] = {name: None if None in pair else sum(pair) for name, pair in pairs.items()}
        return Estimate(**sums)

    def __str__(self) -> str:
        if not self.calls:
            return "nothing to ask"
        said = (
            f"{self.requests:,} replies to ask for in {self.calls:,} calls: {self.prompt_tokens:,} prompt tokens, "
            f"{self.completion_tokens:,} completion tokens expected (at most {self.most_completion_tokens:,})"
        )
        if self.cost is None or self.most_cost is None:
            return f"{said}, at no known price"
        return f"{said}, {self.cost:.2f} USD (at most {self.most_cost:.2f})"


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What the replies that were asked for in this run took, as their servers said."""

    requests: int
    calls: int
    prompt_tokens: int
    cached_prompt_tokens: int
    completion_tokens: int
    unmetered: int  # replies whose server did not say
    cost: float | None

    def __str__(self) -> str:
        said = (
            f"{self.calls:,} calls, {self.prompt_tokens:,} prompt tokens ({self.cached_prompt_tokens:,} from the "
            f"server's cache), {self.completion_tokens:,} completion tokens"
        )
        return said if self.cost is None else f"{said}, {self.cost:.2f} USD"


def estimate(requests: Sequence[Request], model: Model, replies: Replies, count: Callable[[str], int]) -> Estimate:
    """Return what `gateway.ask` would ask for; nothing is sent and no reply counts as used.

    Args:
        requests, model, replies: what `gateway.ask` is given.
        count: tokens of a text in the model's measure; it is called once for each different message.

    Raises EndpointError if the endpoint is not configured.
    """
    missing = gateway.unanswered(requests, model, replies)
    if not missing:
        return Estimate()
    options = endpoints.options(model.endpoint)
    counted = cache(count)
    calls = gateway.grouped(missing, options.samples_per_call)
    firsts = [next(iter(call.values())) for call in calls]
    prompt = sum(START + sum(counted(text) + MESSAGE for _, text in first.messages) for first in firsts)
    most = sum(request.max_tokens for request in missing.values())
    said = [reply for request in requests if (reply := replies.peek(gateway.request_key(model, request))) is not None]
    known = [n for reply in said if (n := _length(reply, count)) is not None]
    expected = min(most, round(len(missing) * sum(known) / len(known))) if known else most // 2
    return Estimate(
        requests=len(missing),
        calls=len(calls),
        prompt_tokens=prompt,
        completion_tokens=expected,
        most_completion_tokens=most,
        cost=price(options.prices, prompt, expected),
        most_cost=price(options.prices, prompt, most),
    )


def check(found: Estimate, max_calls: int = 0, max_cost: float = 0.0) -> None:
    """Stop a run that could take more than its budget, before its first call; 0 is no limit.

    Raises BudgetError.
    """
    if max_calls and found.calls > max_calls:
        raise BudgetError(f"{found}. That is more than max_calls, {max_calls:,}; nothing was asked")
    if not max_cost or not found.calls:
        return
    if found.most_cost is None:
        raise BudgetError(
            f"{found}. max_cost is {max_cost:.2f} USD, and engine.yaml has no prices for this endpoint: add prices: "
            "{prompt: ..., completion: ...} in US dollars for a million tokens, 0 for one's own server; "
            "nothing was asked"
        )
    if found.most_cost > max_cost:
        raise BudgetError(f"{found}. That may be more than max_cost, {max_cost:.2f} USD; nothing was asked")


def actual(replies: Replies, endpoint: str) -> Usage:
    """Return what the replies took that were asked for in this run, at the endpoint's prices."""
    values = [replies.used[key] for key in replies.fresh]
    usages = [value["usage"] for value in values if isinstance(value, dict) and "usage" in value]
    prompt, cached, completion = (sum(u.get(name, 0) for u in usages) for name in ("prompt", "cached", "completion"))
    return Usage(
        requests=len(usages),
        calls=replies.calls,
        prompt_tokens=prompt,
        cached_prompt_tokens=cached,
        completion_tokens=completion,
        unmetered=sum("completion" not in usage for usage in usages),
        cost=price(endpoints.options(endpoint).prices, prompt, completion, cached) if usages else 0.0,
    )


def price(prices: Prices | None, prompt: int, completion: int, cached: int = 0) -> float | None:
    """Return the price of so many tokens in US dollars, None if there are no prices."""
    if prices is None:
        return None
    of_cached = prices.prompt if prices.cached_prompt is None else prices.cached_prompt
    return ((prompt - cached) * prices.prompt + cached * of_cached + completion * prices.completion) / 1_000_000


def _length(reply: object, count: Callable[[str], int]) -> int | None:
    """Return the tokens of a known reply, None if it is none."""
    if not isinstance(reply, dict) or "text" not in reply:
        return None
    said = reply.get("usage", {}).get("completion")
    return count(reply["text"]) if said is None else said
