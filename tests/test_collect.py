"""Collect: what is copied, what is rejected, and what stops the run."""

import hashlib
import os
import time

import pytest
from click.testing import CliRunner

from stages import collect, disk, pipeline, records
from stages.records import Reject, Source
from stages.sources import repository
from stages.sources.manifest import read
from stages.sources.repository import Blob
from tests.sources.served import serving_repository
from tests.sources.site import serving

PAGE = b"# Page\n\nText."
SHA = hashlib.sha256(PAGE).hexdigest()


@pytest.fixture
def folder(tmp_path):
    sources = tmp_path / "documents"
    (sources / "sub").mkdir(parents=True)
    (sources / "b.md").write_text("# B\n\nText.")
    (sources / "sub" / "README.md").write_text("Read me.")
    (sources / ".hidden.md").write_text("no")
    return sources


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("FAQTUNE_FETCH__TIMEOUT", "0.7")
    monkeypatch.setenv("FAQTUNE_FETCH__DEADLINE", "20")
    with serving() as one:
        one.pages["/a.md"] = PAGE
        yield one


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving_repository(tmp_path_factory.mktemp("git")) as found:
        yield found


def run(folder, *options, site=None):
    out = folder.parent / "collect"
    options += ("--allow-host", site.host) if site else ()
    return CliRunner().invoke(
        collect.main, [str(out), str(folder.parent / "m" / "collect.json"), "--sources", str(folder), *options]
    )


def manifest(folder):
    found = disk.read(folder.parent / "collect" / "sources.jsonl", Source)
    return {source.path: source for source in found}


def rejects(folder):
    found = disk.read(folder.parent / "collect" / "rejected.jsonl", Reject)
    return {reject.record["path"]: reject for reject in found}


def write(folder, *entries, pins=()):
    lines = [
        "sources:",
        *(f"- {{{each}}}" for each in entries),
        *(["pinned:"] if pins else []),
        *(f"- {{{each}}}" for each in pins),
    ]
    path = folder / "sources.yaml" if folder.is_dir() else folder
    path.write_text("\n".join(lines) + "\n")
    return path


def test_every_file_is_copied_under_its_id(folder):
    assert run(folder).exit_code == 0
    found = manifest(folder)
    assert sorted(found) == ["b.md", "sub/README.md"]
    source = found["b.md"]
    assert source.id == records.content_id("b.md", source.sha256)
    assert (folder.parent / "collect" / "files" / source.file).read_text() == "# B\n\nText."
    assert (source.licence, source.weight, source.trust, source.tags, source.base) == ("unknown", 1, 0.5, [], None)


def test_metadata_comes_from_globs_and_then_paths(folder):
    write(
        folder, "path: b.md, title: Bee, weight: 2, trust: 0.9", "glob: '**/*.md', licence: MIT, title: All, tags: [x]"
    )
    assert run(folder).exit_code == 0
    one, other = manifest(folder)["b.md"], manifest(folder)["sub/README.md"]
    assert (one.title, one.licence, one.weight, one.trust, one.tags) == ("Bee", "MIT", 2, 0.9, ["x"])
    assert (other.title, other.weight) == ("All", 1)


def test_unusable_files_are_rejected_with_path_and_reason_and_the_others_go_through(folder, tmp_path):
    (folder / "empty.txt").write_text(" \n")
    with open(folder / "large.txt", "wb") as file:
        file.truncate(200_000_000)
    (folder / "picture.png").write_bytes(b"png")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "B.md").write_text("x")
    os.mkfifo(folder / "pipe.md")
    result = run(folder)
    assert result.exit_code == 0, result.output
    assert {path: reject.reason for path, reject in rejects(folder).items()} == {
        "empty.txt": "empty",
        "large.txt": "too_large",
        "picture.png": "unsupported_type",
        "link.txt": "outside_folder",
        "loop.md": "link_loop",
        "b.md": "case_collision",
        "pipe.md": "no_file",
    }
    assert all(
        path in reject.value and f"collect: {path}: {reject.reason}" in result.stderr
        for path, reject in rejects(folder).items()
    )
    assert sorted(manifest(folder)) == ["B.md", "sub/README.md"]


