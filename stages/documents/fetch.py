"""Fetching a document by its URL: pinned by checksum, bounded in size and time, and never from a private network."""

import hashlib
import ipaddress
import socket
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import httpx

TIMEOUT = 60.0  # seconds for connecting, and between two packets
REDIRECTS = 5


class FetchError(Exception):
    """A document cannot be fetched; the message says why."""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise FetchError(f"the host {host!r} is not known: {error}") from error
    return [str(entry[4][0]) for entry in found]


def fetch(
    url: str,
    sha256: str,
    max_bytes: int,
    transport: httpx.BaseTransport | None = None,
    addresses: Callable[[str, int], list[str]] = resolve,
) -> bytes:
    """Return what is at a URL.

    The address is looked up once, checked and then connected to, so that a name cannot turn private in between;
    for the same reason proxies of the environment are not used.

    Args:
        url: http or https.
        sha256: the checksum that it must have.
        max_bytes: the largest size.
        transport: of httpx; for tests.
        addresses: looks a host up; for tests.

    Raises:
        FetchError: if it is not there, is too large, has another checksum, or is on a private network.
    """
    with httpx.Client(transport=transport, timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
        for _ in range(REDIRECTS + 1):
            try:
                data, onward = _get(client, url, max_bytes, addresses)
            except httpx.HTTPError as error:
                raise FetchError(f"{url}: {type(error).__name__}: {error}") from error
            if onward is None:
                break
            url = urljoin(url, onward)
        else:
            raise FetchError(f"{url}: more than {REDIRECTS} redirects")
    found = hashlib.sha256(data).hexdigest()
    if found != sha256.lower():
        raise FetchError(f"{url}: expected the sha256 {sha256.lower()}, but it has {found}")
    return data


def _get(
    client: httpx.Client, url: str, max_bytes: int, addresses: Callable[[str, int], list[str]]
) -> tuple[bytes, str | None]:
    """Return the body, or where a redirect leads to."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as error:
        raise FetchError(f"{url!r} is no URL: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchError(f"{url!r}: only http and https URLs are fetched")
    if parts.username or parts.password:
        raise FetchError(f"{parts.hostname}: a URL with a user name or password is not fetched")
    found = addresses(parts.hostname, port)
    private = [address for address in found if not _is_public(address)]
    if private or not found:
        raise FetchError(f"{url}: {parts.hostname} is on a private network ({', '.join(private)}) and is not fetched")
    pinned = httpx.URL(url).copy_with(host=found[0], port=port)
    request = client.build_request(
        "GET", pinned, headers={"Host": parts.netloc}, extensions={"sni_hostname": parts.hostname}
    )
    response = client.send(request, stream=True)
    try:
        if response.is_redirect:
            return b"", response.headers.get("location", "")
        if response.status_code != 200:
            raise FetchError(f"{url}: the server answered {response.status_code}")
        body = bytearray()
        for piece in response.iter_bytes():
            body += piece
            if len(body) > max_bytes:
                raise FetchError(f"{url}: larger than {max_bytes} bytes")
        return bytes(body), None
    finally:
        response.close()


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.split("%")[0])
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    return ip.is_global and not ip.is_multicast
