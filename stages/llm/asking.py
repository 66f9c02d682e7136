"""Ask an endpoint for all replies that are missing: at a pace it can keep, and nothing twice."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import click

from stages.llm.attempts import Caller
from stages.llm.claims import BEAT, Claims
from stages.llm.endpoints import EndpointError
from stages.llm.replies import Replies
from stages.llm.request import Request
from stages.llm.wire import Failure, Value

POLL = 0.25  # seconds between two looks for a reply that another process asks for

Call = dict[str, Request]  # samples of one prompt by key


class Asking:
    """The calls of one run. Made within the event loop.

    Args:
        caller: makes them.
        replies: where what arrives is kept, the moment it arrives.
        done: called with the number of requests that came to an end.
    """

    def __init__(self, caller: Caller, replies: Replies, done: Callable[[int], Any]):
        self.caller, self.replies, self.done = caller, replies, done
        self.claims = Claims(replies.database())
        self.failed: dict[str, Value] = {}
        self.failures: list[Failure] = []
        self.held: dict[str, Value] = {}  # answers with status 200, while nothing shows that a model gave them
        self._queues: list[deque[Call]] = []  # one a worker, of neighbours
        self._later: deque[tuple[float, Call]] = deque()  # when to look again, and for what
        self._open = 0  # calls queued or running
        self._changed = asyncio.Condition()

    async def run(self, calls: Sequence[Call], of: int) -> dict[str, Value]:
        """Make the calls; return the errors of those requests that stay without a reply, by key.

        Args:
            calls: what to ask; neighbours share most of their prompts.
            of: how many requests there are with those whose reply was known.

        Raises EndpointError if the endpoint refuses us, or nothing got through to it.
        """
        self._open = len(calls)
        workers = min(self.caller.options.concurrency, sum(map(len, calls)))
        cuts = [len(calls) * number // workers for number in range(workers + 1)]
        self._queues = [deque(calls[start:end]) for start, end in itertools.pairwise(cuts)]
        tasks = [asyncio.create_task(self._work(queue)) for queue in self._queues]
        beat = asyncio.create_task(self._beat())
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in (*tasks, beat):
                task.cancel()
            await asyncio.gather(*tasks, beat, return_exceptions=True)
            await self.caller.client.close()
        self._judge(of)
        return self.failed

    def _judge(self, of: int) -> None:
        """Tell a few requests that failed from an endpoint that cannot be used."""
        caller = self.caller
        if caller.proven:
            return
        where = f"endpoint {caller.model.endpoint} ({caller.url})"
        if self.held:
            first = next(iter(self.held.values()))
            click.echo(
                f"{where}: no answer is one of a model ({first['error']}); does the URL end with /v1? None is kept.",
                err=True,
            )
            self.failed |= {key: value | {"kept": False} for key, value in self.held.items()}
        elif self.failures:
            many = len(self.failed) > max(2, of // 10)
            if many or all(failure.unreached for failure in self.failures):
                raise EndpointError(
                    f"{where}: no request got through; is it running, and does it know the model {caller.model.name}? "
                    f"The first error: {self.failures[0]}"
                )

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT)
            self.claims.beat()
            self.replies.sync()

    async def _work(self, mine: deque[Call]) -> None:
        """Make calls until none is left, nor can come back.

        Each worker goes through neighbours, one after the other: what a prompt has in common with the one before is
        in the server's prefix cache then. Prompts that are alike and asked at one moment are evaluated twice.
        """
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: any(self._queues) or self._later or not self._open)
                if not (any(self._queues) or self._later):
                    return
                due, call = self._next(mine)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            async with self.caller.pace:
                now, later = await self._make(call)
            async with self._changed:
                mine.extendleft(reversed(now))  # beside what they share a prompt with
                if later:
                    self._later.append((time.monotonic() + POLL, later))
                self._open += len(now) + bool(later) - 1
                self._changed.notify_all()

    def _next(self, mine: deque[Call]) -> tuple[float, Call]:
        """Return a worker's next call and when to make it; who has none left takes half of what another has most."""
        if not mine and (most := max(self._queues, key=len)):
            mine.extendleft([most.pop() for _ in range((len(most) + 1) // 2)])
        return (0.0, mine.popleft()) if mine else self._later.popleft()

    async def _make(self, call: Call) -> tuple[list[Call], Call]:
        """Make one call for what nobody has or asks for; return what is to be asked singly, and what to wait for."""
        mine = set(self.claims.take(list(call)))
        try:
            # after the claim: what another process has just released is in the journal
            known = {key for key in call if self.replies.get(key) is not None}
            self.done(len(known))
            wanted = {key: call[key] for key in call if key in mine and key not in known}
            later = {key: call[key] for key in call if key not in mine and key not in known}
            if len(wanted) > 1 and "n" in self.caller.refused:
                return [{key: request} for key, request in wanted.items()], later
            values: list[Value] = []
            if wanted:
                found = await self.caller.call(list(wanted.values()))
                values = self._rejects(found, len(wanted)) if isinstance(found, Failure) else found
                self._keep(dict(zip(wanted, values, strict=False)))
            return [{key: wanted[key]} for key in list(wanted)[len(values) :]], later
        finally:
            if mine:
                self.claims.release(mine)

    def _rejects(self, failure: Failure, count: int) -> list[Value]:
        self.failures.append(failure)
        return [{"error": failure.reason, "raw": failure.raw, "kept": False}] * count

    def _keep(self, values: dict[str, Value]) -> None:
        """Keep what was paid for, once it is sure that a model answers there: a wrong URL may answer as well."""
        self.done(len(values))
        if any("kept" in value for value in values.values()):
            self.failed |= values
            return
        self.replies.calls += 1
        self.held |= values
        if self.caller.proven:
            self.replies.put_all(self.held)
            self.held = {}
