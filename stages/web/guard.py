"""Who may ask the pages for anything: only somebody with the token, on a page of ours, in a browser of this machine."""

import secrets
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = "/static/"  # holds no secret
LARGEST = 256 * 1024  # of a body, bytes
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Refused(Exception):
    """A request that is not let through, with the status and what to do instead."""

    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status = status


class Guard:
    """ASGI middleware. A token in the address of a page is taken once, and kept by the browser as a cookie.

    The cookie is named after the port, since browsers share cookies between all ports of a host.
    """

    def __init__(self, app: ASGIApp, token: str):
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, refuse, or pass on."""
        if scope["type"] == "lifespan":
            return await self.app(scope, receive, send)
        if scope["type"] != "http":  # there are no web sockets here; closed before it is accepted, it ends in 403
            return await send({"type": "websocket.close", "code": 1008})

        cookie = ""

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if cookie:
                    headers.append("Set-Cookie", cookie)
            await send(message)

        try:
            headers, port = Headers(scope=scope), scope["server"][1]
            _same_host(headers, port)
            name = f"faqtune-{port}"
            if not scope["path"].startswith(STATIC) and self._admitted(scope, headers, name):
                cookie = f"{name}={self.token}; HttpOnly; SameSite=Strict; Path=/"
            if scope["method"] == "POST":
                _own_page(headers)
                receive = await _limited(headers, receive)
            elif scope["method"] not in ("GET", "HEAD"):
                raise Refused(405, "only GET and POST are answered here")
        except Refused as error:
            return await PlainTextResponse(f"{error}\n", error.status)(scope, receive, headed)
        await self.app(scope, receive, headed)

    def _admitted(self, scope: Scope, headers: Headers, name: str) -> bool:
        """Tell whether the token is in the address, so that the browser should keep it; raise Refused without any."""
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if scope["method"] == "GET" and self._is(given):
            return True
        if not self._is(cookie_parser(headers.get("cookie", "")).get(name, "")):
            raise Refused(403, "Open the address that the terminal shows: it has the token of this run.")
        return False

    def _is(self, given: str) -> bool:
        return secrets.compare_digest(given.encode(), self.token.encode())


def _same_host(headers: Headers, port: int) -> None:
    """Raise Refused for another host than this machine: a name of somebody's that leads here (DNS rebinding)."""
    if headers.get("host") not in (f"127.0.0.1:{port}", f"localhost:{port}"):
        raise Refused(403, f"this is http://127.0.0.1:{port}, and answers to no other name")


def _own_page(headers: Headers) -> None:
    """Raise Refused unless the request comes from a page of ours."""
    origin = headers.get("origin")
    if origin is None:
        ours = headers.get("sec-fetch-site") in ("same-origin", "none")
    else:
        ours = origin == f"http://{headers['host']}"
    if not ours:
        raise Refused(403, "only a page of this server may post here")
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(403, "expected the content type application/json")


async def _limited(headers: Headers, receive: Receive) -> Receive:
    """Read a body, and return a `receive` that gives it; raise Refused if it is too large."""
    told = headers.get("content-length", "0")
    size = int(told) if told.isdecimal() else LARGEST + 1
    body, more = b"", True
    while more and size <= LARGEST:
        message = await receive()
        body += message.get("body", b"")
        size, more = max(size, len(body)), message.get("more_body", False)
    if size > LARGEST:
        raise Refused(413, f"expected at most {LARGEST // 1024} KiB")
    whole: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def given() -> Message:
        return whole.pop() if whole else await receive()

    return given
