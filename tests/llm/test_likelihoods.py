"""Prompt log-probabilities of an endpoint become the nll of each token of the last message."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.llm import gain, gateway, likelihoods
from stages.llm.replies import Replies
from tests.endpoint import Endpoint, Fault, serving
from tests.teacher import likely

TEACHER = gateway.Model(name="m", revision="1", endpoint="teacher")
WANTED = [("Paris", "Paris has 20 districts.", "How many districts does Paris have?"),
          ("Paris", "Paris has 20 districts.", "What is Paris?")]  # fmt: skip


def shown(*tokens):
    """Return prompt log-probabilities in which the n-th token has n nats."""
    return [{str(7 + n): {"logprob": -float(n), "rank": 1, "decoded_token": token}} for n, token in enumerate(tokens)]


@pytest.mark.parametrize(
    ("tokens", "text", "spans"),
    [
        (["<s>", "user", "\n", "It", " is", " so"], "It is so", [(0, 2), (2, 5), (5, 8)]),
        (["\n", " It", " is"], "It is", [(0, 2), (2, 5)]),  # the template's space is in the first token
        (["\n", "It", " is", "<|im_end|>", "\n"], "It is", [(0, 2), (2, 5)]),  # closed all the same
        (["\n", "caf", "\ufffd", "\ufffd", "!"], "caf\u00e9!", [(0, 3), (3, 4), (3, 4), (4, 5)]),
        (["\n", "\ufffd", "\ufffd", "!"], "\u00e9!", [(0, 1), (0, 1), (1, 2)]),
        (["\n", "It", " was"], "It is", None),
        (["is"], "It is", None),
        ([], "It is", None),
    ],
)
def test_tokens_are_those_of_the_text_at_the_end(tokens, text, spans):
    found = likelihoods.read([None, *shown(*tokens)], text)
    assert (found and [(start, end) for start, end, _ in found]) == spans
    if found:
        last = max(n for n, token in enumerate(tokens) if token.strip() not in ("", "<|im_end|>"))
        assert found[-1][2] == last


@pytest.mark.parametrize("found", [None, "x", 3, [None], [{}], [{"1": None}], [{"1": {"logprob": "x"}}], [[1]]])
def test_what_is_no_log_probability_is_none(found):
    assert likelihoods.read(found, "It is") is None


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30).filter(lambda text: "\ufffd" not in text), st.data())
def test_any_text_cut_between_characters_is_found_whole(text, data):
    cuts = sorted({0, len(text), *data.draw(st.lists(st.integers(0, len(text)), max_size=8))})
    tokens = [text[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
    found = likelihoods.read(shown("<s>", *tokens), text)
    assert found is not None and "".join(text[start:end] for start, end, _ in found) == text


@pytest.fixture
def endpoint(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with serving(Endpoint(lambda messages, n: "x")) as server:
        monkeypatch.setenv("FAQTUNE_ENDPOINTS__TEACHER__URL", server.url)
        server.fault = lambda call, body: Fault(body=likely(body["messages"]))
        yield server


def test_a_teacher_scores_questions_and_is_asked_once(endpoint, tmp_path):
    replies = Replies(tmp_path / "ledger.jsonl")
    first = gain.score(WANTED, gain.Scorer(model="teacher", teacher=TEACHER), replies)
    assert [(one.gain, one.question_nll) for one in first] == [(0.0, 1.0), (0.0, 1.0)]
    assert endpoint.calls == 5, "the answer alone, which both share, after each question, and each question"
    sent = endpoint.bodies[0]
    assert sent["prompt_logprobs"] == 0 and sent["continue_final_message"] and not sent["add_generation_prompt"]
    assert sent["messages"][-1]["role"] == "assistant"
    replies.save()
    assert gain.score(WANTED[::-1], gain.Scorer(model="teacher", teacher=TEACHER), Replies(tmp_path / "ledger.jsonl"))
    assert endpoint.calls == 5


def test_an_endpoint_without_log_probabilities_is_named_at_its_first_call(endpoint, tmp_path):
    endpoint.fault = lambda call, body: None
    with pytest.raises(gateway.EndpointError, match="teacher.*prompt log-probabilities.*teacher.scorer"):
        gain.score(WANTED, gain.Scorer(model="teacher", teacher=TEACHER), Replies(tmp_path / "ledger.jsonl"))
    assert endpoint.calls == 1
