"""An app of a few pages, and its server on loopback."""

import contextlib
import socket
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import uvicorn
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from stages.web.guard import Guard

HOST = "127.0.0.1"
NEXT = 20  # ports that are tried if one is taken
HERE = Path(__file__).parent
PAGES = {"/review": "Review", "/ask": "Ask"}  # what the navigation leads to, as far as it is there
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def build(token: str, routes: Sequence[BaseRoute], home: str) -> ASGIApp:
    """Return the app of these routes, static files beside them, behind the guard; `/` leads to the path `home`."""

    async def leads_home(request: Request) -> Response:
        return RedirectResponse(home, 303)

    static = Mount("/static", StaticFiles(directory=HERE / "static"))
    app = Starlette(routes=[Route("/", leads_home), static, *routes])
    paths = {route.path for route in routes if isinstance(route, Route)}
    app.state.pages = {path: name for path, name in PAGES.items() if path in paths}
    return Guard(app, token)


def page(request: Request, template: str, **values: Any) -> HTMLResponse:
    """Return a page made of a template, which extends base.html; all values are escaped."""
    given = {"pages": request.app.state.pages, "here": request.url.path} | values
    return HTMLResponse(TEMPLATES.get_template(template).render(given))


def serve(app: ASGIApp, path: str, port: int, token: str, browse: bool = False) -> None:
    """Serve an app on loopback until Ctrl-C; print the address of the page at `path`, and open it if asked to.

    A port that is taken gives way to the next free one. Raises OSError if none can be had.
    """
    with _listening(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}{path}?token={token}"
        print(f"{address}\n(Ctrl-C ends it)", flush=True)
        if browse:
            webbrowser.open(address)
        config = uvicorn.Config(
            app, log_level="warning", server_header=False, proxy_headers=False, ws="none", timeout_graceful_shutdown=2
        )
        with contextlib.suppress(KeyboardInterrupt):  # which uvicorn raises again once it has shut down
            uvicorn.Server(config).run(sockets=[listener])


def _listening(port: int) -> socket.socket:
    """Return a socket on the port, 0: any; on the next free one if it is taken."""
    last = min(port + NEXT, 2**16) - 1
    for number in range(port, last):
        with contextlib.suppress(OSError):
            return socket.create_server((HOST, number))
    return socket.create_server((HOST, last))
