"""One call with all its attempts: until it is answered, refused, or out of time."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from stages.llm import likelihoods
from stages.llm.endpoints import EndpointError, Options
from stages.llm.pace import Pace, pause
from stages.llm.request import Model, Request
from stages.llm.wire import Failure, Value, send

LOST = 5  # attempts in a row that reached nobody, after which a call that gives up speaks for all


class Caller:
    """An endpoint, and what was learnt about it in this run. Made within the event loop.

    Args:
        url, secret, options: the endpoint.
        model: who is asked.

    Attributes:
        pace: how many calls run at once; entered by who calls.
        refused: what this endpoint does not take: n, response_format, max_tokens (by this name).
        proven: whether it gave a model's answer.
    """

    def __init__(self, url: str, secret: str, options: Options, model: Model):
        import openai

        self.url, self.secret, self.options, self.model = url, secret, options, model
        # attempts are ours, so that pace, the server's wishes and the deadline are one thing
        self.client = openai.AsyncOpenAI(
            base_url=url,
            api_key=secret,
            max_retries=0,
            timeout=openai.Timeout(options.timeout, connect=min(10.0, options.timeout)),
        )
        self.pace = Pace(options.concurrency, options.start, slow=options.timeout / 2)
        self.refused: set[str] = set()
        self.proven = False
        self._lost = 0  # attempts in a row, of all calls, that reached nobody
        self._down: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def call(self, samples: Sequence[Request]) -> list[Value] | Failure:
        """Return the replies, at most one a sample and in their order, or why there is none.

        Raises EndpointError if the endpoint refuses us before it ever answered.
        """
        end = time.monotonic() + self.options.deadline
        attempts = errors = 0
        dropped: set[str] = set()  # from this call, on trial
        earlier: Failure | None = None
        while not self._down.done():
            began = time.monotonic()
            body = self._body(samples, dropped)
            seconds = max(0.01, min(self.options.timeout, end - began))
            found = await send(self.client, body, seconds)
            if not isinstance(found, Failure):
                self._lost = 0
                self.pace.answered(time.monotonic() - began)
                self.refused |= dropped | ({"n"} if len(found) < len(samples) else set())
                self.proven = self.proven or any("usage" in value for value in found)
                return found
            found.raw = found.raw.replace(self.secret, "***") if len(self.secret) > 4 else found.raw
            if drop := self._not_understood(found, body):
                dropped.add(drop)
                samples = samples[:1] if drop == "n" else samples
                continue
            if found.status in (401, 403, 404) and not self.proven:
                raise EndpointError(f"endpoint {self.model.endpoint} ({self.url}): {self._advice(found)}")
            attempts, errors = attempts + 1, errors + (not found.patient)
            self._lost = self._lost + 1 if found.reason == "no_connection" else 0 if found.status else self._lost
            wait = None
            if found.passing and self.options.retries and errors <= self.options.retries:
                left = end - time.monotonic()
                wait = pause(attempts, self.options.backoff, found.wait, left, self.options.deadline)
            if found.status in (429, 503) or found.reason == "timeout":
                self.pace.overwhelmed(began, rest=wait if wait and found.wait else 0.0)
            if wait is None:
                if found.reason == "timeout" and seconds < self.options.timeout and earlier is not None:
                    found = earlier  # the last attempt had too little time to say anything
                found.raw = f"{attempts} attempts; {found.raw}" if attempts > 1 else found.raw
                if found.reason == "no_connection" and self._lost >= LOST and not self._down.done():
                    self._down.set_result(found.raw)
                return found
            earlier = found
            await asyncio.wait([self._down], timeout=wait)
        return Failure(reason="endpoint_down", raw=self._down.result())

    def _body(self, samples: Sequence[Request], dropped: set[str]) -> dict[str, Any]:
        first = samples[0]
        body: dict[str, Any] = {
            "model": self.model.name,
            "messages": [{"role": role, "content": content} for role, content in first.messages],
            "temperature": first.temperature,
            "max_completion_tokens" if "max_tokens" in dropped | self.refused else "max_tokens": first.max_tokens,
            "top_p": first.top_p,
            "seed": first.seed + first.sample,
        }
        if len(samples) > 1:
            body["n"] = len(samples)
        if first.schema is not None and self.options.schema and "response_format" not in dropped | self.refused:
            form = {"name": "reply", "schema": first.schema, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if first.score:
            body["extra_body"] = likelihoods.ASKED
        return body

    def _not_understood(self, failure: Failure, body: dict[str, Any]) -> str | None:
        """Return what to leave out of a call that the endpoint did not understand, None if there is nothing."""
        if failure.status not in (400, 422, 501):
            return None
        if "max_tokens" in body and "max_completion_tokens" in failure.raw:
            return "max_tokens"  # its name at OpenAI's newer models, which tell so
        may = [name for name in ("response_format", "n") if name in body]
        if self.options.schema is True and "response_format" in may:
            may.remove("response_format")
        if len(may) == 2 and not any(word in failure.raw for word in ("format", "schema", "grammar")):
            return "n"
        return may[0] if may else None

    def _advice(self, failure: Failure) -> str:
        if failure.status == 404:
            advice = f"not found; does the URL end with /v1, and does it know the model {self.model.name}?"
        else:
            advice = f"no access; is the key in the environment variable {self.options.key_env}?"
        return f"{advice} It said: {failure}"
