"""Files of a Git repository over HTTP: read at a commit, never checked out, and refused where they are no files."""

import time

import pytest

from stages.sources import repository
from stages.sources.errors import SourcesError, Unavailable
from stages.sources.git import Git
from stages.sources.manifest import Entry
from tests.sources.served import serving_repository
from tests.sources.site import serving


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving_repository(tmp_path_factory.mktemp("git")) as found:
        yield found


def clone(site, tmp_path, url=None, **how):
    return Git(url or f"{site.url}/r.git", tmp_path / "git", [site.host], **{"deadline": 20} | how)


def entry(site, commit, *globs, **said):
    return Entry(git=f"{site.url}/r.git", revision=commit, glob=list(globs), **said)


def test_files_are_listed_and_read_at_a_commit(served, tmp_path):
    site, commit = served
    one = clone(site, tmp_path)
    blobs = repository.listed(
        one, commit, [entry(site, commit, "**/*.md", tags=["a"]), entry(site, commit, "README.md", title="R")]
    )
    assert [(blob.path, blob.entry.title, blob.entry.tags) for blob in blobs] == [
        ("README.md", "R", ["a"]),
        ("docs/a.md", None, ["a"]),
        ("docs/secret.md", None, ["a"]),
    ]
    assert repository.content(one, blobs[0], 100) == b"# Read me"
    assert sorted(path.name for path in (tmp_path / "git").iterdir()) == [one.folder.name, f"{one.folder.name}.lock"]
    assert not list((tmp_path / "git").rglob("README.md")) and not list((tmp_path / "git").rglob("*.sample"))


def test_a_commit_that_is_there_is_not_fetched_again(served, tmp_path):
    site, commit = served
    clone(site, tmp_path).fetch(commit)
    before = len(site.asked)
    clone(site, tmp_path).fetch(commit)
    assert len(site.asked) == before


def test_a_symbolic_link_and_a_large_file_are_refused(served, tmp_path):
    site, commit = served
    one = clone(site, tmp_path)
    link, large = repository.listed(one, commit, [entry(site, commit, "docs/secret.md", "docs/large.txt")])[::-1]
    for blob, reason in ((link, "symlink"), (large, "too_large")):
        with pytest.raises(Unavailable, match=blob.path) as caught:
            repository.content(one, blob, 1000)
        assert caught.value.reason == reason


def test_a_glob_that_matches_nothing_stops(served, tmp_path):
    site, commit = served
    with pytest.raises(SourcesError, match=r"the glob '\*.pdf' matches no file"):
        repository.listed(clone(site, tmp_path), commit, [entry(site, commit, "*.md", "*.pdf")])


def test_branches_and_tags_are_told_as_commits(served, tmp_path):
    site, commit = served
    one = clone(site, tmp_path)
    assert [one.commit_of(name) for name in ("main", "v1", "none")] == [commit, commit, None]


def test_what_cannot_be_had_has_its_reason(served, tmp_path):
    site, commit = served

    def reason(revision=commit, **how):
        with pytest.raises(Unavailable) as caught:
            clone(site, tmp_path / str(time.monotonic()), **how).fetch(revision)
        assert "\n" not in str(caught.value)
        return caught.value.reason

    assert reason("1" * 40) == "no_commit"
    assert reason(url=f"{site.url}/none.git") == "unreachable"
    assert reason(url="http://192.168.0.1/r.git") == "private_address"
    assert reason(url="http://private.example/r.git", addresses=lambda host, port: ["10.0.0.1"]) == "private_address"
    site.pages["/slow.git/info/refs?service=git-upload-pack"] = lambda handler: time.sleep(5)
    assert reason(url=f"{site.url}/slow.git", deadline=0.5) == "timeout"


def test_a_redirect_is_not_followed(served, tmp_path):
    site, commit = served
    with serving() as other:
        for path in [path for path in site.pages if path.startswith("/r.git/")]:
            other.pages[path] = (302, {"Location": site.url + path}, b"")
        before = len(site.asked)
        with pytest.raises(Unavailable):
            Git(f"{other.url}/r.git", tmp_path, [other.host], 20).fetch(commit)
        assert other.asked and len(site.asked) == before


def test_the_address_that_was_checked_is_the_one_asked(served, tmp_path):
    site, commit = served
    port = site.host.split(":")[1]
    url = f"http://git.example:{port}/r.git"
    Git(url, tmp_path, ["git.example"], 20, addresses=lambda host, port: ["127.0.0.1"]).fetch(commit)


def test_nothing_of_the_users_configuration_counts(served, tmp_path, monkeypatch):
    site, commit = served
    (tmp_path / ".gitconfig").write_text(f'[url "http://127.0.0.1:9/"]\n\tinsteadOf = {site.url}/\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / ".gitconfig"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    clone(site, tmp_path).fetch(commit)


def test_files_of_known_hosts_have_their_web_address():
    commit = "0" * 40
    assert repository.address("https://github.com/o/r.git", commit, "a b.md") == (
        "https://github.com/o/r/blob/HEAD/a%20b.md",
        f"https://github.com/o/r/blob/{commit}/a%20b.md",
    )
    assert (
        repository.address("https://gitlab.com/g/s/r", commit, "a.md")[1]
        == f"https://gitlab.com/g/s/r/-/blob/{commit}/a.md"
    )
    assert repository.address("https://git.example/r", commit, "a.md") == ("https://git.example/r@HEAD:a.md", None)
