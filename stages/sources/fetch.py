"""Fetching a document by its URL: bounded in size and time, polite, and never from a private network."""

import re
import ssl
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import httpcore

from stages import settings
from stages.sources.body import read_body
from stages.sources.errors import SourcesError, Unavailable
from stages.sources.manifest import check_url
from stages.sources.network import Guard, Resolver, resolve
from stages.sources.robots import Robots

REDIRECTS = 5
ROBOTS_BYTES = 512 * 1024  # RFC 9309: at least 500 KiB must be read


@dataclass(frozen=True)
class Fetched:
    """What a URL gave; `status` is 200, or 304 if the document still has the ETag that was sent."""

    status: int
    url: str  # after redirects
    data: bytes
    type: str | None  # content type without its parameters
    etag: str | None


class Fetcher:
    """Fetches documents one after the other; what it learned of a site's robots.txt it keeps.

    Args:
        max_bytes: largest document, as sent and as decompressed.
        allow: hosts, or hosts with a port, that may be on a private network.
        timeout: seconds for connecting, and between two packets.
        deadline: seconds for a whole document, redirects included.
        crawl_delay: most seconds that a site may ask us to wait between two requests.
        contact: address or page for the webmaster, part of the user agent.
        addresses: looks a host up; for tests.
    """

    def __init__(
        self,
        max_bytes: int,
        allow: Sequence[str] = (),
        *,
        timeout: float = 30,
        deadline: float = 300,
        crawl_delay: float = 10,
        contact: str = "",
        addresses: Resolver = resolve,
    ):
        self.max_bytes, self.timeout, self.deadline = max_bytes, timeout, deadline
        self.agent = f"faqtune/{_version()}" + (f" (+{contact})" if contact else "")
        self.guard = Guard(allow, addresses)
        self.robots = Robots(self._robots, self.agent, crawl_delay)

    def get(
        self,
        url: str,
        types: Collection[str] | None = None,
        etag: str | None = None,
        max_bytes: int | None = None,
        robots: bool = True,
        missing: bool = False,
    ) -> Fetched:
        """Return what is at a URL.

        Every redirect is checked as the first URL was: scheme, credentials, address, robots.txt.

        Args:
            url: http or https.
            types: content types that are accepted; None: any.
            etag: of a copy that we know; the answer may then be 304 without data.
            max_bytes: instead of the fetcher's.
            robots: whether to ask robots.txt.
            missing: return an answer of 400 or more, without its data, instead of raising.

        Raises:
            Unavailable: unreachable, timeout, http_status, too_large, robots, robots_unreachable, private_address,
                content_type, content_encoding, bad_redirect or bad_url.
        """
        left, here = self.deadline, _sendable(url)
        for _ in range(REDIRECTS + 1):
            if robots:
                self.robots.wait_for(here)
            started = time.monotonic()
            answer = self._once(here, types, etag, max_bytes or self.max_bytes, missing, started + left)
            if isinstance(answer, Fetched):
                if answer.status == 304 and etag is None:
                    raise Unavailable("http_status", f"{here}: the server answered 304 though it was asked for all")
                return answer
            left -= time.monotonic() - started
            here = _redirected(here, answer)
        raise Unavailable("bad_redirect", f"{url}: more than {REDIRECTS} redirects, the last one to {here}")

    def _robots(self, url: str) -> tuple[int, bytes]:
        answer = self.get(url, max_bytes=ROBOTS_BYTES, robots=False, missing=True)
        return answer.status, answer.data

    def _once(
        self, url: str, types: Collection[str] | None, etag: str | None, limit: int, missing: bool, end: float
    ) -> Fetched | str:
        """Return the answer, or where a redirect leads to."""
        self.guard.end = end
        headers = {"User-Agent": self.agent, "Accept-Encoding": "gzip", "Connection": "close", "Accept": "*/*"}
        headers |= {"Host": urlsplit(url).netloc} | ({"If-None-Match": etag} if etag else {})
        waits = dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)
        try:
            pool = httpcore.ConnectionPool(_tls(), network_backend=self.guard, max_keepalive_connections=0)
            with pool, pool.stream("GET", url, headers=_encoded(headers), extensions={"timeout": waits}) as response:
                return _answer(url, response, types, limit, missing)
        except httpcore.TimeoutException as error:
            limits = f"{self.timeout:g} s between two packets, {self.deadline:g} s for all"
            raise Unavailable("timeout", f"{url}: no answer in time ({limits}): {_line(error)}") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ssl.SSLError) as error:
            raise Unavailable("unreachable", f"{url}: {type(error).__name__}: {_line(error)}") from error
        except Unavailable as error:
            raise Unavailable(error.reason, _named(url, str(error))) from error


