"""Files of a folder: which are taken, which are refused and why; nothing outside it is touched."""

import os
import socket
import tracemalloc

import pytest

from stages.sources import local
from stages.sources.errors import SourcesError, Unavailable
from stages.sources.manifest import read_all


@pytest.fixture
def folder(tmp_path):
    sources = tmp_path / "documents"
    (sources / "sub").mkdir(parents=True)
    (sources / "a.md").write_text("# A")
    (sources / "sub" / "b.md").write_text("# B")
    (tmp_path / "secret.md").write_text("secret")
    return sources


def problems(folder):
    return {path: error.reason for path, error in local.walk(folder)[1].items()}


def test_hidden_files_and_manifests_are_no_documents(folder):
    for name in (".hidden.md", "sources.yaml", "more.yml"):
        (folder / name).write_text("sources: []")
    (folder / ".git").mkdir()
    (folder / ".git" / "config.md").write_text("x")
    (folder / "sub" / "page.yaml").write_text("x: 1")  # only at the top it is a manifest
    assert local.walk(folder) == (["a.md", "sub/b.md", "sub/page.yaml"], {})


def test_links_are_refused_if_they_leave_the_folder_lead_to_themselves_or_nowhere(folder, tmp_path):
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop.md").symlink_to("pool.md")
    (folder / "pool.md").symlink_to("loop.md")
    (folder / "sub" / "again").symlink_to("..")
    (folder / "gone.md").symlink_to("nothing.md")
    (folder / "inside.md").symlink_to("sub/b.md")
    assert problems(folder) == {
        "out.md": "outside_folder",
        "up": "outside_folder",
        "loop.md": "link_loop",
        "pool.md": "link_loop",
        "sub/again": "link_to_folder",
        "gone.md": "unreadable",
    }
    assert local.walk(folder)[0] == ["a.md", "inside.md", "sub/b.md"]


def test_pipes_sockets_and_devices_are_never_opened(folder):
    os.mkfifo(folder / "pipe.md")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(folder / "socket.md"))
    (folder / "device.md").symlink_to("/dev/zero")
    assert problems(folder) == {"pipe.md": "no_file", "socket.md": "no_file", "device.md": "outside_folder"}
    with pytest.raises(Unavailable) as caught:  # even if it became one after it was listed
        local.read(folder, "pipe.md", 10)
    assert caught.value.reason == "no_file"


def test_a_file_of_200_mb_is_refused_without_being_read(folder):
    with open(folder / "large.txt", "wb") as file:
        file.truncate(200_000_000)
    tracemalloc.start()
    with pytest.raises(Unavailable, match="large.txt: 200000000 bytes, at most 50000000 are read") as caught:
        local.read(folder, "large.txt", 50_000_000)
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()
    assert caught.value.reason == "too_large"


def test_a_file_that_grows_while_it_is_read_is_refused():
    with pytest.raises(Unavailable, match="more than 10 bytes"):
        local.read(local.Path("/proc/self"), "status", 10)  # its size is said to be 0


def test_names_that_are_one_on_other_file_systems_are_one_document(folder):
    (folder / "README.md").write_text("x")
    (folder / "readme.md").write_text("y")
    (folder / "e\u0301.md").write_text("x")
    (folder / "\u00e9.md").write_text("y")
    found, refused = local.walk(folder)
    assert "README.md" in found and "readme.md" not in found
    assert {path: error.reason for path, error in refused.items()} == dict.fromkeys(
        ["readme.md", "\u00e9.md"], "case_collision"
    )
    assert "README.md" in str(refused["readme.md"])


def test_a_name_that_is_no_utf_8_is_refused(folder):
    with open(os.fsencode(folder) + b"/\xff.md", "w") as file:
        file.write("x")
    assert problems(folder) == {"\\udcff.md": "bad_name"}


def test_what_may_not_be_read_is_told(folder, monkeypatch):
    def refuse(*args):
        raise PermissionError(13, "Permission denied", "a.md")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(Unavailable, match="a.md: Permission denied") as caught:
        local.read(folder, "a.md", 10)
    assert caught.value.reason == "unreadable"


def test_a_folder_that_may_not_be_listed_is_told(folder, monkeypatch):
    real = os.scandir

    def scandir(path):
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    assert problems(folder) == {"sub": "unreadable"}


def test_an_entry_for_a_file_that_is_refused_is_no_error(folder, tmp_path):
    (folder / "out.md").symlink_to(tmp_path / "secret.md")
    (folder / "sources.yaml").write_text("sources: [{path: out.md, title: Out}]")
    found = {one.path: one for one in local.documents(folder, read_all(folder), 100)}
    with pytest.raises(Unavailable, match="out of"):
        found["out.md"].load()
    assert found["a.md"].load() == (b"# A", ".md")


def test_a_base_that_is_a_folder_is_continued_by_the_path(folder):
    (folder / "x.yaml").write_text(
        "sources: [{glob: '**/*.md', base: 'https://example.org/docs/'}, {path: a.md, base: 'https://example.org/a'}]"
    )
    found = {one.path: one.base for one in local.documents(folder, read_all(folder), 100)}
    assert found == {"a.md": "https://example.org/a", "sub/b.md": "https://example.org/docs/sub/b.md"}


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("path: ../secret.md", "leaves the folder"),
        ("path: /etc/passwd", "leaves the folder"),
        ("glob: 'sub/../../*'", "leaves the folder"),
        ("glob: ['*.md', '*.docx']", r"\*.docx` matches no file"),
        ("path: gone.md", "gone.md` matches no file"),
    ],
)
def test_an_entry_that_leaves_the_folder_or_matches_nothing_stops(folder, pattern, message):
    (folder / "sources.yaml").write_text(f"sources:\n- {{{pattern}}}\n")
    with pytest.raises(SourcesError, match=message):
        local.documents(folder, read_all(folder), 100)
