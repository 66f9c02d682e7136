"""The pairs of the page: each with its fate, and where there are too many a sample that says so."""

from pathlib import Path

from stages import disk
from stages.records import Evidence, Message, Pair, Reject, Row
from stages.reporting import pairs


def pair(name: str, **more) -> Pair:
    given = {"question": f"What is {name}?", "answer": f"{name} is it.", "facts": ["f"], "source": "a.md",
             "origin": "generated"}  # fmt: skip
    return Pair(id=name, **(given | more))


def made(data: Path) -> Path:
    said = [Message(role="user", content="q")]
    disk.write(data / "augment/pairs.jsonl", [pair("taught", scores={"gain": 1.5, "words": 9.0}), pair("spare")])
    disk.write(data / "mix/train.jsonl", [Row(id="r", pair="taught", origin="x", prompt=said, completion=said)])
    quotes = [Evidence(document="d", quote=text, span=(0, 1)) for text in ("One.", "Two.")]
    disk.write(data / "split/reworded.jsonl", [pair("other", evidence=quotes, link="https://example.org")])
    disk.write(data / "split/held_out.jsonl", [])
    lost = {"decide": [("low_rank", 0.25, pair("bad")), ("no_reply", None, "nothing was said")]}
    for stage in pairs.REJECTING:
        some = [Reject(id=f"{n}", stage=stage, reason=reason, value=value, record=record)
                for n, (reason, value, record) in enumerate(lost.get(stage, []))]  # fmt: skip
        disk.write(data / stage / "rejected.jsonl", some)
    return data


def test_every_pair_has_its_fate_and_a_reject_its_reason(tmp_path: Path):
    found = pairs.pairs(made(tmp_path))
    rows = {row[1]: dict(zip(found["columns"], row, strict=True)) for row in found["rows"]}
    assert {question: (row["fate"], row["reason"], row["value"]) for question, row in rows.items()} == {
        "What is taught?": ("training", "", ""),
        "What is spare?": ("not drawn for training", "", ""),
        "What is other?": ("evaluation: reworded", "", ""),
        "What is bad?": ("rejected by decide", "low rank", "0.25"),
    }
    assert rows["What is taught?"]["scores"] == "gain 1.5"
    assert (rows["What is other?"]["evidence"], rows["What is other?"]["link"]) == (
        "One. … Two.",
        "https://example.org",
    )


def test_of_too_many_pairs_there_is_a_sample_which_does_not_depend_on_their_order(tmp_path: Path):
    found = pairs.pairs(made(tmp_path), most=2)
    assert found["of"] == 4 and [row[0] for row in found["rows"]] == ["bad", "other"]


def test_a_link_that_a_browser_may_not_follow_is_none(tmp_path: Path):
    made(tmp_path)
    disk.write(tmp_path / "split/held_out.jsonl", [pair("evil", link="javascript:alert(1)")])
    found = pairs.pairs(tmp_path)
    (row,) = [row for row in found["rows"] if row[0] == "evil"]
    assert row[found["columns"].index("link")] == ""
