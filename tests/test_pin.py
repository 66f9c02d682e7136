"""Pin: what is fetched and written, and what stays as it is."""

import hashlib

import pytest
import yaml
from click.testing import CliRunner

from stages import collect, pin
from tests.sources.served import serving_repository
from tests.sources.site import serving

BEFORE = """# Ours: keep this.
sources:  # and this
  - url: {url}/a.md   # a page
    title:   "A"

  - {{url: "{url}/paper/1.2"}}
# the end
"""
PDF = b"%PDF-1.7 paper"


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("FAQTUNE_FETCH__TIMEOUT", "2")
    with serving() as one:
        one.pages["/a.md"] = (200, {"Content-Type": "text/markdown", "ETag": '"1"'}, b"# A")
        one.pages["/paper/1.2"] = (200, {"Content-Type": "application/pdf"}, PDF)
        yield one


@pytest.fixture
def path(tmp_path, site):
    file = tmp_path / "remote.yaml"
    file.write_text(BEFORE.format(url=site.url))
    return file


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving_repository(tmp_path_factory.mktemp("git")) as found:
        yield found


def run(path, site, *options):
    return CliRunner().invoke(pin.main, [str(path), "--allow-host", site.host, *options])


def pinned(path):
    return yaml.safe_load(path.read_text())["pinned"]


def sha(data):
    return hashlib.sha256(data).hexdigest()


def test_pins_stand_at_the_end_and_all_before_them_stays(path, site):
    before = path.read_text()
    result = run(path, site)
    assert result.exit_code == 0, result.output
    assert path.read_text().startswith(before + "pinned:")
    assert pinned(path) == [
        {"url": f"{site.url}/a.md", "sha256": sha(b"# A"), "etag": '"1"', "bytes": 3, "format": "md"},
        {"url": f"{site.url}/paper/1.2", "sha256": sha(PDF), "bytes": len(PDF), "format": "pdf"},
    ]
    assert f"{site.url}/a.md: pinned, sha256 {sha(b'# A')}" in result.output


def test_what_is_pinned_is_collected_without_being_fetched_again(path, site, tmp_path):
    run(path, site)
    site.asked.clear()
    done = CliRunner().invoke(collect.main, [str(tmp_path / "out"), str(tmp_path / "m/c.json"), "--sources", str(path)])
    assert done.exit_code == 0 and "2 kept" in done.output and site.asked == []
    assert sorted(file.suffix for file in (tmp_path / "out/files").iterdir()) == [".md", ".pdf"]


def test_what_has_a_pin_is_not_asked_for_again(path, site):
    run(path, site)
    after = path.read_bytes()
    site.asked.clear()
    site.pages["/b.md"] = b"B"
    assert run(path, site).exit_code == 0
    assert site.asked == [] and path.read_bytes() == after
    path.write_text(path.read_text().replace("# the end", f"  - url: {site.url}/b.md\n# the end"))
    assert run(path, site).exit_code == 0
    assert site.asked == ["/b.md"] and [each["url"][-4:] for each in pinned(path)] == ["a.md", "/1.2", "b.md"]


def test_refresh_sends_the_etag_and_tells_both_checksums(path, site):
    run(path, site)
    etags = []
    old = site.pages["/a.md"]

    def unchanged(handler):
        etags.append(handler.headers["If-None-Match"])
        site.pages["/a.md"] = old
        site.answer(handler)

    site.pages["/a.md"] = unchanged
    site.pages["/paper/1.2"] = (200, {"Content-Type": "application/pdf"}, PDF + b"!")
    result = run(path, site, "--refresh")
    assert result.exit_code == 0 and etags == ['"1"']
    assert f"{site.url}/a.md: unchanged" in result.output
    assert f"{site.url}/paper/1.2: changed, sha256 {sha(PDF)} -> {sha(PDF + b'!')}" in result.output
    assert "URLs asked: 2, pins that changed or went: 1; `dvc repro` reads them anew" in result.output
    assert [each["sha256"] for each in pinned(path)] == [sha(b"# A"), sha(PDF + b"!")]
    assert path.read_text().startswith(BEFORE.format(url=site.url))


def test_what_cannot_be_had_is_told_and_keeps_its_pin(path, site):
    run(path, site)
    after = path.read_bytes()
    site.pages.pop("/a.md")
    result = run(path, site, "--refresh")
    assert result.exit_code == 1 and "1 of the entries" in result.output
    assert f"{site.url}/a.md: gone: the server answered 404 at {site.url}/a.md; what was pinned stays" in result.output
    assert "URLs asked: 2, pins that changed or went: 0\n" in result.output and path.read_bytes() == after
    site.pages["/a.md"] = (503, {}, b"")
    assert f"{site.url}/a.md: http_status: the server answered 503" in run(path, site, "--refresh").output
    assert path.read_bytes() == after


