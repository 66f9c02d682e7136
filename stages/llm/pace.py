"""How many calls run at once, and how long one waits before it is made again."""

import asyncio
import random
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

LONGEST = 30.0  # seconds, most that a pause grows to by doubling


class Pace:
    """The number of calls at once: more while that gets more done, half of it when the endpoint is overwhelmed.

    It doubles a round (as many calls as run at once) until a round gets less done than earlier ones or the endpoint
    complains; after that it grows by one a round. Used as `async with pace:` around one call.

    Args:
        most: upper bound.
        start: calls at once to begin with.
        slow: seconds; calls that take longer let nothing grow, for they are on their way to a timeout.
    """

    def __init__(self, most: int, start: int = 8, slow: float = float("inf")):
        self.most, self.slow = max(1, most), slow
        self.limit = max(1, min(start, self.most))
        self.running = self.waiting = 0
        self._changed = asyncio.Condition()
        self._doubling = True
        self._best = 0.0  # calls a second
        self._cut = self._rest_until = float("-inf")
        self._new_round()

    def _new_round(self) -> None:
        self._since, self._done, self._held = time.monotonic(), 0, True

    async def __aenter__(self) -> None:
        async with self._changed:
            self.waiting += 1
            try:
                await self._changed.wait_for(lambda: self.running < self.limit)
            finally:
                self.waiting -= 1
            self.running += 1
        try:
            while (wait := self._rest_until - time.monotonic()) > 0:
                await asyncio.sleep(wait)
        except BaseException:
            self.running -= 1
            raise

    async def __aexit__(self, *_: object) -> None:
        self.running -= 1
        async with self._changed:
            self._changed.notify_all()

    def answered(self, took: float) -> None:
        """Count a call that went well, and grow if the round that it ends did no worse than those before."""
        self._done += 1
        self._held = self._held and took <= self.slow
        if not self.waiting:
            self._new_round()  # there is not enough to do: this says nothing about the endpoint
        elif self._done >= self.limit:
            rate = self._done / max(time.monotonic() - self._since, 1e-6)
            if self._held and rate >= 0.8 * self._best:
                self.limit = min(self.most, self.limit * 2 if self._doubling else self.limit + 1)
            else:
                self._doubling = False
            self._best = max(rate, 0.95 * self._best)  # what was once possible counts for less and less
            self._new_round()

    def overwhelmed(self, began: float, rest: float = 0.0) -> None:
        """Halve, and start nothing for `rest` seconds; a call that began before the last cut says nothing new."""
        now = time.monotonic()
        self._rest_until = max(self._rest_until, now + rest)
        if began > self._cut:
            self.limit, self._doubling, self._cut = max(1, self.limit // 2), False, now
            self._new_round()


def pause(attempt: int, base: float, asked: float | None, left: float, deadline: float) -> float | None:
    """Return the seconds to wait before the next attempt, None if there is no time for another.

    Full jitter, so that calls which failed together do not return together. A wait that the server asks for is kept
    up to the deadline, before which one last attempt is made.

    Args:
        attempt: how many have failed, from 1.
        base: seconds, the longest first pause; doubled for each further one.
        asked: what the server asked for, seconds.
        left: seconds to the deadline.
        deadline: seconds of a whole call.
    """
    jitter = random.uniform(0, min(LONGEST, deadline / 8, base * 2 ** min(attempt - 1, 20)))
    wait = jitter if asked is None else asked + random.uniform(0, min(base, asked + 0.01))
    if wait < left:
        return wait
    last = left - deadline / 10
    return last if last > 0 else None


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that a server asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date."""
    for name, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * scale
        except (KeyError, ValueError):
            continue
        if 0 <= seconds < float("inf"):
            return seconds
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
