"""Connections that are checked: never to a private address unless allowed, and never beyond a deadline."""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Sequence

import httpcore

from stages.sources.errors import Unavailable

Resolver = Callable[[str, int], list[str]]
NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order of preference. Raises Unavailable (unreachable)."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unavailable("unreachable", f"the host {host!r} is not known: {error}") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_addresses(host: str, port: int, allow: Sequence[str] = (), addresses: Resolver = resolve) -> list[str]:
    """Return the addresses of a host after a look at each of them.

    Args:
        host: name or address.
        port: its port.
        allow: hosts ("wiki.local") or hosts with a port ("127.0.0.1:8000") that may be private.
        addresses: looks a host up; for tests.

    Raises:
        Unavailable: unreachable, or private_address if one of its addresses is and the host is not allowed.
    """
    found = addresses(host, port)
    if host in allow or f"{host}:{port}" in allow:
        return found
    if private := [address for address in found if not is_public(address)]:
        raise Unavailable(
            "private_address",
            f"{host} is on a private network ({', '.join(private)}); --allow-host {host}:{port} lets it be asked",
        )
    return found


def is_public(address: str) -> bool:
    """Say whether an IP address is on the public internet, also one that is wrapped in an IPv6 address."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inside = ip.ipv4_mapped or ip.sixtofour or (ip.teredo or (None, None))[1]
        if ip in NAT64:
            inside = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        ip = inside or ip
    return ip.is_global and not ip.is_multicast


class Guard(httpcore.NetworkBackend):
    """Opens connections for httpcore.

    A name is looked up once, checked, and the very address that was checked is connected to, so that it cannot turn
    private in between. Every read and write has the time that is left, so that no slow trickle goes on for ever.
    """

    def __init__(self, allow: Sequence[str], addresses: Resolver):
        self.allow, self.addresses = allow, addresses
        self.end = float("inf")  # of time.monotonic()
        self.plain = httpcore.SyncBackend()

    def left(self, timeout: float | None) -> float:
        """Return the seconds that a step may take. Raises httpcore.ReadTimeout if none are left."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time for the whole document is over")
        return left if timeout is None else min(timeout, left)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to one of the host's addresses, if all are allowed."""
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in checked_addresses(host, port, self.allow, self.addresses):
            try:
                return _Stream(self.plain.connect_tcp(address, port, self.left(timeout), local_address), self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the guard's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, guard: Guard):
        self.stream, self.guard = stream, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, self.guard.left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, self.guard.left(timeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        tls = self.stream.start_tls(ssl_context, server_hostname, self.guard.left(timeout))
        return _Stream(tls, self.guard)

    def get_extra_info(self, info: str) -> object:
        return self.stream.get_extra_info(info)
