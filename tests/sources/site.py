"""A web site on the loopback interface whose pages are given as a dictionary, and which counts what it is asked."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

Route = tuple[int, dict[str, str], bytes] | Callable[[BaseHTTPRequestHandler], None]


class Site:
    """Pages by path: a body, or (status, headers, body), or a function of the request's handler; else 404."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes | Route] = {}
        self.asked: list[str] = []
        self.sent = 0  # bytes of bodies of functions that count
        self.host = ""

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        if path != "/robots.txt":
            self.asked.append(path)
        page = self.pages.get(path, (404, {}, b""))
        if callable(page):
            page(handler)
            return
        status, headers, body = (200, {"Content-Type": kind(path)}, page) if isinstance(page, bytes) else page
        if status == 200 and "ETag" in headers and handler.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        handler.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def kind(path: str) -> str:
    known = {"md": "text/markdown", "html": "text/html; charset=utf-8", "pdf": "application/pdf", "xml": "text/xml"}
    return known.get(path.rsplit(".", 1)[-1], "text/plain")


@contextmanager
def serving() -> Iterator[Site]:
    """Serve a site in threads until the block ends."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                site.answer(self)
            except OSError:
                self.close_connection = True  # the client has gone

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        site.host = f"127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield site
        server.shutdown()
        thread.join()
