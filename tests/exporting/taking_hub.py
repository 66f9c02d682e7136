"""A scripted Hugging Face hub on loopback that takes datasets: what huggingface_hub asks of it to upload a folder."""

import base64
import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.hub import serving

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class TakingHub:
    """What the hub took.

    Attributes:
        refused: HTTP status of every answer, if not 0.
        invalid: is the head of a card not valid?
        public: names of datasets that are there already, and public.
        datasets: files by name of the dataset, then by path.
        private: names of private datasets.
        tokens: that came.
    """

    def __init__(self, refused: int = 0, invalid: bool = False, public: tuple[str, ...] = ()):
        self.refused, self.invalid = refused, invalid
        self.datasets: dict[str, dict[str, bytes]] = {name: {} for name in public}
        self.private: set[str] = set()
        self.tokens: set[str] = set()
        self.url = ""


class _Handler(BaseHTTPRequestHandler):
    hub: TakingHub
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        hub, path = self.hub, urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        hub.tokens.add(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if hub.refused:
            return self.answer({"error": "scripted failure \x1b[31m"}, hub.refused)
        if path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            if name in hub.datasets:
                return self.answer({"error": "it exists", "url": f"{hub.url}/datasets/{name}"}, 409)
            hub.datasets[name] = {}
            hub.private |= {name} if asked.get("visibility") == "private" else set()
            return self.answer({"url": f"{hub.url}/datasets/{name}"})
        if path == "/api/validate-yaml":
            return self.answer(
                {"errors": [{"message": "no such licence"}]} if hub.invalid else {}, 400 * hub.invalid or 200
            )
        name = "/".join(path.split("/")[3:5])
        if "/preupload/" in path:
            files = [
                {"path": one["path"], "uploadMode": "regular", "shouldIgnore": False}
                for one in json.loads(body)["files"]
            ]
            return self.answer({"files": files})
        for line in map(json.loads, body.splitlines()):
            if line["key"] == "file":
                hub.datasets[name][line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "deletedFile":
                del hub.datasets[name][line["value"]["path"]]
        url = f"{hub.url}/datasets/{name}/commit/{COMMIT}"
        return self.answer({"success": True, "commitUrl": url, "commitOid": COMMIT})

    def do_GET(self):
        hub, path = self.hub, urlsplit(self.path).path
        name = "/".join(path.split("/")[3:5])
        if hub.refused or name not in hub.datasets:
            return self.answer({"error": "no such dataset"}, hub.refused or 404)
        if "/tree/" in path:
            return self.answer([{"type": "file", "path": file, "size": len(data), "oid": COMMIT}
                                for file, data in hub.datasets[name].items()])  # fmt: skip
        siblings = [{"rfilename": file} for file in hub.datasets[name]]
        return self.answer({"id": name, "sha": COMMIT, "private": name in hub.private, "siblings": siblings})

    def answer(self, value: object, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


def taking(hub: TakingHub):
    return serving(hub, _Handler)
