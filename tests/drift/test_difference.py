"""What differs between two versions is named exactly, and all else is kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.drift import difference
from stages.records import RecordError
from tests.drift.dataset import dataset, fact, pair

TEXTS = {
    "pumps.md": [
        "The pump of the Aster weighs 12 kilograms without its hoses.",
        "The valve opens at a pressure of three bar and closes below two.",
        "The filter is washed once a month in warm water.",
    ],
    "fans.md": ["The fan turns clockwise when seen from the front.", "The relay clicks twice when it is switched on."],
}


def test_an_edited_sentence_a_deleted_document_and_a_new_one_are_all_that_differs(tmp_path):
    new = "The motor is greased every two years by a mechanic."
    edited = "The valve opens at a pressure of four bar and closes below two."
    old = TEXTS["pumps.md"][1]
    after = {"pumps.md": [TEXTS["pumps.md"][0], edited, TEXTS["pumps.md"][2]], "motors.md": [new]}
    found = difference.compare(dataset(tmp_path / "before", TEXTS), dataset(tmp_path / "after", after))
    assert [one.source for one in found.documents.added] == ["motors.md"]
    assert [one.source for one in found.documents.changed] == ["pumps.md"]
    assert [one.source for one in found.documents.removed] == ["fans.md"] and found.documents.kept == 0
    stated = found.facts
    assert [one.id for one in stated.added] == [fact("motors.md", new).id]
    assert [(one.was, one.id, one.before, one.after, one.reason) for one in stated.changed] == [
        (fact("pumps.md", old).id, fact("pumps.md", edited).id, old, edited, "text_changed")
    ]
    assert [(one.text, one.reason) for one in stated.retired] == [
        (text, "document_removed") for text in TEXTS["fans.md"]
    ]
    assert stated.kept == 2
    asked = found.pairs
    assert [one.id for one in asked.added] == [pair(fact("motors.md", new)).id] and asked.added[0].split == "train"
    assert [(one.was, one.before_answer, one.after_answer) for one in asked.changed] == [
        (pair(fact("pumps.md", old)).id, old, edited)
    ]
    assert {one.id for one in asked.retired} == {pair(fact("fans.md", text)).id for text in TEXTS["fans.md"]}
    assert {one.reason for one in asked.retired} == {"fact_retired"} and asked.kept == 2
    covered = found.coverage
    assert (covered.before.covered, covered.after.covered) == (5, 4)
    assert [one.source for one in covered.documents] == ["fans.md", "motors.md"]


def test_a_version_differs_in_nothing_from_itself(tmp_path):
    version = dataset(tmp_path / "same", TEXTS)
    found = difference.compare(version, version)
    assert found.facts.kept == 5 == found.pairs.kept and found.documents.kept == 2
    assert not found.facts.added + found.facts.changed + found.facts.retired + found.parameters
    assert not found.pairs.added + found.pairs.changed + found.pairs.retired + found.pairs.moved
    assert not found.coverage.documents


WORDS = st.lists(st.sampled_from("pump valve fan 7 9 bar turns opens".split()), min_size=2, max_size=5).map(" ".join)
DOCUMENTS = st.dictionaries(st.sampled_from(["a.md", "b.md", "c.md"]), st.lists(WORDS, max_size=5, unique=True))


@settings(max_examples=60, deadline=None)
@given(before=DOCUMENTS, after=DOCUMENTS)
def test_kept_changed_retired_and_added_ones_are_both_versions(tmp_path_factory, before, after):
    folder = tmp_path_factory.mktemp("versions")
    versions = dataset(folder / "before", before), dataset(folder / "after", after)
    found = difference.compare(*versions)
    for sort, made in ((found.facts, fact), (found.pairs, lambda *one: pair(fact(*one)))):
        old, new = ({made(path, text).id for path, some in texts.items() for text in some} for texts in (before, after))
        added, retired = [one.id for one in sort.added], [one.id for one in sort.retired]
        gone, come = [one.was for one in sort.changed], [one.id for one in sort.changed]
        assert sorted([*retired, *gone]) == sorted(old - new) and sort.kept == len(old & new)
        assert sorted([*added, *come]) == sorted(new - old)
        assert all(one.reason and one.why for one in sort.retired + sort.changed)


def test_parameters_that_differ_are_named(tmp_path):
    versions = dataset(tmp_path / "before", TEXTS), dataset(tmp_path / "after", TEXTS)
    (tmp_path / "before/params.yaml").write_text("decide: {min-rank: 0.5}\n")
    (tmp_path / "after/params.yaml").write_text("decide: {min-rank: 0.8}\n")
    (one,) = difference.compare(*versions).parameters
    assert (one.name, one.before, one.after) == ("decide.min-rank", "0.5", "0.8")
    (tmp_path / "after/params.yaml").write_text("decide: {")
    with pytest.raises(RecordError, match="after: params.yaml: expected YAML"):
        difference.compare(*versions)


def test_what_is_missing_is_named(tmp_path):
    versions = dataset(tmp_path / "before", TEXTS), dataset(tmp_path / "after", TEXTS)
    (tmp_path / "after/data/chunk/facts.jsonl").unlink()
    with pytest.raises(RecordError, match="after: data/chunk/facts.jsonl is missing.*dvc checkout"):
        difference.compare(*versions)
