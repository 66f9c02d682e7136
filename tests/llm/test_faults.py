"""Whatever an endpoint does, every request ends as a reply or as an error with its reason, none is paid twice."""

import threading
import time
from collections import Counter
from email.utils import formatdate

import pytest

from stages.llm import gateway
from stages.llm.replies import Replies
from tests.endpoint import Endpoint, Fault, serving

TEACHER = gateway.Model(name="m", revision="1", endpoint="teacher")
OPTIONS = {"CONCURRENCY": 8, "SAMPLES_PER_CALL": 1, "TIMEOUT": 1.0, "DEADLINE": 5, "RETRIES": 5, "BACKOFF": 0.02}


def request(text, sample=0, **changes):
    return gateway.Request(messages=(("user", text),), temperature=0.8, max_tokens=8, sample=sample, **changes)


@pytest.fixture
def options(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def put(**changes):
        for name, value in (OPTIONS | changes).items():
            monkeypatch.setenv(f"FAQTUNE_ENDPOINTS__TEACHER__{name}", str(value))

    put()
    return put


@pytest.fixture
def endpoint(options):
    with serving(Endpoint(lambda messages, n: f"{messages[-1]['content']} {n}")) as server:
        options(URL=server.url)
        yield server


@pytest.fixture
def ask(tmp_path):
    def ask(requests):
        """Ask as a new run of the stage would, which was killed before it could write its ledger."""
        return gateway.ask(requests, TEACHER, Replies(tmp_path / "ledger.jsonl", tmp_path / "journal.sqlite"))

    return ask


def dated(seconds):
    return formatdate(time.time() + seconds, usegmt=True)


PASSING = {
    "delayed": Fault(delay=0.2),
    "dropped": Fault(cut="before"),
    "dropped in the body": Fault(cut="body"),
    "busy": Fault(status=429),
    "busy for a moment": Fault(status=429, headers={"Retry-After": "0.1"}),
    "busy for some ms": Fault(status=429, headers={"retry-after-ms": "50"}),
    "busy until then": Fault(status=503, headers={"Retry-After": dated(-5)}),
    "busy for no number": Fault(status=429, headers={"Retry-After": "soon"}),
    "broken": Fault(status=500),
    "a bad gateway": Fault(status=502, body=b"<html>502</html>"),
    "too early": Fault(status=425),
    "a conflict": Fault(status=409),
    "too slow": Fault(delay=1.6),  # longer than the timeout of an attempt
    "elsewhere": Fault(status=307, headers={"Location": "/v1/elsewhere"}),
    "passed on": Fault(body={"error": {"code": 502, "message": "upstream"}}),
}
LASTING = {
    "html": (Fault(body=b"<!DOCTYPE html><html>Welcome</html>", headers={"Content-Type": "text/html"}), "html"),
    "no json": (Fault(body=b'{"choices": [{"message"'), "not_json"),
    "bytes": (Fault(body=b"\xff\xfe\x00"), "not_json"),
    "nesting": (Fault(body=b"[" * 100_000), "not_json"),
    "packed wrongly": (Fault(body=b"xx", headers={"Content-Encoding": "gzip"}), "not_json"),
    "nothing": (Fault(body=b""), "not_json"),
    "no choices": (Fault(body={"choices": []}), "no_choices"),
    "no content": (Fault(status=204, body=b""), "not_json"),
    "not changed": (Fault(status=304, body=b""), "status_304"),
    "a list": (Fault(body=[1, 2]), "no_choices"),
    "no message": (Fault(choices=lambda choices: [{"index": 0}]), "wrong_structure"),
    "choices of text": (Fault(choices=lambda choices: ["hello"]), "wrong_structure"),
    "an empty text": (Fault(choices=lambda choices: [{"index": 0, "message": {"content": " "}}]), "empty"),
    "no text": (Fault(choices=lambda choices: [{"index": 0, "message": {"content": None}}]), "empty"),
    "refused": (Fault(status=400, body={"error": {"message": "too long"}}), "status_400"),
    "too large": (Fault(status=413), "status_413"),
}
UNPAID = {"refused", "too large", "not changed"}


def test_every_request_ends_and_none_is_paid_twice(endpoint, ask):
    failed = Counter()

    def fault(call, body):
        name = body["messages"][-1]["content"]
        failed[name] += 1
        if name in LASTING:
            return LASTING[name][0]
        return PASSING.get(name) if failed[name] <= 2 else None

    endpoint.fault = fault
    fine = [f"fine {n}" for n in range(40)]
    names = [*fine[:20], *PASSING, *LASTING, *fine[20:]]
    answers = dict(zip(names, ask([request(name) for name in names]), strict=True))
    for name in [*fine, *PASSING]:
        assert answers[name]["text"] == f"{name} 0", name
    for name, (_, reason) in LASTING.items():
        assert answers[name]["error"] == reason and len(answers[name]["raw"]) <= 2000, name
        assert isinstance(answers[name]["raw"], str)
    paid = {name for name, _ in endpoint.delivered}
    assert paid == set(names) - {"refused", "too large", "no content", "not changed"}
    twice = {name for (name, _), times in endpoint.delivered.items() if times > 1}
    assert twice == {"passed on"}, "an error in an answer with status 200 is none that was paid"
    calls = endpoint.calls
    again = ask([request(name) for name in names])
    assert endpoint.calls == calls + len(UNPAID), "what never was paid, and only that, is asked again"
    assert [reply.get("error") for reply in again] == [answers[name].get("error") for name in names]
    assert [gateway.will_be_asked_again(reply) for reply in again] == [n in UNPAID for n in names]


def test_an_error_that_lasts_ends_after_its_attempts(endpoint, ask, options):
    options(URL=endpoint.url, RETRIES=2)
    endpoint.fault = lambda call, body: Fault(status=500) if body["messages"][-1]["content"] == "poison" else None
    good, bad = ask([request("a"), request("poison")])
    assert good["text"] == "a 0" and bad["error"] == "status_500" and bad["raw"].startswith("3 attempts")
    assert endpoint.calls == 4


def test_a_wait_that_the_server_asks_for_is_kept_by_all(endpoint, ask, options):
    options(URL=endpoint.url, CONCURRENCY=1)
    at = []

    def fault(call, body):
        at.append(time.monotonic())
        return Fault(status=429, headers={"Retry-After": "1"}) if call == 1 else None

    endpoint.fault = fault
    ask([request("a"), request("b")])
    assert at[1] - at[0] >= 1


def test_a_wait_beyond_the_deadline_is_cut_for_a_last_attempt(endpoint, ask, options):
    options(URL=endpoint.url, DEADLINE=1)
    endpoint.fault = lambda call, body: Fault(status=429, headers={"Retry-After": "3600"}) if call == 1 else None
    assert ask([request("a")])[0]["text"] == "a 0"
    assert endpoint.calls == 2


def test_an_endpoint_that_is_always_busy_ends_at_the_deadline(endpoint, ask, options):
    options(URL=endpoint.url, DEADLINE=0.5, RETRIES=1)
    endpoint.fault = lambda call, body: Fault(status=429) if body["messages"][-1]["content"] == "b" else None
    began = time.monotonic()
    good, bad = ask([request("a"), request("b")])
    assert time.monotonic() - began < 3
    assert good["text"] == "a 0" and bad["error"] == "status_429" and gateway.will_be_asked_again(bad)


def test_an_endpoint_that_dies_and_returns_loses_nothing(endpoint, ask, options):
    options(URL=endpoint.url, DEADLINE=20)
    endpoint.fault = lambda call, body: Fault(delay=0.02)

    def kill():
        while endpoint.calls < 15:
            time.sleep(0.005)
        endpoint.down()
        time.sleep(0.8)
        endpoint.up()

    killer = threading.Thread(target=kill)
    killer.start()
    answers = ask([request(f"q{n}") for n in range(60)])
    killer.join()
    assert [reply["text"] for reply in answers] == [f"q{n} 0" for n in range(60)]
    assert max(endpoint.delivered.values()) == 1 and len(endpoint.delivered) == 60


def test_an_endpoint_that_dies_for_good_fails_the_rest_quickly_and_keeps_what_arrived(endpoint, ask, options):
    options(URL=endpoint.url, DEADLINE=1, CONCURRENCY=4)
    endpoint.fault = lambda call, body: Fault(delay=0.02)
    killer = threading.Thread(target=lambda: [time.sleep(0.3), endpoint.down()])
    killer.start()
    began = time.monotonic()
    requests = [request(f"q{n}") for n in range(200)]
    answers = ask(requests)
    killer.join()
    assert time.monotonic() - began < 6
    errors = Counter(reply.get("error") for reply in answers)
    assert set(errors) == {None, "no_connection", "endpoint_down"} and errors["endpoint_down"] > 50
    endpoint.fault = lambda call, body: None
    endpoint.up()
    assert all("text" in reply for reply in ask(requests))
    assert max(endpoint.delivered.values()) == 1 and len(endpoint.delivered) == 200


def test_an_endpoint_that_is_down_from_the_start_says_so(endpoint, ask, options):
    options(URL=endpoint.url, DEADLINE=0.5)
    endpoint.down()
    with pytest.raises(gateway.EndpointError, match="no request got through; is it running"):
        ask([request(f"q{n}") for n in range(50)])


@pytest.mark.parametrize(("status", "advice"), [(401, "OPENAI_API_KEY"), (403, "OPENAI_API_KEY"), (404, "/v1")])
def test_an_endpoint_that_refuses_us_says_what_to_do(endpoint, ask, status, advice):
    endpoint.fault = lambda call, body: Fault(status=status)
    with pytest.raises(gateway.EndpointError, match=advice):
        ask([request(f"q{n}") for n in range(50)])
    assert endpoint.calls <= 8


def test_a_refusal_in_the_middle_is_one_requests_error(endpoint, ask, options):
    options(URL=endpoint.url, CONCURRENCY=1)
    endpoint.fault = lambda call, body: Fault(status=403) if call == 3 else None
    assert [reply.get("error") for reply in ask([request(t) for t in "abcd"])] == [None, None, "status_403", None]


def test_a_page_in_the_place_of_an_api_is_told_and_not_kept(endpoint, ask, capsys):
    endpoint.fault = lambda call, body: Fault(body=b"<html>Hello</html>")
    answers = ask([request("a"), request("b")])
    assert [reply["error"] for reply in answers] == ["html", "html"]
    assert "does the URL end with /v1?" in capsys.readouterr().err
    endpoint.fault = lambda call, body: None
    assert ask([request("a")])[0]["text"] == "a 0"


def test_the_key_is_in_no_error(endpoint, ask, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-secret-key")
    endpoint.fault = lambda call, body: Fault(status=400, body=b"wrong: a-secret-key") if call == 1 else None
    answers = ask([request("a"), request("b")])
    assert "error" in answers[0] or "error" in answers[1]
    assert "a-secret-key" not in str(answers)


def test_an_endpoint_without_n_is_asked_for_single_samples(endpoint, ask, options):
    options(URL=endpoint.url, SAMPLES_PER_CALL=4)
    endpoint.fault = lambda call, body: Fault(status=400) if "n" in body else None
    answers = ask([request(text, sample) for text in "ab" for sample in range(4)])
    assert [reply["text"] for reply in answers] == ["a 0"] * 4 + ["b 0"] * 4
    assert sorted(endpoint.delivered) == [(text, seed) for text in "ab" for seed in range(4)]
    assert sum("n" in body for body in endpoint.bodies) <= 2


@pytest.mark.parametrize("given", [1, 3])
def test_an_endpoint_that_gives_fewer_samples_is_asked_for_the_rest_once(endpoint, ask, options, given):
    options(URL=endpoint.url, SAMPLES_PER_CALL=4, CONCURRENCY=1)
    endpoint.fault = lambda call, body: Fault(choices=lambda choices: choices[:given])
    answers = ask([request(text, sample) for text in "ab" for sample in range(4)])
    assert all("text" in reply for reply in answers)
    assert set(endpoint.delivered.values()) == {1} and len(endpoint.delivered) == 8
    assert sum("n" in body for body in endpoint.bodies) == 1, "what it does not take is learnt once"


def test_one_bad_sample_of_several_is_one_error(endpoint, ask, options):
    options(URL=endpoint.url, SAMPLES_PER_CALL=3)
    endpoint.answer = lambda messages, n: "" if n == 1 else f"text {n}"
    assert [reply.get("text") for reply in ask([request("a", n) for n in range(3)])] == ["text 0", None, "text 2"]
    assert endpoint.calls == 1


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def test_a_schema_is_sent_and_part_of_the_key(endpoint, ask):
    ask([request("a", schema=SCHEMA), request("a")])
    formats = [
        body["response_format"]["json_schema"]["schema"] for body in endpoint.bodies if "response_format" in body
    ]
    assert formats == [SCHEMA] and endpoint.calls == 2


@pytest.mark.parametrize("status", [400, 422, 501])
def test_an_endpoint_that_knows_no_schema_is_asked_without_it(endpoint, ask, options, status):
    options(URL=endpoint.url, CONCURRENCY=1, SAMPLES_PER_CALL=2)
    said = {"error": {"message": "unknown field response_format"}}
    endpoint.fault = lambda call, body: Fault(status=status, body=said) if "response_format" in body else None
    answers = ask([request(text, sample, schema=SCHEMA) for text in "abc" for sample in range(2)])
    assert all("text" in reply for reply in answers)
    assert endpoint.calls == 4, "refused once, and remembered"
    assert all(body["n"] == 2 for body in endpoint.bodies)


def test_an_endpoint_that_has_another_name_for_the_length_is_asked_by_it(endpoint, ask, options):
    options(URL=endpoint.url, CONCURRENCY=1)
    said = {"error": {"message": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."}}
    endpoint.fault = lambda call, body: Fault(status=400, body=said) if "max_tokens" in body else None
    assert all("text" in reply for reply in ask([request(text) for text in "abc"]))
    assert endpoint.calls == 4, "refused once, and remembered"
    assert endpoint.bodies[-1]["max_completion_tokens"] == endpoint.bodies[0]["max_tokens"]


def test_a_schema_that_must_be_or_must_not_be_sent(endpoint, ask, options):
    options(URL=endpoint.url, SCHEMA="true")
    endpoint.fault = lambda call, body: Fault(status=400) if "response_format" in body else None
    assert ask([request("a", schema=SCHEMA)])[0]["error"] == "status_400"
    options(URL=endpoint.url, SCHEMA="false")
    assert "text" in ask([request("a", schema=SCHEMA)])[0]


def test_usage_is_shared_so_that_its_sums_are_right(endpoint, ask, options):
    options(URL=endpoint.url, SAMPLES_PER_CALL=3)
    endpoint.usage = {"prompt_tokens": 100, "completion_tokens": 50, "prompt_tokens_details": {"cached_tokens": 64}}
    usages = [reply["usage"] for reply in ask([request("a", n) for n in range(3)])]
    assert {name: sum(usage[name] for usage in usages) for name in usages[0]} == {
        "prompt": 100, "completion": 50, "cached": 64,
    }  # fmt: skip


@pytest.mark.parametrize("usage", [None, "much", {"prompt_tokens": -1}, {"completion_tokens": "x"}, {}])
def test_a_usage_that_is_none_is_left_out(endpoint, ask, usage):
    endpoint.usage = usage
    assert ask([request("a")]) == [{"text": "a 0", "finish": "stop", "usage": {}}]


def test_prompts_that_begin_alike_are_neighbours_and_samples_stay_together(endpoint, ask, options):
    options(URL=endpoint.url, CONCURRENCY=1)
    shots = {shot: (("system", "s"), ("user", shot), ("assistant", "x")) for shot in "pq"}
    requests = [
        gateway.Request(messages=(*shots[shot], ("user", f"{n}")), temperature=0.8, max_tokens=8, sample=sample)
        for sample in range(2)
        for n, shot in enumerate("pqpq")
    ]
    ask(requests)
    order = [(body["messages"][1]["content"], body["messages"][-1]["content"]) for body in endpoint.bodies]
    assert order == [("p", "0"), ("p", "0"), ("p", "2"), ("p", "2"), ("q", "1"), ("q", "1"), ("q", "3"), ("q", "3")]
