"""robots.txt: what it forbids, what its absence means, how long it lets us wait."""

import pytest

from stages.sources.errors import Unavailable
from stages.sources.fetch import Fetcher
from stages.sources.robots import Robots
from tests.sources.site import serving


@pytest.fixture
def site():
    with serving() as one:
        one.pages |= {"/open/a": b"a", "/closed/b": b"b", "/closed/deep/c": b"c"}
        yield one


def fetcher(site):
    return Fetcher(1000, [site.host], timeout=1, deadline=2)


def reason(site, path):
    with pytest.raises(Unavailable) as caught:
        fetcher(site).get(site.url + path)
    return caught.value.reason


def test_what_robots_txt_forbids_is_not_asked_for(site):
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /closed/\n"
    assert reason(site, "/closed/b") == "robots" and site.asked == []
    assert fetcher(site).get(site.url + "/open/a").data == b"a"


def test_our_own_section_counts(site):
    site.pages["/robots.txt"] = b"User-agent: faqtune\nDisallow: /open/\n\nUser-agent: *\nDisallow: /closed/\n"
    assert reason(site, "/open/a") == "robots"
    assert fetcher(site).get(site.url + "/closed/b").data == b"b"


def test_a_redirect_leads_past_no_robots_txt(site):
    site.pages["/robots.txt"] = b"User-agent: *\nDisallow: /closed/\n"
    site.pages["/open/a"] = (302, {"Location": "/closed/b"}, b"")
    assert reason(site, "/open/a") == "robots" and site.asked == ["/open/a"]


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_no_robots_txt_is_a_yes(site, status):
    site.pages["/robots.txt"] = (status, {}, b"User-agent: *\nDisallow: /")
    assert fetcher(site).get(site.url + "/closed/b").data == b"b"


def test_a_robots_txt_that_fails_is_a_no(site):
    site.pages["/robots.txt"] = (503, {}, b"")
    assert reason(site, "/open/a") == "robots_unreachable" and site.asked == []
    site.pages["/robots.txt"] = (200, {"Content-Length": "900000"}, b"")
    assert reason(site, "/open/a") == "robots_unreachable"


def test_it_is_read_once_a_site_and_its_delay_is_kept_up_to_a_bound():
    asked, slept = [], []

    def get(url):
        asked.append(url)
        return 200, b"User-agent: *\nCrawl-delay: 100\n"

    robots = Robots(get, "faqtune/1", longest=5, sleep=slept.append)
    for url in ("http://a.example/1", "http://b.example/1", "http://a.example/2"):
        robots.wait_for(url)
    assert asked == ["http://a.example/robots.txt", "http://b.example/robots.txt"]
    assert len(slept) == 1 and 4 < slept[0] <= 5
