"""A scripted OpenAI-compatible endpoint on loopback that counts what it is asked, and fails in every way on request."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Fault:
    """What goes wrong with one call.

    Attributes:
        status: another one than 200.
        headers: further headers.
        body: bytes, or something that becomes JSON, to send instead of the completion.
        choices: what is done to the list of choices.
        delay: seconds before anything is sent.
        cut: "before" anything is sent, or in the "body": the connection is closed there.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    choices: Callable[[list[dict]], list[dict]] = lambda choices: choices
    delay: float = 0.0
    cut: str = ""


class Endpoint:
    """What the server was asked, and how it answers.

    Attributes:
        answer: (messages, sample number within the call) -> text.
        fail: number of call -> HTTP status to answer with instead, or None.
        fault: (number of call, body of the request) -> what goes wrong, or None.
        usage: of each answer.
        samples: how many samples were asked for and not refused, one entry a call: (last user message, n).
        bodies: of all calls.
        delivered: how often each sample was paid for: sent with status 200, to the end, to a client that was there;
            by (last user message, seed).
    """

    def __init__(self, answer: Callable[[list[dict], int], str], fail: Callable[[int], int | None] = lambda call: None):
        self.answer, self.fail = answer, fail
        self.fault: Callable[[int, dict], Fault | None] = lambda call, body: None
        self.usage: dict[str, Any] = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        self.calls = 0
        self.samples: list[tuple[str, int]] = []
        self.bodies: list[dict] = []
        self.delivered: Counter[tuple[str, int]] = Counter()
        self.running = self.most_running = 0
        self.url = ""
        self.lock = threading.Lock()
        self.connections: set[socket.socket] = set()
        self.server: ThreadingHTTPServer | None = None

    @property
    def asked(self) -> int:
        return sum(n for _, n in self.samples)

    def up(self, port: int = 0) -> None:
        """Listen, on the same port as before if there was one."""
        handler = type("Bound", (_Handler,), {"endpoint": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", port or self.port), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"

    def down(self) -> None:
        """Die: listen no more, and cut all connections."""
        if self.server is None:
            return
        self.server.shutdown()
        self.server.server_close()
        self.server = None
        with self.lock:
            for connection in self.connections:
                with suppress(OSError):  # closed already
                    connection.shutdown(socket.SHUT_RDWR)

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0]) if self.url else 0


class _Handler(BaseHTTPRequestHandler):
    endpoint: Endpoint
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        with self.endpoint.lock:
            self.endpoint.connections.add(self.connection)

    def finish(self):
        with self.endpoint.lock:
            self.endpoint.connections.discard(self.connection)
        super().finish()

    def handle(self):
        with suppress(ConnectionError, ValueError):  # the client went away, or we did
            super().handle()

    def do_POST(self):
        endpoint = self.endpoint
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked, n = body["messages"][-1]["content"], body.get("n") or 1
        with endpoint.lock:
            endpoint.calls += 1
            endpoint.bodies.append(body)
            status = endpoint.fail(endpoint.calls)
            fault = endpoint.fault(endpoint.calls, body)
            if status is not None:
                fault = Fault(status=status, headers={"Retry-After": "0"} if status == 429 else {})
            fault = fault or Fault()
            if fault.status == 200:
                endpoint.samples.append((asked, n))
            endpoint.running += 1
            endpoint.most_running = max(endpoint.most_running, endpoint.running)
        try:
            time.sleep(fault.delay)
            data, paid = self.content(fault, body, n)
        finally:
            with endpoint.lock:
                endpoint.running -= 1
        if fault.cut == "before" or self.left():
            self.close_connection = True
            return
        self.send_response(fault.status)
        for name, value in {"Content-Type": "application/json", **fault.headers, "Content-Length": len(data)}.items():
            self.send_header(name, str(value))
        self.end_headers()
        if fault.cut:
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
            return
        with endpoint.lock:  # it does not die in between
            self.wfile.write(data)
            if fault.status == 200:
                endpoint.delivered.update((asked, body["seed"] + number) for number in range(paid))

    def content(self, fault: Fault, body: dict, n: int) -> tuple[bytes, int]:
        """Return the body to send and how many samples are paid with it."""
        if isinstance(fault.body, bytes):
            return fault.body, n
        if fault.body is not None or fault.status != 200:
            return json.dumps(fault.body or {"error": {"message": "scripted failure"}}).encode(), n
        choices = [
            {
                "index": number,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": self.endpoint.answer(body["messages"], number)},
            }
            for number in range(n)
        ]
        answer = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
        choices = fault.choices(choices)
        return json.dumps(answer | {"choices": choices, "usage": self.endpoint.usage}).encode(), min(n, len(choices))

    def left(self) -> bool:
        """Return whether the client has gone, or our server has died."""
        try:
            return self.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def log_message(self, *args):
        pass


@contextmanager
def serving(endpoint: Endpoint):
    endpoint.up()
    try:
        yield endpoint
    finally:
        endpoint.down()