def test_content_or_the_manifest_tells_the_format_where_the_name_does_not(folder):
    (folder / "paper.v2").write_bytes(b"%PDF-1.4 x")
    (folder / "LICENSE").write_text("Free.")
    (folder / "NOTICE").write_text("Note.")
    write(folder, "path: LICENSE, format: txt")
    assert run(folder).exit_code == 0
    assert [manifest(folder)[path].file[-4:] for path in ("paper.v2", "LICENSE")] == [".pdf", ".txt"]
    assert rejects(folder)["NOTICE"].reason == "unsupported_type"


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
        ("path: gone.md", "gone.md` matches no file"),
        ("path: ../secret.txt", "leaves the folder"),
        ("path: b.md, license: MIT", "license"),
        ("url: 'https://example.org/a.md'", "has no sha256 yet; run `python -m stages.pin"),
        ("sitemap: 'https://example.org/s.xml'", "has no sha256 yet; run `python -m stages.pin"),
        (
            "git: 'https://example.org/r', revision: main, glob: '*'",
            "expected a full commit of 40 digits, found 'main'",
        ),
        ("path: b.md, sha256: '%s'" % ("0" * 64), "expects the sha256 " + "0" * 64),
    ],
)
def test_a_wrong_entry_stops_with_one_line_that_names_it(folder, tmp_path, entry, message):
    (tmp_path / "secret.txt").write_text("secret")
    write(folder, entry)
    result = run(folder)
    assert result.exit_code == 1 and message in result.output and result.stderr.count("\n") == 1
    assert str(folder) in result.output


def test_its_own_output_is_not_collected(folder):
    result = CliRunner().invoke(collect.main, [str(folder / "out"), str(folder / "m.json"), "--sources", str(folder)])
    assert result.exit_code == 1 and "its own output" in result.output


def test_a_folder_without_a_document_is_an_error_and_not_an_empty_dataset(tmp_path):
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "slides.pptx").write_text("x")
    result = run(tmp_path / "sources")
    assert result.exit_code == 1 and "holds no document that can be read: expected .md" in result.output


def test_a_page_is_collected_as_it_was_pinned_and_asked_for_once(folder, site):
    write(folder, f"url: '{site.url}/a.md', title: A", pins=[f"""url: '{site.url}/a.md', sha256: {SHA}, etag: '"1"'"""])
    for _ in range(2):
        assert run(folder, site=site).exit_code == 0
    source = manifest(folder)[f"{site.url}/a.md"]
    assert (source.sha256, source.etag, source.title) == (SHA, '"1"', "A")
    assert site.asked == ["/a.md"]


def test_a_manifest_alone_may_list_what_is_elsewhere(tmp_path, site):
    path = write(tmp_path / "remote.yaml", f"url: '{site.url}/a.md', sha256: {SHA}")
    assert run(path, site=site).exit_code == 0
    assert list(manifest(path)) == [f"{site.url}/a.md"]
    assert {each.name for each in tmp_path.iterdir()} == {
        "remote.yaml",
        "collect",
        "m",
        "cache",
        "seconds.json",
        ".seconds.lock",
    }


def test_one_file_at_two_addresses_of_its_repository_or_two_commits_is_told(folder, monkeypatch):
    monkeypatch.setattr(repository, "listed", lambda git, commit, entries: [Blob("a.md", entries[0], "100644", "1", 1)])
    for names, digits in ((("r", "r.git"), "00"), (("r", "r"), "01")):
        write(folder, *(f"git: 'https://github.com/o/{name}', revision: '{digit * 40}', glob: '*'"
                        for name, digit in zip(names, digits, strict=True)))  # fmt: skip
        result = run(folder)
        assert result.exit_code == 1 and "https://github.com/o/r/blob/HEAD/a.md is listed twice" in result.output


