"""Manifests: what they can say, and the one line that tells what is wrong."""

from pathlib import Path

import pytest
import yaml

from stages.sources.errors import SourcesError
from stages.sources.manifest import COMMIT, Entry, merge, read, read_all

COMMIT_ID = "0" * 40


def written(path, *entries):
    path.write_text("sources:\n" + "".join(f"- {{{entry}}}\n" for entry in entries))
    return path


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("path: a.md, license: MIT", "'license' is no key, did you mean licence"),
        ("path: a.md, colour: red", "'colour' is no key; there are path, glob"),
        ("path: a.md, title: [A]", "title: expected text, found a list"),
        ("path: a.md, tags: faq", "tags: expected a list, found text"),
        ("path: a.md, tags: [1]", "tags: expected text, found a whole number; put it in quotes"),
        ("path: a.md, weight: heavy", "weight: expected a number"),
        ("path: a.md, language: no", "language: expected text, found true or false; put it in quotes"),
        ("path: a.md, language: English", "'English' is no code of ISO 639-1"),
        ("title: A", "exactly one of path, glob, url, sitemap, git"),
        ("path: a.md, glob: '*'", "exactly one"),
        ("url: 'https://e.org/a', git: 'https://e.org/b', glob: a, revision: main", "exactly one"),
        ("git: 'https://e.org/b', glob: a", "needs a revision"),
        ("git: 'https://e.org/b', revision: main", "needs a revision"),
        ("git: 'https://e.org/b', revision: '--upload-pack=x', glob: a", "neither a commit nor the name"),
        ("git: 'ssh://e.org/b', revision: main, glob: a", "git: 'ssh://e.org/b' is no URL"),
        ("git: 'ext::sh -c x', revision: main, glob: a", "is no URL"),
        ("url: 'file:///etc/passwd'", "is no URL; it begins with http"),
        ("url: 'https://me:secret@e.org/a'", "password in a URL"),
        ("url: 'https://e.org/a b'", "is no URL"),
        ("url: 'https://e.org:port/a'", "is no URL"),
        ("path: a.md, limit: 3", "limit belongs to a sitemap"),
        ("path: a.md, revision: x", "revision belongs to a git"),
        ("sitemap: 'https://e.org/s.xml', limit: 0", "1 or more"),
        ("sitemap: 'https://e.org/s.xml', sha256: '%s'" % ("0" * 64), "a sha256 is that of one file"),
        ("path: a.md, sha256: abc", "64 hexadecimal"),
        ("path: a.md, weight: -1", "0 or more"),
        ("path: a.md, weight: .nan", "0 or more"),
        ("path: a.md, trust: 1.5", "from 0 to 1"),
        ("path: a.md, format: exe", "format: 'exe' is none of md"),
        ("path: a.md, base: 'docs/a'", "base: 'docs/a' is no URL"),
    ],
)
def test_a_wrong_entry_is_told_in_one_line_with_file_number_and_key(tmp_path, entry, message):
    path = written(tmp_path / "x.yaml", "glob: '*.md'", entry)
    with pytest.raises(SourcesError, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}, entry 2 (") and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: [", "cannot be read as YAML: line 1"),
        ("sources:\n- path: a.md\n  title: The guide: part 2\n", "line 3, .* belongs in quotes"),
        ("- a", "expected the key `sources`"),
        ("sources: {a: 1}", "expected the key `sources`"),
        ("nav: []", "expected the key `sources`"),
        ("pinned: [{url: 'https://e.org/a', sha256: '1'}]", "pin 1"),
        ("sources: [{url: 'https://e.org/a'}, {url: 'https://e.org/a'}]", "listed twice"),
        ("sources: [{path: a.md}]", "put the manifest into the folder of the documents"),
        ("sources: [{glob: '*.md'}]", "put the manifest into the folder of the documents"),
    ],
)
def test_a_wrong_file_is_told(tmp_path, text, message):
    (tmp_path / "x.yaml").write_text(text)
    with pytest.raises(SourcesError, match=message) as caught:
        read_all(tmp_path / "x.yaml")
    assert str(tmp_path / "x.yaml") in str(caught.value) and "\n" not in str(caught.value)


def test_a_path_that_is_listed_twice_is_told(tmp_path):
    with pytest.raises(SourcesError, match=r"`path: a.md` is listed twice"):
        read(written(tmp_path / "x.yaml", "path: a.md, title: A", "path: a.md, title: B"))


def test_a_document_is_no_manifest(tmp_path):
    (tmp_path / "guide.md").write_text("# Guide\n")
    with pytest.raises(SourcesError, match="expected a folder of documents, or a manifest"):
        read_all(tmp_path / "guide.md")


def test_all_manifests_at_the_top_of_a_folder_count(tmp_path):
    (tmp_path / "sub").mkdir()
    written(tmp_path / "b.yml", "url: 'https://e.org/b'")
    written(tmp_path / "a.yaml", "glob: ['*.md', '*.pdf']")
    written(tmp_path / "sub" / "c.yaml", "nonsense: 1")
    (tmp_path / "empty.yaml").write_text("")
    assert [str(entry) for each in read_all(tmp_path) for entry in each.entries] == [
        "glob: *.md, *.pdf",
        "url: https://e.org/b",
    ]


def test_a_page_of_two_manifests_is_listed_twice(tmp_path):
    for name in ("a.yaml", "b.yaml"):
        written(tmp_path / name, "url: 'https://e.org/b'")
    with pytest.raises(SourcesError, match="b.yaml: `url: https://e.org/b` is listed twice"):
        read_all(tmp_path)


def test_the_later_word_counts():
    merged = merge(Entry(path="a.md", title="A", trust=0.1), Entry(glob="*", title="B", tags=["x"]))
    assert (merged.path, merged.glob, merged.title, merged.trust, merged.tags) == ("a.md", None, "B", 0.1, ["x"])


def test_the_official_documents_are_listed_with_all_that_is_known():
    path = Path("data/sources/llama-official.yaml")
    (manifest,) = read_all(path)
    assert all(COMMIT.fullmatch(entry.revision) for entry in manifest.entries if entry.git)
    assert all(entry.licence and entry.tags and entry.trust is not None for entry in manifest.entries)
    assert all(entry.title for entry in manifest.entries if entry.kind == "url" or isinstance(entry.glob, str))
    urls = {entry.url for entry in manifest.entries}
    papers = ("2307.09288", "2308.12950", "2312.04724", "2312.06674")
    assert {f"https://arxiv.org/pdf/{number}" for number in papers} <= urls
    assert "python -m stages.pin data/sources/llama-official.yaml" in path.read_text()


def test_the_sample_documents_have_tags_and_trust():
    entries = yaml.safe_load(Path("data/sources/documents/sources.yaml").read_text())["sources"]
    assert all(entry["tags"] and 0 <= entry["trust"] <= 1 for entry in entries)
