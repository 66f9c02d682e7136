"""What is fetched, what is refused and why, against servers on the loopback interface."""

import gzip
import time
import tracemalloc
import zlib

import pytest

from stages.sources.errors import SourcesError, Unavailable
from stages.sources.fetch import Fetcher, configured
from tests.sources.site import serving

LIMIT = 100_000


@pytest.fixture
def site():
    with serving() as one:
        yield one


def fetcher(site, **how):
    return Fetcher(LIMIT, [site.host], **{"timeout": 2, "deadline": 5} | how)


def reason(site, path, types=None, **how):
    with pytest.raises(Unavailable) as caught:
        fetcher(site, **how).get(site.url + path, types)
    assert site.host in str(caught.value) and "\n" not in str(caught.value)
    return caught.value.reason


def test_a_document_is_fetched_with_its_etag_and_type(site):
    site.pages["/a.md"] = (200, {"Content-Type": "Text/Markdown; charset=utf-8", "ETag": '"1"'}, b"# A")
    found = fetcher(site).get(site.url + "/a.md#part")
    assert (found.data, found.type, found.etag, found.url) == (b"# A", "text/markdown", '"1"', site.url + "/a.md")


def test_we_say_who_we_are_and_send_nothing_of_the_environment(site, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    seen = {}

    def look(handler):
        seen.update(handler.headers)
        handler.send_response(200)
        handler.send_header("Content-Length", "1")
        handler.end_headers()
        handler.wfile.write(b"x")

    site.pages["/a"] = look
    assert fetcher(site, contact="mailto:us@example.org").get(site.url + "/a").data == b"x"
    assert seen["User-Agent"].startswith("faqtune/") and seen["User-Agent"].endswith("(+mailto:us@example.org)")
    assert set(seen) == {"User-Agent", "Accept-Encoding", "Connection", "Accept", "Host"}


def test_a_private_address_is_refused_unless_it_is_allowed(site):
    site.pages["/a"] = b"x"
    for allow in ([], ["127.0.0.1:1"], ["localhost"]):
        with pytest.raises(Unavailable) as caught:
            Fetcher(LIMIT, allow, timeout=1).get(site.url + "/a")
        assert caught.value.reason == "private_address" and "--allow-host" in str(caught.value)
    assert site.asked == []
    assert Fetcher(LIMIT, ["127.0.0.1"]).get(site.url + "/a").data == b"x"


def test_a_name_that_leads_to_a_private_address_is_refused(site):
    with pytest.raises(Unavailable) as caught:
        Fetcher(LIMIT, addresses=lambda host, port: ["93.184.215.14", "10.0.0.1"]).get("http://docs.example/a")
    assert caught.value.reason == "private_address" and "10.0.0.1" in str(caught.value)


def test_the_address_that_was_checked_is_the_one_connected_to(site):
    port = int(site.host.split(":")[1])
    site.pages["/a"] = b"x"
    looked_up = []

    def addresses(host, port):
        looked_up.append(host)
        return ["127.0.0.1"]

    one = Fetcher(LIMIT, [f"docs.example:{port}"], addresses=addresses)
    assert one.get(f"http://docs.example:{port}/a").data == b"x"
    assert looked_up == ["docs.example"] * 2  # once for robots.txt, once for the page, never by anybody else


@pytest.mark.parametrize("onward", ["file:///etc/passwd", "ftp://127.0.0.1/a", "gopher://127.0.0.1/", "", "data:,x"])
def test_a_redirect_to_another_scheme_is_refused(site, onward):
    site.pages["/a"] = (302, {"Location": onward}, b"")
    assert reason(site, "/a") == "bad_redirect"


def test_a_redirect_to_a_password_is_refused(site):
    site.pages["/a"] = (302, {"Location": "http://me:secret@example.org/"}, b"")
    assert reason(site, "/a") == "bad_redirect"


def test_a_redirect_to_a_private_address_is_refused(site):
    with serving() as other:
        site.pages["/a"] = (302, {"Location": other.url + "/secret"}, b"")
        other.pages["/secret"] = b"secret"
        with pytest.raises(Unavailable) as caught:
            fetcher(site).get(site.url + "/a")
        assert caught.value.reason == "private_address"
        assert other.asked == []


def test_a_redirect_loop_ends(site):
    site.pages["/a"] = (302, {"Location": "/b"}, b"")
    site.pages["/b"] = (301, {"Location": "/a"}, b"")
    assert reason(site, "/a") == "bad_redirect"
    assert len(site.asked) == 6


def test_a_redirect_is_followed_and_told(site):
    site.pages["/a"] = (307, {"Location": "b/"}, b"")
    site.pages["/b/"] = b"here"
    found = fetcher(site).get(site.url + "/a")
    assert (found.data, found.url) == (b"here", site.url + "/b/")


def test_a_server_that_never_answers_is_a_timeout(site):
    site.pages["/a"] = lambda handler: time.sleep(10)
    started = time.monotonic()
    assert reason(site, "/a", timeout=0.3) == "timeout"
    assert time.monotonic() - started < 5


def drip(head, piece):
    def send(handler):
        handler.wfile.write(head)
        for _ in range(500):
            handler.wfile.write(piece)
            handler.wfile.flush()
            time.sleep(0.02)

    return send


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Long: "]
)
def test_a_server_that_drips_is_a_timeout_in_its_body_and_in_its_headers(site, head):
    site.pages["/a"] = drip(head, b"x")
    started = time.monotonic()
    assert reason(site, "/a", timeout=1, deadline=0.5) == "timeout"
    assert time.monotonic() - started < 5


