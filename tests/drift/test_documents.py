"""Documents are compared by path and content; what is rejected now or no longer is named."""

from stages.drift import documents
from tests.drift.dataset import document, reject, source, written


def test_documents_that_a_stage_rejects_now_or_no_longer(tmp_path):
    both = [source("a.md", ["A."]), source("b.md", ["B."])]
    was = reject("parse", source("a.md", ["A."]), "truncated", "breaks off")
    now = reject("filter", document("b.md", ["B."]), "near_identical", "0.95 a.md")
    before = written(tmp_path / "before", {"collect/sources": both, "parse/rejected": [was]})
    after = written(tmp_path / "after", {"collect/sources": both, "filter/rejected": [now]})
    found = documents.compare(before, after)
    assert [(one.source, one.stage, one.why) for one in found.rejected] == [
        ("b.md", "filter", "rejected by filter: near_identical (0.95 a.md)")
    ]
    assert [(one.source, one.reason) for one in found.readmitted] == [("a.md", "truncated")]
    assert found.kept == 2 and not found.changed
    assert documents.Rejection("b.md", "filter", "likeness", 2 / 3).why == "rejected by filter: likeness (0.666667)"
    assert documents.Rejection("b.md", "filter", "words", 0).why == "rejected by filter: words (0)"


def test_a_document_that_could_not_be_fetched_says_so(tmp_path):
    before = written(tmp_path / "before", {"collect/sources": [source("https://a.org/x", ["A."])]})
    lost = reject("collect", {"path": "https://a.org/x"}, "not_found", "404", "x")
    found = documents.compare(before, written(tmp_path / "after", {"collect/rejected": [lost]}))
    assert [(one.source, one.why) for one in found.removed] == [
        ("https://a.org/x", "rejected by collect: not_found (404)")
    ]