def test_a_later_commit_leaves_the_records_of_files_that_it_has_unchanged_as_they_are(folder, monkeypatch):
    monkeypatch.setattr(repository, "listed", lambda git, commit, entries: [Blob("a.md", entries[0], "100644", "1", 1)])
    monkeypatch.setattr(repository, "content", lambda git, blob, most: PAGE)
    ids = []
    for commit in ("0" * 40, "1" * 40):
        write(folder, f"git: 'https://github.com/o/r', revision: '{commit}', glob: '*'")
        assert run(folder).exit_code == 0
        source = manifest(folder)["https://github.com/o/r/blob/HEAD/a.md"]
        assert source.base == f"https://github.com/o/r/blob/{commit}/a.md", "where its links lead"
        ids.append(source.id)
    assert ids[0] == ids[1]


def test_a_file_name_does_a_terminal_no_harm(folder):
    (folder / "a\x1b[2J\n.png").write_text("x")
    result = run(folder)
    assert result.exit_code == 0 and "collect: a?[2J?.png: unsupported_type" in result.stderr


def test_a_changed_page_stops_with_both_checksums_and_etags(folder, site):
    site.pages["/a.md"] = (200, {"ETag": '"2"', "Content-Type": "text/markdown"}, b"new")
    path = write(folder, f"url: '{site.url}/a.md'", pins=[f"""url: '{site.url}/a.md', sha256: {SHA}, etag: '"1"'"""])
    result = run(folder, site=site)
    assert result.exit_code == 1 and result.stderr.count("\n") == 1
    for word in (
        SHA,
        hashlib.sha256(b"new").hexdigest(),
        '"1"',
        '"2"',
        f"python -m stages.pin {path} --refresh",
        site.url,
    ):
        assert word in result.output


def test_pages_that_cannot_be_had_are_rejected_and_the_others_go_through(folder, site):
    site.pages |= {
        "/large.md": (200, {"Content-Length": "99999999"}, b""),
        "/never.md": lambda handler: time.sleep(10),
        "/file.md": (302, {"Location": "file:///etc/passwd"}, b""),
        "/login.pdf": (200, {"Content-Type": "text/html"}, b"<html>"),
        "/robots.txt": b"User-agent: *\nDisallow: /closed\n",
    }
    expected = {
        f"{site.url}/gone.md": "http_status",
        f"{site.url}/large.md": "too_large",
        f"{site.url}/never.md": "timeout",
        f"{site.url}/file.md": "bad_redirect",
        f"{site.url}/login.pdf": "content_type",
        f"{site.url}/closed.md": "robots",
        "http://169.254.169.254/latest": "private_address",
    }
    write(folder, *(f"url: '{url}', sha256: {SHA}" for url in [*expected, f"{site.url}/a.md"]))
    result = run(folder, site=site)
    assert result.exit_code == 0, result.output
    assert {path: reject.reason for path, reject in rejects(folder).items()} == expected
    assert sorted(manifest(folder)) == ["b.md", f"{site.url}/a.md", "sub/README.md"]
    assert all(f"collect: {url}: {reason}" in result.stderr for url, reason in expected.items())


def test_without_leave_no_private_host_is_asked(folder, site):
    write(folder, f"url: '{site.url}/a.md', sha256: {SHA}")
    assert run(folder).exit_code == 0
    assert rejects(folder)[f"{site.url}/a.md"].reason == "private_address" and site.asked == []


def test_pages_of_a_sitemap_are_those_that_were_pinned(folder, site):
    site.pages["/b.md"] = b"B"
    of = f"{site.url}/sitemap.xml"
    pins = [
        f"url: '{site.url}/a.md', sha256: {SHA}, of: '{of}'",
        f"url: '{site.url}/b.md', sha256: {SHA}, of: '{of}'",
        f"url: '{site.url}/c.md', sha256: {SHA}",
    ]
    write(folder, f"sitemap: '{of}', exclude: /b*, licence: MIT", pins=pins)
    assert run(folder, site=site).exit_code == 0
    found = {path: source.licence for path, source in manifest(folder).items() if "://" in path}
    assert found == {f"{site.url}/a.md": "MIT"} and site.asked == ["/a.md"]


