"""Parse: one bad file does not keep the others out, and spans are places in the text."""

import json
import shutil

from click.testing import CliRunner

from stages import collect, disk, parse, records
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
    documents = disk.read(tmp_path / "parse" / "documents.jsonl", Document)
    assert {d.source: d.title for d in documents} == {"a.md": "Alpha", "b.html": "Beta", "my_notes.txt": "my notes"}
    rejects = disk.read(tmp_path / "parse" / "rejected.jsonl", Reject)
    assert {r.record["path"]: r.reason for r in rejects} == {
        "c.pdf": "truncated",
        "d.docx": "unreadable",
        "e.txt": "binary",
    }
    assert all(reject.value for reject in rejects)
    metrics = json.loads((tmp_path / "metrics" / "parse.json").read_text())
    assert metrics["in"] == 6 and metrics["kept"] == 3 and metrics["formats"] == {"html": 1, "md": 1, "txt": 1}
    assert metrics["sections"] == 4 and metrics["links"] == 1


def test_spans_are_places_in_the_documents_text(tmp_path):
    run(tmp_path, FILES)
    for document in disk.read(tmp_path / "parse" / "documents.jsonl", Document):
        for section in document.sections:
            assert document.text[slice(*section.span)] == section.text


def test_the_listed_title_comes_first_and_no_heading_repeats_it(tmp_path):
    run(tmp_path, {"a.md": FILES["a.md"]}, "sources:\n- {path: a.md, title: The A, language: en, licence: MIT}\n")
    (document,) = disk.read(tmp_path / "parse" / "documents.jsonl", Document)
    (source,) = disk.read(tmp_path / "collect" / "sources.jsonl", Source)
    assert (document.title, document.language, document.licence) == ("The A", "en", "MIT")
    assert document.id == source.id == records.content_id("a.md", document.sha256)
    assert [section.heading for section in document.sections] == [[], ["One"]]


def test_a_file_that_changed_after_it_was_collected_is_rejected(tmp_path):
    run(tmp_path, {"a.md": FILES["a.md"]})
    (copy,) = (tmp_path / "collect" / "files").iterdir()
    copy.write_text("other")
    shutil.rmtree(tmp_path / "cache")  # else what was read of it before is taken
    CliRunner().invoke(parse.main, [str(tmp_path / "collect"), str(tmp_path / "parse"), str(tmp_path / "m.json")])
    (reject,) = disk.read(tmp_path / "parse" / "rejected.jsonl", Reject)
    assert reject.reason == "changed"


def test_without_a_manifest_it_says_what_to_run(tmp_path):
    result = CliRunner().invoke(parse.main, [str(tmp_path), str(tmp_path / "out"), str(tmp_path / "m.json")])
    assert result.exit_code == 1 and "run the stage collect" in result.output


def test_of_many_files_only_the_edited_one_is_read_again(tmp_path):
    files = {f"{n}.md": f"# Title {n}\n\nText number {n}.".encode() for n in range(9)}
    assert "10 read, 0 known" in run(tmp_path, files | {"bad.pdf": FILES["c.pdf"]}).stderr
    shutil.rmtree(tmp_path / "documents")
    files["4.md"] += b"\n\nAn edit."
    again = run(tmp_path, files | {"bad.pdf": FILES["c.pdf"]})
    assert "1 read, 9 known" in again.stderr
    bytes_again = [(tmp_path / "parse" / name).read_bytes() for name in ("documents.jsonl", "rejected.jsonl")]
    shutil.rmtree(tmp_path / "documents")
    shutil.rmtree(tmp_path / "cache")
    run(tmp_path, files | {"bad.pdf": FILES["c.pdf"]})
    assert [(tmp_path / "parse" / name).read_bytes() for name in ("documents.jsonl", "rejected.jsonl")] == bytes_again


def test_another_weight_reads_no_file_again_and_reaches_the_document(tmp_path):
    run(tmp_path, {"a.md": FILES["a.md"]})
    shutil.rmtree(tmp_path / "documents")
    listed = "sources: [{path: a.md, weight: 2, trust: 0.9, tags: [guide]}]"
    assert "0 read, 1 known" in run(tmp_path, {"a.md": FILES["a.md"]}, listed).stderr
    (document,) = disk.read(tmp_path / "parse" / "documents.jsonl", Document)
    assert (document.weight, document.trust, document.tags) == (2.0, 0.9, ["guide"])


def test_a_damaged_result_in_the_cache_is_made_again(tmp_path):
    run(tmp_path, {"a.md": FILES["a.md"]})
    before = (tmp_path / "parse" / "documents.jsonl").read_bytes()
    (kept,) = (tmp_path / "cache" / "results" / "parse").iterdir()
    kept.write_bytes(b'{"document": {"id": "x"')
    shutil.rmtree(tmp_path / "documents")
    assert "1 read, 0 known" in run(tmp_path, {"a.md": FILES["a.md"]}).stderr
    assert (tmp_path / "parse" / "documents.jsonl").read_bytes() == before


def test_one_file_is_shown_with_sections_spans_and_links(tmp_path):
    path = tmp_path / "guide.md"
    path.write_text("# Alpha\n\nText of [A](https://a.org).\n\n## One\n\nEvil \x1b[31m red.\n\n## Nothing\n")
    result = CliRunner().invoke(parse.main, [str(path)])
    assert result.exit_code == 0
    assert result.output.splitlines()[1].startswith("3 sections, 6 words kept, 0 dropped, 1 links")
    assert "One  [12:26] #one" in result.output and "-> A: https://a.org" in result.output
    assert "Nothing  [28:28] #nothing" in result.output
    assert "\x1b" not in result.output


def test_a_file_that_cannot_be_shown_says_why(tmp_path):
    (tmp_path / "a.pdf").write_bytes(FILES["c.pdf"])
    result = CliRunner().invoke(parse.main, [str(tmp_path / "a.pdf")])
    assert result.exit_code == 1 and "a.pdf would be quarantined" in result.output
    folder = CliRunner().invoke(parse.main, [str(tmp_path)])
    assert folder.exit_code == 2 and "is a folder" in folder.output
