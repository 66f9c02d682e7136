"""The gateway asks only for what is missing, keeps what arrives, and never raises for one bad reply."""

import pytest

from stages.llm import gateway
from stages.llm.replies import Replies
from tests.endpoint import Endpoint, Fault, serving

TEACHER = gateway.Model(name="m", revision="1", endpoint="teacher")


def request(text, sample=0, **changes):
    return gateway.Request(messages=(("user", text),), temperature=0.8, max_tokens=8, sample=sample, **changes)


@pytest.fixture
def endpoint(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with serving(Endpoint(lambda messages, n: f"{messages[-1]['content']} {n}")) as server:
        monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__URL", server.url)
        monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__RETRIES", "2")
        yield server


def replies(folder):
    return Replies(folder / "ledger.jsonl", folder / "journal.sqlite")


def test_what_is_in_the_ledger_is_not_asked_again(endpoint, tmp_path):
    first = replies(tmp_path)
    texts = [reply["text"] for reply in gateway.ask([request("a"), request("b")], TEACHER, first)]
    first.save()
    (tmp_path / "journal.sqlite").unlink()
    again = replies(tmp_path)
    assert [reply["text"] for reply in gateway.ask([request("a"), request("b")], TEACHER, again)] == texts
    assert endpoint.asked == 2
    assert again.summary() == {"asked": 0, "from_ledger": 2, "from_journal": 0}


def test_what_only_the_journal_has_is_not_asked_again(endpoint, tmp_path):
    gateway.ask([request("a")], TEACHER, replies(tmp_path))  # killed before it could save its ledger
    again = replies(tmp_path)
    gateway.ask([request("a"), request("b")], TEACHER, again)
    assert endpoint.asked == 2
    assert again.summary() == {"asked": 1, "from_ledger": 0, "from_journal": 1}


def test_equal_requests_are_asked_once(endpoint, tmp_path):
    answers = gateway.ask([request("a"), request("a")], TEACHER, replies(tmp_path))
    assert endpoint.asked == 1
    assert answers[0] == answers[1]


def test_a_changed_model_prompt_or_seed_is_asked_anew(endpoint, tmp_path):
    store = replies(tmp_path)
    gateway.ask([request("a")], TEACHER, store)
    gateway.ask([request("a", seed=1), request("a ")], TEACHER, store)
    gateway.ask([request("a")], gateway.Model(name="m", revision="2", endpoint="teacher"), store)
    assert endpoint.asked == 4


def test_the_key_does_not_depend_on_where_the_model_runs():
    elsewhere = gateway.Model(name="m", revision="1", endpoint="another")
    assert gateway.request_key(TEACHER, request("a")) == gateway.request_key(elsewhere, request("a"))


def test_samples_of_one_prompt_share_a_call_where_the_endpoint_can(endpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__SAMPLES_PER_CALL", "4")
    answers = gateway.ask([request("a", sample=n) for n in range(6)], TEACHER, replies(tmp_path))
    assert sorted(n for _, n in endpoint.samples) == [2, 4]
    assert len({reply["text"] for reply in answers[:4]}) == 4


def test_a_busy_or_broken_server_is_asked_again(endpoint, tmp_path):
    endpoint.fail = lambda call: {1: 429, 2: 500}.get(call)
    assert gateway.ask([request("a")], TEACHER, replies(tmp_path))[0]["text"] == "a 0"


def test_one_failed_call_loses_nothing_else(endpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY", "1")
    endpoint.fail = lambda call: 400 if call == 2 else None
    store = replies(tmp_path)
    answers = gateway.ask([request("a"), request("b"), request("c")], TEACHER, store)
    assert [answers[0]["text"], answers[2]["text"]] == ["a 0", "c 0"]
    assert answers[1]["error"] == "status_400" and "scripted failure" in answers[1]["raw"]
    assert gateway.will_be_asked_again(answers[1])
    endpoint.fail = lambda call: None
    gateway.ask([request("a"), request("b"), request("c")], TEACHER, store)
    assert endpoint.asked == 3, "the failed one, and only it, is asked again"


def test_an_endpoint_that_is_not_configured_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(gateway.EndpointError, match="endpoint nowhere is not in engine.yaml"):
        gateway.ask([request("a")], gateway.Model(name="m", revision="1", endpoint="nowhere"), replies(tmp_path))


def test_an_endpoint_that_never_answers_stops_the_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__RETRIES", "0")
    with pytest.raises(gateway.EndpointError, match="no request got through"):
        gateway.ask([request("a")], TEACHER, replies(tmp_path))


def test_the_ledger_holds_this_runs_replies_and_no_others(endpoint, tmp_path):
    store = replies(tmp_path)
    gateway.ask([request("a"), request("b")], TEACHER, store)
    store.save()
    later = replies(tmp_path)
    gateway.ask([request("b")], TEACHER, later)
    later.save()
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == 1


def test_no_secret_reaches_ledger_or_journal(endpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a-secret-key")
    store = replies(tmp_path)
    gateway.ask([request("a")], TEACHER, store)
    store.save()
    assert all(b"a-secret-key" not in path.read_bytes() for path in tmp_path.iterdir())


def test_prompts_alike_are_asked_one_after_the_other(endpoint, tmp_path, monkeypatch):
    """So that the second finds in the server's prefix cache what the first has left there."""
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY", "4")
    beside = []

    def look(call, body):
        text = body["messages"][-1]["content"]
        under_way = [b["messages"][-1]["content"] for b in endpoint.bodies[:-1]]
        beside.append(any(one[0] == text[0] and not endpoint.delivered[one, 0] for one in under_way))
        return Fault(delay=0.01)

    endpoint.fault = look
    requests = [request(f"{fact}: {kind}") for kind in range(12) for fact in "abcd"]
    gateway.ask(requests, TEACHER, replies(tmp_path))
    assert len(beside) == len(requests)
    assert sum(beside) <= 4, "only at the end, when one worker helps another"


def test_who_has_nothing_left_to_ask_helps_another(endpoint, tmp_path, monkeypatch):
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__CONCURRENCY", "4")
    beside = []

    def slow_first(call, body):
        if body["messages"][-1]["content"] >= "b":
            return None
        beside.append(endpoint.running)
        return Fault(delay=0.05)

    endpoint.fault = slow_first
    requests = [request(f"{fact}{kind:02}") for fact in "abcd" for kind in range(12)]
    assert len(gateway.ask(requests, TEACHER, replies(tmp_path))) == len(requests)
    assert max(beside[6:]) >= 2, "the slow ones are shared"
