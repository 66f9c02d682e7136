"""Documents change: what stood on the changed words goes, what is new is asked for, and all else stays as it was."""

import json
import re

from stages import disk
from stages.records import Fact, Pair
from tests.workspace import SAMPLES, page

OLD, NEW = "The valve of the Aster machine weighs 7 grams.", "The valve of the Aster machine weighs 8 grams."


def told(built):
    """Return (file, sentence) of all that the documents say, read from their texts alone."""
    files = sorted((built.folder / "data/sources/documents").glob("*.md"))
    lines = [(file.name, line) for file in files for line in file.read_text().splitlines() if line[:1] not in ("", "#")]
    return {(name, sentence) for name, line in lines for sentence in re.split(r"(?<=\.) ", line)}


def facts(built):
    found = disk.read(built.folder / "data/chunk/facts.jsonl", Fact)
    return {(fact.source, fact.quote): fact.id for fact in found}


def pairs(built):
    """Return what is asked and answered, on which facts, and in which part, in the order of the files."""
    parts = ("train", "reworded", "held_out")
    found = [pair for part in parts for pair in disk.read(built.folder / f"data/split/{part}.jsonl", Pair)]
    return [(pair.id, pair.split, pair.question, pair.answer, frozenset(pair.facts)) for pair in found]


def test_an_edit_a_removal_and_an_addition_concern_the_facts_that_stand_on_them_and_no_other(built):
    said, before, asked_before = told(built), facts(built), pairs(built)
    assert set(before) == said and len(said) == 24
    documents = built.folder / "data/sources/documents"
    built.edit("data/sources/documents/one.md", OLD, NEW)
    (documents / "two.md").unlink()
    (documents / "three.md").write_text(page("Aster booklet", ["belt", "gear"], 13))
    asked, stages = built.asked_by("dvc repro split")

    says, after = told(built), facts(built)
    gone, new, kept = said - says, says - said, said & says
    assert [len(some) for some in (gone, new, kept)] == [13, 5, 11]
    assert set(after) == says and all(after[one] == before[one] for one in kept)
    assert [one for one in after if one in kept] == [one for one in before if one in kept], "in the order that it had"
    assert stages[0] == "collect" and stages[-1] == "split"
    assert asked == SAMPLES * len(new), "of the teacher, about what is new alone"

    retired = {before[one] for one in gone}
    added = {after[one] for one in new}
    stay = [pair for pair in asked_before if not retired & pair[-1]]
    assert len(stay) > len(kept) and stay == [pair for pair in pairs(built) if not added & pair[-1]]

    told_by_diff = json.loads(built.run("python -m stages.diff HEAD --json", said=False))
    changed = told_by_diff["facts"]["changed"]
    assert [(one["was"], one["id"]) for one in changed] == [(before["one.md", OLD], after["one.md", NEW])]
    assert {one["id"] for one in told_by_diff["facts"]["retired"]} == retired - {before["one.md", OLD]}
    assert {one["id"] for one in told_by_diff["facts"]["added"]} == added - {after["one.md", NEW]}
    assert told_by_diff["facts"]["kept"] == len(kept)
    found = told_by_diff["documents"]
    assert [[one["source"] for one in found[name]] for name in ("changed", "removed", "added")] == [
        ["one.md"], ["two.md"], ["three.md"],
    ]  # fmt: skip
