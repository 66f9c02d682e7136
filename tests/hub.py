"""A scripted Hugging Face hub on loopback: models in folders, at a commit, gated or not."""

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub:
    """What the hub holds, and what it was asked.

    Attributes:
        folders: id of a model: the folder with its files.
        gated: ids of models that give their files to nobody.
        refused: token that is not valid, which every answer says.
        down: HTTP status of every answer, if not 0.
        sent: names of the files that were sent.
        tokens: that came.
    """

    def __init__(self, folders: dict[str, Path], gated: set[str] = frozenset(), refused: str = "", down: int = 0):
        self.folders, self.gated, self.refused, self.down = folders, gated, refused, down
        self.sent: list[str] = []
        self.tokens: set[str] = set()
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        hub, path = self.hub, unquote(urlsplit(self.path).path)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        hub.tokens |= {token} - {""}
        if hub.down:
            return self.error(hub.down, "", "scripted failure")
        if hub.refused and token == hub.refused:
            return self.error(401, "", "Invalid credentials in Authorization header")
        api = path.startswith("/api/models/")
        parts = path.removeprefix("/api/models" if api else "").split("/")[1:]
        if len(parts) < 4:
            return self.error(404, "", "No such page")
        name, kind, revision, rest = "/".join(parts[:2]), parts[2], parts[3], "/".join(parts[4:])
        if name not in hub.folders:
            return self.error(404 if token else 401, "RepoNotFound", "Repository not found")
        if revision not in ("main", "v1", COMMIT):
            return self.error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        files = {file.name: file.read_bytes() for file in hub.folders[name].iterdir() if file.is_file()}
        if api and kind == "revision":
            siblings = [{"rfilename": name} for name in files]
            return self.answer(json.dumps({"id": name, "modelId": name, "sha": COMMIT, "siblings": siblings}).encode())
        if api and kind == "tree":
            tree = [
                {"type": "file", "path": file, "size": len(data), "oid": _oid(data)} for file, data in files.items()
            ]
            return self.answer(json.dumps(tree).encode())
        if name in hub.gated:
            return self.error(403 if token else 401, "GatedRepo", f"Access to model {name} is restricted")
        if rest not in files:
            return self.error(404, "EntryNotFound", "Entry not found")
        hub.sent += [rest] if self.command == "GET" else []
        return self.answer(files[rest], {"ETag": f'"{_oid(files[rest])}"', "X-Repo-Commit": COMMIT})

    do_HEAD = do_GET

    def error(self, status: int, code: str, message: str) -> None:
        self.answer(json.dumps({"error": message}).encode(), {"X-Error-Code": code, "X-Error-Message": message}, status)

    def answer(self, data: bytes, headers: dict[str, str] | None = None, status: int = 200) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **(headers or {}), "Content-Length": len(data)}.items():
            if value != "":
                self.send_header(name, str(value))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, *args):
        pass


def _oid(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


@contextmanager
def serving(hub, handler: type[BaseHTTPRequestHandler] = _Handler):
    """Serve a hub, and tell it its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (handler,), {"hub": hub}))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
