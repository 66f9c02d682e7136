"""As many calls at once as the endpoint can keep up with, and pauses that it asks for."""

import asyncio
import time
from email.utils import formatdate

import pytest

from stages.llm import endpoints, gateway, pace
from stages.llm.pace import Pace
from stages.llm.replies import Replies
from tests.endpoint import Endpoint, Fault, serving


def run(limiter, calls, latency, workers):
    """Make calls with a number of workers; latency(running) says how long one takes."""

    async def all_calls():
        left = iter(range(calls))

        async def worker():
            for _ in left:
                async with limiter:
                    began = time.monotonic()
                    await asyncio.sleep(latency(limiter.running))
                    limiter.answered(time.monotonic() - began)

        await asyncio.gather(*(worker() for _ in range(workers)))

    asyncio.run(all_calls())


def test_it_starts_low_and_grows_while_more_gets_done():
    limiter = Pace(32, start=4)
    assert limiter.limit == 4
    run(limiter, 200, lambda running: 0.01, workers=32)
    assert limiter.limit == 32


def test_an_endpoint_whose_room_is_known_is_filled_at_once():
    assert Pace(8, start=8).limit == 8
    assert Pace(2, start=8).limit == 2
    assert endpoints.options("embedded").start == endpoints.options("embedded").concurrency


def test_it_does_not_grow_where_more_at_once_gets_less_done():
    limiter = Pace(64)
    run(limiter, 300, lambda running: 0.005 if running <= 8 else 0.005 * (running / 8) ** 2, workers=64)
    assert 8 <= limiter.limit <= 32


def test_it_does_not_grow_into_a_timeout():
    limiter = Pace(64, start=4, slow=0.015)
    run(limiter, 200, lambda running: 0.002 * running, workers=64)
    assert 4 <= limiter.limit <= 16


def test_it_halves_once_for_all_calls_that_ran_together():
    limiter = Pace(32)
    limiter.limit = 32
    began = time.monotonic()
    for _ in range(10):
        limiter.overwhelmed(began)
    assert limiter.limit == 16
    for _ in range(10):
        limiter.overwhelmed(time.monotonic())
    assert limiter.limit == 1
    assert Pace(0).limit == 1


def test_an_endpoint_that_takes_few_at_once_is_asked_few_at_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    endpoint = Endpoint(lambda messages, n: "x")
    # a call that would be the fifth at once is refused
    endpoint.fault = lambda call, body: Fault(status=429) if endpoint.running >= 4 else Fault(delay=0.03)
    options = {"CONCURRENCY": "32", "BACKOFF": "0.05", "DEADLINE": "60"}
    with serving(endpoint):
        for name, value in (options | {"URL": endpoint.url}).items():
            monkeypatch.setenv(f"FAQTUNE_ENDPOINTS__TEACHER__{name}", value)
        requests = [gateway.Request(messages=(("user", f"q{n}"),), temperature=0.8, max_tokens=8) for n in range(120)]
        model = gateway.Model(name="m", revision="1", endpoint="teacher")
        answers = gateway.ask(requests, model, Replies(tmp_path / "l", tmp_path / "j"))
    assert all("text" in reply for reply in answers)
    assert endpoint.calls < 120 * 1.7, "it does not run against the wall"
    assert endpoint.most_running <= 12


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "x", "retry-after": "9"}, 9.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": formatdate(0, usegmt=True)}, 0.0),
        ({"retry-after": ""}, None),
    ],
)
def test_what_a_server_asks_for(headers, seconds):
    assert pace.retry_after(headers) == seconds


def test_a_date_is_seconds_from_now():
    assert pace.retry_after({"retry-after": formatdate(time.time() + 100, usegmt=True)}) == pytest.approx(100, abs=2)


def test_pauses_grow_with_full_jitter_and_end_before_the_deadline():
    def pauses(attempt, **changes):
        given = {"base": 0.5, "asked": None, "left": 1000.0, "deadline": 1000.0} | changes
        return [pace.pause(attempt, **given) for _ in range(300)]

    for attempt, most in ((1, 0.5), (3, 2.0), (100, pace.LONGEST)):
        found = pauses(attempt)
        assert 0 <= min(found) < most / 4 and most * 3 / 4 < max(found) <= most
    assert all(10 <= found <= 10.5 for found in pauses(1, asked=10.0))
    assert set(pauses(1, asked=10.0, left=5.0, deadline=20.0)) == {3.0}, "a last attempt, a tenth before the end"
    assert set(pauses(1, asked=10.0, left=1.0, deadline=20.0)) == {None}
