"""The budget of a run: what is opened is counted, what is too much is not asked."""

import pytest

from stages.llm import cost, gateway
from stages.llm.budget import Budget
from stages.llm.replies import Replies

TEACHER = gateway.Model(name="m", revision="1", endpoint="teacher")
SIX = [gateway.Request(messages=(("user", f"q{n}"),), temperature=0.8, max_tokens=10) for n in range(6)]


@pytest.fixture
def replies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__PRICES", "{prompt: 1000000, completion: 1000000}")
    return Replies(tmp_path / "ledger.jsonl", tmp_path / "journal.sqlite")


def test_all_that_is_asked_in_a_run_counts_together(replies, monkeypatch, capsys):
    monkeypatch.setenv("FAQTUNE_BUDGET__MAX_CALLS", "8")
    budget = Budget(count=len)
    assert budget.open(SIX, TEACHER, replies).calls == 6
    assert not budget.lasts([gateway.Request(messages=(("user", f"p{n}"),), temperature=1.0, max_tokens=10)
                             for n in range(3)], TEACHER, replies)  # fmt: skip
    assert "more than max_calls, 8" in capsys.readouterr().err and budget.total.calls == 6
    assert budget.lasts([gateway.Request(messages=(("user", "p"),), temperature=1.0, max_tokens=9)], TEACHER, replies)
    assert budget.total.calls == 7


def test_what_is_known_is_free(replies, monkeypatch):
    monkeypatch.setenv("FAQTUNE_BUDGET__MAX_CALLS", "2")
    with pytest.raises(cost.BudgetError, match="6 replies to ask for in 6 calls.*nothing was asked"):
        Budget(count=len).open(SIX, TEACHER, replies)
    for request in SIX[:4]:
        replies.put(gateway.request_key(TEACHER, request), {"text": "x", "finish": "stop", "usage": {}})
    assert Budget(count=len).open(SIX, TEACHER, replies).calls == 2


def test_a_limit_in_dollars_is_on_the_most_it_may_cost(replies, monkeypatch):
    most = sum(cost.START + cost.MESSAGE + len(text) + 10 for request in SIX for _, text in request.messages)
    monkeypatch.setenv("FAQTUNE_BUDGET__MAX_COST", str(most - 1))
    with pytest.raises(cost.BudgetError, match="more than max_cost"):
        Budget(count=len).open(SIX, TEACHER, replies)
    monkeypatch.setenv("FAQTUNE_BUDGET__MAX_COST", str(most))
    assert Budget(count=len).open(SIX, TEACHER, replies).most_cost == most


@pytest.mark.parametrize(("name", "value"), [("MAXCALLS", "1"), ("MAX_CALLS", "many"), ("MAX_COST", "1 USD")])
def test_a_misspelt_limit_is_no_limit_that_is_missing(replies, monkeypatch, name, value):
    monkeypatch.setenv(f"FAQTUNE_BUDGET__{name}", value)
    with pytest.raises(cost.BudgetError, match="budget in engine.yaml .*expected max_calls, max_cost"):
        Budget(count=len)


def test_without_limits_all_may_be_asked(replies):
    assert Budget(count=len).open(SIX, TEACHER, replies).calls == 6


def test_the_tokenizer_is_loaded_when_the_first_text_is_counted_and_not_before(replies, monkeypatch):
    from stages.tuning import models

    monkeypatch.setattr(models, "tokenizer_file", lambda model: pytest.fail("loaded"))
    budget = Budget()
    assert budget.open([], TEACHER, replies) == cost.Estimate()
    with pytest.raises(pytest.fail.Exception):
        budget.open(SIX, TEACHER, replies)
