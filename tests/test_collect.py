"""Collect: what is copied, what is rejected, and what stops the run."""

import hashlib

import httpx
import pytest
from click.testing import CliRunner

from stages import collect, records
from stages.documents import fetch
from stages.records import Reject, Source


@pytest.fixture
def folder(tmp_path):
    sources = tmp_path / "documents"
    (sources / "sub").mkdir(parents=True)
    (sources / "b.md").write_text("# B\n\nText.")
    (sources / "sub" / "README.md").write_text("Read me.")
    (sources / ".hidden.md").write_text("no")
    return sources


def run(folder, *options):
    out = folder.parent / "collect"
    return CliRunner().invoke(
        collect.main, [str(out), str(folder.parent / "m" / "collect.json"), "--sources", str(folder), *options]
    )


def manifest(folder):
    found = records.read(folder.parent / "collect" / "sources.jsonl", Source)
    return {source.path: source for source in found}


def test_every_file_is_copied_under_its_id(folder):
    assert run(folder).exit_code == 0
    found = manifest(folder)
    assert sorted(found) == ["b.md", "sub/README.md"]
    source = found["b.md"]
    assert source.id == records.content_id("b.md", source.sha256)
    assert (folder.parent / "collect" / "files" / source.file).read_text() == "# B\n\nText."
    assert source.licence == "unknown" and source.weight == 1


def test_metadata_comes_from_globs_and_then_paths(folder):
    (folder / "sources.yaml").write_text(
        "sources:\n- {path: b.md, title: Bee, weight: 2}\n- {glob: '**/*.md', licence: MIT, title: All}\n"
    )
    assert run(folder).exit_code == 0
    found = manifest(folder)
    assert (found["b.md"].title, found["b.md"].licence, found["b.md"].weight) == ("Bee", "MIT", 2)
    assert found["sub/README.md"].title == "All"


def test_unusable_files_are_rejected_with_a_reason(folder, tmp_path):
    (folder / "empty.txt").write_text(" \n")
    (folder / "large.txt").write_text("x" * 200)
    (folder / "picture.png").write_bytes(b"png")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    assert run(folder, "--max-bytes", "100").exit_code == 0
    rejects = records.read(folder.parent / "collect" / "rejected.jsonl", Reject)
    assert sorted(reject.reason for reject in rejects) == ["empty", "outside_folder", "too_large", "unsupported_type"]


def test_a_stale_copy_vanishes_and_the_bytes_do_not_change(folder):
    run(folder)
    before = (folder.parent / "collect" / "sources.jsonl").read_bytes()
    run(folder)
    assert (folder.parent / "collect" / "sources.jsonl").read_bytes() == before
    (folder / "b.md").unlink()
    run(folder)
    assert len(list((folder.parent / "collect" / "files").iterdir())) == 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{path: gone.md}", "gone.md` matches no file"),
        ("{glob: '*.docx'}", "*.docx` matches no file"),
        ("{path: ../secret.txt}", "leaves the folder"),
        ("{path: /etc/passwd}", "leaves the folder"),
        ("{path: b.md, license: MIT}", "license"),
        ("{path: b.md, glob: '*'}", "exactly one"),
        ("{url: 'https://example.org/a.md'}", "needs its sha256"),
        ("{url: 'file:///etc/passwd', sha256: '%s'}" % ("0" * 64), "http"),
        ("{path: b.md, weight: -1}", "weight"),
        ("{path: b.md, sha256: '%s'}" % ("0" * 64), "expects the sha256 " + "0" * 64),
    ],
)
def test_a_wrong_entry_is_named(folder, tmp_path, entry, message):
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "sources.yaml").write_text(f"sources:\n- {entry}\n")
    result = run(folder)
    assert result.exit_code == 1 and message in result.output
    assert "sources.yaml" in result.output


def test_its_own_output_is_not_collected(folder):
    result = CliRunner().invoke(collect.main, [str(folder / "out"), str(folder / "m.json"), "--sources", str(folder)])
    assert result.exit_code == 1 and "its own output" in result.output


DATA = b"# Page\n\nText."
SHA = hashlib.sha256(DATA).hexdigest()


def get(url="https://example.org/a.md", sha256=SHA, max_bytes=100, address="93.184.215.14", answer=None):
    seen = []

    def handle(request):
        seen.append(request)
        return answer(request) if answer else httpx.Response(200, content=DATA)

    return fetch.fetch(url, sha256, max_bytes, httpx.MockTransport(handle), lambda host, port: [address]), seen


def test_a_url_is_fetched_from_the_address_that_was_checked():
    data, seen = get()
    assert data == DATA
    assert seen[0].url.host == "93.184.215.14" and seen[0].headers["host"] == "example.org"


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:192.168.0.1", "0.0.0.0"]
)
def test_private_addresses_are_refused(address):
    with pytest.raises(fetch.FetchError, match="private network"):
        get(address=address)


def test_wrong_checksum_size_scheme_and_answers_stop():
    with pytest.raises(fetch.FetchError, match=f"expected the sha256 {'0' * 64}, but it has {SHA}"):
        get(sha256="0" * 64)
    with pytest.raises(fetch.FetchError, match="larger than 5 bytes"):
        get(max_bytes=5)
    with pytest.raises(fetch.FetchError, match="only http"):
        get(url="ftp://example.org/a")
    with pytest.raises(fetch.FetchError, match="404"):
        get(answer=lambda request: httpx.Response(404))
    with pytest.raises(fetch.FetchError, match="redirects"):
        get(answer=lambda request: httpx.Response(302, headers={"location": "/again"}))
    with pytest.raises(fetch.FetchError, match="only http"):
        get(answer=lambda request: httpx.Response(302, headers={"location": "file:///etc/passwd"}))


def test_a_url_is_asked_for_once(folder, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    monkeypatch.setattr(collect, "fetch", lambda *args: asked.append(args) or DATA)
    (folder / "sources.yaml").write_text(f"sources:\n- {{url: 'https://example.org/card', sha256: {SHA}}}\n")
    assert run(folder).exit_code == 0 and run(folder).exit_code == 0
    assert len(asked) == 1
    assert manifest(folder)["https://example.org/card"].file.endswith(".html")


def test_a_folder_without_a_document_is_an_error_and_not_an_empty_dataset(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "slides.pptx").write_text("x")
    result = run(tmp_path / "sources")
    assert result.exit_code == 1 and "holds no document that can be read: expected .md" in result.output