def test_the_address_of_a_sitemap_does_a_terminal_no_harm(path, site):
    site.pages["/sitemap.xml"] = f"<urlset><url><loc>{site.url}/\x9b2J.md</loc></url></urlset>".encode()
    path.write_text(f"sources:\n- {{sitemap: '{site.url}/sitemap.xml'}}\n")
    result = run(path, site)
    assert "/?2J.md: gone" in result.output and "\x9b" not in result.output


def test_an_entry_that_is_taken_out_loses_its_pin(path, site):
    run(path, site)
    path.write_text(path.read_text().replace(f'  - {{url: "{site.url}/paper/1.2"}}\n', ""))
    result = run(path, site)
    assert "/paper/1.2: no longer listed" in result.output
    assert [each["url"] for each in pinned(path)] == [f"{site.url}/a.md"]


def test_a_checksum_of_an_entry_is_left_to_its_writer(path, site):
    text = f"sources:\n- {{url: '{site.url}/a.md', sha256: {'f' * 64}}}\n"
    path.write_text(text)
    assert run(path, site).exit_code == 0 and site.asked == []
    result = run(path, site, "--refresh")
    assert result.exit_code == 1 and "f" * 64 in result.output and sha(b"# A") in result.output
    assert "URLs asked: 1, pins that changed or went: 0" in result.output and path.read_text() == text
    path.write_text(text.replace("f" * 64, sha(b"# A")))
    result = run(path, site, "--refresh")
    assert result.exit_code == 0 and f"{site.url}/a.md: unchanged" in result.output


def test_pages_of_a_sitemap_are_pinned_with_where_they_came_from(path, site):
    inner = "".join(
        f"<url><loc>{site.url}{page}</loc></url>" for page in ("/docs/a.md", "/blog/b.md", "/docs/c", "/docs/d.md")
    )
    site.pages["/sitemap.xml"] = f"<urlset>{inner}</urlset>".encode()
    site.pages["/index.xml"] = (
        f"<sitemapindex><sitemap><loc>{site.url}/sitemap.xml</loc></sitemap></sitemapindex>".encode()
    )
    site.pages["/docs/a.md"] = b"A"
    site.pages["/docs/c"] = (302, {"Location": "/docs/c/"}, b"")
    site.pages["/docs/c/"] = (200, {"Content-Type": "text/html"}, b"<p>C")
    path.write_text(f"sources:\n- {{sitemap: '{site.url}/index.xml', include: '/docs/**', limit: 2}}\n")
    result = run(path, site)
    assert result.exit_code == 0, result.output
    of = f"{site.url}/index.xml"
    assert pinned(path) == [
        {"url": f"{site.url}/docs/a.md", "sha256": sha(b"A"), "bytes": 1, "format": "md", "of": of},
        {
            "url": f"{site.url}/docs/c",
            "sha256": sha(b"<p>C"),
            "bytes": 4,
            "format": "html",
            "base": f"{site.url}/docs/c/",
            "of": of,
        },
    ]
    site.pages.pop("/sitemap.xml")
    before = path.read_bytes()
    result = run(path, site)
    assert result.exit_code == 1 and "http_status" in result.output and path.read_bytes() == before


def test_a_branch_is_told_as_a_commit(path, served):
    site, commit = served
    path.write_text(f"sources:\n- {{git: '{site.url}/r.git', revision: main, glob: '*'}}\n")
    result = run(path, site)
    assert result.exit_code == 1 and f"main is at {commit}: write `revision: {commit}`" in result.output
    path.write_text(f"sources:\n- {{git: '{site.url}/r.git', revision: none, glob: '*'}}\n")
    assert "has no branch or tag 'none'" in run(path, site).output


def test_the_manifest_of_a_folder_of_documents_is_pinned_by_its_name(path, site):
    path.write_text(path.read_text().replace("sources:  # and this", "sources:\n  - {path: guide.md, title: Guide}"))
    assert run(path, site).exit_code == 0 and len(pinned(path)) == 2


def test_all_manifests_of_a_folder_are_pinned(path, site, tmp_path):
    (tmp_path / "other.yml").write_text(f"sources:\n- url: {site.url}/b.md")
    site.pages["/b.md"] = b"B"
    assert run(tmp_path, site).exit_code == 0
    assert len(pinned(path)) == 2 and len(pinned(tmp_path / "other.yml")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{sources: [{{url: {url}/a.md}}]}}", "pins cannot be added"),
        ("pinned: []\nsources:\n- url: {url}/a.md\n", "`pinned` must be the last key"),
    ],
)
def test_a_file_that_cannot_be_added_to_is_left_alone(path, site, text, message):
    path.write_text(text.format(url=site.url))
    result = run(path, site)
    assert result.exit_code == 1 and str(path) in result.output and message in result.output
    assert path.read_text() == text.format(url=site.url)
