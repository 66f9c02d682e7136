"""Worked examples are chosen by the request alone, and an edit of one touches only the prompts that show it."""

import random

import msgspec

from stages.llm import shots
from stages.llm.prompts import Example

FORMS = ["what", "how", "why", "which", "when", "how_many", "command"]
STATEMENTS = [
    "The flag --depth of the tool {0} limits how many commits are copied to {1}.",
    "{0} keeps at most {1} backups because the disk is small.",
    "Run {0} install {1} to add the package.",
    "If {0} is stopped, the job waits for {1} minutes.",
    "{0} is a library for drawing maps.",
    "Maps of {0} are stored in the file data/{0}_{1}.csv.",
]


def made(count: int, seed: int = 0) -> list[Example]:
    rng = random.Random(seed)
    return [
        Example(
            id=f"{seed}-{n:03}",
            topic=f"Tool {n % 9}",
            answer=rng.choice(STATEMENTS).format(f"Tool{n % 9}", rng.randint(2, 99)),
            question=f"q{n}?",
            form=rng.choice(FORMS),
        )
        for n in range(count)
    ]


REQUESTS = [(f"Guide {n}", STATEMENTS[n % 6].format("Rover", n), FORMS[n % 7]) for n in range(42)]


def test_the_same_request_gets_the_same_shots_whatever_the_order_of_the_file():
    examples = made(60)
    for topic, answer, form in REQUESTS:
        first = shots.choose(examples, topic, answer, form, 8)
        assert first == shots.choose(examples[::-1], topic, answer, form, 8)
        assert len({example.id for example in first}) == 8


def test_shots_are_of_the_same_form_like_the_fact_and_various():
    examples = made(60)
    flag = "The flag --batch of the program Rover limits how many rows are read at once."
    chosen = shots.choose(examples, "Rover", flag, "how_many", 8)
    assert sum(example.form == "how_many" for example in chosen) >= 3
    assert len({example.form for example in chosen}) >= 3
    assert "--depth" in chosen[-1].answer, "the likest stands next to the request"


def test_requests_of_a_form_share_the_first_shots():
    examples = made(60)
    firsts = {tuple(e.id for e in shots.choose(examples, t, a, "how", 9)[:3]) for t, a, _ in REQUESTS}
    assert len(firsts) == 1


def test_an_added_edited_or_removed_example_changes_only_the_requests_that_show_it():
    examples = made(60)
    before = {request: shots.choose(examples, *request, 6) for request in REQUESTS}
    edited = [msgspec.structs.replace(e, answer=f"{e.answer} It is fast.") if e.id == "0-007" else e for e in examples]
    touched = 0
    for changed, ids in ((examples + made(1, seed=1), {"1-000"}), (edited, {"0-007"}), (examples[1:], {"0-000"})):
        for request, old in before.items():
            new = shots.choose(changed, *request, 6)
            if new != old:
                touched += 1
                assert ids & {example.id for example in (*new, *old)}
    assert 0 < touched < len(REQUESTS)


def test_fewer_examples_than_wanted_are_all_shown_and_none_is_no_error():
    assert len(shots.choose(made(3), "t", "Maps are drawn.", "what", 8)) == 3
    assert shots.choose([], "t", "Maps are drawn.", "what", 8) == []
    assert shots.choose(made(9), "t", "Maps are drawn.", "what", 0) == []