def endless(site, headers=b""):
    def send(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + headers + b"\r\n")
        while site.sent < 10**10:
            site.sent += handler.wfile.write(b"x" * 65536)

    return send


def test_a_server_that_sends_without_end_is_cut_off_at_the_limit(site):
    site.pages["/a"] = endless(site)
    tracemalloc.start()
    assert reason(site, "/a") == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 20 * LIMIT
    tracemalloc.stop()
    assert site.sent < LIMIT + 20_000_000, "no more than what fits into the buffers between two sockets"


def test_a_server_that_announces_10_gb_is_not_listened_to(site):
    site.pages["/a"] = endless(site, b"Content-Length: 10000000000\r\n")
    with pytest.raises(Unavailable, match="announces 10000000000 bytes"):
        fetcher(site).get(site.url + "/a")


def test_a_gzip_bomb_is_stopped_before_it_unfolds(site):
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < LIMIT
    site.pages["/a"] = (200, {"Content-Encoding": "gzip"}, bomb)
    tracemalloc.start()
    assert reason(site, "/a") == "too_large"
    assert tracemalloc.get_traced_memory()[1] < 20 * LIMIT
    tracemalloc.stop()


def test_compressed_content_is_unfolded_and_damage_is_told(site):
    text = b"word " * 1000
    site.pages["/gzip"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(text) + gzip.compress(b"end"))
    site.pages["/deflate"] = (200, {"Content-Encoding": "deflate"}, zlib.compress(text))
    site.pages["/cut"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(text)[:-10])
    site.pages["/no"] = (200, {"Content-Encoding": "gzip"}, text)
    site.pages["/br"] = (200, {"Content-Encoding": "br"}, text)
    assert fetcher(site).get(site.url + "/gzip").data == text + b"end"
    assert fetcher(site).get(site.url + "/deflate").data == text
    assert [reason(site, path) for path in ("/cut", "/no", "/br")] == ["content_encoding"] * 3


def test_another_content_type_is_refused_before_the_body_is_read(site):
    site.pages["/a.pdf"] = (200, {"Content-Type": "text/html"}, b"<html>please log in")
    assert reason(site, "/a.pdf", {"application/pdf"}) == "content_type"
    site.pages["/a.pdf"] = (200, {}, b"%PDF-1.4")  # says nothing
    assert fetcher(site).get(site.url + "/a.pdf", {"application/pdf"}).data == b"%PDF-1.4"


def test_other_answers_are_refused(site):
    site.pages["/gone"] = (410, {}, b"")
    site.pages["/part"] = (206, {}, b"x")
    site.pages["/304"] = (304, {}, b"")
    site.pages["/cut"] = (200, {"Content-Length": "9"}, b"x")
    site.pages["/odd"] = lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH\r\n")
    assert [reason(site, path) for path in ("/none", "/gone", "/part", "/304")] == ["http_status"] * 4
    assert [reason(site, path) for path in ("/cut", "/odd")] == ["unreachable"] * 2


def test_what_is_not_there_is_unreachable():
    with serving() as site:
        host = site.host
    with pytest.raises(Unavailable) as caught:
        Fetcher(LIMIT, [host], timeout=1).get(f"http://{host}/a")
    assert caught.value.reason == "robots_unreachable"
    with pytest.raises(Unavailable) as caught:
        Fetcher(LIMIT, [host], timeout=1).get(f"http://{host}/a", robots=False)
    assert caught.value.reason == "unreachable"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://u:p@example.org/", "http://example.org:x/"])
def test_what_is_no_url_is_refused(url):
    with pytest.raises(Unavailable) as caught:
        Fetcher(LIMIT).get(url)
    assert caught.value.reason == "bad_url"


def test_a_url_with_other_letters_is_sent_as_ascii(site):
    site.pages["/f%C3%BCr?q=%C3%A4&a=1%20"] = b"x"
    assert fetcher(site).get(site.url + "/für?q=ä&a=1%20").data == b"x"


def test_what_has_its_etag_is_not_sent_again(site):
    site.pages["/a"] = (200, {"ETag": '"1"'}, b"text")
    found = fetcher(site).get(site.url + "/a", etag='"1"')
    assert (found.status, found.data) == (304, b"")


def test_engine_yaml_says_how_long_we_wait(monkeypatch):
    monkeypatch.setenv("FAQTUNE_FETCH__TIMEOUT", "7")
    found = configured(1, [])
    assert (found.timeout, found.deadline) == (7, 300) and "(+" not in found.agent
    monkeypatch.setenv("FAQTUNE_FETCH__TIMEUOT", "7")
    with pytest.raises(SourcesError, match="engine.yaml, fetch: unknown setting 'timeuot'"):
        configured(1, [])
