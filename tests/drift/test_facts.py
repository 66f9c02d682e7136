"""A fact that goes has its reason, and an edit is told from a removal."""

import msgspec
import pytest

from stages.drift import documents, facts
from stages.records import Drop
from tests.drift.dataset import TOPIC, document, fact, reject, source, written

QUOTE = "The valve opens at a pressure of three bar."
ONE = fact("a.md", QUOTE)
OTHER = "The filter is washed once a month in warm water."


@pytest.fixture
def compared(tmp_path):
    """Return what compares one fact in the older version with the files of a newer one."""

    def compare(after, parameters=(), had=(ONE,)):
        before = written(tmp_path / "before", {"collect/sources": [source("a.md", [QUOTE])], "chunk/facts": had})
        now = written(tmp_path / "after", {"collect/sources": [source("a.md", [OTHER])]} | after)
        return facts.compare(before, now, documents.compare(before, now), parameters)

    return compare


def only(found: list):
    (one,) = found
    return one


def test_a_sentence_that_is_no_longer_there_was_taken_out(compared):
    found = compared({"refine/documents": [document("a.md", [OTHER])], "chunk/facts": [fact("a.md", OTHER)]})
    assert only(found.retired).reason == "text_changed" and only(found.added).text == OTHER


def test_a_rejected_document_says_why(compared):
    found = compared({"filter/rejected": [reject("filter", document("a.md", [QUOTE]), "language", "fr 0.98")]})
    assert only(found.retired).reason == "document_rejected"
    assert only(found.retired).why == "the document is rejected by filter: language (fr 0.98)"


def test_a_gate_of_chunk_says_why(compared):
    found = compared({"chunk/rejected": [reject("chunk", fact("a.md", QUOTE, "Other"), "dangling", "this")]})
    assert (only(found.retired).reason, only(found.retired).why) == ("gate", "rejected by chunk: dangling (this)")


def test_what_another_document_says_too_is_told_from_boilerplate(compared):
    for reason, expected in (("mirrored", "said_elsewhere"), ("boilerplate", "dropped")):
        drop = Drop(reason=reason, text=QUOTE, span=(0, len(QUOTE)))
        elsewhere = fact("b.md", QUOTE)
        found = compared({"refine/documents": [document("a.md", [OTHER], drop)], "chunk/facts": [elsewhere]})
        assert only(found.retired).reason == expected
        assert ("b.md" in only(found.retired).why) == (reason == "mirrored")


def test_of_a_sentence_that_stood_there_twice_one_may_go(compared):
    first = fact("a.md", QUOTE)
    second = msgspec.structs.replace(first, id="second")
    after = {"refine/documents": [document("a.md", [QUOTE])], "chunk/facts": [first]}
    found = compared(after, (), [first, second])
    assert found.kept == 1 and (only(found.retired).id, only(found.retired).reason) == ("second", "said_elsewhere")


def test_of_a_sentence_that_another_document_says_too_one_may_go(compared):
    first = fact("b.md", QUOTE)
    second = msgspec.structs.replace(first, id="second")
    after = {
        "collect/sources": [source("a.md", [QUOTE]), source("b.md", [QUOTE])],
        "refine/documents": [document("b.md", [QUOTE])], "chunk/facts": [ONE, first],
    }  # fmt: skip
    found = compared(after, (), [ONE, first, second])
    assert found.kept == 2 and (only(found.retired).id, only(found.retired).reason) == ("second", "said_elsewhere")


def test_without_the_documents_no_reason_is_made_up(compared):
    found = only(compared({}).retired)
    assert (found.reason, found.why) == ("unexplained", "not known without data/refine/documents.jsonl")
    found = only(compared({"refine/documents": []}).retired)
    assert (found.reason, "no longer among those that were read" in found.why) == ("unexplained", True)


def test_words_that_stand_there_but_are_no_fact_are_so_for_parameters_or_code(compared):
    after = {"refine/documents": [document("a.md", [QUOTE])]}
    assert only(compared(after).retired).reason == "cut_otherwise"
    assert only(compared(after, ["decide.min-rank"]).retired).reason == "cut_otherwise"
    found = only(compared(after, ["chunk.max-words", "decide.min-rank"]).retired)
    assert found.reason == "parameters_changed" and found.why.endswith("but chunk.max-words changed")


def test_the_same_words_under_another_heading_moved(compared):
    new = fact("a.md", QUOTE, "Manual > Valves")
    found = only(compared({"chunk/facts": [new]}).changed)
    assert (found.reason, found.id, found.topic) == ("moved", new.id, "Manual > Valves") and TOPIC in found.why


def test_a_document_of_another_name_takes_its_facts_along(tmp_path):
    before = written(
        tmp_path / "a", {"collect/sources": [source("a.md", [QUOTE])], "chunk/facts": [fact("a.md", QUOTE)]}
    )
    after = written(
        tmp_path / "b", {"collect/sources": [source("b.md", [QUOTE])], "chunk/facts": [fact("b.md", QUOTE)]}
    )
    read = documents.compare(before, after)
    assert [(one.before, one.after) for one in read.renamed] == [("a.md", "b.md")]
    found = only(facts.compare(before, after, read, []).changed)
    assert (found.reason, found.source, found.why) == ("moved", "b.md", "the same words, in a.md before")


def test_another_statement_of_the_same_words_is_a_change(compared):
    new = fact("a.md", QUOTE, statement="The valve of the Aster opens at a pressure of three bar.")
    found = only(compared({"chunk/facts": [new]}).changed)
    assert found.reason == "restated" and found.was == found.id and "Aster" in found.after


def test_an_edited_sentence_under_an_edited_heading_is_found(compared):
    new = fact("a.md", QUOTE.replace("three", "four"), "Manual > Valves")
    assert only(compared({"chunk/facts": [new]}).changed).reason == "text_changed"


def test_another_sentence_under_the_same_heading_is_no_edit(compared):
    found = compared({"chunk/facts": [fact("a.md", OTHER)], "refine/documents": [document("a.md", [OTHER])]})
    assert not found.changed and only(found.retired) and only(found.added)
