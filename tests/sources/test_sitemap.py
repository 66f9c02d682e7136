"""Sitemaps: which pages they give."""

import gzip

import pytest

from stages.sources.errors import Unavailable
from stages.sources.manifest import Entry
from stages.sources.sitemap import pages

SITE = "https://docs.example"


def urlset(*paths):
    inner = "".join(f"<url><loc> {path if '://' in path else SITE + path}\n</loc></url>" for path in paths)
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</urlset>'.encode()


def index(*paths):
    inner = "".join(f"<sitemap><loc>{SITE}{path}</loc></sitemap>" for path in paths)
    return f"<sitemapindex>{inner}</sitemapindex>".encode()


def listed(files, asked=None, **said):
    def get(url):
        if asked is not None:
            asked.append(url)
        return files[url.removeprefix(SITE)]

    found = pages(Entry(sitemap=f"{SITE}/sitemap.xml", **said), get, 10_000)
    return [url.removeprefix(SITE) for url in found]


def test_pages_are_included_excluded_limited_and_taken_once():
    files = {"/sitemap.xml": urlset("/docs/a", "/blog/b", "/docs/old/c", "/docs/a", "/docs/d%20e", "/docs/f")}
    assert listed(files) == ["/docs/a", "/blog/b", "/docs/old/c", "/docs/d%20e", "/docs/f"]
    assert listed(files, include="/docs/**", exclude=["/docs/old/*", "/docs/d e"]) == ["/docs/a", "/docs/f"]
    assert listed(files, include="/docs/*", limit=2) == ["/docs/a", "/docs/d%20e"]


def test_an_index_is_followed_no_further_than_needed():
    files = {
        "/sitemap.xml": index("/1.xml.gz", "/2.xml"),
        "/1.xml.gz": gzip.compress(urlset("/a", "/b"), mtime=0),
        "/2.xml": urlset("/c"),
    }
    assert listed(files) == ["/a", "/b", "/c"]
    asked = []
    assert listed(files, asked, limit=2) == ["/a", "/b"]
    assert asked == [f"{SITE}/sitemap.xml", f"{SITE}/1.xml.gz"]


def test_pages_of_other_sites_and_schemes_do_not_count():
    assert listed(
        {"/sitemap.xml": urlset("http://169.254.169.254/a", "file:///etc/passwd", "https://other.example/", "/a")}
    ) == ["/a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<html><body>no</body></html>", "found <html>"),
        (b"{}", "no XML"),
        (index("/sitemap.xml"), "an index in an index"),
        (index(*[f"/{n}.xml" for n in range(201)]), "201 sitemaps"),
        (gzip.compress(bytes(20_000), mtime=0), "larger than 10000"),
    ],
)
def test_what_is_no_sitemap_is_told(content, message):
    with pytest.raises(Unavailable, match=message):
        listed({"/sitemap.xml": content})


def test_entities_are_not_resolved(tmp_path):
    (tmp_path / "secret").write_text("/secret")
    bad = (
        f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]><urlset><url><loc>{SITE}&x;</loc></url></urlset>'
    )
    assert "secret" not in str(listed({"/sitemap.xml": bad.encode()}))