def configured(max_bytes: int, allow: Sequence[str]) -> Fetcher:
    """Return a fetcher set as engine.yaml says in its section `fetch`. Raises SourcesError for an unknown setting."""
    how = settings.load().get("fetch") or {}
    if unknown := sorted(set(how) - {"timeout", "deadline", "crawl_delay", "contact"}):
        raise SourcesError(f"engine.yaml, fetch: unknown setting {unknown[0]!r}")
    return Fetcher(max_bytes, allow, **how)


def _answer(
    url: str, response: httpcore.Response, types: Collection[str] | None, limit: int, missing: bool
) -> Fetched | str:
    headers = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers}
    kind = headers.get("content-type", "").split(";")[0].strip().lower() or None
    etag = headers.get("etag")
    etag = etag if etag and re.fullmatch(r'(W/)?"[!-~]{1,200}"', etag) else None
    if response.status in (301, 302, 303, 307, 308):
        return headers.get("location", "")
    if response.status == 304 or (response.status >= 400 and missing):
        return Fetched(response.status, url, b"", kind, etag)
    if response.status != 200:
        raise Unavailable("http_status", f"the server answered {response.status}")
    if types is not None and kind is not None and kind not in types:
        raise Unavailable("content_type", f"the server sends {kind}, expected {' or '.join(sorted(types))}")
    length = headers.get("content-length", "")
    if length.isdigit() and int(length[:20]) > limit:
        raise Unavailable("too_large", f"the server announces {length[:20]} bytes, at most {limit} are taken")
    return Fetched(200, url, read_body(response.iter_stream(), headers.get("content-encoding", ""), limit), kind, etag)


def _redirected(url: str, onward: str) -> str:
    """Return where a redirect leads. Raises Unavailable if we do not go there."""
    there = urljoin(url, onward)
    if not onward or urlsplit(there).scheme not in ("http", "https"):
        raise Unavailable("bad_redirect", f"{url}: redirected to {onward!r}; only http and https are followed")
    if urlsplit(url).scheme == "https" and urlsplit(there).scheme == "http":
        raise Unavailable("bad_redirect", f"{url}: redirected from https to {there}, which is not encrypted")
    try:
        return _sendable(there)
    except Unavailable as error:
        raise Unavailable("bad_redirect", f"{url}: redirected: {error}") from error


def _sendable(url: str) -> str:
    """Return a URL as it is sent: ASCII, without its fragment. Raises Unavailable if it is none, or has a password."""
    url = urldefrag(url).url
    try:
        check_url("url", url)
        parts = urlsplit(url)
        host = (
            (parts.hostname or "").encode("idna").decode()
            if not parts.netloc.startswith("[")
            else f"[{parts.hostname}]"
        )
    except ValueError as error:  # a UnicodeError is one
        raise Unavailable("bad_url", str(error)) from error
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    safe = "/%:=&?~#+!$,;'@()*[]"
    path, query = quote(parts.path or "/", safe=safe), quote(parts.query, safe=safe)
    return f"{parts.scheme}://{netloc}{path}" + (f"?{query}" if query else "")


def _encoded(headers: dict[str, str]) -> Any:
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


def _named(url: str, message: str) -> str:
    return message if message.startswith(url) else f"{url}: {message}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


def _version() -> str:
    try:
        return version("faqtune")
    except PackageNotFoundError:
        return "0"
