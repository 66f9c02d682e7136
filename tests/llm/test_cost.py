"""What a run will cost is known before the first call, and exactly for what is not known yet."""

import pytest

from stages.llm import cost, gateway
from stages.llm.replies import Replies
from tests.endpoint import Endpoint, serving

TEACHER = gateway.Model(name="m", revision="1", endpoint="teacher")


def request(text, sample=0, **changes):
    messages = (("system", "be brief"), ("user", text))
    return gateway.Request(messages=messages, temperature=0.8, max_tokens=10, sample=sample, **changes)


def words(text):
    return len(text.split())


ALL = [request(text, sample) for text in ("a pump", "a small fan") for sample in range(3)]


@pytest.fixture
def endpoint(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with serving(Endpoint(lambda messages, n: f"{messages[-1]['content']} {n}")) as server:
        for name, value in {
            "URL": server.url,
            "SAMPLES_PER_CALL": "2",
            "PRICES": "{prompt: 2.0, completion: 10}",
        }.items():
            monkeypatch.setenv(f"FAQTUNE_ENDPOINTS__TEACHER__{name}", value)
        yield server


@pytest.fixture
def replies(tmp_path):
    return Replies(tmp_path / "ledger.jsonl", tmp_path / "journal.sqlite")


def test_the_estimate_counts_calls_tokens_and_cost(endpoint, replies):
    found = cost.estimate(ALL, TEACHER, replies, words)
    prompts = [cost.START + 2 * cost.MESSAGE + 2 + n for n in (2, 3)]
    assert (found.requests, found.calls) == (6, 4), "two calls a prompt, of two samples and of one"
    assert found.prompt_tokens == 2 * sum(prompts)
    assert (found.completion_tokens, found.most_completion_tokens) == (30, 60)
    assert found.most_cost == pytest.approx((found.prompt_tokens * 2 + 60 * 10) / 1e6)
    assert endpoint.calls == 0 and replies.summary() == {"asked": 0, "from_ledger": 0, "from_journal": 0}
    assert not replies.journal.exists()


def test_only_what_is_not_known_is_counted_and_what_is_known_says_how_long_replies_are(endpoint, replies, tmp_path):
    gateway.ask(ALL[:3], TEACHER, replies)
    for store in (replies, Replies(tmp_path / "other.jsonl", tmp_path / "journal.sqlite")):
        found = cost.estimate(ALL, TEACHER, store, words)
        assert (found.requests, found.calls) == (3, 2)
        assert found.completion_tokens == round(3 * 2 / 3), "two calls of one token each brought three replies"
    assert cost.estimate(ALL[:3], TEACHER, replies, words) == cost.Estimate()
    assert str(cost.Estimate()) == "nothing to ask"


def test_the_estimate_is_what_is_then_asked(endpoint, replies):
    found = cost.estimate(ALL, TEACHER, replies, words)
    gateway.ask(ALL, TEACHER, replies)
    took = cost.actual(replies, "teacher")
    assert (endpoint.calls, took.calls, took.requests) == (found.calls, found.calls, found.requests)
    assert (took.prompt_tokens, took.completion_tokens) == (4, 4), "one of each a call, shared by its samples"
    assert took.cost == pytest.approx((4 * 2 + 4 * 10) / 1e6) and took.unmetered == 0


def test_what_came_from_the_journal_cost_nothing_now(endpoint, replies, tmp_path):
    gateway.ask(ALL, TEACHER, replies)
    again = Replies(tmp_path / "ledger.jsonl", tmp_path / "journal.sqlite")
    gateway.ask(ALL, TEACHER, again)
    assert (cost.actual(again, "teacher").calls, cost.actual(again, "teacher").cost) == (0, 0.0)


def test_a_budget_stops_the_run_before_the_first_call(endpoint, replies):
    found = cost.estimate(ALL, TEACHER, replies, words)
    cost.check(found)
    cost.check(found, max_calls=4, max_cost=1)
    with pytest.raises(
        cost.BudgetError, match=r"6 replies .* in 4 calls: .* more than max_calls, 3; nothing was asked"
    ):
        cost.check(found, max_calls=3)
    with pytest.raises(cost.BudgetError, match="more than max_cost"):
        cost.check(found, max_cost=0.0005)
    assert endpoint.calls == 0


def test_a_cost_limit_needs_prices(endpoint, replies, monkeypatch):
    monkeypatch.delenv("FAQTUNE_ENDPOINTS__TEACHER__PRICES")
    found = cost.estimate(ALL, TEACHER, replies, words)
    assert found.cost is None and "no known price" in str(found)
    with pytest.raises(cost.BudgetError, match="no prices"):
        cost.check(found, max_cost=1)
    assert (found + cost.Estimate(calls=1, cost=1.0)).cost is None
    cost.check(cost.Estimate(), max_cost=1)


def test_cached_prompt_tokens_have_their_own_price(endpoint):
    assert cost.price(cost.Prices(prompt=2.0, completion=10.0, cached_prompt=0.5), 100, 10, 60) == pytest.approx(
        (40 * 2 + 60 * 0.5 + 10 * 10) / 1e6
    )


def test_estimates_add_up(endpoint, replies):
    found = cost.estimate(ALL, TEACHER, replies, words)
    both = found + found
    assert both.calls == 8 and both.most_cost == pytest.approx(2 * found.most_cost)
