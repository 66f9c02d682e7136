"""Parse: one bad file does not keep the others out, and spans are places in the text."""

import json

from click.testing import CliRunner

from stages import collect, parse, records
from stages.records import Document, Reject, Source


def run(tmp_path, files, listed=""):
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    if listed:
        (folder / "sources.yaml").write_text(listed)
    metrics = tmp_path / "metrics"
    result = CliRunner().invoke(
        collect.main, [str(tmp_path / "collect"), str(metrics / "collect.json"), "--sources", str(folder)]
    )
    assert result.exit_code == 0, result.output
    return CliRunner().invoke(
        parse.main, [str(tmp_path / "collect"), str(tmp_path / "parse"), str(metrics / "parse.json")]
    )


FILES = {
    "a.md": b"# Alpha\n\nText of [A](https://a.org).\n\n## One\n\nFirst.\n\nSecond.\n",
    "b.html": b"<html><title>Beta</title><body><main><h2>H</h2><p>Body text.</p></main></body></html>",
    "c.pdf": b"%PDF-1.7\nbroken",
    "d.docx": b"PK\x03\x04broken",
    "e.txt": b"\x00\x01\x02",
    "my_notes.txt": b"Only a text, and it has no heading at all.",
}


def test_bad_files_are_quarantined_while_the_others_go_through(tmp_path):
    result = run(tmp_path, FILES)
    assert result.exit_code == 0, result.output
    documents = records.read(tmp_path / "parse" / "documents.jsonl", Document)
    assert {d.source: d.title for d in documents} == {"a.md": "Alpha", "b.html": "Beta", "my_notes.txt": "my notes"}
    rejects = records.read(tmp_path / "parse" / "rejected.jsonl", Reject)
    assert {r.record["path"]: r.reason for r in rejects} == {
        "c.pdf": "unreadable",
        "d.docx": "unreadable",
        "e.txt": "bad_encoding",
    }
    assert all(reject.value for reject in rejects)
    metrics = json.loads((tmp_path / "metrics" / "parse.json").read_text())
    assert metrics["in"] == 6 and metrics["kept"] == 3 and metrics["formats"] == {"html": 1, "md": 1, "txt": 1}
    assert metrics["sections"] == 4 and metrics["links"] == 1


def test_spans_are_places_in_the_documents_text(tmp_path):
    run(tmp_path, FILES)
    for document in records.read(tmp_path / "parse" / "documents.jsonl", Document):
        for section in document.sections:
            assert document.text[slice(*section.span)] == section.text


def test_the_listed_title_comes_first_and_no_heading_repeats_it(tmp_path):
    run(tmp_path, {"a.md": FILES["a.md"]}, "sources:\n- {path: a.md, title: The A, language: en, licence: MIT}\n")
    (document,) = records.read(tmp_path / "parse" / "documents.jsonl", Document)
    (source,) = records.read(tmp_path / "collect" / "sources.jsonl", Source)
    assert (document.title, document.language, document.licence) == ("The A", "en", "MIT")
    assert document.id == source.id == records.content_id("a.md", document.sha256)
    assert [section.heading for section in document.sections] == [[], ["One"]]


def test_a_file_that_changed_after_it_was_collected_is_rejected(tmp_path):
    run(tmp_path, {"a.md": FILES["a.md"]})
    (copy,) = (tmp_path / "collect" / "files").iterdir()
    copy.write_text("other")
    CliRunner().invoke(parse.main, [str(tmp_path / "collect"), str(tmp_path / "parse"), str(tmp_path / "m.json")])
    (reject,) = records.read(tmp_path / "parse" / "rejected.jsonl", Reject)
    assert reject.reason == "changed"


def test_without_a_manifest_it_says_what_to_run(tmp_path):
    result = CliRunner().invoke(parse.main, [str(tmp_path), str(tmp_path / "out"), str(tmp_path / "m.json")])
    assert result.exit_code == 1 and "run the stage collect" in result.output