def test_files_of_a_repository_are_collected_at_their_commit(folder, served):
    site, commit = served
    url = f"{site.url}/r.git"
    write(
        folder,
        f"git: '{url}', revision: {commit}, glob: ['**/*.md', LICENSE], format: txt, base: 'https://example.org/r/'",
        f"git: '{url}', revision: '{'1' * 40}', glob: '*.md'",
    )
    result = run(folder, site=site)
    assert result.exit_code == 0, result.output
    found = {path: source.base for path, source in manifest(folder).items() if "://" in path}
    assert found == {
        f"{url}@HEAD:{name}": f"https://example.org/r/{name}" for name in ("LICENSE", "README.md", "docs/a.md")
    }
    reasons = {path: reject.reason for path, reject in rejects(folder).items()}
    assert reasons == {f"{url}@HEAD:docs/secret.md": "symlink", f"{url}@{'1' * 40}": "no_commit"}


@pytest.fixture
def pipelined(tmp_path, site, monkeypatch):
    """Three pinned pages in a manifest that the pipeline collects, and then one of them changed and one gone."""
    path = write(tmp_path / "remote.yaml", *(f"url: '{site.url}/{name}.md'" for name in "abc"))
    words = f"{tmp_path / 'collect'} {tmp_path / 'm/collect.json'} --sources {path} --allow-hosts {site.host}"
    monkeypatch.setattr(pipeline, "command", lambda name: words.split() if name == "collect" else [])
    for name in "abc":
        site.pages[f"/{name}.md"] = (200, {"Content-Type": "text/markdown", "ETag": f'"{name}"'}, PAGE)
    refreshed()
    site.pages["/b.md"] = b"# Page\n\nAnother text."
    site.pages.pop("/c.md")
    site.asked.clear()
    return path


def refreshed(*words):
    return CliRunner().invoke(collect.main, [*words, "--refresh"])


def test_refresh_says_of_each_address_of_the_pipeline_what_became_of_it_and_collects_nothing(pipelined, site):
    result = refreshed()
    new = hashlib.sha256(b"# Page\n\nAnother text.").hexdigest()
    assert result.exit_code == 1 and site.asked == ["/a.md", "/b.md", "/c.md"]
    lines = result.output.splitlines()
    assert lines[0] == f"{site.url}/a.md: unchanged"
    assert lines[1] == f"{site.url}/b.md: changed, sha256 {SHA} -> {new}"
    assert lines[2].startswith(f"{site.url}/c.md: gone: the server answered 404")
    assert "URLs asked: 3, pins that changed or went: 1; `dvc repro` reads them anew" in lines
    assert [pin.sha256 for pin in read(pipelined).pins] == [SHA, new, SHA], "what is gone is not forgotten"
    assert not (pipelined.parent / "collect").exists()


def test_a_refreshed_manifest_is_collected_from_the_cache_and_what_is_gone_as_it_was_pinned(pipelined, site):
    before = pipelined.read_bytes()
    assert run(pipelined, site=site).exit_code == 0
    assert site.asked == [] and pipelined.read_bytes() == before, "without --refresh nobody is asked"
    refreshed()
    site.asked.clear()
    assert run(pipelined, site=site).exit_code == 0
    found = manifest(pipelined)
    assert site.asked == [] and len(found) == 3
    assert found[f"{site.url}/b.md"].sha256 != SHA == found[f"{site.url}/c.md"].sha256


def test_refresh_of_other_sources_than_those_of_the_pipeline(pipelined, site):
    other = write(pipelined.parent / "other.yaml", f"url: '{site.url}/a.md'")
    result = refreshed("--sources", str(other))
    assert result.exit_code == 0 and site.asked == ["/a.md"] and len(read(other).pins) == 1


def test_refresh_where_nothing_is_pinned_asks_nobody(folder, monkeypatch):
    monkeypatch.setattr(pipeline, "command", lambda name: ["out", "m.json", "--sources", str(folder)])
    result = refreshed()
    assert result.exit_code == 0 and result.output == "URLs asked: 0, pins that changed or went: 0\n"
