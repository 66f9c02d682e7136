"""Information gain: on what the question does not hold, and measured once."""

import pytest

from stages.llm import gain
from stages.llm.gain import Scorer, information_gain
from stages.llm.replies import Replies

WANTED = [("Paris", "Paris has 20 districts.", "How many districts does Paris have?"),
          ("Paris", "Paris has 20 districts.", "What is Paris?")]  # fmt: skip


def test_gain_counts_only_what_the_question_does_not_hold():
    answer = "Paris has 20 districts"
    spans = [(0, 5), (5, 9), (9, 12), (12, 22)]
    alone = [(span, 3.0) for span in spans]
    asked = [0.0, 3.0, 1.0, 1.0]  # "Paris" became certain, which the question said itself
    assert information_gain("How many districts does Paris have?", answer, alone, asked) == pytest.approx((0 + 2) / 2)


def test_gain_of_a_question_that_holds_all_of_the_answer_is_none():
    assert information_gain("Is Paris big?", "Paris big", [((0, 5), 1.0), ((5, 9), 1.0)], [0.0, 0.0]) is None


def test_a_score_is_measured_once_for_a_scorer(tiny_llama, tmp_path, monkeypatch):
    replies = Replies(tmp_path / "ledger.jsonl")
    first = gain.score(WANTED, Scorer(model=str(tiny_llama)), replies)
    assert replies.asked == 2 and all(one.question_nll > 0 for one in first)
    monkeypatch.setattr(gain, "_measure", lambda *_: pytest.fail("measured again"))
    assert gain.score(WANTED[::-1], Scorer(model=str(tiny_llama)), replies) == first[::-1]
    with pytest.raises(pytest.fail.Exception):
        gain.score(WANTED, Scorer(model=str(tiny_llama), digest="of another adapter"), replies)


def test_the_plausibility_of_a_question_is_measured_with_the_prompt_that_it_was_asked_with(tiny_llama, tmp_path):
    seen = []

    def phrase(topic, answer, question):
        seen.append((topic, answer, question))
        return [{"role": "system", "content": "Ask."}, {"role": "user", "content": f"{topic}: {answer}"}]

    plain = gain.score(WANTED, Scorer(model=str(tiny_llama)), Replies(tmp_path / "one.jsonl", tmp_path / "1.sqlite"))
    asked = gain.score(
        WANTED, Scorer(model=str(tiny_llama), plausible=phrase), Replies(tmp_path / "two.jsonl", tmp_path / "2.sqlite")
    )
    assert seen == WANTED
    assert [one.gain for one in plain] == [one.gain for one in asked], "the gain is that of the plain model"
    assert [one.question_nll for one in plain] != [one.question_nll for one in asked]
