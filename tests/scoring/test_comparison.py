"""What answers come to: figures by set and system, families of comparisons, the gap, precision of refusals."""

from pathlib import Path
from typing import Any

import pytest

from stages.records import Answer, Item
from stages.scoring import comparison, headline
from stages.scoring.systems import System

SYSTEMS = [
    System(name="base"),
    System(name="oracle", reads="evidence"),
    System(name="tuned", adapter=Path("a"), digest="1"),
    System(name="retrieval", reads="passages"),
    System(name="tuned+retrieval", adapter=Path("a"), digest="1", reads="passages"),
]


def items(name: str, count: int) -> list[Item]:
    return [Item(id=f"{name}-{n}", set=name, question="", answer="", facts=[f"{name}-{n}"]) for n in range(count)]


def answers(system: str, asked: list[Item], **scores: Any) -> list[Answer]:
    """Return an answer to each item; a score that is a list has one value an item."""
    return [
        Answer(
            id=f"{system} {one.id}", item=one.id, set=one.set, system=system, question="", reference="", answer="",
            scores={name: float(value[n] if isinstance(value, list) else value) for name, value in scores.items()},
        )
        for n, one in enumerate(asked)
    ]  # fmt: skip


def figures(asked: list[Item], said: list[Answer], texts: dict | None = None) -> dict[str, Any]:
    return comparison.summary(asked, said, SYSTEMS, texts or {}, {}, 400, 0)


def test_the_gap_closed_is_the_share_of_what_the_oracle_gains():
    asked = items("reworded", 20)
    spread = [0.01 * n for n in range(20)]
    said = answers("base", asked, token_f1=spread) + answers("oracle", asked, token_f1=[s + 0.4 for s in spread])
    said += answers("tuned", asked, token_f1=[s + 0.3 + 0.1 * (n % 2) for n, s in enumerate(spread)])
    gap = figures(asked, said)["gap_closed"]["reworded"]["tuned"]["token_f1"]
    assert gap["value"] == pytest.approx(0.875) and gap["low"] < 0.875 < gap["high"] and gap["n"] == 20


def test_only_what_both_answered_is_compared():
    asked = items("faq", 12)
    said = answers("base", asked, token_f1=0.1) + answers("tuned", asked[:10], token_f1=0.5)
    told = figures(asked, said)["differences"]["faq"]["tuned - base"]["token_f1"]
    assert told["n"] == 10 and told["verdict"] == "better"


def test_to_refuse_is_better_only_where_nothing_answers():
    said: list[Answer] = []
    asked = items("unanswerable", 20) + items("reworded", 20)
    for part in (asked[:20], asked[20:]):
        said += answers("base", part, refusal=0) + answers("tuned", part, refusal=1)
    told = figures(asked, said)["differences"]
    verdicts = [told[name]["tuned - base"]["refusal"]["verdict"] for name in ("unanswerable", "reworded")]
    assert verdicts == ["better", "worse"]


def test_precision_is_the_share_of_refusals_that_were_right():
    asked = items("unanswerable", 10) + items("reworded", 10) + items("held_out", 10)
    said = answers("tuned", asked[:10], refusal=[1] * 6 + [0] * 4)
    said += answers("tuned", asked[10:20], refusal=[1] * 2 + [0] * 8) + answers("tuned", asked[20:], refusal=1)
    one = figures(asked, said)["unanswerable"]["tuned"]
    assert one["refusal"]["value"] == 0.6 and one["refusal_precision"]["value"] == 0.75
    assert one["refusal_precision"]["n"] == 8, "a fact that was never trained may be refused or not"
    wrong = answers("tuned", asked[:10], refusal=0) + answers("tuned", asked[10:20], refusal=[1] * 2 + [0] * 8)
    never = figures(asked, wrong)["unanswerable"]["tuned"]["refusal_precision"]
    assert never["value"] == 0 and never["high"] > 0.5, "two wrong refusals are no certainty"


def test_of_many_comparisons_each_needs_a_smaller_p():
    asked = items("faq", 20)
    base = answers("base", asked, token_f1=0.0)
    some = [0.3] * 5 + [0.0] * 15  # McNemar: p = 2 / 2**5
    more = [0.3] * 7 + [0.0] * 13  # p = 2 / 2**7, under 0.05 alone, not among four
    alone = figures(asked, base + answers("tuned", asked, token_f1=more))
    many = base + [
        one for name in ("oracle", "retrieval", "tuned+retrieval") for one in answers(name, asked, token_f1=some)
    ]
    among = figures(asked, many + answers("tuned", asked, token_f1=more))
    found = [one["differences"]["faq"]["tuned - base"]["token_f1"] for one in (alone, among)]
    assert [one["verdict"] == "better" for one in found] == [True, False] and found[0]["p"] < 0.05 < found[1]["p"]


def test_what_is_compared_with_what():
    named = [f"{left.name} - {right.name}" for left, right in comparison.pairs(SYSTEMS)]
    assert named == [
        "oracle - base", "tuned - base", "retrieval - base", "tuned+retrieval - base", "tuned - oracle",
        "tuned - retrieval", "tuned+retrieval - retrieval", "tuned+retrieval - tuned",
    ]  # fmt: skip


def test_the_few_numbers_tell_what_is_kept_of_general_ability():
    asked = items("general", 20)
    said = answers("base", asked, correct=[1] * 10 + [0] * 10) + answers("tuned", asked, correct=[1] * 9 + [0] * 11)
    texts = {"base": [2.0, 3.0], "tuned": [2.1, 3.1]}
    known = figures(asked, said, texts)
    few = headline.numbers(known, SYSTEMS)
    assert few == {"tuned": few["tuned"]} and few["tuned"]["general_kept"] == 0.9
    assert few["tuned"]["general_kept_low"] < 0.9 < few["tuned"]["general_kept_high"]
    assert few["tuned"]["perplexity_ratio"] == pytest.approx(1.1052, abs=1e-4)
    assert few["tuned"]["gap_closed_reworded"] is None, "no such item was asked"
    (told,) = headline.sentences(few, known)
    assert "gives 0.90 (" in told and told.endswith("perplexity of general text is 1.11 (1.11 to 1.11) times base's")
