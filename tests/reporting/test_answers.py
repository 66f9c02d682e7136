"""Answers side by side: every set has its share, and each answer its points."""

from pathlib import Path
from typing import Any

from stages import disk
from stages.records import Answer
from stages.reporting import answers

SETS = ["reworded", "faq"]


def answer(item: int, name: str, system: str, **scores: Any) -> Answer:
    return Answer(id=f"{name}{item}{system}", item=str(item), set=name, system=system, question=f"What is {item}?",
                  reference="Two.", answer=f"{system} says {item}", scores=scores)  # fmt: skip


def write(data: Path, some: list[Answer]) -> Path:
    disk.write(data / "evaluate" / "answers.jsonl", some)
    return data


def test_a_small_set_is_not_crowded_out(tmp_path: Path):
    some = [answer(n, "reworded", "base", token_f1=0.5) for n in range(90)]
    some += [answer(n, "faq", "base", token_f1=0.5) for n in range(5)]
    found = answers.side_by_side(write(tmp_path, some), ["base"], SETS, most=12)
    assert found["of"] == 95 and [one["set"] for one in found["items"]] == [0] * 7 + [1] * 5
    assert found == answers.side_by_side(write(tmp_path, some[::-1]), ["base"], SETS, most=12)


def test_a_system_that_was_not_asked_has_no_answer_and_no_points(tmp_path: Path):
    some = [answer(1, "faq", "tuned", token_f1=0.25, refusal=1.0), answer(1, "faq", "base", correct=1.0, refusal=0.0)]
    (item,) = answers.side_by_side(write(tmp_path, some), ["base", "oracle", "tuned"], SETS)["items"]
    assert item["a"] == ["base says 1", None, "tuned says 1"]
    assert item["p"] == [1.0, None, 0.25] and item["r"] == [False, False, True]


def test_only_refusing_earns_points_where_there_is_no_answer():
    assert answers.points(answer(1, "unanswerable", "base", refusal=1.0, words=3.0)) == 1.0
    assert answers.points(answer(1, "faq", "base", words=3.0)) is None
